using Orchestrator.Core.Definitions;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling.Events;

/// <summary>Which signals a trigger waits for.</summary>
internal static class SignalTopics
{
    /// <summary>One for each part of a combination, in its order; else one.</summary>
    public static IEnumerable<SignalTopic> Of(EventTrigger trigger, TriggerKey key, string baseDirectory) =>
        trigger is CombinedTrigger combined ? combined.Of.Select(part => TopicOf(part, key, baseDirectory)) : [TopicOf(trigger, key, baseDirectory)];

    public static SignalTopic TopicOf(EventTrigger trigger, TriggerKey key, string baseDirectory) => trigger switch
    {
        DatasetTrigger dataset => new SignalTopic(Signals.DatasetUpdated, dataset.Dataset),
        ModelTrigger model => new SignalTopic(Signals.AliasMoved, Signals.SubjectOf(model.Model, model.Alias)),
        PipelineTrigger pipeline => new SignalTopic(Signals.RunEnded, pipeline.Pipeline),
        AlertTrigger alert => new SignalTopic(Signals.AlertRaised, alert.Alert),
        // Each trigger looks at its folders by itself, since each has a time of its own after which a file is whole.
        FileTrigger file => new SignalTopic(Signals.FileAppeared, $"{key}:{PatternOf(file, baseDirectory)}"),
        WebhookTrigger hook => TopicOf(hook.Webhook, hook.Secret),
        _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, "not a trigger that waits for signals"),
    };

    /// <summary>Who signs with one secret is not heard by those who wait for another one.</summary>
    public static SignalTopic TopicOf(string webhook, string secret) => new(Signals.WebhookCalled, $"{webhook}#{secret}");

    /// <summary>The full path of what a trigger's files look like.</summary>
    public static string PatternOf(FileTrigger trigger, string baseDirectory) => Path.GetFullPath(trigger.File, baseDirectory);
}
