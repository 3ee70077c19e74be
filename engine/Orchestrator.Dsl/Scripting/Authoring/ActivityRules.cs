using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>The rules of when and how often a task runs, said about its activity: <c>churn.Add("deploy", …).When(…).Retry(3)</c>. Each answers the same activity.</summary>
public static class ActivityRules
{
    /// <summary>Runs the task only when the condition is true; otherwise it is skipped.</summary>
    public static T When<T>(this T activity, Expr condition, [CallerLineNumber] int line = 0) where T : Activity
    {
        NotesOf(activity, nameof(When), line).When = condition.Text;
        return activity;
    }

    /// <summary>Tries a failed task again.</summary>
    /// <param name="attempts">Attempts in all, the first included; 1..100.</param>
    /// <param name="backoff">The waits between them. Null: exponential from 10 s to 5 min.</param>
    /// <param name="on">Failure codes to retry; null: every failure that trying again may help.</param>
    /// <param name="except">Failure codes never to retry.</param>
    /// <param name="rules">Rules for kinds of failures, the first that fits decides: <c>new RetryRule { Kind = FailureKind.Timeout, Attempts = 2, Delay = Duration("1m") }</c>.</param>
    /// <param name="losses">How often an attempt may be lost to the machinery; 0..100.</param>
    /// <param name="line">Leave out: the compiler fills it in.</param>
    public static T Retry<T>(
        this T activity,
        int attempts,
        Backoff? backoff = null,
        IReadOnlyList<string>? on = null,
        IReadOnlyList<string>? except = null,
        IReadOnlyList<RetryRule>? rules = null,
        int losses = RetryPolicy.DefaultLosses,
        [CallerLineNumber] int line = 0) where T : Activity
    {
        var notes = NotesOf(activity, nameof(Retry), line);
        var policy = new RetryPolicy { Attempts = attempts, On = on is null ? [] : [.. on], Except = except is null ? [] : [.. except], Rules = rules is null ? [] : [.. rules], Losses = losses };
        notes.Retry = backoff is null ? policy : policy with
        {
            Backoff = backoff.Kind,
            Delay = Resolve(backoff.Delay, notes, "backoff/delay") ?? policy.Delay,
            Max = Resolve(backoff.Max, notes, "backoff/max") ?? policy.Max,
            Jitter = backoff.Jitter,
        };
        return activity;
    }

    /// <summary>Waits for other tasks although no data flows from them: <c>.Needs(evaluate)</c>, <c>.Needs("evaluate", "compare")</c>.</summary>
    public static T Needs<T>(
        this T activity, TaskReference first, TaskReference? second = null, TaskReference? third = null, TaskReference? fourth = null, [CallerLineNumber] int line = 0) where T : Activity
    {
        TaskReference?[] all = [first, second, third, fourth];
        NotesOf(activity, nameof(Needs), line).Needs.AddRange(all.OfType<TaskReference>());
        return activity;
    }

    /// <summary>Waits for a list of tasks.</summary>
    public static T Needs<T>(this T activity, IEnumerable<TaskReference> tasks, [CallerLineNumber] int line = 0) where T : Activity
    {
        NotesOf(activity, nameof(Needs), line).Needs.AddRange(tasks);
        return activity;
    }

    /// <inheritdoc cref="Needs{T}(T, IEnumerable{TaskReference}, int)"/>
    public static T Needs<T>(this T activity, IEnumerable<Activity> tasks, [CallerLineNumber] int line = 0) where T : Activity =>
        activity.Needs(tasks.Select(task => (TaskReference)task), line);

    /// <summary>How the ends of the tasks before decide whether this one runs. Without it: all must have succeeded.</summary>
    public static T Rule<T>(this T activity, JoinRule rule, [CallerLineNumber] int line = 0) where T : Activity
    {
        NotesOf(activity, nameof(Rule), line).Rule = rule;
        return activity;
    }

