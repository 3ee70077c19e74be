using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc why RUN [TASK] --cache</c>.</summary>
internal static class CacheReport
{
    public static async Task<int> ShowAsync(Globals globals, OrcSession session, RunInfo run, RunState state, string? task, CancellationToken cancellation)
    {
        var loaded = await session.Stores.Runs.LoadAsync(run.Id, cancellation) ?? throw EngineErrors.NoSuchRun(run.Id.Value);
        var events = loaded.Events.Select(RunEvents.Read).ToArray();
        var inquiry = new CacheInquiry(session.Stores.Cache, session.Get<ArtifactStore>(), session.Get<ActivityCatalog>(), globals.Time);
        var answers = new List<CacheAnswer>();
        foreach (var node in state.Graph.InTopologicalOrder().Where(node => task is null ? !node.Definition.Name.IsInternal : node.Definition.Name.Value == task))
        {
            answers.Add(await inquiry.ExplainAsync(run, state, events, node.Definition.Name, cancellation));
        }

        if (globals.Json)
        {
            return Print.Json(globals, new { run = run.Id.Value, tasks = answers });
        }

        globals.Console.Out.WriteLine($"run {run.Id} of {run.Pipeline}: {run.Status}");
        Print.Table(globals, ["TASK", "CACHE", "WHY"], answers.Select(answer => new[] { answer.Task.Value, answer.Outcome, answer.Why }));
        if (task is not null && answers is [{ Parts: { } parts } only])
        {
            globals.Console.Out.WriteLine();
            Print.Pairs(
                globals,
                [("key", only.Key), ("activity", $"{parts.Activity}, version {parts.Version}"), .. parts.Inputs.Select(input => ($"input {input.Key}", (string?)input.Value.GetRawText())), ("outside", parts.Fingerprint)]);
        }

        return ExitCodes.Done;
    }
}
