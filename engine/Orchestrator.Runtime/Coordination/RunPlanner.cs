using System.Collections.Immutable;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Caching;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What would become of a task.</summary>
public enum PlannedStep
{
    Unknown = 0,

    /// <summary>It would run.</summary>
    Run,

    /// <summary>An earlier result with the same inputs would stand in.</summary>
    Cached,

    /// <summary>Whoever starts the run takes its result over from an earlier one.</summary>
    Kept,
    Skipped,

    /// <summary>It would fail before it starts.</summary>
    Failed,
    UpstreamFailed,

    /// <summary>That shows only when tasks before it have run.</summary>
    Open,
}

/// <summary>One line of a plan.</summary>
public sealed record PlannedTask
{
    public required TaskName Task { get; init; }

    public required PlannedStep Step { get; init; }

    /// <summary>A sentence.</summary>
    public required string Why { get; init; }

    /// <summary>The run whose result would stand in.</summary>
    public RunId? From { get; init; }
}

/// <summary>
/// Says what a run would do, without starting it: the state machine is taken as far as it comes with nothing but looking, and thrown away.
/// </summary>
internal sealed class RunPlanner(TaskPreparer preparer, ResultCache cache, ActivityCatalog catalog, TimeProvider time)
{
    /// <summary>How many items of a mapped task are looked up: a plan is there in a moment, also of a million items.</summary>
    private const int ItemsForeseen = 1000;

    /// <summary>A line per task, in an order in which every task comes after those it waits for.</summary>
    public async Task<IReadOnlyList<PlannedTask>> PlanAsync(PipelineGraph graph, AcceptRun accept, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var state = RunMachine.Decide(RunState.Empty(graph), accept, now).State;
        var runs = new Dictionary<int, string>();
        while (state.ToPrepare.Where(task => !runs.ContainsKey(task)).ToArray() is { Length: > 0 } turn)
        {
            foreach (var task in turn)
            {
                var command = await preparer.PrepareAsync(state, task, cancellation);
                cancellation.ThrowIfCancellationRequested();
                if (command is QueueWork queue)
                {
                    runs[task] = await WhyRunAsync(state, task, queue.Work, cancellation);
                }
                else if (command is not null)
                {
                    state = RunMachine.Decide(state, command, now).State;
                }
            }
        }

        return [.. graph.InTopologicalOrder().Where(node => !node.Definition.Name.IsInternal || state.Tasks[node.Index] is Ended { Outcome: TaskOutcome.Failed }).Select(node => Line(state, node, runs, accept))];
    }

    private async Task<string> WhyRunAsync(RunState state, int task, TaskWork work, CancellationToken cancellation)
    {
        var definition = state.Graph.Nodes[task].Definition;
        if (definition.Map is not null)
        {
            return await WhyItemsAsync(state, task, work, cancellation);
        }

        if (work.Lane == Lane.Child)
        {
            return $"as a run of its own of pipeline \"{state.Graph.Nodes[task].Sub?.Name}\"";
        }

        if (work.CacheKey is null)
        {
            return CacheInquiry.WhyUnused(catalog.Get(work.Uses), definition);
        }

        if (CacheKeys.ModeOf(state, definition) == CacheMode.Refresh)
        {
            return definition.Cache?.Mode == CacheMode.Refresh ? "its cache is set to refresh" : "whoever starts the run wants a new result";
        }

        return await cache.WhyMissedAsync(
            state.Graph.Definition.Name, definition.Name, item: null, CacheKeyParts.Of(work, catalog.Get(work.Uses).Version), time.GetUtcNow(), CacheKeys.Since(definition, time.GetUtcNow()), cancellation);
    }

    private async Task<string> WhyItemsAsync(RunState state, int task, TaskWork work, CancellationToken cancellation)
    {
        var items = MapItems.Of(work);
        var looked = await preparer.ForeseeItemsAsync(state, task, work, ItemsForeseen, cancellation);
        var cached = looked.Reused.Count == 0 ? "" : $"; {looked.Reused.Count} of {(looked.Items.Length < items.Count ? "the first " : "")}{looked.Items.Length:N0} cached";
        var skipped = looked.Skipped.Count == 0 ? "" : $"; {looked.Skipped.Count:N0} of {(looked.Items.Length < items.Count ? "the first " : "")}{looked.Items.Length:N0} skipped";
        return $"once for each of {items.Count:N0} item{(items.Count == 1 ? "" : "s")}{(items.Shape is { } shape ? $" ({shape})" : "")}{cached}{skipped}";
    }

    private static PlannedTask Line(RunState state, TaskNode node, Dictionary<int, string> runs, AcceptRun accept)
    {
        var name = node.Definition.Name;
        PlannedTask Of(PlannedStep step, string why) => new() { Task = name, Step = step, Why = why };
        return state.Tasks[node.Index] switch
        {
            Ended { ReusedFrom: { } from } => Of(
                accept.Reused.ContainsKey(name.Value) ? PlannedStep.Kept : PlannedStep.Cached,
                accept.Reused.ContainsKey(name.Value) ? $"its result in run {from} is taken over" : $"the same activity with the same inputs succeeded in run {from}") with { From = from },
            Ended { Outcome: TaskOutcome.Succeeded } => Of(PlannedStep.Cached, "earlier results would stand in for all its tasks"),
            Ended { Outcome: TaskOutcome.Skipped } ended => Of(PlannedStep.Skipped, ended.Reason ?? "its rule or condition says no"),
            Ended { Outcome: TaskOutcome.Failed, Failure: { } failure } => Of(PlannedStep.Failed, $"{failure.Code}: {failure.Message}"),
            Ended => Of(PlannedStep.UpstreamFailed, "a task before it would fail"),
            Suspended suspended => Of(PlannedStep.Run, $"it waits for an answer: {suspended.Question.Prompt}"),
            _ when runs.TryGetValue(node.Index, out var why) => Of(PlannedStep.Run, why),
            _ => Of(PlannedStep.Open, $"shows when {WaitsFor(state, node)}"),
        };
    }

    private static string WaitsFor(RunState state, TaskNode node)
    {
        var open = node.Upstream.Where(before => state.Tasks[before] is not Ended).Select(before => state.NameOf(new TaskKey(before))).Where(name => !name.IsInternal).ToArray();
        return open.Length == 0 ? "the sub-pipeline around it begins" : $"{string.Join(", ", open)} {(open.Length == 1 ? "has" : "have")} ended";
    }
}
