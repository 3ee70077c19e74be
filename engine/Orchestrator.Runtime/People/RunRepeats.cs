using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.People;

/// <summary>What of a run is to run again.</summary>
public sealed record RepeatWish
{
    /// <summary>This task and all after it. Null: whatever did not succeed.</summary>
    public string? From { get; init; }

    /// <summary>This task alone; without <see cref="From"/>.</summary>
    public string? Only { get; init; }
}

/// <summary>Makes the start of a run that repeats an earlier one and takes over what that finished.</summary>
public static class RunRepeats
{
    /// <param name="run">The earlier run.</param>
    /// <param name="wish">What to run again.</param>
    /// <param name="desk">Folds the earlier run.</param>
    /// <param name="definitions">Has its definition.</param>
    /// <param name="bind">Makes the parameters of those that the earlier run had.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ActivityException">Two wishes that exclude each other (ORC5914), the run has not ended (ORC5927), there is nothing to run again (ORC5918), and what <see cref="Rerun"/> refuses.</exception>
    public static async Task<RunStart> StartOfAsync(
        RunInfo run,
        RepeatWish wish,
        RunDesk desk,
        IDefinitionStore definitions,
        Func<PipelineDefinition, ImmutableSortedDictionary<string, JsonElement>, ImmutableSortedDictionary<string, JsonElement>> bind,
        CancellationToken cancellation)
    {
        if (run.EndedAt is null)
        {
            throw new ActivityException("ORC5927", $"run {run.Id} has not ended: {run.Status}", help: $"Go on with it: orc run --resume {run.Id}");
        }

        var earlier = await desk.ReplayAsync(run.Id, cancellation);
        var stored = await definitions.FindAsync(run.Definition, cancellation) ?? throw EngineErrors.NoSuchRun(run.Id.Value);
        var pipeline = DefinitionReader.Load(stored.Json);
        var values = bind(pipeline, earlier.Params);
        var changed = Changed(earlier.Params, values);
        if (wish.Only is not null && (wish.From is not null || changed.Count > 0))
        {
            throw new ActivityException("ORC5914", "one task alone together with another task or another parameter", why: "one task alone runs with what the earlier run had", help: "Name the task to run from instead: it and all after it run again.");
        }

        var graph = new PipelineGraph(pipeline);
        var rerun = (wish.From, wish.Only) switch
        {
            ({ } from, _) => Rerun.From(graph, earlier, run.Id, new TaskName(from), changed),
            (_, { } only) => Rerun.Only(graph, earlier, run.Id, new TaskName(only)),
            _ => Rerun.OfFailed(graph, earlier, run.Id, changed),
        };
        if (wish is { From: null, Only: null } && graph.Nodes.All(node => node.OnExit || node.Definition.Name.IsInternal || rerun.Reused.ContainsKey(node.Definition.Name.Value)))
        {
            throw new ActivityException(
                "ORC5918", $"run {run.Id} {run.Status} and no parameter is another: there is nothing to run again", help: "Name what should run again: --from TASK, --only TASK or --param NAME=VALUE.");
        }

        return new RunStart
        {
            Pipeline = pipeline,
            Definition = stored,
            Params = values,
            BaseDirectory = run.BaseDirectory,
            Reused = rerun.Reused,
            Skip = rerun.Skip,
            Refresh = rerun.Refresh,
            // For the same time and of the same cause: what it repeats was asked for once.
            Trigger = earlier.Trigger,
            Parent = run.Id,
        };
    }

    /// <summary>The parameters that differ between two runs.</summary>
    public static IReadOnlySet<string> Changed(IReadOnlyDictionary<string, JsonElement> earlier, IReadOnlyDictionary<string, JsonElement> now) => now
        .Where(one => !earlier.TryGetValue(one.Key, out var before) || !JsonElement.DeepEquals(before, one.Value))
        .Select(one => one.Key)
        .ToHashSet(StringComparer.Ordinal);
}
