using Orchestrator.Cli.Composition;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Concurrency;

namespace Orchestrator.Cli.Runs;

/// <summary>Says who is in the way of a run that waits for its concurrency key, and what can be done about it.</summary>
internal static class KeyReport
{
    /// <summary>A run that shares the key and came first.</summary>
    public sealed record Holder
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

    /// <summary>Those before a run, as of now: who goes on, then who waits.</summary>
    public static async Task<IReadOnlyList<Holder>> BeforeAsync(OrcSession session, RunKey key, RunId run, CancellationToken cancellation)
    {
        var before = new List<Holder>();
        foreach (var hold in (await session.Stores.Concurrency.ListAsync(key.Name, cancellation)).TakeWhile(hold => hold.RunId != run))
        {
            if (hold is { Permit: null, LeavingFor: not null })
            {
                // It ends, and stands in nobody's way.
                continue;
            }

            var info = await session.Stores.Runs.FindAsync(hold.RunId, cancellation);
            before.Add(new Holder
            {
                Run = hold.RunId.Value,
                Pipeline = hold.Pipeline,
                Status = hold.Status,
                State = hold.Permit is null ? "waiting" : "holding",
                Since = hold.Since,
                LeavingFor = hold.LeavingFor?.Value,
                Unowned = info is not null && session.IsAbandoned(info) ? true : null,
            });
        }

        return before;
    }

    /// <summary>In one sentence: <c>held by run …, running since …</c>; null when nobody is before it.</summary>
    public static string? Describe(IReadOnlyList<Holder> before)
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
    public static async Task<string?> DescribeAsync(OrcSession session, RunState state, RunId run, CancellationToken cancellation) =>
        state is { Queued.Key: { } key, IsEnded: false } && Describe(await BeforeAsync(session, key, run, cancellation)) is { } held
            ? $"waits for concurrency key \"{key.Word}\", {held}"
            : null;
}
