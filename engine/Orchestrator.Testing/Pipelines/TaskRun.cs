using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Testing.Pipelines;

/// <summary>What came of a task, or of one item of a mapped task, in a test.</summary>
public sealed class TaskRun
{
    private readonly TaskState state;
    private readonly RunEvent[] own;
    private readonly DateTimeOffset start;
    private readonly TaskWork? issued;

    internal TaskRun(RunState run, TaskKey key, IReadOnlyList<RunEvent> events, DateTimeOffset start)
    {
        state = run[key];
        this.start = start;
        Name = run.NameOf(key).Value;
        Item = key.IsItem ? key.Item : null;
        own = [.. events.OfType<TaskEvent>().Where(change => change.Task.Value == Name && change.Item == Item)];
        issued = key.IsItem ? events.OfType<TaskExpanded>().Where(change => change.Task.Value == Name).SelectMany(change => change.Items).ElementAt(key.Item) : null;
        Items = key.IsItem ? [] : [.. run.Items.Keys.Where(item => item.Task == key.Task).Order().Select(item => new TaskRun(run, item, events, start))];
    }

    public string Name { get; }

    /// <summary>The item's index; null for the task itself.</summary>
    public int? Item { get; }

    /// <summary>The items of a mapped task, by index.</summary>
    public IReadOnlyList<TaskRun> Items { get; }

    /// <summary>How it ended; <see cref="TaskOutcome.Unknown"/> when it has not.</summary>
    public TaskOutcome Outcome => (state as Ended)?.Outcome ?? TaskOutcome.Unknown;

    /// <summary>The word that people see: <c>succeeded</c>, <c>upstream_failed</c>, <c>suspended</c>.</summary>
    public string Word => state.Word;

    /// <summary>How many attempts were started.</summary>
    public int Attempts => state.Tries.Attempts;

    /// <summary>When each attempt was started, counted from the start of the run: what a backoff is tested with.</summary>
    public IReadOnlyList<TimeSpan> Starts => [.. own.OfType<AttemptStarted>().Select(started => started.At - start)];

    /// <summary>Why each failed or lost attempt ended, in order.</summary>
    public IReadOnlyList<Failure> Failures => [.. own.Select(change => change switch
    {
        AttemptFailed failed => failed.Failure,
        AttemptLost lost => lost.Failure,
        _ => null,
    }).OfType<Failure>()];

    /// <summary>Why the task failed; null when it did not.</summary>
    public Failure? Failure => (state as Ended)?.Failure;

    /// <summary>Why it was skipped or could not run: a sentence; null otherwise.</summary>
    public string? Reason => (state as Ended)?.Reason;

    /// <summary>What its attempts were given, by input name; empty when it was never prepared.</summary>
    public IReadOnlyDictionary<string, JsonElement> Inputs =>
        (issued ?? own.OfType<TaskPrepared>().LastOrDefault()?.Work)?.Inputs ?? (IReadOnlyDictionary<string, JsonElement>)new Dictionary<string, JsonElement>();

    /// <summary>By name; empty unless it succeeded.</summary>
    public IReadOnlyDictionary<string, JsonElement> Outputs => (state as Ended)?.Outputs ?? (IReadOnlyDictionary<string, JsonElement>)new Dictionary<string, JsonElement>();

    /// <exception cref="KeyNotFoundException">The task left no such output.</exception>
    public T Output<T>(string name) => Read<T>(Outputs, name, "left no output");

    /// <exception cref="KeyNotFoundException">The task was given no such input.</exception>
    public T Input<T>(string name) => Read<T>(Inputs, name, "was given no input");

    public override string ToString() => $"  {Name}{(Item is { } item ? $"[{item}]" : "")} {Word}, {Attempts} attempts{(Failure?.Message ?? Reason) switch { { } why => $": {why}", null => "" }}";

    private T Read<T>(IReadOnlyDictionary<string, JsonElement> values, string name, string what) => values.TryGetValue(name, out var value)
        ? OrcJson.FromElement<T>(value)
        : throw new KeyNotFoundException($"Task \"{Name}\" ({Word}) {what} \"{name}\". There are: {string.Join(", ", values.Keys)}.");
}
