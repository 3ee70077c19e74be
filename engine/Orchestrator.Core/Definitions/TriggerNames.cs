using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions;

/// <summary>What the triggers of a pipeline are called: what their author calls them, else by their kind: <c>schedule</c>, <c>schedule-2</c>, <c>dataset</c>.</summary>
public static class TriggerNames
{
    /// <summary>In the order of the definition. Different ones in a definition that has passed the checks.</summary>
    public static ImmutableArray<(string Name, TriggerDefinition Trigger)> Of(PipelineDefinition pipeline)
    {
        var taken = pipeline.Triggers.Select(trigger => trigger.Name).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var named = ImmutableArray.CreateBuilder<(string, TriggerDefinition)>(pipeline.Triggers.Length);
        foreach (var trigger in pipeline.Triggers)
        {
            named.Add((trigger.Name ?? Free(KindOf(trigger), taken), trigger));
        }

        return named.MoveToImmutable();
    }

    /// <summary>The word for a trigger's kind.</summary>
    public static string KindOf(TriggerDefinition trigger) => trigger switch
    {
        TimeTrigger => "schedule",
        DatasetTrigger => "dataset",
        ModelTrigger => "model",
        PipelineTrigger => "pipeline",
        AlertTrigger => "alert",
        FileTrigger => "file",
        WebhookTrigger => "webhook",
        CombinedTrigger => "combination",
        _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, "not a trigger"),
    };

    private static string Free(string kind, HashSet<string> taken)
    {
        var name = kind;
        for (var number = 2; !taken.Add(name); number++)
        {
            name = FormattableString.Invariant($"{kind}-{number}");
        }

        return name;
    }
}
