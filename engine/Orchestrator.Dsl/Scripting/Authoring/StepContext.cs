using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>What the code of a step has: the values it reads, and the attempt it runs in.</summary>
public sealed class StepContext
{
    private readonly ActivityContext context;
    private readonly IReadOnlyDictionary<string, JsonElement> inputs;

    internal StepContext(ActivityContext context, IReadOnlyDictionary<string, JsonElement> inputs)
    {
        this.context = context;
        this.inputs = inputs;
    }

    public AttemptInfo Attempt => context.Attempt;

    /// <summary>The same for every attempt of this step in this run.</summary>
    public string IdempotencyKey => context.IdempotencyKey;

    /// <summary>Cancelled when the attempt should stop.</summary>
    public CancellationToken Cancellation => context.Cancellation;

    public TimeProvider Time => context.Time;

    public IArtifactStore Artifacts => context.Artifacts;

    /// <summary>An empty folder for this attempt alone; gone after it.</summary>
    public string WorkingDirectory => context.WorkingDirectory;

    /// <summary>What relative paths are relative to: the folder of the pipeline's file.</summary>
    public string BaseDirectory => context.BaseDirectory;

    internal Dictionary<string, JsonElement> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>The value of another task's output. Reading it makes that task a dependency.</summary>
    /// <exception cref="ActivityException">The step did not declare that it reads this (ORC5613), or the value is of another type (ORC5604).</exception>
    [return: MaybeNull]
    public T Output<T>(Output<T> output) => Read<T>(output.Text);

    /// <summary>The value of a run parameter.</summary>
    /// <exception cref="ActivityException">As <see cref="Output{T}"/>.</exception>
    [return: MaybeNull]
    public T Param<T>(Param<T> parameter) => Read<T>(parameter.Text);

    /// <summary>The item of a step that <see cref="ActivityRules.Map{T}(T, Expr, int?, int)"/> repeats.</summary>
    [return: MaybeNull]
    public T Item<T>() => Read<T>("item");

    /// <summary>An input by the name it has in <c>inputs</c>: what code that stands in a JSON pipeline reads.</summary>
    [return: MaybeNull]
    public T Input<T>(string name) => Read<T>(name);

    /// <summary>Sets a member of the step's result, for later tasks. The last value counts.</summary>
    public void Set<T>(string name, T value) => Values[name] = OrcJson.ToElement(value);

    /// <summary>Writes a line to the attempt's log.</summary>
    public void Log(string message) => context.Log(message);

    public void Log(LogSeverity severity, string message) => context.Log(severity, message);

    /// <summary>Tells how far the step is.</summary>
    /// <param name="fraction">0..1, or null when nobody can say.</param>
    /// <param name="message">A few words.</param>
    public void Progress(double? fraction, string? message = null) => context.Progress(fraction, message);

    /// <summary>Leaves a fact for the tables of an activity family: a metric, a tag.</summary>
    public void Record<T>(T fact) where T : IFact => context.Record(fact);

    /// <summary>A full path for a path written in the pipeline.</summary>
    public string ResolvePath(string path) => context.ResolvePath(path);

    // An output that may stay unset is null here; whether T allows that only the script knows.
    [return: MaybeNull]
    private T Read<T>(string reference)
    {
        if (!inputs.TryGetValue(reference, out var value))
        {
            throw StepErrors.NotDeclared(reference, inputs.Keys);
        }

        try
        {
            return value.Deserialize<T>(OrcJson.Options);
        }
        catch (JsonException wrong)
        {
            throw StepErrors.WrongType(reference, ValueTypes.NameOf(typeof(T)), wrong);
        }
    }
}
