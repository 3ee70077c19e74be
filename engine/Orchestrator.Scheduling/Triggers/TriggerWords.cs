using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Scheduling.Triggers;

/// <summary>Triggers in words for people.</summary>
public static class TriggerWords
{
    public static string Of(TriggerDefinition trigger) => trigger switch
    {
        ScheduleTrigger cron => cron.Schedule,
        IntervalTrigger interval => $"every {Durations.Format(interval.Every)}",
        WorkingDayTrigger { Day: { } day } days => $"working day {day} of the month at {string.Join(", ", days.At)}",
        WorkingDayTrigger days => $"each working day at {string.Join(", ", days.At)}",
        DatasetTrigger dataset => $"dataset {dataset.Dataset}",
        ModelTrigger model => $"models:/{model.Model}@{model.Alias}",
        PipelineTrigger pipeline => $"pipeline {pipeline.Pipeline} {pipeline.Outcome.ToString().ToLowerInvariant()}",
        AlertTrigger alert => $"alert {alert.Alert}{(alert.Subject is { } subject ? $" about {subject}" : "")}{(alert.Severity > AlertSeverity.Info ? $", {alert.Severity.ToString().ToLowerInvariant()} or worse" : "")}",
        FileTrigger file => $"file {file.File}",
        WebhookTrigger hook => $"/hooks/{hook.Webhook}",
        CombinedTrigger combined => $"{(combined.All ? "all" : "any")} of {string.Join(", ", combined.Of.Select(Of))}",
        _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, "not a trigger"),
    };

    /// <summary>With the zone of a schedule that is not of UTC.</summary>
    public static string WithZone(TriggerDefinition trigger) => trigger is TimeTrigger { Zone: not "UTC" } timed ? $"{Of(trigger)}, {timed.Zone}" : Of(trigger);
}
