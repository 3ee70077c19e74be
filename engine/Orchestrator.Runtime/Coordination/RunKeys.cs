using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Expressions;
using Orchestrator.Storage.Concurrency;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What runs share that must not all go on at once.</summary>
internal static class RunKeys
{
    /// <summary>Longer ones could not be found by an index in every database.</summary>
    private const int Longest = 300;

    private static readonly TemplateResolver Templates = new(new ExpressionEvaluator());

    /// <summary>The key of a run that is about to be accepted; null when its pipeline has no limit of runs.</summary>
    /// <exception cref="Core.Activities.ActivityException">The key cannot be worked out (ORC5010 to ORC5016), or is no key (ORC5248).</exception>
    public static RunKey? Of(PipelineDefinition pipeline, ImmutableSortedDictionary<string, JsonElement> parameters, RunId run, RunTrigger? trigger) => pipeline.Concurrency is not { } concurrency
        ? null
        : RunKey.Of(pipeline.Name, concurrency, concurrency.Key is { } template ? TextOf(template, Resolve(pipeline, template, parameters, run, trigger)) : null);

    /// <summary>How a run with a key is stored, depending on whether there is room for it.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="run">The run.</param>
    /// <param name="queued">What happens when it must wait.</param>
    /// <param name="request">The identifier of what it asks of others.</param>
    public static KeyEntry EntryOf(RunKey key, RunId run, Decision queued, string request) => new()
    {
        Permit = PermitOf(key),
        QueuedStatus = RunWords.Of(queued.State.Status),
        QueuedEvents = [.. queued.Events.Select(RunEvents.Write)],
        Displaces = key.Overlap switch
        {
            Overlap.QueueOne => Displaced.Waiting,
            Overlap.CancelOther or Overlap.TerminateOther => Displaced.Oldest,
            _ => Displaced.Nobody,
        },
        Request = new RunRequest
        {
            Id = request,
            RunId = run,
            Kind = key.Overlap == Overlap.TerminateOther ? "terminate" : "cancel",
            By = $"run {run}",
            Payload = OrcJson.ToElement($"it is newer and has the same concurrency key \"{key.Word}\""),
            At = queued.Events[0].At,
        },
    };

    public static PermitRequest PermitOf(RunKey key) => new() { Key = key.Name, Limit = key.Limit, Unbounded = key.Overlap == Overlap.Allow };

    private static JsonElement Resolve(PipelineDefinition pipeline, string template, ImmutableSortedDictionary<string, JsonElement> parameters, RunId run, RunTrigger? trigger) =>
        Templates.Resolve(OrcJson.ToElement(template), new ExpressionScope { Params = parameters, Run = RunObject.Of(run, pipeline.Name, trigger) });

    private static string TextOf(string template, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.GetString() is { Length: > 0 and <= Longest } text => text,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => CanonicalJson.Write(value),
        _ => throw EngineErrors.BadKey(template, value, Longest),
    };
}
