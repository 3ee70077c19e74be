using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Concurrency;

namespace Orchestrator.Runtime.People;

/// <summary>What the concurrency key of a run would mean for it and for others, were it started now. The database decides when it is; this only looks.</summary>
public sealed record KeyPlan
{
    /// <summary>Of a run that would get its key at once.</summary>
    public const string Start = "start";

    public required string Key { get; init; }

    public required int Limit { get; init; }

    /// <summary><c>start</c>, <c>wait</c>, <c>skip</c> (not start at all), <c>replace</c> (wait in the place of those that wait) or <c>displace</c> (wait until others have made room).</summary>
    public required string Would { get; init; }

    /// <summary>Who goes on with the key, then who waits for it.</summary>
    public required IReadOnlyList<KeyHolder> Before { get; init; }

    /// <summary>Who would be cancelled in favour of the run.</summary>
    public IReadOnlyList<string> Cancelled { get; init; } = [];

    /// <summary>In one sentence.</summary>
    public required string Message { get; init; }

    /// <param name="keys">Who has which key.</param>
    /// <param name="holders">Says who came first.</param>
    /// <param name="key">The run's key.</param>
    /// <param name="run">An id that no run has.</param>
    /// <param name="cancellation">Stops the look.</param>
    public static async Task<KeyPlan> OfAsync(IConcurrencyStore keys, KeyHolders holders, RunKey key, RunId run, CancellationToken cancellation)
    {
        var holds = await keys.ListAsync(key.Name, cancellation);
        var before = await holders.BeforeAsync(key, run, cancellation);
        var goingOn = holds.Count(hold => hold.Permit is not null);
        // Who waits and could not go on itself is passed.
        var first = before.Any(one => one is { State: "waiting", Status: "queued", Unowned: null });
        var free = key.Overlap == Overlap.Allow || (goingOn < key.Limit && !first);
        var cancelled = free ? [] : DisplacedBy(key, holds);
        var (would, then) = free ? (Start, "this run would start at once") : key.Overlap switch
        {
            Overlap.Skip => ("skip", "this run would not be started (overlap: skip)"),
            Overlap.QueueOne when cancelled.Count > 0 => ("replace", $"this run would wait, and {Runs(cancelled)} that {(cancelled.Count == 1 ? "waits" : "wait")} would be cancelled"),
            Overlap.CancelOther when cancelled.Count > 0 => ("displace", $"{Runs(cancelled)} would be asked to cancel, and this run would start then"),
            Overlap.TerminateOther when cancelled.Count > 0 => ("displace", $"{Runs(cancelled)} would be ended at once, and this run would start then"),
            _ => ("wait", "this run would wait its turn"),
        };
        return new KeyPlan
        {
            Key = key.Word,
            Limit = key.Limit,
            Would = would,
            Before = before,
            Cancelled = [.. cancelled.Select(one => one.Value)],
            Message = $"concurrency key \"{key.Word}\" {(KeyHolders.Describe(before) is { } held ? $"(limit {key.Limit}): {held}" : "is free")}; {then}",
        };
    }

    /// <summary>Ids are in the order in which runs came.</summary>
    private static IReadOnlyList<RunId> DisplacedBy(RunKey key, IReadOnlyList<KeyHold> holds)
    {
        var staying = holds.Where(hold => hold.LeavingFor is null).OrderBy(hold => hold.RunId.Value, StringComparer.Ordinal).ToArray();
        return key.Overlap switch
        {
            Overlap.QueueOne => [.. staying.Where(hold => hold.Permit is null).Select(hold => hold.RunId)],
            Overlap.CancelOther or Overlap.TerminateOther => [.. staying.SkipLast(key.Limit - 1).Select(hold => hold.RunId)],
            _ => [],
        };
    }

    private static string Runs(IReadOnlyList<RunId> runs) => $"run{(runs.Count == 1 ? "" : "s")} {string.Join(", ", runs.Take(3))}{(runs.Count > 3 ? $" and {runs.Count - 3} more" : "")}";
}
