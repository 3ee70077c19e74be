using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>What a pipeline script has in scope by bare name, beside the program's activities and their functions.</summary>
public sealed class PipelineScript
{
    private readonly ScriptEvaluation evaluation;

    internal PipelineScript(ScriptEvaluation evaluation) => this.evaluation = evaluation;

    /// <summary>The item of a task that <see cref="ActivityRules.Map{T}(T, Expr, int?, int)"/> repeats.</summary>
    public Expr Item { get; } = new("item");

    /// <summary>The place of <see cref="Item"/> in its list, from 0.</summary>
    public Expr Index { get; } = new("index");

    /// <summary>The run that the script's pipeline has: its logical date, its data interval, what made it start.</summary>
    public RunExpressions Run { get; } = new();

    /// <summary>Starts a pipeline. The script returns it.</summary>
    /// <param name="name">The name rule is <see cref="TaskName.Rule"/>.</param>
    /// <param name="title">One sentence for people.</param>
    /// <param name="line">Leave out: the compiler fills it in.</param>
    public PipelineBuilder Pipeline(string name, string? title = null, [CallerLineNumber] int line = 0) =>
        new(evaluation, name, title, new CallPlace(nameof(Pipeline), line));

    /// <summary>A duration for inputs and parameters, as people write it: <c>Duration("1h30m")</c>.</summary>
    public TimeSpan Duration(string text, [CallerLineNumber] int line = 0) =>
        evaluation.Resolve(text, new CallPlace(nameof(Duration), line), "text") ?? TimeSpan.Zero;

    [EditorBrowsable(EditorBrowsableState.Never)]
    public override bool Equals(object? obj) => base.Equals(obj);

    [EditorBrowsable(EditorBrowsableState.Never)]
    public override int GetHashCode() => base.GetHashCode();

    [EditorBrowsable(EditorBrowsableState.Never)]
    public override string ToString() => "a pipeline script";
}

/// <summary>What expressions can say of the run: <c>Text($"sales/{Run.LogicalDate}.csv")</c>. A run that was started for no time has none of it but <see cref="Id"/> and <see cref="Pipeline"/>.</summary>
public sealed class RunExpressions
{
    internal RunExpressions()
    {
    }

    public Expr Id { get; } = new("run.id");

    /// <summary>The pipeline's name.</summary>
    public Expr Pipeline { get; } = new("run.pipeline");

    /// <summary>The time that the run is for, as text in UTC: <c>2026-03-01T02:00:00Z</c>.</summary>
    public Expr LogicalDate { get; } = new("run.logicalDate");

    /// <summary>The first instant of the data that the run is for.</summary>
    public Expr IntervalStart { get; } = new("run.interval.start");

    /// <summary>The end of that data, exclusive.</summary>
    public Expr IntervalEnd { get; } = new("run.interval.end");

    /// <summary>What happened, for a run that a trigger started.</summary>
    public Expr Event { get; } = new("run.trigger.event");
}

/// <summary>Words of the language that belong to no pipeline.</summary>
[ScriptFunctions]
public static class PipelineWords
{
    /// <summary>Every time that a cron expression names, with more to say than <see cref="PipelineBuilder.Schedule"/> takes: <c>churn.On(Cron("0 2 * * *") with { Zone = "Europe/Berlin", Exclude = ["holidays"] })</c>.</summary>
    public static ScheduleTrigger Cron(string cron) => new() { Schedule = cron };

    /// <summary>Every so often, in time that passes: <c>churn.On(Every("15m"))</c>.</summary>
    public static IntervalTrigger Every(DurationText time) => new()
    {
        Every = Core.Values.Durations.TryParse(time.Text, out var every) ? every : throw new FormatException($"\"{time.Text}\" is not a duration; write {Core.Values.Durations.Rule}"),
    };

    /// <summary>A working day of each month: 1 is the first, -1 the last. <c>churn.On(WorkingDay(-1, "18:00") with { Zone = "Europe/Berlin" })</c>.</summary>
    public static WorkingDayTrigger WorkingDay(int day, params string[] at) => new() { Day = day, At = [.. at] };

    /// <summary>Each working day.</summary>
    public static WorkingDayTrigger EachWorkingDay(params string[] at) => new() { At = [.. at] };

    /// <summary>For <see cref="PipelineBuilder.On"/>: a run for every new version of a dataset.</summary>
    public static DatasetTrigger DatasetUpdated(string dataset) => new() { Dataset = dataset };

    /// <summary>A run whenever an alias of a model is pointed at another version.</summary>
    public static ModelTrigger AliasMoved(string model, string alias = "champion") => new() { Model = model, Alias = alias };

    /// <summary>A run whenever a run of another pipeline has ended: <c>churn.On(PipelineEnded("features") with { When = "run.trigger.event.outputs.rows > 0" })</c>.</summary>
    public static PipelineTrigger PipelineEnded(string pipeline, RunOutcome outcome = RunOutcome.Succeeded) => new() { Pipeline = pipeline, Outcome = outcome };

    /// <summary>A run whenever an alert is raised, or gets worse: <c>churn.On(AlertRaised("drift", AlertSeverity.Warning))</c>.</summary>
    public static AlertTrigger AlertRaised(string alert, AlertSeverity severity = AlertSeverity.Info) => new() { Alert = alert, Severity = severity };

    /// <summary>A run for every file that appears: <c>churn.On(FileAppeared("incoming/*.csv"))</c>.</summary>
    public static FileTrigger FileAppeared(string path) => new() { File = path };

    /// <summary>A run for every request to <c>/hooks/NAME</c> that is signed with a secret.</summary>
    public static WebhookTrigger Webhook(string name, string secret) => new() { Webhook = name, Secret = secret };

    /// <summary>A run when each of several things has happened: <c>churn.On(AllOf(DatasetUpdated("a"), DatasetUpdated("b")) with { Within = Duration("1h") })</c>.</summary>
    public static CombinedTrigger AllOf(params EventTrigger[] of) => new() { Of = [.. of], All = true };

    /// <summary>A run when any of several things happens.</summary>
    public static CombinedTrigger AnyOf(params EventTrigger[] of) => new() { Of = [.. of], All = false };

    /// <summary>Gives a parameter of the pipeline a value in the runs that a trigger starts: <c>churn.On(Cron("0 2 * * *").Give("region", "eu").Give("day", Run.LogicalDate))</c>.</summary>
    public static T Give<T>(this T trigger, string parameter, object value) where T : TriggerDefinition => trigger with
    {
        Params = trigger.Params.SetItem(parameter, OrcJson.ToElement(value is Expr expression ? Templates.Whole(expression.Text) : value)),
    };

    /// <summary>An expression as JavaScript, for what operators cannot say: <c>Js("tasks.split.rows.length &gt; 3")</c>.</summary>
    public static Expr Js(string expression) => new(expression);

    /// <summary>Text with outputs and parameters in it: <c>Message = Text($"auc is {compare.CandidateScore}")</c>.</summary>
    public static TextTemplate Text(TextTemplate text) => text;

    /// <summary>A list that is known now, where an expression is wanted: <c>.Map(("model", ListOf("a", "b")), ("region", regions))</c>.</summary>
    public static Expr ListOf<T>(params IReadOnlyList<T> items) => new(JsonSerializer.Serialize(items, OrcJson.Options));

    /// <summary>A member of a JSON value: <c>tell.Result.Member("score")</c>.</summary>
    public static Expr Member(this Expr of, string name) => new($"{of.Text}[{JsonSerializer.Serialize(name, OrcJson.Options)}]");
}
