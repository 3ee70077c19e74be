using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Runs;

/// <summary>A wish to drive a run.</summary>
public sealed record RunClaim
{
    public required RunId Run { get; init; }

    public required RunOwner Owner { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required DateTimeOffset LeaseUntil { get; init; }

    /// <summary>Owners that are known to be gone: their leases count for nothing.</summary>
    public IReadOnlyCollection<string> DeadOwners { get; init; } = [];
}

/// <summary>What became of a claim.</summary>
public enum ClaimOutcome
{
    Unknown = 0,
    Claimed,

    /// <summary>An owner holds a lease that has not expired; possibly the claimer itself.</summary>
    Held,

    /// <summary>The run has ended.</summary>
    Finished,
    NotFound,
}

/// <summary>The answer to a claim.</summary>
public sealed record ClaimResult
{
    public required ClaimOutcome Outcome { get; init; }

    /// <summary>The row after the claim; null when there is no such run. Its epoch is the one to commit under.</summary>
    public RunInfo? Run { get; init; }
}

/// <summary>A run that an owner still holds.</summary>
public sealed record HeldRun
{
    public required RunId Id { get; init; }

    public required long Epoch { get; init; }
}
