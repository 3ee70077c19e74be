using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Schedules;

/// <summary>What a date that somebody gives to a run means: in the time of its pipeline's first schedule, and for the data since the planned time before.</summary>
public static class LogicalDates
{
    /// <summary>False when the text is none of <see cref="LocalInstants.Rule"/>. Without an offset it is a time of the first schedule's zone; UTC when there is none.</summary>
    /// <exception cref="TimeZoneNotFoundException">This machine does not know the zone.</exception>
    public static bool TryParse(PipelineDefinition pipeline, string text, out DateTimeOffset date) =>
        LocalInstants.TryParse(text, FirstOf(pipeline) is { Zone: not "UTC" } timed ? TimeZoneInfo.FindSystemTimeZoneById(timed.Zone) : TimeZoneInfo.Utc, out date);

    /// <summary>The data that a run for this date is for: since the last planned time before it. Without a schedule of no length.</summary>
    /// <exception cref="TimeZoneNotFoundException">This machine does not know the zone.</exception>
    public static DataInterval IntervalOf(PipelineDefinition pipeline, DateTimeOffset date) =>
        FirstOf(pipeline) is { } timed ? IntervalOf(Timetables.Of(timed, pipeline.Calendars).Plan(date)) : new DataInterval { Start = date, End = date };

    public static DataInterval IntervalOf(PlannedTime planned) => new() { Start = planned.From, End = planned.To };

    private static TimeTrigger? FirstOf(PipelineDefinition pipeline) => pipeline.Triggers.OfType<TimeTrigger>().FirstOrDefault();
}
