using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>A pipeline while a script writes it.</summary>
public sealed partial class PipelineBuilder
{
    private readonly List<TriggerDefinition> triggers = [];
    private readonly List<TaskNotes> tasks = [];
    private TimeSpan? timeout;
    private int? parallel;
    private DeadlineDefinition? deadline;

    internal PipelineBuilder(ScriptEvaluation evaluation, string name, string? title, CallPlace place)
    {
        Evaluation = evaluation;
        Name = name;
        Title = title;
        Places.Add(place);
        evaluation.Pipelines.Add(this);
    }

    public string Name { get; }

    public string? Title { get; }

    internal ScriptEvaluation Evaluation { get; }

    /// <summary>The calls that said something about the pipeline as a whole, the one that started it first.</summary>
    internal List<CallPlace> Places { get; } = [];

    /// <summary>The calls that made the triggers, by index.</summary>
    internal List<CallPlace> TriggerPlaces { get; } = [];

    internal IReadOnlyList<TaskNotes> Tasks => tasks;

    /// <summary>Starts a run for every time that a cron expression names.</summary>
    /// <param name="cron">5 fields (minute first), 6 (second first) or 7 (and year).</param>
    /// <param name="zone">An IANA time zone.</param>
    /// <param name="overlap">What happens while an earlier run is still going.</param>
    /// <param name="missed">What happens to times that passed while no scheduler was running.</param>
    /// <param name="line">Leave out: the compiler fills it in.</param>
    public PipelineBuilder Schedule(
        string cron,
        string zone = "UTC",
        Overlap overlap = Overlap.Skip,
        Missed missed = Missed.RunLatest,
        [CallerLineNumber] int line = 0)
    {
        triggers.Add(new ScheduleTrigger { Schedule = cron, Zone = zone, Overlap = overlap, Missed = missed });
        TriggerPlaces.Add(new CallPlace(nameof(Schedule), line));
        return this;
    }

    /// <summary>Starts a run when something happens: <c>churn.On(DatasetUpdated("customers"))</c>.</summary>
    public PipelineBuilder On(TriggerDefinition trigger, [CallerLineNumber] int line = 0)
    {
        triggers.Add(trigger);
        TriggerPlaces.Add(new CallPlace(nameof(On), line));
        return this;
    }

    private readonly ImmutableSortedDictionary<string, CalendarDefinition>.Builder calendars = ImmutableSortedDictionary.CreateBuilder<string, CalendarDefinition>(StringComparer.Ordinal);

    /// <summary>Declares days that triggers may leave out: <c>churn.Calendar("holidays", days: ["12-25", "2026-12-28..2027-01-02"])</c>.</summary>
    /// <param name="name">What triggers say in <c>Exclude</c>.</param>
    /// <param name="days">Days, days of each year, ranges of days: <see cref="Core.Schedules.CalendarDays.Rule"/>.</param>
    /// <param name="weekdays">Days of each week.</param>
    /// <param name="line">Leave out: the compiler fills it in.</param>
    public PipelineBuilder Calendar(string name, string[]? days = null, DayOfWeek[]? weekdays = null, [CallerLineNumber] int line = 0)
    {
        calendars[name] = new CalendarDefinition { Days = [.. days ?? []], Weekdays = [.. weekdays ?? []] };
        Places.Add(new CallPlace(nameof(Calendar), line));
        return this;
    }

    private readonly Dictionary<Input, Activity> inputOwners = new(ReferenceEqualityComparer.Instance);

    /// <summary>The longest a run may take, waiting included.</summary>
    public PipelineBuilder Timeout(DurationText limit, [CallerLineNumber] int line = 0)
    {
        var place = new CallPlace(nameof(Timeout), line);
        Places.Add(place);
        timeout = Evaluation.Resolve(limit.Text, place, "limit");
        return this;
    }

    /// <summary>What happens to a run that has not ended a time after it was accepted.</summary>
    public PipelineBuilder Deadline(DurationText after, DeadlineAction then, [CallerLineNumber] int line = 0)
    {
        var place = new CallPlace(nameof(Deadline), line);
        Places.Add(place);
        deadline = Evaluation.Resolve(after.Text, place, "after") is { } time ? new DeadlineDefinition { After = time, Then = then } : null;
        return this;
    }