    /// <summary>The longest one attempt may run.</summary>
    public static T Timeout<T>(this T activity, DurationText limit, [CallerLineNumber] int line = 0) where T : Activity
    {
        var notes = NotesOf(activity, nameof(Timeout), line);
        notes.Timeout = Resolve(limit, notes, "limit");
        return activity;
    }

    /// <summary>The longest the task may wait for a free slot.</summary>
    public static T QueueTimeout<T>(this T activity, DurationText limit, [CallerLineNumber] int line = 0) where T : Activity
    {
        var notes = NotesOf(activity, nameof(QueueTimeout), line);
        notes.QueueTimeout = Resolve(limit, notes, "limit");
        return activity;
    }

    /// <summary>What one attempt may use up: <c>.Limits(memory: "2GiB")</c>. What is left out is as the machine's settings say.</summary>
    /// <param name="memory">Resident memory of the attempt's processes together; at least 64MiB.</param>
    /// <param name="log">The attempt's log; of what comes after only the end is kept.</param>
    /// <param name="output">The JSON of one output; larger values belong into an artifact.</param>
    /// <exception cref="ArgumentException">A text is not a size.</exception>
    public static T Limits<T>(this T activity, string? memory = null, string? log = null, string? output = null, [CallerLineNumber] int line = 0) where T : Activity
    {
        NotesOf(activity, nameof(Limits), line).Limits = new TaskLimits { MemoryInBytes = SizeOf(memory, nameof(memory)), LogInBytes = SizeOf(log, nameof(log)), OutputInBytes = SizeOf(output, nameof(output)) };
        return activity;
    }

    private static long? SizeOf(string? text, string what) => text is null ? null
        : Sizes.TryParse(text, out var bytes) ? bytes
        : throw new ArgumentException($"\"{text}\" is not a size; write for example \"512MB\" or \"2GiB\"", what);

    /// <summary>The longest an attempt may give no sign of life (progress, a line in its log); one that is silent for longer is lost and tried again.</summary>
    public static T Heartbeat<T>(this T activity, DurationText limit, [CallerLineNumber] int line = 0) where T : Activity
    {
        var notes = NotesOf(activity, nameof(Heartbeat), line);
        notes.Heartbeat = Resolve(limit, notes, "limit");
        return activity;
    }

    /// <summary>What happens when the task has not ended a time after its turn came; waiting, retries and all attempts count.</summary>
    public static T Deadline<T>(this T activity, DurationText after, DeadlineAction then, [CallerLineNumber] int line = 0) where T : Activity
    {
        var notes = NotesOf(activity, nameof(Deadline), line);
        notes.Deadline = Resolve(after, notes, "after") is { } time ? new DeadlineDefinition { After = time, Then = then } : null;
        return activity;
    }

    /// <summary>How old an earlier result may be to stand in for running the task again. Without it: any age.</summary>
    /// <param name="scope">Who may take the result over: every pipeline of the home, or only this one.</param>
    /// <param name="environment">Variables whose values the result depends on: <c>["PYTHONHASHSEED"]</c>. Their values are stored with it.</param>
    public static T Cache<T>(
        this T activity, DurationText? expires = null, CacheScope scope = CacheScope.Home, IReadOnlyList<string>? environment = null, [CallerLineNumber] int line = 0) where T : Activity
    {
        var notes = NotesOf(activity, nameof(Cache), line);
        notes.Cache = new CachePolicy { Expires = Resolve(expires, notes, "expires"), Scope = scope, Environment = environment is null ? [] : [.. environment] };
        return activity;
    }

    /// <summary>Runs the task each time and keeps no result for later runs.</summary>
    public static T NoCache<T>(this T activity, [CallerLineNumber] int line = 0) where T : Activity
    {
        NotesOf(activity, nameof(NoCache), line).Cache = new CachePolicy { Mode = CacheMode.Never };
        return activity;
    }

    /// <summary>Runs the task each time and keeps the new result for tasks and runs that reuse it.</summary>
    public static T RefreshCache<T>(this T activity, [CallerLineNumber] int line = 0) where T : Activity
    {
        NotesOf(activity, nameof(RefreshCache), line).Cache = new CachePolicy { Mode = CacheMode.Refresh };
        return activity;
    }

