using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Definitions;

/// <summary>A pipeline as data: what all three ways of writing one end in. Its canonical JSON has the hash that is its version.</summary>
public sealed record PipelineDefinition
{
    /// <summary>The name rule is <see cref="TaskName.Rule"/>.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence for people.</summary>
    public string? Title { get; init; }

    /// <summary>In the author's order.</summary>
    public ImmutableArray<ParameterDefinition> Params { get; init; } = [];

    public ImmutableArray<TriggerDefinition> Triggers { get; init; } = [];

    /// <summary>Days that triggers leave out, by the name that they give them.</summary>
    public ImmutableSortedDictionary<string, CalendarDefinition> Calendars { get; init; } = NoCalendars;

    /// <summary>In the author's order, which has no meaning for execution.</summary>
    public ImmutableArray<TaskDefinition> Tasks { get; init; } = [];

    /// <summary>The longest a run may take, waiting included. Null: no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How many attempts of one run may be in flight together. Null: as many as the lanes take.</summary>
    public int? Parallel { get; init; }

    /// <summary>What happens to a run that takes too long, counted from its acceptance. Null: nothing.</summary>
    public DeadlineDefinition? Deadline { get; init; }

    /// <summary>How many runs may go on at once. Null: any number.</summary>
    public ConcurrencyDefinition? Concurrency { get; init; }

    /// <summary>What a run yields, and a sub-pipeline its task: JSON whose texts may hold <c>${ … }</c> over the pipeline's tasks and parameters.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Outputs { get; init; } = TaskDefinition.EmptyWith;

    private static ImmutableSortedDictionary<string, CalendarDefinition> NoCalendars { get; } = ImmutableSortedDictionary.Create<string, CalendarDefinition>(StringComparer.Ordinal);
}

/// <summary>Days on which nothing is due, as their author writes them.</summary>
public sealed record CalendarDefinition
{
    public ImmutableArray<DayOfWeek> Weekdays { get; init; } = [];

    /// <summary>Days as <c>2026-12-24</c>, days of each year as <c>12-25</c>, and ranges of days, both ends inclusive, as <c>2026-12-24..2027-01-02</c>.</summary>
    public ImmutableArray<string> Days { get; init; } = [];
}

/// <summary>The type of a run parameter.</summary>
public enum ParameterType
{
    Unknown = 0,
    String,
    Number,
    Integer,
    Boolean,
    Duration,
    Json,
}

/// <summary>A value given when a run starts.</summary>
public sealed record ParameterDefinition
{
    public required string Name { get; init; }

    public required ParameterType Type { get; init; }

    /// <summary>Null: whoever starts a run must give a value.</summary>
    public JsonElement? Default { get; init; }

    public string? Help { get; init; }

    /// <summary>Lowest legal number, inclusive.</summary>
    public double? Minimum { get; init; }

    /// <summary>Highest legal number, inclusive.</summary>
    public double? Maximum { get; init; }

    /// <summary>The legal values, when they are few.</summary>
    public ImmutableArray<JsonElement> Choices { get; init; } = [];
}

/// <summary>A node of the graph: an activity with its inputs and the rules of when and how often it runs.</summary>
public sealed record TaskDefinition
{
    public required TaskName Name { get; init; }

    /// <summary>The activity's type, <c>data.validate</c>; <see cref="SubPipelineDefinition.Uses"/> when a pipeline does the work.</summary>
    public required string Uses { get; init; }

    /// <summary>The pipeline that does the work in place of an activity, with <see cref="With"/> as its parameters. Null: an activity does.</summary>
    public SubPipelineDefinition? Pipeline { get; init; }

    /// <summary>The inputs: JSON whose texts may hold <c>${ … }</c>.</summary>
    public ImmutableSortedDictionary<string, JsonElement> With { get; init; } = EmptyWith;

    /// <summary>Tasks that must end first although no data flows.</summary>
    public ImmutableArray<TaskName> Needs { get; init; } = [];

    /// <summary>How the ends of the tasks before decide whether this one runs.</summary>
    public JoinRule Rule { get; init; } = JoinRule.AllSuccess;

