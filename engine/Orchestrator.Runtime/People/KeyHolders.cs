using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Concurrency;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.People;

/// <summary>A run that shares a concurrency key and came first.</summary>
public sealed record KeyHolder
{
    public required string Run { get; init; }

    public required string Pipeline { get; init; }

    public required string Status { get; init; }

    /// <summary><c>holding</c>, or <c>waiting</c> before this one.</summary>
    public required string State { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>The newer run in whose favour it was asked to end.</summary>
    public string? LeavingFor { get; init; }

    /// <summary>True: no process works on it, so it ends only when somebody resumes or cancels it.</summary>
    public bool? Unowned { get; init; }
}

/// <summary>Says who is in the way of a run that waits for its concurrency key, and what can be done about it.</summary>
public sealed class KeyHolders(IRunStore runs, IConcurrencyStore keys, TimeProvider time)
{
    /// <summary>Those before a run, as of now: who goes on, then who waits.</summary>
    public async Task<IReadOnlyList<KeyHolder>> BeforeAsync(RunKey key, RunId run, CancellationToken cancellation)
    {
        var before = new List<KeyHolder>();
        foreach (var hold in (await keys.ListAsync(key.Name, cancellation)).TakeWhile(hold => hold.RunId != run))
        {
            if (hold is { Permit: null, LeavingFor: not null })
            {
                // It ends, and stands in nobody's way.
                continue;
            }

            var info = await runs.FindAsync(hold.RunId, cancellation);
            before.Add(new KeyHolder
            {
                Run = hold.RunId.Value,
                Pipeline = hold.Pipeline,
                Status = hold.Status,
                State = hold.Permit is null ? "waiting" : "holding",
                Since = hold.Since,
                LeavingFor = hold.LeavingFor?.Value,
                Unowned = info is not null && RunDesk.IsAbandoned(info, time.GetUtcNow()) ? true : null,
            });
        }

        return before;
    }

    /// <summary>In one sentence: <c>held by run …, running since …</c>; null when nobody is before it.</summary>
    public static string? Describe(IReadOnlyList<KeyHolder> before)
    {
        const int shown = 3;
        var holders = before.Where(one => one.State == "holding").ToArray();
        var waiting = before.Count - holders.Length;
        var parts = holders.Take(shown).Select(one => $"run {one.Run} of {one.Pipeline}, {one.Status} since {one.Since:u}{(one.LeavingFor is null ? "" : ", asked to end")}{(one.Unowned is true ? $", and no process works on it: orc run --resume {one.Run}, or orc cancel {one.Run}" : "")}").ToArray();
        var held = parts.Length == 0 ? null : $"held by {string.Join("; ", parts)}{(holders.Length > shown ? $"; and {holders.Length - shown} more" : "")}";
        var behind = waiting == 0 ? null : $"{waiting} before it {(waiting == 1 ? "waits" : "wait")}";
        return held is null && behind is null ? null : string.Join("; ", new[] { held, behind }.OfType<string>());
    }

    /// <summary>The sentence for a run that waits; null when it does not.</summary>
    public async Task<string?> DescribeAsync(RunState state, RunId run, CancellationToken cancellation) =>
        state is { Queued.Key: { } key, IsEnded: false } && Describe(await BeforeAsync(key, run, cancellation)) is { } held
            ? $"waits for concurrency key \"{key.Word}\", {held}"
            : null;
}
