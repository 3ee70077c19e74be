using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Runtime;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Workers;

namespace Orchestrator.Cli.Composition;

/// <summary>The program as a worker process: no command line, no database, just activities.</summary>
internal static class WorkerMode
{
    public static Task<int> RunAsync(string[] arguments)
    {
        var parsed = WorkerArguments.Parse(arguments);
        return WorkerHost.RunAsync(parsed, Families.Catalog, () => new ServiceCollection()
            .AddSingleton(OrcHome.OpenExisting(parsed.Home))
            .AddArtifacts()
            .AddWorkerPorts()
            .BuildServiceProvider());
    }
}