    /// <summary>JavaScript. False skips the task. Null: always.</summary>
    public string? When { get; init; }

    public MapDefinition? Map { get; init; }

    public RetryPolicy? Retry { get; init; }

    /// <summary>The longest one attempt may run.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What one attempt may use up. Null: as much as the machine's settings allow.</summary>
    public TaskLimits? Limits { get; init; }

    /// <summary>The longest the task may wait for a free slot.</summary>
    public TimeSpan? QueueTimeout { get; init; }

    /// <summary>The longest an attempt may give no sign of life: neither progress nor a line in its log. One that is silent for longer is lost.</summary>
    public TimeSpan? Heartbeat { get; init; }

    /// <summary>What happens when the task takes too long, counted from when its turn came: waiting, retries and all attempts included. Null: nothing.</summary>
    public DeadlineDefinition? Deadline { get; init; }

    public CachePolicy? Cache { get; init; }

    /// <summary>The pool whose slots limit how many such attempts run at once.</summary>
    public string? Pool { get; init; }

    /// <summary>How many slots of the pool one attempt takes, ≥ 1.</summary>
    public int PoolSlots { get; init; } = 1;

    /// <summary>Higher goes first among tasks that could start. Default 0.</summary>
    public int Priority { get; init; }

    /// <summary>True: runs when all other tasks have ended, however they ended, and does not change whether the run succeeded unless it fails itself.</summary>
    public bool OnExit { get; init; }

    public string? Title { get; init; }

    /// <summary>No values.</summary>
    public static ImmutableSortedDictionary<string, JsonElement> EmptyWith { get; } = ImmutableSortedDictionary.Create<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>Every expression of the task, wherever it stands.</summary>
    public IEnumerable<string> Expressions()
    {
        var bare = new[] { When }.OfType<string>().Concat(Map?.Expressions() ?? []);
        return bare.Concat(With.Values.SelectMany(Templates.ExpressionsIn));
    }

    /// <summary>The tasks this one waits for: those it names in <see cref="Needs"/> and those whose outputs it refers to. Each once, in order of first mention.</summary>
    public IEnumerable<TaskName> Dependencies() => Needs.Concat(Expressions().SelectMany(ExpressionReferences.Tasks)).Distinct();
}

/// <summary>When a task's result may stand in for running it again.</summary>
public sealed record CachePolicy
{
    public CacheMode Mode { get; init; } = CacheMode.Auto;

    /// <summary>How old a result may be. Null: any age.</summary>
    public TimeSpan? Expires { get; init; }

    /// <summary>For whom the result stands in.</summary>
    public CacheScope Scope { get; init; } = CacheScope.Home;

    /// <summary>Variables of the engine's environment whose values the result depends on: <c>PYTHONHASHSEED</c>. Their values are stored with it, so they are none for secrets.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>True when it says no more than a task without any policy.</summary>
    public bool IsUsual => Mode == CacheMode.Auto && Expires is null && Scope == CacheScope.Home && Environment.IsEmpty;
}

/// <summary>Which tasks may take a result over.</summary>
public enum CacheScope
{
    Unknown = 0,

    /// <summary>Every task in the home that has the same key: the key holds all that a result depends on, so the pipeline it was made in makes no difference.</summary>
    Home,

    /// <summary>Tasks of pipelines with the same name only.</summary>
    Pipeline,
}

public enum CacheMode
{
    Unknown = 0,

    /// <summary>Reuse and store results of activities of kind <c>action</c> and <c>mapped</c>.</summary>
    Auto,

    /// <summary>Neither reuse nor store.</summary>
    Never,

    /// <summary>Run, and store the new result.</summary>
    Refresh,
}

/// <summary>How the ends of the tasks before a task decide whether it runs. The table of all cases is in <c>Runs/JoinRules.cs</c>.</summary>
public enum JoinRule
{
    Unknown = 0,
    AllSuccess,
    AllDone,
    AllFailed,
    OneSuccess,
    OneFailed,
    NoneFailed,
    NoneFailedMinOneSuccess,
    Always,
}
