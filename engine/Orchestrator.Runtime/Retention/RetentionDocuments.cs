using Orchestrator.Core.Values;
using Orchestrator.Storage.Retention;

namespace Orchestrator.Runtime.Retention;

/// <summary>A plan as programs read it, from the command line and from the API.</summary>
public sealed record RetentionPlanDocument
{
    public required DateTimeOffset At { get; init; }

    /// <summary>What is set: names of settings and durations.</summary>
    public required IReadOnlyDictionary<string, string> Policy { get; init; }

    /// <summary>How many runs would be removed.</summary>
    public required int RemoveCount { get; init; }

    /// <summary>How many runs are old enough and stay.</summary>
    public required int KeptCount { get; init; }

    /// <summary>Runs that would be removed, the newest first.</summary>
    public required IReadOnlyList<RetentionRunDocument> Remove { get; init; }

    /// <summary>Runs that are old enough, and why they stay.</summary>
    public required IReadOnlyList<RetentionRunDocument> Kept { get; init; }

    /// <summary>Runs that stay without their events.</summary>
    public required IReadOnlyList<string> EventsOf { get; init; }

    /// <summary>Runs that stay without their artifacts.</summary>
    public required IReadOnlyList<string> ArtifactsOf { get; init; }

    public required RetentionAmountDocument Logs { get; init; }

    public required RetentionAmountDocument Artifacts { get; init; }

    /// <summary>Why files that nothing would refer to would stay for now.</summary>
    public string? ArtifactsWait { get; init; }

    public required long Ticks { get; init; }

    public required long Messages { get; init; }

    /// <summary>Backfills that came to their end and would be removed.</summary>
    public required IReadOnlyList<string> Backfills { get; init; }
}

/// <summary>A run of a plan.</summary>
public sealed record RetentionRunDocument
{
    public required string Run { get; init; }

    public required string Pipeline { get; init; }

    public required string Status { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it is kept; not there when it would be removed.</summary>
    public string? Why { get; init; }
}

/// <summary>Files, and their bytes together.</summary>
public sealed record RetentionAmountDocument
{
    public required long Files { get; init; }

    public required long Bytes { get; init; }
}

/// <summary>What applying it came to.</summary>
public sealed record RetentionReportDocument
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Runs that were removed.</summary>
    public required long Runs { get; init; }

    /// <summary>Runs that something began to refer to meanwhile.</summary>
    public required long Spared { get; init; }

    /// <summary>Runs that lost their events and stay.</summary>
    public required long EventsOf { get; init; }

    /// <summary>Runs that lost their artifacts and stay.</summary>
    public required long ArtifactsOf { get; init; }

    public required RetentionAmountDocument Logs { get; init; }

    public required RetentionAmountDocument Artifacts { get; init; }

    /// <summary>Files that nothing refers to and that stay for now.</summary>
    public required RetentionAmountDocument Waiting { get; init; }

    /// <summary>Why they do.</summary>
    public string? ArtifactsWait { get; init; }

    public required long Ticks { get; init; }

    public required long Messages { get; init; }

    public required long Backfills { get; init; }
}

/// <summary>Makes documents of plans.</summary>
public static class RetentionDocuments
{
    /// <param name="plan">The plan.</param>
    /// <param name="most">How many runs each list may have; the counts are of all.</param>
    public static RetentionPlanDocument Of(RetentionPlan plan, int most = int.MaxValue) => new()
    {
        At = plan.At,
        Policy = PolicyOf(plan.Policy),
        RemoveCount = plan.Runs.Remove.Count,
        KeptCount = plan.Runs.Kept.Count,
        Remove = [.. plan.Runs.Remove.Take(most).Select(run => RunOf(run, null))],
        Kept = [.. plan.Runs.Kept.Take(most).Select(kept => RunOf(kept.Run, kept.Why))],
        EventsOf = [.. plan.Runs.EventsOf.Take(most).Select(run => run.Id.Value)],
        ArtifactsOf = [.. plan.Runs.ArtifactsOf.Take(most).Select(run => run.Id.Value)],
        Logs = AmountOf(plan.Logs),
        Artifacts = AmountOf(plan.Artifacts),
        ArtifactsWait = plan.ArtifactsWait,
        Ticks = plan.Ticks,
        Messages = plan.Messages,
        Backfills = [.. plan.Backfills.Take(most)],
    };

    public static RetentionReportDocument Of(RetentionReport report) => new()
    {
        At = report.At,
        Runs = report.Runs,
        Spared = report.Spared,
        EventsOf = report.EventsOf,
        ArtifactsOf = report.ArtifactsOf,
        Logs = AmountOf(report.Logs),
        Artifacts = AmountOf(report.Artifacts),
        Waiting = AmountOf(report.Waiting),
        ArtifactsWait = report.ArtifactsWait,
        Ticks = report.Ticks,
        Messages = report.Messages,
        Backfills = report.Backfills,
    };

    /// <summary>What is set, by the names that it is set with.</summary>
    public static IReadOnlyDictionary<string, string> PolicyOf(RetentionPolicy policy) => new (string Name, TimeSpan? Age)[]
    {
        ("runs", policy.Runs), ("failed-runs", policy.FailedRuns), ("logs", policy.Logs), ("artifacts", policy.Artifacts), ("events", policy.Events), ("ticks", policy.Ticks), ("every", policy.Every),
    }.Where(one => one.Age is not null).ToDictionary(one => one.Name, one => Durations.Format(one.Age ?? default));

    private static RetentionRunDocument RunOf(RunHead run, string? why) => new() { Run = run.Id.Value, Pipeline = run.Pipeline, Status = run.Status, EndedAt = run.EndedAt, Why = why };

    private static RetentionAmountDocument AmountOf(Amount amount) => new() { Files = amount.Files, Bytes = amount.Bytes };
}
