using Orchestrator.Core.Runs;

namespace Orchestrator.Runtime.People;

/// <summary>Why something of a run waits, failed or did not run: a sentence for people, and the same as facts for programs.</summary>
public sealed record ReasonInfo
{
    /// <summary>Empty: the run itself.</summary>
    public required string Task { get; init; }

    public required string Status { get; init; }

    /// <summary>What kind of reason: one of <see cref="WaitKind"/> in lower case, <c>ended</c>, <c>migrated</c>, <c>owner</c> or <c>request</c>.</summary>
    public required string Kind { get; init; }

    public required string Message { get; init; }

    /// <summary>When something happens by itself, when that is known.</summary>
    public DateTimeOffset? Until { get; init; }

    public bool? Late { get; init; }

    /// <summary>The concurrency key that it waits for.</summary>
    public string? Key { get; init; }

    public int? Limit { get; init; }

    /// <summary>Who shares the key and came first.</summary>
    public IReadOnlyList<KeyHolder>? Holders { get; init; }

    public int? Item { get; init; }

    /// <summary>The tasks it waits for.</summary>
    public IReadOnlyList<string>? Tasks { get; init; }

    public PoolUse? Pool { get; init; }

    /// <summary>What the sentence says, by name.</summary>
    public WaitFacts? Facts { get; init; }
}

/// <summary>How full the pool is that a task waits for.</summary>
public sealed record PoolUse
{
    public required string Name { get; init; }

    public required int Size { get; init; }

    public required int Free { get; init; }

    public required int Wanted { get; init; }

    public required IReadOnlyList<PoolUser> Holders { get; init; }
}

/// <summary>Who holds slots of a pool.</summary>
public sealed record PoolUser
{
    public string? Run { get; init; }

    public string? Task { get; init; }

    public int? Item { get; init; }

    public required string Attempt { get; init; }

    public required int Slots { get; init; }

    public required DateTimeOffset Until { get; init; }
}
