using System.Collections.Concurrent;
using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Activities;

/// <summary>
/// A kind of work. Derive a sealed class, give it <see cref="ActivityAttribute"/>, public settable <see cref="Input{T}"/> properties and public read-only
/// <see cref="Definitions.Output{T}"/> properties, and do the work in <see cref="ExecuteAsync"/>.
/// </summary>
/// <remarks>
/// An input is optional when its property is nullable or has an initial value. An attempt may be repeated after a crash: work that changes the world
/// must be safe to do twice with the same <see cref="ActivityContext.IdempotencyKey"/>.
/// </remarks>
public abstract class Activity
{
    /// <summary>What a script attached while it wrote the pipeline (name, rules); owned by the front end.</summary>
    public object? Authoring { get; set; }

    /// <summary>Does the work of one attempt and sets the outputs.</summary>
    /// <exception cref="ActivityException">The work failed for a reason a person can act on.</exception>
    protected internal abstract Task ExecuteAsync(ActivityContext context);

    /// <summary>
    /// What outside its inputs the result depends on, as text that goes into the cache key: the hash of a source file, the age of a table.
    /// Runs in the engine's process before the attempt; must only read. Null (the default): nothing. <see cref="Fingerprints.Unknown"/>: nobody can tell.
    /// </summary>
    protected internal virtual Task<string?> FingerprintAsync(FingerprintContext context) => Task.FromResult<string?>(null);
}

/// <summary>
/// An activity that spreads into items, each an attempt of another activity, and then reduces their results in <see cref="Activity.ExecuteAsync"/>,
/// where <see cref="ActivityContext.Items"/> has them all.
/// </summary>
public abstract class MappedActivity : Activity
{
    /// <summary>
    /// Says which items come next. Called first with no items, then after each item that ends, until it answers <see cref="Expansion.Complete"/>.
    /// Pure: the same inputs and items give the same answer, since after a crash it is asked again. It decides by item index and never by order of completion,
    /// so that parallel runs are reproducible.
    /// </summary>
    protected internal abstract Expansion Expand(ExpansionContext context);
}

/// <summary>What <see cref="MappedActivity.Expand"/> is told.</summary>
public sealed record ExpansionContext
{
    /// <summary>The items issued so far, by index; those still under way have no result.</summary>
    public required IReadOnlyList<ItemResult> Items { get; init; }
}

/// <summary>What <see cref="MappedActivity.Expand"/> answers.</summary>
public sealed record Expansion
{
    /// <summary>Items to issue now; they get the next free indices. May be empty while earlier items are under way.</summary>
    public IReadOnlyList<ExpansionItem> Next { get; init; } = [];

    /// <summary>True: no item will come after these.</summary>
    public bool Complete { get; init; }
}

/// <summary>One item to issue.</summary>
public sealed record ExpansionItem
{
    /// <summary>The activity and its inputs; no expression is left in them.</summary>
    public required ActivityTemplate Activity { get; init; }

    /// <summary>A few words for people: <c>leaves=31 learningRate=0.05</c>.</summary>
    public string? Label { get; init; }
}

/// <summary>What became of one item of a mapped task.</summary>
public sealed record ItemResult
{
    public required int Index { get; init; }

    public string? Label { get; init; }

    public required ItemStatus Status { get; init; }

    /// <summary>The outputs by name; empty unless <see cref="ItemStatus.Succeeded"/>.</summary>
    public IReadOnlyDictionary<string, JsonElement> Outputs { get; init; } = new Dictionary<string, JsonElement>();

    public Failure? Failure { get; init; }
}

public enum ItemStatus
{
    Unknown = 0,
    UnderWay,
    Succeeded,
    Failed,
}

/// <summary>What <see cref="Activity.FingerprintAsync"/> may use.</summary>
public sealed record FingerprintContext
{
    /// <summary>What relative paths are relative to: the folder of the pipeline's file.</summary>
    public required string BaseDirectory { get; init; }

    public required CancellationToken Cancellation { get; init; }

    /// <summary>What is found once for many items of a map: they are fingerprinted one by one, and mostly read the same files.</summary>
    private readonly ConcurrentDictionary<string, Task<string>> known = new(StringComparer.Ordinal);

    /// <summary>Finds something out, at most once for all fingerprints that are made with this context.</summary>
    /// <param name="what">Names it: <c>file /srv/train.py</c>.</param>
    /// <param name="find">Finds it.</param>
    public Task<string> OnceAsync(string what, Func<Task<string>> find) => known.GetOrAdd(what, _ => find());
}
