using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What <c>run</c> is in expressions.</summary>
public static class RunObject
{
    /// <summary>The run itself. What it has no value for is not a member.</summary>
    /// <param name="id">Null: before there is one, where a trigger decides.</param>
    public static JsonElement Of(RunId? id, string pipeline, RunTrigger? trigger) => trigger is null
        ? OrcJson.ToElement(new { id, pipeline })
        : OrcJson.ToElement(new
        {
            id,
            pipeline,
            logicalDate = TextOf(trigger.LogicalDate),
            interval = trigger.Interval is { } interval ? new { start = TextOf(interval.Start), end = TextOf(interval.End) } : null,
            trigger = new { kind = trigger.Kind, name = trigger.Name, @event = trigger.Event, by = trigger.By, backfill = trigger.Backfill },
        });

    /// <summary>An instant as people write it, and as texts that sort by time: <c>2026-03-01T02:00:00Z</c>.</summary>
    private static string? TextOf(DateTimeOffset? instant) => instant?.UtcDateTime.ToString(
        instant.Value.UtcTicks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
