using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Dsl.Expressions;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Alerts;

namespace Orchestrator.Scheduling.Events;

/// <summary>Says whether something that happened is what a trigger waits for.</summary>
internal static class EventFilter
{
    private static readonly ExpressionEvaluator Evaluator = new();

    /// <summary>Null when it is; otherwise why not, as a sentence.</summary>
    public static string? WhyNot(EventTrigger trigger, string pipeline, string? name, JsonElement happened)
    {
        if (trigger is PipelineTrigger { Outcome: not RunOutcome.Any } ended && happened.TryGetProperty("status", out var status) && status.GetString() != WordOf(ended.Outcome))
        {
            return $"run {(happened.TryGetProperty("run", out var run) ? run.GetString() : "")} is {status.GetString()}, and the trigger waits for {WordOf(ended.Outcome)}";
        }

        if (trigger is AlertTrigger alert && WhyNot(alert, happened) is { } other)
        {
            return other;
        }

        if (trigger.When is not { } condition)
        {
            return null;
        }

        try
        {
            return Evaluator.EvaluateCondition(condition, ScopeOf(pipeline, new RunTrigger { Kind = KindOf(trigger), Name = name, Event = happened })) ? null : $"\"when\" is false: {condition}";
        }
        catch (ActivityException failed)
        {
            return $"\"when\" could not be worked out: {failed.Failure.Code}: {failed.Failure.Message}";
        }
    }

    /// <summary>What the expressions of a trigger see.</summary>
    public static ExpressionScope ScopeOf(string pipeline, RunTrigger trigger) => new() { Run = RunObject.Of(null, pipeline, trigger) };

    public static TriggerKind KindOf(TriggerDefinition trigger) => trigger switch
    {
        TimeTrigger => TriggerKind.Schedule,
        DatasetTrigger => TriggerKind.Dataset,
        ModelTrigger => TriggerKind.Model,
        PipelineTrigger => TriggerKind.Pipeline,
        AlertTrigger => TriggerKind.Alert,
        FileTrigger => TriggerKind.File,
        WebhookTrigger => TriggerKind.Webhook,
        CombinedTrigger => TriggerKind.Combination,
        _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, "not a trigger"),
    };

    private static string? WhyNot(AlertTrigger trigger, JsonElement happened)
    {
        var severity = happened.TryGetProperty("severity", out var given) ? given.GetString() ?? "" : "";
        var subject = happened.TryGetProperty("subject", out var about) ? about.GetString() ?? "" : "";
        return AlertSeverities.Parse(severity) < trigger.Severity ? $"the alert is of severity {severity}, and the trigger waits for {AlertSeverities.Of(trigger.Severity)}"
            : trigger.Subject is { } wanted && wanted != subject ? $"the alert is about \"{subject}\", and the trigger waits for \"{wanted}\""
            : null;
    }

    private static string WordOf(RunOutcome outcome) => outcome switch
    {
        RunOutcome.Succeeded => "succeeded",
        RunOutcome.Failed => "failed",
        _ => "cancelled",
    };
}
