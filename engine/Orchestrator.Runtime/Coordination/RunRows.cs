using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>
/// The rows that people and queries see, one per task and item, kept true to the events. They are a projection: what they lack can always be had from
/// the events, and nothing decides by them.
/// </summary>
internal sealed class RunRows(ActivityCatalog catalog, string worker)
{
    private readonly Dictionary<TaskKey, TaskInfo> tasks = [];
    private readonly Dictionary<TaskKey, AttemptRow> attempts = [];

    /// <summary>Takes over what is stored of a run that is being resumed.</summary>
    public void Load(RunState state, IEnumerable<TaskInfo> stored, IEnumerable<AttemptRow> tries)
    {
        foreach (var row in stored)
        {
            tasks[KeyOf(state, row.Task, row.MapIndex)] = row;
        }

        foreach (var row in tries)
        {
            attempts[KeyOf(state, row.Task, row.MapIndex)] = row;
        }
    }

    /// <summary>The rows that events have changed, as they are after the last of them.</summary>
    public (IReadOnlyList<TaskInfo> Tasks, IReadOnlyList<AttemptRow> Attempts) Apply(RunState after, IEnumerable<RunEvent> events)
    {
        // The first commit of a run writes the row of every task, so that a look at the run shows what is still to come.
        var changed = tasks.Count == 0 ? after.Graph.Nodes.Select(node => new TaskKey(node.Index)).ToHashSet() : [];
        var tried = new Dictionary<AttemptId, AttemptRow>();
        foreach (var change in events.OfType<TaskEvent>())
        {
            var key = KeyOf(after, change.Task, change.Item);
            changed.Add(key);
            if (change is TaskExpanded)
            {
                changed.UnionWith(after.Items.Keys.Where(item => item.Task == key.Task && !tasks.ContainsKey(item)));
            }

            if (TryOf(after, key, change) is { } row)
            {
                attempts[key] = tried[row.Id] = row;
            }

            Put(after, key, change);
        }

        return ([.. changed.Select(key => tasks.TryGetValue(key, out var row) ? row : Put(after, key, null))], [.. tried.Values]);
    }

    private static TaskKey KeyOf(RunState state, TaskName task, int? item) => new(state.Graph[task].Index, item ?? TaskKey.Whole);

    private TaskInfo Put(RunState state, TaskKey key, TaskEvent? change)
    {
        var now = state[key];
        var row = tasks.GetValueOrDefault(key) ?? new TaskInfo { Task = state.NameOf(key), MapIndex = key.IsItem ? key.Item : null, Status = now.Word };
        var ended = now as Ended;
        row = row with
        {
            Status = now.Word,
            AttemptNumber = now.Tries.Attempts,
            AttemptId = now is Running running ? running.Attempt : row.AttemptId,
            Label = now.Label,
            ReadyAt = now is Ready ready ? ready.Since : row.ReadyAt,
            StartedAt = change is AttemptStarted or TaskExpanded ? row.StartedAt ?? change.At : row.StartedAt,
            EndedAt = ended?.At,
            Reason = ended?.Reason is { } reason ? OrcJson.ToElement(reason) : null,
            Outputs = ended is { Outcome: TaskOutcome.Succeeded } ? OrcJson.ToElement(ended.Outputs) : null,
            Failure = ended?.Failure ?? (now as Backoff)?.Last,
            CachedFrom = ended?.ReusedFrom,
            Progress = ended is null ? row.Progress : null,
            ProgressMessage = ended is null ? row.ProgressMessage : null,
        };
        return tasks[key] = row;
    }

    private AttemptRow? TryOf(RunState after, TaskKey key, TaskEvent change) => change switch
    {
        AttemptStarted started => new AttemptRow
        {
            Id = started.Attempt,
            Task = started.Task,
            MapIndex = started.Item,
            Number = started.Number,
            Status = "running",
            Lane = JsonNamingPolicy.CamelCase.ConvertName(catalog.Get(UsesOf(after, key)).Lane.ToString()),
            Worker = worker,
            QueuedAt = tasks.GetValueOrDefault(key)?.ReadyAt,
            StartedAt = started.At,
        },
        AttemptSucceeded => EndOf(key, change, "succeeded", null),
        AttemptFailed failed => EndOf(key, change, "failed", failed.Failure),
        AttemptLost lost => EndOf(key, change, "lost", lost.Failure),
        TaskCancelled or TaskMarked when attempts.GetValueOrDefault(key) is { EndedAt: null } => EndOf(key, change, "cancelled", null),
        _ => null,
    };

    private AttemptRow? EndOf(TaskKey key, TaskEvent change, string status, Failure? failure) => attempts.GetValueOrDefault(key) is { } row
        ? row with { Status = status, EndedAt = change.At, Failure = failure }
        : null;

    private static string UsesOf(RunState state, TaskKey key) => state[key] switch
    {
        Running running => running.Work.Uses,
        _ => state.Graph.Nodes[key.Task].Definition.Uses,
    };
}
