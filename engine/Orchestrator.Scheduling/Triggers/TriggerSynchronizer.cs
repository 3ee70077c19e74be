using System.Text.Json.Nodes;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Scheduling.Events;
using Orchestrator.Storage.Pipelines;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling.Triggers;

/// <summary>Makes the stored triggers what the registered pipelines say.</summary>
internal sealed class TriggerSynchronizer(ITriggerStore triggers, TriggerCatalog catalog, TimeProvider time)
{
    private const int Page = 100;

    /// <summary>Brings all pipelines up to date that changed. Answers those whose triggers are others now.</summary>
    public async Task<IReadOnlyList<string>> SyncAsync(CancellationToken cancellation)
    {
        var changed = new List<string>();
        while (await triggers.ListUnsyncedAsync(Page, cancellation) is { Count: > 0 } page)
        {
            foreach (var pipeline in page)
            {
                var plans = pipeline.IsRemoved ? [] : await catalog.ListAsync(pipeline.Hash, cancellation);
                await triggers.SyncAsync(
                    new TriggerSync { Pipeline = pipeline, Triggers = [.. plans.Select(plan => RegistrationOf(plan, pipeline))], Now = time.GetUtcNow() }, cancellation);
                changed.Add(pipeline.Name);
            }
        }

        return changed;
    }

    private static TriggerRegistration RegistrationOf(TriggerPlan plan, PipelineInfo pipeline) => new()
    {
        Name = plan.Name,
        Kind = TriggerNames.KindOf(plan.Trigger),
        Timing = TimingOf(plan),
        // Times since then count, also when the scheduler was not there at the registration.
        From = plan.Trigger is TimeTrigger ? pipeline.RegisteredAt : null,
        Watches = plan.Trigger is EventTrigger happens ? [.. SignalTopics.Of(happens, new TriggerKey(pipeline.Name, plan.Name), pipeline.BaseDirectory).Distinct()] : [],
    };

    /// <summary>What decides when the trigger is due, and nothing of what is done then.</summary>
    private static string TimingOf(TriggerPlan plan)
    {
        var bare = plan.Trigger with { Name = null, Params = TaskDefinition.EmptyWith };
        bare = bare switch
        {
            TimeTrigger timed => timed with { Overlap = Overlap.Skip, Missed = Missed.RunLatest, MissedWindow = null, Jitter = null },
            EventTrigger happens => happens with { Overlap = Overlap.QueueAll },
            _ => bare,
        };
        var json = (JsonObject)DefinitionWriter.ToJson(bare);
        foreach (var name in bare is TimeTrigger { Exclude: var excluded } ? excluded : [])
        {
            json[$"calendar {name}"] = JsonNode.Parse(OrcJson.ToElement(plan.Pipeline.Calendars[name]).GetRawText());
        }

        return json.ToJsonString(OrcJson.Options);
    }
}
