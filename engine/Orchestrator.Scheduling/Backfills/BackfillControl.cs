using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Values;
using Orchestrator.Scheduling.Ticks;
using Orchestrator.Storage;
using Orchestrator.Storage.Backfills;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Scheduling.Backfills;

/// <summary>A wish for a plan.</summary>
public sealed record BackfillWish
{
    public required PipelineDefinition Pipeline { get; init; }

    public required StoredDefinition Definition { get; init; }

    public required string BaseDirectory { get; init; }

    public required BackfillSelection Selection { get; init; }

    /// <summary>In the place of what the schedule gives, or of defaults.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = TaskDefinition.EmptyWith;

    /// <summary>How many of its runs go on at once, ≥ 1.</summary>
    public int Parallel { get; init; } = 1;

    public required string By { get; init; }
}

/// <summary>Plans backfills, and hears what people ask of them.</summary>
public sealed class BackfillControl(EngineStores stores, TimeProvider time)
{
    private const int MostParallel = 1000;

    /// <summary>Makes and stores a plan. Nothing of it is run before <see cref="RunAsync"/>.</summary>
    /// <exception cref="ActivityException">Something in the wish makes no sense (ORC6221 to ORC6226).</exception>
    public Task<(BackfillInfo Backfill, IReadOnlyList<BackfillItem> Items)> PlanAsync(BackfillWish wish, CancellationToken cancellation) => PlanAsync(wish, null, cancellation);

    /// <summary>The same, with something else written in the transaction that stores the plan.</summary>
    /// <inheritdoc cref="PlanAsync(BackfillWish, CancellationToken)"/>
    public async Task<(BackfillInfo Backfill, IReadOnlyList<BackfillItem> Items)> PlanAsync(
        BackfillWish wish, Func<BackfillInfo, IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (wish.Parallel is < 1 or > MostParallel)
        {
            throw BackfillErrors.BadParallel(wish.Parallel, MostParallel);
        }

        var schedule = ScheduleOf(wish.Pipeline, wish.Selection.Schedule);
        var planned = DatesOf(wish, schedule, now);
        var earlier = await stores.Triggers.ListRunDatesAsync(wish.Pipeline.Name, planned[0].LogicalDate, planned[^1].LogicalDate, cancellation);
        var items = BackfillPlan.Make(planned, earlier.ToDictionary(one => one.LogicalDate), wish.Selection);
        var backfill = new BackfillInfo
        {
            Id = Ids.New(time),
            Pipeline = wish.Pipeline.Name,
            Definition = wish.Definition.Hash,
            BaseDirectory = wish.BaseDirectory,
            Params = OrcJson.ToElement(wish.Params),
            Selection = OrcJson.ToElement(wish.Selection with { To = wish.Selection.Dates.IsEmpty ? wish.Selection.To ?? now : null }),
            Parallel = wish.Parallel,
            Status = BackfillStatuses.Planned,
            CreatedAt = now,
            CreatedBy = wish.By,
        };
        // What every run would fail with is said now, and not by the first of a hundred.
        _ = ParamsOf(wish.Pipeline, backfill, items[0]);
        await stores.Runs.AddDefinitionAsync(wish.Definition, cancellation);
        await stores.Backfills.AddAsync(backfill, items, also is null ? null : (session, token) => also(backfill, session, token), cancellation);
        return (backfill, items);
    }

    /// <summary>By its id, or its first characters.</summary>
    /// <exception cref="ActivityException">There is none (ORC6220), or several.</exception>
    public async Task<BackfillInfo> FindAsync(string text, CancellationToken cancellation) => text.Length == 0 ? throw BackfillErrors.NoSuchBackfill(text) :
        await stores.Backfills.FindByPrefixAsync(text.ToUpperInvariant(), cancellation) switch
        {
            [var only] => only,
            [] => throw BackfillErrors.NoSuchBackfill(text),
            var several => throw BackfillErrors.SeveralBackfills(text, several.Select(one => one.Id)),
        };

    /// <summary>Lets exactly the stored plan run, from where it is.</summary>
    /// <exception cref="ActivityException">It was cancelled, or is done (ORC6227).</exception>
    public Task RunAsync(BackfillInfo backfill, CancellationToken cancellation) => RunAsync(backfill, null, cancellation);

    /// <summary>The same, with something else written in its transaction.</summary>
    public async Task RunAsync(BackfillInfo backfill, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation)
    {
        if (!await stores.Backfills.SetStatusAsync(
            backfill.Id, BackfillStatuses.Running, [BackfillStatuses.Planned, BackfillStatuses.Paused, BackfillStatuses.Running], time.GetUtcNow(), also, cancellation))
        {
            throw BackfillErrors.NotNow(backfill, "run");
        }
    }

    /// <summary>Runs that go on go on; no more are started.</summary>
    /// <exception cref="ActivityException">It does not run (ORC6227).</exception>
    public Task PauseAsync(BackfillInfo backfill, CancellationToken cancellation) => PauseAsync(backfill, null, cancellation);

    /// <summary>The same, with something else written in its transaction.</summary>
    public async Task PauseAsync(BackfillInfo backfill, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation)
    {
        if (!await stores.Backfills.SetStatusAsync(backfill.Id, BackfillStatuses.Paused, [BackfillStatuses.Running], time.GetUtcNow(), also, cancellation))
        {
            throw BackfillErrors.NotNow(backfill, "be paused");
        }
    }

