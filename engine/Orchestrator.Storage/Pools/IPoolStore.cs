using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Pools;

/// <summary>A named number of slots that attempts of all runs share.</summary>
public sealed record PoolInfo
{
    public required string Name { get; init; }

    /// <summary>How many slots there are, ≥ 0.</summary>
    public required int Size { get; init; }

    /// <summary>How many are taken by leases that have not expired.</summary>
    public required int Used { get; init; }
}

/// <summary>Slots that an attempt holds.</summary>
public sealed record SlotHolder
{
    public required AttemptId AttemptId { get; init; }

    /// <summary>How many.</summary>
    public required int Weight { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Its run; null when the run has ended.</summary>
    public RunId? RunId { get; init; }

    public TaskName? Task { get; init; }

    public int? MapIndex { get; init; }
}

/// <summary>A wish for slots. They are a lease: freed with the attempt's end, or when the owner stops renewing.</summary>
public sealed record SlotRequest
{
    public required string Pool { get; init; }

    public required AttemptId AttemptId { get; init; }

    /// <summary>How many slots, ≥ 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>The <see cref="Runs.RunOwner.Id"/> that renews it.</summary>
    public required string Owner { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>A run that would take slots of a pool if it had room, and its place in the line.</summary>
public sealed record PoolWaiter
{
    public required string Pool { get; init; }

    public required RunId RunId { get; init; }

    /// <summary>How many it wants next, ≥ 1.</summary>
    public required int Slots { get; init; }

    /// <summary>Higher goes first.</summary>
    public int Priority { get; init; }

    /// <summary>When it began to wait, or last took slots; of equal priority the earlier goes first.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Until when the place counts unless it is taken again.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Pools and the lines before them at one instant.</summary>
public sealed record PoolView(IReadOnlyList<PoolInfo> Pools, IReadOnlyList<PoolWaiter> Line);

/// <summary>Pools and who holds their slots. Slots are taken and freed in commits of runs.</summary>
public interface IPoolStore
{
    /// <summary>Makes a pool or changes its size. A smaller size takes no slot away: new takers wait.</summary>
    Task SetAsync(string pool, int size, CancellationToken cancellation);

    Task<IReadOnlyList<PoolInfo>> ListAsync(DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Who holds the slots of a pool, by leases that have not expired; oldest first.</summary>
    Task<IReadOnlyList<SlotHolder>> ListHoldersAsync(string pool, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>All pools and who waits before them, by pool in the order of the line.</summary>
    Task<PoolView> LookAsync(DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Takes a place in a pool's line, or keeps or changes the one that the run has.</summary>
    Task StandInLineAsync(PoolWaiter waiter, CancellationToken cancellation);

    /// <summary>Gives a place back.</summary>
    Task LeaveLineAsync(string pool, RunId run, DateTimeOffset now, CancellationToken cancellation);
}
