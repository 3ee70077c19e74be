using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Caching;
using Orchestrator.Core.Runs;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc why RUN [TASK[/ITEM]] --cache</c>.</summary>
internal static class CacheReport
{
    /// <summary>How many items that missed are explained one by one.</summary>
    private const int MostMisses = 10;

    public static async Task<int> ShowAsync(Globals globals, OrcSession session, RunInfo run, RunState state, string? task, int? item, CancellationToken cancellation)
    {
        var loaded = await session.Stores.Runs.LoadAsync(run.Id, cancellation) ?? throw EngineErrors.NoSuchRun(run.Id.Value);
        var events = loaded.Events.Select(RunEvents.Read).ToArray();
        var inquiry = new CacheInquiry(session.Stores.Cache, session.Get<ArtifactStore>(), session.Get<ActivityCatalog>(), globals.Time);
        var answers = new List<CacheAnswer>();
        foreach (var node in state.Graph.InTopologicalOrder().Where(node => task is null ? !node.Definition.Name.IsInternal : node.Definition.Name.Value == task))
        {
            answers.Add(await inquiry.ExplainAsync(run, state, events, node.Definition.Name, item, cancellation));
        }

        if (task is not null && item is null && answers is [{ Items: { Looked: > 0 } counts } whole])
        {
            foreach (var missed in ItemsThatRan(state, whole, counts))
            {
                answers.Add(await inquiry.ExplainAsync(run, state, events, whole.Task, missed, cancellation));
            }
        }

        if (globals.Json)
        {
            return Print.Json(globals, new { run = run.Id.Value, tasks = answers });
        }

        globals.Console.Out.WriteLine($"run {run.Id} of {run.Pipeline}: {run.Status}");
        Print.Table(globals, ["TASK", "CACHE", "WHY"], answers.Select(answer => new[] { answer.Item is { } place ? $"{answer.Task}/{place}" : answer.Task.Value, answer.Outcome, answer.Why }));
        if (task is not null && answers is [{ Parts: { } parts } only, ..])
        {
            globals.Console.Out.WriteLine();
            Print.Pairs(globals, Lines(only, parts));
        }

        return ExitCodes.Done;
    }

    /// <summary>The first items that no earlier result stood in for.</summary>
    private static IEnumerable<int> ItemsThatRan(RunState state, CacheAnswer whole, CacheItemCounts counts)
    {
        var index = state.Graph[whole.Task].Index;
        return Enumerable.Range(0, counts.Total).Where(item => state.Items.GetValueOrDefault(new TaskKey(index, item)) is not Ended { ReusedFrom: not null }).Take(MostMisses);
    }

    private static (string Name, string? Value)[] Lines(CacheAnswer answer, CacheKeyParts parts) =>
    [
        ("key", answer.Key),
        ("item", answer.Label),
        ("activity", $"{parts.Activity}, version {parts.Version}"),
        .. parts.Inputs.Select(input => ($"input {input.Key}", (string?)input.Value.GetRawText())),
        .. Fingerprints.PartsOf(parts.Fingerprint)?.Select(part => (part.Key, (string?)part.Value)) ?? [("outside", parts.Fingerprint)],
        .. parts.Environment?.Select(variable => ($"variable {variable.Key}", (string?)(variable.Value ?? "(not set)"))) ?? [],
        ("kept for", CacheKeyDifferences.ScopeWord(parts.Scope)),
    ];
}