    /// <summary>How many attempts of one run may be in flight together.</summary>
    public PipelineBuilder Parallel(int limit, [CallerLineNumber] int line = 0)
    {
        Places.Add(new CallPlace(nameof(Parallel), line));
        parallel = limit;
        return this;
    }

    /// <summary>Makes an activity a task. Answers the same activity, whose outputs can be used from now on.</summary>
    /// <param name="name">The name rule is <see cref="TaskName.Rule"/>.</param>
    /// <param name="activity">One instance is one task.</param>
    /// <param name="line">Leave out: the compiler fills it in.</param>
    public T Add<T>(string name, T activity, [CallerLineNumber] int line = 0) where T : Activity
    {
        Add(activity, name, new CallPlace(nameof(Add), line, name));
        return activity;
    }

    /// <summary>The definition as far as the script made it, in its author's order; nothing is checked.</summary>
    internal PipelineDefinition Build() => new()
    {
        Name = Name,
        Title = Title,
        Params = [.. parameters],
        Triggers = [.. triggers],
        Calendars = calendars.ToImmutable(),
        Tasks = [.. tasks.Select(Build)],
        Timeout = timeout,
        Parallel = parallel,
        Deadline = deadline,
        Concurrency = concurrency,
        Outputs = BuildOutputs(),
    };

    private TaskDefinition Build(TaskNotes notes)
    {
        var name = notes.Name ?? throw new InvalidOperationException("A task without a name.");
        if (notes.Activity is StepActivity step)
        {
            return notes.ToDefinition(name, StepActivity.Type, Evaluation.BindingsOf(step, notes));
        }

        if (notes.Activity is SubPipeline sub)
        {
            return notes.ToDefinition(name, SubPipelineDefinition.Uses, sub.With) with { Pipeline = new SubPipelineDefinition { Path = sub.Path, As = sub.Mode } };
        }

        var descriptor = ActivityDescriptor.Of(notes.Activity.GetType());
        return notes.ToDefinition(name, descriptor.Type, descriptor.ReadBindings(notes.Activity));
    }

    private void Add(Activity activity, string name, CallPlace place)
    {
        if (activity is not (StepActivity or SubPipeline) && !Evaluation.Knows(activity.GetType()))
        {
            Evaluation.Report(ScriptErrors.ForeignActivity(Evaluation.SpanOf(place, "activity"), activity.GetType().Name));
            return;
        }

        var notes = TaskNotes.Of(activity);
        if (notes.Name is { } before)
        {
            var first = notes.Places.First(earlier => earlier.Method is nameof(Add) or nameof(Step) or nameof(Sub));
            Evaluation.Report(ScriptErrors.AddedTwice(Evaluation.SpanOf(place, "activity"), name, before, Evaluation.SpanOf(first, "name")));
            return;
        }

        notes.Name = name;
        notes.Pipeline = this;
        notes.Places.Add(place);
        tasks.Add(notes);
        NeedOwnersOfInputs(activity, notes);
        ActivityDescriptor.Of(activity.GetType()).Named(activity, new TaskName(name));
    }

    /// <summary>
    /// A script that hands on the input of another task (<c>Dataset = checks.Dataset</c>) means "what has gone through that task". The value is the same,
    /// but without the order a check would be passed by and nobody would notice.
    /// </summary>
    private void NeedOwnersOfInputs(Activity activity, TaskNotes notes)
    {
        foreach (var property in activity.GetType().GetProperties().Where(property => typeof(Input).IsAssignableFrom(property.PropertyType)))
        {
            if (property.GetValue(activity) is not Input { Binding: { } binding } input || !Templates.HasExpression(binding))
            {
                continue;
            }

            if (inputOwners.TryGetValue(input, out var owner))
            {
                notes.Needs.Add(owner);
            }
            else
            {
                inputOwners.Add(input, activity);
            }
        }
    }
}
