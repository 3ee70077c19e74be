using System.Globalization;
using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Storage.Backfills;

namespace Orchestrator.Cli.Backfills;

/// <summary>Backfills for people and programs.</summary>
internal static class BackfillReport
{
    public static BackfillDocument Of(BackfillInfo backfill, IReadOnlyList<BackfillItem> items) => new()
    {
        Id = backfill.Id,
        Pipeline = backfill.Pipeline,
        Definition = backfill.Definition.Value,
        Status = backfill.Status,
        Selection = backfill.Selection,
        Params = backfill.Params,
        Parallel = backfill.Parallel,
        CreatedAt = backfill.CreatedAt,
        CreatedBy = backfill.CreatedBy,
        EndedAt = backfill.EndedAt,
        Progress = new BackfillProgress
        {
            Planned = items.Count(item => item.Action == "run"),
            Waiting = items.Count(item => item.Action == "run" && item.RunId is null),
            Going = items.Count(item => item.RunId is not null && item.RunEndedAt is null),
            Succeeded = items.Count(item => item.RunStatus == "succeeded"),
            Failed = items.Count(item => item.RunEndedAt is not null && item.RunStatus != "succeeded"),
            Left = items.Count(item => item.Action != "run"),
        },
        Items = items,
    };

    public static int Show(Globals globals, BackfillInfo backfill, IReadOnlyList<BackfillItem> items)
    {
        var document = Of(backfill, items);
        if (globals.Json)
        {
            return Print.Json(globals, document);
        }

        Print.Pairs(
            globals,
            ("backfill", backfill.Id),
            ("pipeline", $"{backfill.Pipeline} (definition {backfill.Definition.Short})"),
            ("status", backfill.Status),
            ("at once", backfill.Parallel.ToString(CultureInfo.InvariantCulture)),
            ("parameters", backfill.Params.EnumerateObject().Any() ? string.Join(", ", backfill.Params.EnumerateObject().Select(one => $"{one.Name}={one.Value.GetRawText()}")) : null),
            ("progress", Words(document.Progress)));
        globals.Console.Out.WriteLine();
        Print.Table(globals, ["FOR", "DATA FROM", "PLAN", "RUN", "STATUS", "WHY"], items.Select(item => new[]
        {
            Instant(item.LogicalDate), Instant(item.IntervalStart), item.Action, item.RunId?.Value ?? "", item.RunStatus ?? "", item.Attempt > 1 ? $"{item.Why}; try {item.Attempt}" : item.Why,
        }));
        if (backfill.Status is BackfillStatuses.Planned or BackfillStatuses.Paused)
        {
            globals.Console.Out.WriteLine($"\nrun it with: orc backfill run {backfill.Id}");
        }

        return ExitCodes.Done;
    }

    public static int List(Globals globals, IReadOnlyList<BackfillDocument> rows)
    {
        if (rows.Count == 0)
        {
            globals.Console.Out.WriteLine("there is no backfill yet; plan one with: orc backfill plan PIPELINE --from T");
            return ExitCodes.Done;
        }

        Print.Table(globals, ["BACKFILL", "PIPELINE", "STATUS", "PROGRESS"], rows.Select(row => new[] { row.Id, row.Pipeline, row.Status, Words(row.Progress) }));
        return ExitCodes.Done;
    }

    public static string Words(BackfillProgress progress) => string.Join(", ", new[]
    {
        $"{progress.Succeeded} of {progress.Planned} succeeded",
        progress.Failed > 0 ? $"{progress.Failed} failed" : null,
        progress.Going > 0 ? $"{progress.Going} going on" : null,
        progress.Waiting > 0 ? $"{progress.Waiting} to come" : null,
        progress.Left > 0 ? $"{progress.Left} left as they are" : null,
    }.OfType<string>());

    private static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>A backfill in the form that <c>--json</c> gives it.</summary>
internal sealed record BackfillDocument
{
    public required string Id { get; init; }

    public required string Pipeline { get; init; }

    public required string Definition { get; init; }

    public required string Status { get; init; }

    public required JsonElement Selection { get; init; }

    public required JsonElement Params { get; init; }

    public required int Parallel { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public required BackfillProgress Progress { get; init; }

    /// <summary>The dates, in the order in which they are run; absent in lists.</summary>
    public IReadOnlyList<BackfillItem>? Items { get; init; }
}

/// <summary>How many dates of a backfill are how far.</summary>
internal sealed record BackfillProgress
{
    /// <summary>That the plan runs.</summary>
    public required int Planned { get; init; }

    public required int Waiting { get; init; }

    public required int Going { get; init; }

    public required int Succeeded { get; init; }

    /// <summary>Failed, cancelled or skipped.</summary>
    public required int Failed { get; init; }

    /// <summary>That the plan leaves as they are.</summary>
    public required int Left { get; init; }
}
