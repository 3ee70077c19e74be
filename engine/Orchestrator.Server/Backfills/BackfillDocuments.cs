using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Scheduling.Backfills;
using Orchestrator.Storage.Backfills;

namespace Orchestrator.Server.Backfills;

/// <summary>A wish for a plan of runs over logical dates: a range of a schedule's times, or a list of dates.</summary>
public sealed record PlanBackfill
{
    /// <summary>The name of a registered pipeline.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The first date of the range, inclusive: <c>2026-03-01</c>, <c>2026-03-01T02:00</c> in the zone of the pipeline's schedule, or <c>2026-03-01T02:00Z</c>.</summary>
    public string? From { get; init; }

    /// <summary>The end of the range, inclusive; absent: now.</summary>
    public string? To { get; init; }

    /// <summary>Dates in place of a range.</summary>
    public IReadOnlyList<string>? Dates { get; init; }

    /// <summary>Which dates run: those without a run (<c>missing</c>, unless given), those whose newest run failed (<c>failed</c>), or <c>all</c>.</summary>
    public string? Only { get; init; }

    /// <summary>Which date comes first: <c>oldest</c>, unless given, or <c>newest</c>.</summary>
    public string? Order { get; init; }

    /// <summary>How many of its runs go on at once, 1 to 1000; 1 unless given.</summary>
    public int? Parallel { get; init; }

    /// <summary>The schedule whose times and parameters count; absent: the pipeline's first one.</summary>
    public string? Schedule { get; init; }

    /// <summary>Values for parameters, in the place of what the schedule gives, or of defaults.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Params { get; init; }
}

/// <summary>A backfill: a stored plan, and how far it is.</summary>
public sealed record BackfillDocument
{
    public required string Id { get; init; }

    public required string Pipeline { get; init; }

    public required string Project { get; init; }

    /// <summary>The hash of the definition that its runs have, whatever is registered meanwhile.</summary>
    public required string Definition { get; init; }

    /// <summary><c>planned</c>, <c>running</c>, <c>paused</c>, <c>cancelled</c> or <c>done</c>.</summary>
    public required string Status { get; init; }

    public required BackfillSelectionDocument Selection { get; init; }

    /// <summary>Given by whoever planned it.</summary>
    public required JsonElement Params { get; init; }

    /// <summary>How many of its runs go on at once.</summary>
    public required int Parallel { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public required BackfillProgressDocument Progress { get; init; }

    internal static BackfillDocument Of(BackfillInfo backfill, string project, IReadOnlyList<BackfillCount> counts) => new()
    {
        Id = backfill.Id,
        Pipeline = backfill.Pipeline,
        Project = project,
        Definition = backfill.Definition.Value,
        Status = backfill.Status,
        Selection = BackfillSelectionDocument.Of(OrcJson.FromElement<BackfillSelection>(backfill.Selection)),
        Params = backfill.Params,
        Parallel = backfill.Parallel,
        CreatedAt = backfill.CreatedAt,
        CreatedBy = backfill.CreatedBy,
        StartedAt = backfill.StartedAt,
        EndedAt = backfill.EndedAt,
        Progress = BackfillProgressDocument.Of(counts),
    };
}

/// <summary>What a backfill was asked to do.</summary>
public sealed record BackfillSelectionDocument
{
    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    public IReadOnlyList<DateTimeOffset>? Dates { get; init; }

    public required string Only { get; init; }

    public required string Order { get; init; }

    public string? Schedule { get; init; }

    internal static BackfillSelectionDocument Of(BackfillSelection selection) => new()
    {
        From = selection.From, To = selection.To, Dates = selection.Dates.IsDefaultOrEmpty ? null : selection.Dates, Only = selection.Only.ToString().ToLowerInvariant(), Order = selection.Order.ToString().ToLowerInvariant(),
        Schedule = selection.Schedule,
    };
}

/// <summary>How many dates of a backfill are how far.</summary>
public sealed record BackfillProgressDocument
{
    /// <summary>That the plan runs.</summary>
    public required long Planned { get; init; }

    public required long Waiting { get; init; }

    public required long Going { get; init; }

    public required long Succeeded { get; init; }

    /// <summary>Failed, cancelled or skipped.</summary>
    public required long Failed { get; init; }

    /// <summary>That the plan leaves as they are.</summary>
    public required long Left { get; init; }

    internal static BackfillProgressDocument Of(IReadOnlyList<BackfillCount> counts)
    {
        long Count(Func<BackfillCount, bool> of) => counts.Where(of).Sum(one => one.Number);
        return new BackfillProgressDocument
        {
            Planned = Count(one => one.Action == "run"),
            Waiting = Count(one => one is { Action: "run", State: "open" }),
            Going = Count(one => one.State == "going"),
            Succeeded = Count(one => one.State == "succeeded"),
            Failed = Count(one => one.State is not ("open" or "going" or "succeeded")),
            Left = Count(one => one.Action != "run"),
        };
    }
}

/// <summary>A date of a backfill.</summary>
public sealed record BackfillItemDocument
{
    /// <summary>Its place in the order, from 1.</summary>
    public required int Position { get; init; }

    public required DateTimeOffset LogicalDate { get; init; }

    /// <summary>The beginning of the data that the run is for, inclusive; its end is the logical date, exclusive.</summary>
    public required DateTimeOffset DataFrom { get; init; }

    /// <summary><c>run</c> or <c>leave</c>.</summary>
    public required string Plan { get; init; }

    /// <summary>A sentence.</summary>
    public required string Why { get; init; }

    /// <summary>From 1; raised when it is tried again.</summary>
    public required int Attempt { get; init; }

    public string? Run { get; init; }

    /// <summary>How far that run is.</summary>
    public string? RunStatus { get; init; }

    public DateTimeOffset? RunEndedAt { get; init; }

    internal static BackfillItemDocument Of(BackfillItem item) => new()
    {
        Position = item.Position, LogicalDate = item.LogicalDate, DataFrom = item.IntervalStart, Plan = item.Action, Why = item.Why, Attempt = item.Attempt, Run = item.RunId?.Value, RunStatus = item.RunStatus,
        RunEndedAt = item.RunEndedAt,
    };
}

/// <summary>What became of something that was asked of a backfill.</summary>
public sealed record BackfillChangeDocument
{
    public required BackfillDocument Backfill { get; init; }

    /// <summary>How many runs were asked to end, or how many dates are tried again.</summary>
    public int? Affected { get; init; }
}
