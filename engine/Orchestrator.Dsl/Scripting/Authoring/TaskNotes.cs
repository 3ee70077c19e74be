using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>What a script said about an activity beside its inputs; hangs on <see cref="Activity.Authoring"/>.</summary>
internal sealed class TaskNotes(Activity activity)
{
    public Activity Activity { get; } = activity;

    /// <summary>Null until the activity was added to a pipeline.</summary>
    public string? Name { get; set; }

    public PipelineBuilder? Pipeline { get; set; }

    /// <summary>The calls that made these notes, in order.</summary>
    public List<CallPlace> Places { get; } = [];

    public string? When { get; set; }

    public RetryPolicy? Retry { get; set; }

    public List<TaskReference> Needs { get; } = [];

    public JoinRule Rule { get; set; } = JoinRule.AllSuccess;

    public TimeSpan? Timeout { get; set; }

    public TimeSpan? QueueTimeout { get; set; }

    public TaskLimits? Limits { get; set; }

    public TimeSpan? Heartbeat { get; set; }

    public DeadlineDefinition? Deadline { get; set; }

    public CachePolicy? Cache { get; set; }

    public MapDefinition? Map { get; set; }

    public bool OnExit { get; set; }

    public string? Pool { get; set; }

    public int PoolSlots { get; set; } = 1;

    public int Priority { get; set; }

    public string? Title { get; set; }

    /// <summary>The notes of an activity; started when it has none.</summary>
    public static TaskNotes Of(Activity activity)
    {
        if (activity.Authoring is not TaskNotes notes)
        {
            notes = new TaskNotes(activity);
            activity.Authoring = notes;
            ScriptEvaluation.Current?.Note(notes);
        }

        return notes;
    }

    public TaskDefinition ToDefinition(string name, string uses, IEnumerable<KeyValuePair<string, System.Text.Json.JsonElement>> with) => new()
    {
        Name = new TaskName(name),
        Uses = uses,
        With = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, with),
        Needs = [.. Needs.Select(need => need.Name).OfType<string>().Select(need => new TaskName(need))],
        Rule = Rule,
        When = When,
        Map = Map,
        Retry = Retry,
        Timeout = Timeout,
        QueueTimeout = QueueTimeout,
        Limits = Limits,
        Heartbeat = Heartbeat,
        Deadline = Deadline,
        Cache = Cache,
        Pool = Pool,
        PoolSlots = PoolSlots,
        Priority = Priority,
        OnExit = OnExit,
        Title = Title,
    };
}
