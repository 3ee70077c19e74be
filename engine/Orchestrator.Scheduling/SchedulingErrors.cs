using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling;

/// <summary>What the scheduler says to requests that it cannot take. 621x and 624x schedules and triggers, 622x backfills.</summary>
public static class SchedulingErrors
{
    public static ActivityException NoSuchPipeline(string pipeline, IEnumerable<string> known) => new(
        "ORC6210",
        $"no pipeline \"{pipeline}\" is registered in this home",
        help: NearNames.Question(pipeline, known) ?? (known.Any() ? $"Registered are {string.Join(", ", known.Take(8))}." : "None is registered yet."));

    public static ActivityException NoSuchTrigger(string text, IEnumerable<string> known) => new(
        "ORC6211",
        $"there is no trigger \"{text}\"",
        help: NearNames.Question(text, known) ?? (known.Any() ? $"There are {string.Join(", ", known.Take(8))}." : "No registered pipeline has one."));

    public static ActivityException SeveralTriggers(string pipeline, IEnumerable<string> known) => new(
        "ORC6212", $"pipeline \"{pipeline}\" has several triggers", why: "each is paused and resumed by itself", help: $"Name one of {string.Join(", ", known)}.");

    public static ActivityException PausedAlready(TriggerInfo trigger) => new(
        "ORC6213", $"trigger {trigger.Key} is not going on: {trigger.WhyPaused}", help: $"orc schedules resume {trigger.Key}");

    public static ActivityException NotPaused(TriggerInfo trigger) => new(
        "ORC6214",
        trigger.PipelinePausedBy is null ? $"trigger {trigger.Key} is not paused" : $"trigger {trigger.Key} is not paused itself: {trigger.WhyPaused}",
        help: trigger.PipelinePausedBy is null ? null : "Resume its pipeline.");

    public static ActivityException ChangedMeanwhile(TriggerKey key) => new(
        new Failure { Code = "ORC6215", Kind = FailureKind.Infrastructure, Message = $"trigger {key} was changed again and again by others while this was done", Help = "Try again." });

    public static ActivityException NotAsSeen(TriggerInfo trigger) => new(
        "ORC6240", $"trigger {trigger.Key} has changed since it was looked at", why: "it is changed only as it was seen", help: "Look again.");

    internal static ActivityException BadValues(string pipeline, IReadOnlyList<string> problems) => new(
        "ORC6216", $"the parameters of pipeline \"{pipeline}\" are not right: {string.Join("; ", problems)}", help: "Correct the trigger's \"params\", or the parameters.");
}