    /// <summary>Starts no more, for good, and asks its runs that go on to cancel.</summary>
    /// <returns>How many were asked.</returns>
    /// <exception cref="ActivityException">It has ended (ORC6227).</exception>
    public Task<int> CancelAsync(BackfillInfo backfill, string by, CancellationToken cancellation) => CancelAsync(backfill, by, null, cancellation);

    /// <summary>The same, with something else written in its transaction.</summary>
    public async Task<int> CancelAsync(BackfillInfo backfill, string by, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation)
    {
        if (!await stores.Backfills.SetStatusAsync(
            backfill.Id, BackfillStatuses.Cancelled, [BackfillStatuses.Planned, BackfillStatuses.Paused, BackfillStatuses.Running], time.GetUtcNow(), also, cancellation))
        {
            throw BackfillErrors.NotNow(backfill, "be cancelled");
        }

        var going = await stores.Backfills.ListUnfinishedAsync(backfill.Id, cancellation);
        foreach (var run in going)
        {
            await stores.Runs.AddRequestAsync(
                new RunRequest { Id = Ids.New(time), RunId = run, Kind = "cancel", By = by, At = time.GetUtcNow(), Payload = OrcJson.ToElement($"backfill {backfill.Id} was cancelled") }, cancellation);
        }

        return going.Count;
    }

    /// <summary>Gives dates whose runs failed or were cancelled a run each again.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="ActivityException">There are none, or it was cancelled (ORC6227).</exception>
    public Task<int> RetryAsync(BackfillInfo backfill, CancellationToken cancellation) => RetryAsync(backfill, null, cancellation);

    /// <summary>The same, with something else written in its transaction.</summary>
    public async Task<int> RetryAsync(BackfillInfo backfill, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation)
    {
        var again = backfill.Status is BackfillStatuses.Done or BackfillStatuses.Running or BackfillStatuses.Paused ? await stores.Backfills.RetryAsync(backfill.Id, also, cancellation) : 0;
        return again > 0 ? again : throw BackfillErrors.NothingToRetry(backfill);
    }

    /// <summary>What a run of an item starts with.</summary>
    internal static (RunTrigger Trigger, ImmutableSortedDictionary<string, JsonElement> Params) ParamsOf(PipelineDefinition pipeline, BackfillInfo backfill, BackfillItem item)
    {
        var schedule = ScheduleOf(pipeline, OrcJson.FromElement<BackfillSelection>(backfill.Selection).Schedule);
        var cause = new RunTrigger
        {
            Kind = TriggerKind.Backfill,
            Name = schedule?.Name,
            LogicalDate = item.LogicalDate,
            Interval = new DataInterval { Start = item.IntervalStart, End = item.LogicalDate },
            By = backfill.CreatedBy,
            Backfill = backfill.Id,
        };
        var given = (schedule?.Trigger.Params ?? TaskDefinition.EmptyWith).SetItems(backfill.Params.EnumerateObject().Select(one => KeyValuePair.Create(one.Name, one.Value)));
        return (cause, TickStarter.ParamsOf(pipeline, given, cause));
    }

    private static (string Name, TimeTrigger Trigger)? ScheduleOf(PipelineDefinition pipeline, string? name)
    {
        var schedules = TriggerNames.Of(pipeline).Where(one => one.Trigger is TimeTrigger).Select(one => (one.Name, Trigger: (TimeTrigger)one.Trigger)).ToArray();
        return name is null ? schedules.Length > 0 ? schedules[0] : null
            : schedules.Any(one => one.Name == name) ? schedules.First(one => one.Name == name)
            : throw BackfillErrors.NoSuchSchedule(pipeline.Name, name, schedules.Select(one => one.Name));
    }

    /// <summary>In rising order, each once, at least one.</summary>
    private static List<PlannedTime> DatesOf(BackfillWish wish, (string Name, TimeTrigger Trigger)? schedule, DateTimeOffset now)
    {
        var selection = wish.Selection;
        var timetable = schedule is { } timed ? Timetables.Of(timed.Trigger, wish.Pipeline.Calendars) : null;
        if (!selection.Dates.IsEmpty)
        {
            return [.. selection.Dates.Distinct().Order().Select(date => timetable?.Plan(date) ?? new PlannedTime(date.ToUniversalTime(), date.ToUniversalTime()))];
        }

        if (selection.From is not { } from)
        {
            throw BackfillErrors.NoDates();
        }

        if (timetable is null)
        {
            throw BackfillErrors.NoSchedule(wish.Pipeline.Name);
        }

        var to = selection.To ?? now;
        var times = timetable.After(from.AddTicks(-1)).TakeWhile(time => time <= to).Take(BackfillPlan.MostItems + 1).ToList();
        return times.Count switch
        {
            0 => throw BackfillErrors.NothingInRange(wish.Pipeline.Name, from, to),
            > BackfillPlan.MostItems => throw BackfillErrors.TooMany(wish.Pipeline.Name, BackfillPlan.MostItems, times[BackfillPlan.MostItems - 1]),
            _ => [.. times.Select(timetable.Plan)],
        };
    }
}
