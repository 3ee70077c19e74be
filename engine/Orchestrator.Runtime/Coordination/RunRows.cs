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
internal sealed partial class RunRows(ActivityCatalog catalog, string worker)
{
    private static readonly string[] LaneWords = [.. Enum.GetNames<Lane>().Select(JsonNamingPolicy.CamelCase.ConvertName)];

    private static readonly JsonElement NoOutputs = JsonElement.Parse("{}");

    private readonly ActivityCatalog catalog = catalog;
    private readonly string worker = worker;
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

    /// <summary>The rows that events have changed, as they are after the last of them. Nothing is kept before <see cref="Keep"/>.</summary>
    public Projection Apply(RunState after, IEnumerable<RunEvent> events)
    {
        var next = new Projection(this);
        // The first commit of a run writes the row of every task, so that a look at the run shows what is still to come.
        foreach (var node in tasks.Count == 0 ? after.Graph.Nodes : [])
        {
            next.Put(after, new TaskKey(node.Index), null);
        }

        foreach (var change in events.OfType<TaskEvent>())
        {
            next.Take(after, change);
        }

        return next;
    }

    /// <summary>The rows were stored.</summary>
    public void Keep(Projection stored)
    {
        foreach (var (key, row) in stored.TasksByKey)
        {
            tasks[key] = row;
        }

        foreach (var (key, row) in stored.AttemptsByKey)
        {
            attempts[key] = row;
        }
    }

    private static TaskKey KeyOf(RunState state, TaskName task, int? item) => new(state.Graph[task].Index, item ?? TaskKey.Whole);

    /// <summary>Why it ended as it did, or what it asks; and that it is late.</summary>
    private static string? ReasonOf(RunState state, TaskKey key, TaskState now)
    {
        var reason = now switch
        {
            Ended ended => ended.Reason,
            Suspended => WaitReasons.OfTask(state, key).Message,
            Running { Child: { } child } => $"child run {child}",
            _ => null,
        };
        return !key.IsItem && state.Late.TryGetValue(key, out var late) && now is not Suspended
            ? string.Join("; ", new[] { reason, $"late since {late:u}" }.OfType<string>())
            : reason;
    }

    private static string UsesOf(RunState state, TaskKey key) => state[key] switch
    {
        Running running => running.Work.Uses,
        _ => state.Graph.Nodes[key.Task].Definition.Uses,
    };

    /// <summary>Changed rows that are not stored yet.</summary>
    internal sealed class Projection(RunRows stored)
    {
        private readonly Dictionary<AttemptId, AttemptRow> tried = [];

        public Dictionary<TaskKey, TaskInfo> TasksByKey { get; } = [];

        public Dictionary<TaskKey, AttemptRow> AttemptsByKey { get; } = [];

        public IReadOnlyList<TaskInfo> Tasks => [.. TasksByKey.Values];

        public IReadOnlyList<AttemptRow> Attempts => [.. tried.Values];

        public void Take(RunState after, TaskEvent change)
        {
            var key = KeyOf(after, change.Task, change.Item);
            if (change is TaskExpanded expanded && after.Tasks[key.Task] is Mapping mapping)
            {
                for (var item = mapping.Items.Count - 1; item >= 0 && TaskOf(new TaskKey(key.Task, item)) is null; item--)
                {
                    Put(after, new TaskKey(key.Task, item), null);
                }
            }

            if (TryOf(after, key, change) is { } row)
            {
                AttemptsByKey[key] = tried[row.Id] = row;
            }

            Put(after, key, change);
        }

        public void Put(RunState state, TaskKey key, TaskEvent? change)
        {
            var now = state[key];
            var row = TaskOf(key) ?? new TaskInfo { Task = state.NameOf(key), MapIndex = key.IsItem ? key.Item : null, Status = now.Word };
            var ended = now as Ended;
            TasksByKey[key] = row with
            {
                Status = now.Word,
                AttemptNumber = now.Tries.Attempts,
                AttemptId = now is Running running ? running.Attempt : row.AttemptId,
                Label = now.Label,
                ReadyAt = now is Ready ready ? ready.Since : row.ReadyAt,
                StartedAt = change is AttemptStarted or TaskExpanded ? row.StartedAt ?? change.At : row.StartedAt,
                EndedAt = ended?.At,
                Reason = ReasonOf(state, key, now) is { } reason ? OrcJson.ToElement(reason) : null,
                Outputs = ended is not { Outcome: TaskOutcome.Succeeded } ? null : ended.Outputs.IsEmpty ? NoOutputs : OrcJson.ToElement(ended.Outputs),
                Failure = ended?.Failure ?? (now as Backoff)?.Last,
                CachedFrom = ended?.ReusedFrom,
                Progress = ended is null ? row.Progress : null,
                ProgressMessage = ended is null ? row.ProgressMessage : null,
            };
        }

        private TaskInfo? TaskOf(TaskKey key) => TasksByKey.GetValueOrDefault(key) ?? stored.tasks.GetValueOrDefault(key);

        private AttemptRow? AttemptOf(TaskKey key) => AttemptsByKey.GetValueOrDefault(key) ?? stored.attempts.GetValueOrDefault(key);

        private AttemptRow? TryOf(RunState after, TaskKey key, TaskEvent change) => change switch
        {
            AttemptStarted started => new AttemptRow
            {
                Id = started.Attempt,
                Task = started.Task,
                MapIndex = started.Item,
                Number = started.Number,
                Status = "running",
                Lane = LaneWords[(int)(started.Child is null ? stored.catalog.Get(UsesOf(after, key)).Lane : Lane.Child)],
                Worker = stored.worker,
                QueuedAt = TaskOf(key)?.ReadyAt,
                StartedAt = started.At,
            },
            AttemptSucceeded => EndOf(key, change, "succeeded", null),
            AttemptSkipped => EndOf(key, change, "skipped", null),
            AttemptFailed failed => EndOf(key, change, "failed", failed.Failure),
            AttemptLost lost => EndOf(key, change, "lost", lost.Failure),
            TaskCancelled or TaskMarked or TaskFailed when AttemptOf(key) is { EndedAt: null } => EndOf(key, change, "cancelled", null),
            _ => null,
        };

        private AttemptRow? EndOf(TaskKey key, TaskEvent change, string status, Failure? failure) => AttemptOf(key) is { } row
            ? row with { Status = status, EndedAt = change.At, Failure = failure }
            : null;
    }
}
