using Orchestrator.Core.Schedules;
using Orchestrator.Storage.Backfills;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling.Backfills;

/// <summary>Says what a backfill would do with each of its dates. Pure.</summary>
internal static class BackfillPlan
{
    /// <summary>More than this is a mistake in a year more often than a wish.</summary>
    public const int MostItems = 10_000;

    public const string Run = "run";
    public const string Leave = "leave";

    /// <param name="planned">The dates, each once.</param>
    /// <param name="newest">Of each date the newest run, where there is one.</param>
    /// <param name="selection">What was asked for.</param>
    public static IReadOnlyList<BackfillItem> Make(IEnumerable<PlannedTime> planned, IReadOnlyDictionary<DateTimeOffset, RunDate> newest, BackfillSelection selection)
    {
        var inOrder = selection.Order == BackfillOrder.Newest ? planned.OrderByDescending(time => time.LogicalDate) : planned.OrderBy(time => time.LogicalDate);
        return
        [
            .. inOrder.Select((time, i) =>
            {
                var (runs, why) = Decide(newest.GetValueOrDefault(time.LogicalDate), selection.Only);
                return new BackfillItem { Position = i + 1, LogicalDate = time.LogicalDate, IntervalStart = time.From, Action = runs ? Run : Leave, Why = why };
            }),
        ];
    }

    private static (bool Runs, string Why) Decide(RunDate? newest, BackfillOnly only) => newest switch
    {
        null => (only != BackfillOnly.Failed, "no run yet"),
        { EndedAt: null } => (false, $"run {newest.RunId} goes on"),
        // Never started, because of others: as if there were none.
        { Status: "skipped" } => (only != BackfillOnly.Failed, $"run {newest.RunId} was skipped"),
        { Status: "succeeded" } => (only == BackfillOnly.All, $"run {newest.RunId} succeeded"),
        _ => (only != BackfillOnly.Missing, $"run {newest.RunId} {newest.Status}"),
    };
}
