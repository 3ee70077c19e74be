using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules;
using Orchestrator.Storage.Definitions;

namespace Orchestrator.Scheduling.Triggers;

/// <summary>A trigger as its definition has it, ready to be asked.</summary>
internal sealed class TriggerPlan
{
    private readonly Lazy<Timetable?> timetable;

    public TriggerPlan(PipelineDefinition pipeline, StoredDefinition stored, string name, TriggerDefinition trigger)
    {
        Pipeline = pipeline;
        Stored = stored;
        Name = name;
        Trigger = trigger;
        timetable = new Lazy<Timetable?>(() => trigger is TimeTrigger timed ? Timetables.Of(timed, pipeline.Calendars) : null);
    }

    public PipelineDefinition Pipeline { get; }

    public StoredDefinition Stored { get; }

    public string Name { get; }

    public TriggerDefinition Trigger { get; }

    public Overlap Overlap => Trigger switch
    {
        TimeTrigger timed => timed.Overlap,
        EventTrigger happens => happens.Overlap,
        _ => Overlap.Skip,
    };

    /// <exception cref="TimeZoneNotFoundException">This machine does not know the zone.</exception>
    public Timetable Timetable => timetable.Value ?? throw new InvalidOperationException($"trigger {Name} has no timetable");
}
