using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Concurrency;

/// <summary>Who shares a concurrency key. Runs enter in the commit that accepts them, get a permit in their own commits, and leave in the one that ends them.</summary>
public interface IConcurrencyStore
{
    /// <summary>All that share a key: those that go on, then those that wait, each in the order they came.</summary>
    Task<IReadOnlyList<KeyHold>> ListAsync(string key, CancellationToken cancellation);

    /// <summary>Waiting runs of an owner that would get a permit now.</summary>
    Task<IReadOnlyList<RunId>> ListAdmissibleAsync(string owner, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Runs that were asked to end in favour of a run of this owner, and that no process works on.</summary>
    Task<IReadOnlyList<RunId>> ListDisplacedAsync(string owner, DateTimeOffset now, IReadOnlyCollection<string> deadOwners, CancellationToken cancellation);
}

/// <summary>An unfinished run that shares a key.</summary>
public sealed record KeyHold
{
    public required RunId RunId { get; init; }

    public required string Name { get; init; }

    /// <summary>How many may go on at once, as this run's definition says.</summary>
    public required int Limit { get; init; }

    /// <summary>Null: it waits.</summary>
    public int? Permit { get; init; }

    /// <summary>The newer run in whose favour this one was asked to end.</summary>
    public RunId? LeavingFor { get; init; }

    /// <summary>Since when it goes on, or waits.</summary>
    public required DateTimeOffset Since { get; init; }

    public required string Pipeline { get; init; }

    /// <summary>The run's status: one that holds a permit may be paused.</summary>
    public required string Status { get; init; }
}

/// <summary>A wish for a permit.</summary>
public sealed record PermitRequest
{
    public required string Key { get; init; }

    /// <summary>How many may have one at once, ≥ 1.</summary>
    public required int Limit { get; init; }

    /// <summary>True: beside the others, however many they are.</summary>
    public bool Unbounded { get; init; }
}

/// <summary>Which of the others a new run asks to end.</summary>
public enum Displaced
{
    Unknown = 0,
    Nobody,

    /// <summary>Those that wait.</summary>
    Waiting,

    /// <summary>The oldest, until there is room for the new one; whether they go on or wait.</summary>
    Oldest,
}

/// <summary>The key under which a run is accepted. It gets a permit in the same commit when there is one; otherwise it is stored as one that waits.</summary>
public sealed record KeyEntry
{
    public required PermitRequest Permit { get; init; }

    /// <summary>The run's status when it must wait.</summary>
    public required string QueuedStatus { get; init; }

    /// <summary>Its events when it must wait, in the place of those of one that goes on.</summary>
    public required IReadOnlyList<Runs.NewEvent> QueuedEvents { get; init; }

    /// <summary>Whom it asks to end when it must wait.</summary>
    public Displaced Displaces { get; init; } = Displaced.Nobody;

    /// <summary>What they are asked; the requests' identifiers begin with this one's. Required with <see cref="Displaces"/>.</summary>
    public Runs.RunRequest? Request { get; init; }
}
