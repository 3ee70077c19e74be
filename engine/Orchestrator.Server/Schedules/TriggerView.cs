using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules;
using Orchestrator.Dsl;
using Orchestrator.Scheduling;
using Orchestrator.Scheduling.Triggers;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Server.Schedules;

/// <summary>Makes documents of triggers.</summary>
internal sealed class TriggerView(TriggerAccess access, TriggerControl control, ServerParts parts)
{
    public Task<SeenTrigger> FindAsync(Caller caller, string? kind, TriggerKey key, CancellationToken cancellation) => access.FindAsync(caller, kind, key, Permission.Read, cancellation);

    public async Task<Page<TriggerDocument>> PageAsync(Caller caller, TriggerFilter filter, int most, CancellationToken cancellation)
    {
        var documents = new List<TriggerDocument>();
        foreach (var seen in await access.ListAsync(caller, filter, cancellation))
        {
            documents.Add(await DocumentAsync(seen, cancellation));
        }

        return Page<TriggerDocument>.Of(documents, most, one => one.Trigger, one => one);
    }

    public async Task<TriggerDocument> DocumentAsync(SeenTrigger seen, CancellationToken cancellation)
    {
        var trigger = seen.Info;
        var words = (await control.DescribeAsync(trigger, cancellation))?.Trigger;
        return new TriggerDocument
        {
            Trigger = trigger.Key.ToString(),
            Pipeline = trigger.Pipeline,
            Name = trigger.Name,
            Project = seen.Project,
            Kind = trigger.Kind,
            For = words is null ? trigger.Kind : TriggerWords.WithZone(words),
            Definition = trigger.Definition.Value,
            NextAt = trigger.IsPaused || words is not TimeTrigger ? null : await FirstAsync(trigger, cancellation),
            Paused = trigger.IsPaused,
            WhyPaused = trigger.WhyPaused,
            PausedAt = trigger.PausedAt ?? trigger.PipelinePausedAt,
            Missed = trigger.Missed,
        };
    }

    public async Task<TriggerDocument> ShowAsync(SeenTrigger seen, int ticks, int times, CancellationToken cancellation)
    {
        var trigger = seen.Info;
        var words = (await control.DescribeAsync(trigger, cancellation))?.Trigger;
        return await DocumentAsync(seen, cancellation) with
        {
            Json = words is null ? null : JsonElement.Parse(DefinitionWriter.ToJson(words).ToJsonString()),
            Ticks = (await parts.Stores.Triggers.CountTicksAsync(trigger.Key, cancellation)).ToDictionary(one => one.Decision, one => one.Number),
            Last = [.. (await parts.Stores.Triggers.ListTicksAsync(trigger.Key, null, ticks, cancellation)).Select(TickDocument.Of)],
            Next = words is TimeTrigger ? await TimesOrNoneAsync(trigger, times, cancellation) : null,
        };
    }

    /// <summary>The next times of a schedule.</summary>
    /// <exception cref="ProblemException">This machine does not know its time zone (ORC6044).</exception>
    public async Task<IReadOnlyList<PlannedTimeDocument>> NextAsync(TriggerInfo trigger, DateTimeOffset after, int count, CancellationToken cancellation)
    {
        if (await control.DescribeAsync(trigger, cancellation) is not ({ } pipeline, TimeTrigger timed))
        {
            return [];
        }

        try
        {
            var zone = timed.Zone == "UTC" ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(timed.Zone);
            var timetable = Timetables.Of(timed, pipeline.Calendars);
            return [.. timetable.After(after).Take(count).Select(time => PlannedTimeDocument.Of(timetable.Plan(time), zone))];
        }
        catch (TimeZoneNotFoundException)
        {
            throw ServerErrors.UnknownZone(timed.Zone);
        }
    }

    /// <summary>Worked out anew: what the scheduler wrote down is when it looks, which jitter and other ticks change.</summary>
    private async Task<DateTimeOffset?> FirstAsync(TriggerInfo trigger, CancellationToken cancellation) =>
        await TimesOrNoneAsync(trigger, 1, cancellation) is [var first, ..] ? first.LogicalDate : null;

    /// <summary>A zone that this machine does not know must not hide everything else.</summary>
    private async Task<IReadOnlyList<PlannedTimeDocument>> TimesOrNoneAsync(TriggerInfo trigger, int count, CancellationToken cancellation)
    {
        try
        {
            return await NextAsync(trigger, parts.Time.GetUtcNow(), count, cancellation);
        }
        catch (ProblemException unknown) when (unknown.Problem.Code == ServerErrors.UnknownZone("").Problem.Code)
        {
            return [];
        }
    }
}
