using System.Reflection;
using Orchestrator.Core.Activities;
using Orchestrator.Dsl.Scripting;
using Orchestrator.Runtime.Settings;

namespace Orchestrator.Cli.Composition;

/// <summary>The activity families that this program has.</summary>
internal static class Families
{
    private static readonly string[] Names =
    [
        "Orchestrator.Activities", "Orchestrator.Data", "Orchestrator.Training", "Orchestrator.Tracking", "Orchestrator.Deployment",
    ];

    public static IReadOnlyList<Assembly> Assemblies { get; } = [.. Names.Select(Assembly.Load)];

    public static ActivityCatalog Catalog() => ActivityCatalog.FromPublic(Assemblies);

    /// <summary>What scripts are compiled against. Compiled scripts are kept under the home's cache folder.</summary>
    public static ScriptEnvironment Scripts(string cacheFolder, EngineSettings settings, ActivityCatalog? catalog = null) => settings.Limit(new ScriptEnvironment
    {
        Catalog = catalog ?? Catalog(), Assemblies = [.. Assemblies], CacheDirectory = Path.Combine(cacheFolder, "scripts"),
    });
}