    /// <summary>Runs the task when all others have ended, however they ended.</summary>
    public static T OnExit<T>(this T activity, [CallerLineNumber] int line = 0) where T : Activity
    {
        NotesOf(activity, nameof(OnExit), line).OnExit = true;
        return activity;
    }

    /// <summary>The pool whose slots limit how many such attempts run at once.</summary>
    /// <param name="name">As <c>orc pools set</c> made it.</param>
    /// <param name="slots">How many slots one attempt takes.</param>
    public static T Pool<T>(this T activity, string name, int slots = 1, [CallerLineNumber] int line = 0) where T : Activity
    {
        var notes = NotesOf(activity, nameof(Pool), line);
        notes.Pool = name;
        notes.PoolSlots = slots;
        return activity;
    }

    /// <summary>Higher goes first among tasks that could start. Without it: 0.</summary>
    public static T Priority<T>(this T activity, int priority, [CallerLineNumber] int line = 0) where T : Activity
    {
        NotesOf(activity, nameof(Priority), line).Priority = priority;
        return activity;
    }

    /// <summary>A few words for people.</summary>
    public static T Title<T>(this T activity, string title, [CallerLineNumber] int line = 0) where T : Activity
    {
        NotesOf(activity, nameof(Title), line).Title = title;
        return activity;
    }

    /// <summary>Repeats the task for every item of a list that is known when the task starts; <see cref="PipelineScript.Item"/> is the item.</summary>
    /// <param name="over">An output, parameter or expression that yields a list.</param>
    /// <param name="parallel">How many items may be in flight together. Null: no limit but the run's.</param>
    public static T Map<T>(this T activity, Expr over, int? parallel = null, [CallerLineNumber] int line = 0) where T : Activity
    {
        NotesOf(activity, nameof(Map), line).Map = new MapDefinition { Over = over.Text, Parallel = parallel };
        return activity;
    }

    /// <summary>Repeats the task for every item of a list that is known now.</summary>
    public static T Map<T, TItem>(this T activity, IReadOnlyList<TItem> over, int? parallel = null, [CallerLineNumber] int line = 0) where T : Activity =>
        // JSON is an expression of JavaScript.
        activity.Map(new Expr(JsonSerializer.Serialize(over, OrcJson.Options)), parallel, line);

    /// <summary>
    /// Repeats the task for every combination of elements of several lists: <c>.Map(("region", regions), ("model", models))</c>. The last list varies fastest. An item is an object
    /// with an element of each: <c>Item.Member("region")</c>.
    /// </summary>
    /// <param name="combine"><see cref="MapCombination.Zip"/>: the first elements together, the second ones, and so on.</param>
    /// <param name="parallel">How many items may be in flight together. Null: no limit but the run's.</param>
    public static T Map<T>(
        this T activity,
        (string Name, Expr List) first,
        (string Name, Expr List) second,
        (string Name, Expr List)? third = null,
        (string Name, Expr List)? fourth = null,
        MapCombination combine = MapCombination.Product,
        int? parallel = null,
        [CallerLineNumber] int line = 0) where T : Activity
    {
        (string Name, Expr List)?[] given = [first, second, third, fourth];
        NotesOf(activity, nameof(Map), line).Map = new MapDefinition
        {
            Lists = [.. given.OfType<(string Name, Expr List)>().Select(list => new MapList(list.Name, list.List.Text))],
            Combine = combine,
            Parallel = parallel,
        };
        return activity;
    }

    private static TaskNotes NotesOf(Activity activity, string method, int line)
    {
        var notes = TaskNotes.Of(activity);
        notes.Places.Add(new CallPlace(method, line));
        return notes;
    }

    private static TimeSpan? Resolve(DurationText? text, TaskNotes notes, string argument) =>
        text is { } given ? ScriptEvaluation.Required.Resolve(given.Text, notes.Places[^1], argument) : null;
}
