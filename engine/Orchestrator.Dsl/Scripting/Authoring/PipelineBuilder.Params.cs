using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <content>Run parameters. The type follows from the default.</content>
public sealed partial class PipelineBuilder
{
    private readonly List<ParameterDefinition> parameters = [];

    /// <summary>The calls that made the parameters, by index.</summary>
    internal List<CallPlace> ParameterPlaces { get; } = [];

    internal IReadOnlyList<ParameterDefinition> Parameters => parameters;

    /// <summary>Declares a value that may be given when a run starts.</summary>
    /// <param name="name">How expressions and <c>--param</c> call it.</param>
    /// <param name="default">The value when none is given.</param>
    /// <param name="help">One sentence for people.</param>
    /// <param name="choices">The legal values, when they are few.</param>
    /// <param name="line">Leave out: the compiler fills it in.</param>
    public Param<string> Param(string name, string @default, string? help = null, IReadOnlyList<string>? choices = null, [CallerLineNumber] int line = 0) =>
        Declare<string>(name, ParameterType.String, OrcJson.ToElement(@default), help, line, choices: Elements(choices));

    /// <inheritdoc cref="Param(string, string, string?, IReadOnlyList{string}?, int)"/>
    /// <param name="min">Lowest legal number, inclusive.</param>
    /// <param name="max">Highest legal number, inclusive.</param>
    public Param<double> Param(
        string name, double @default, string? help = null, double? min = null, double? max = null, IReadOnlyList<double>? choices = null, [CallerLineNumber] int line = 0) =>
        Declare<double>(name, ParameterType.Number, OrcJson.ToElement(@default), help, line, min, max, Elements(choices));

    /// <inheritdoc cref="Param(string, double, string?, double?, double?, IReadOnlyList{double}?, int)"/>
    public Param<int> Param(
        string name, int @default, string? help = null, int? min = null, int? max = null, IReadOnlyList<int>? choices = null, [CallerLineNumber] int line = 0) =>
        Declare<int>(name, ParameterType.Integer, OrcJson.ToElement(@default), help, line, min, max, Elements(choices));

    /// <inheritdoc cref="Param(string, string, string?, IReadOnlyList{string}?, int)"/>
    public Param<bool> Param(string name, bool @default, string? help = null, [CallerLineNumber] int line = 0) =>
        Declare<bool>(name, ParameterType.Boolean, OrcJson.ToElement(@default), help, line);

    /// <inheritdoc cref="Param(string, string, string?, IReadOnlyList{string}?, int)"/>
    public Param<TimeSpan> Param(string name, TimeSpan @default, string? help = null, [CallerLineNumber] int line = 0) =>
        Declare<TimeSpan>(name, ParameterType.Duration, OrcJson.ToElement(@default), help, line);

    /// <inheritdoc cref="Param(string, string, string?, IReadOnlyList{string}?, int)"/>
    public Param<IReadOnlyList<T>> Param<T>(string name, IReadOnlyList<T> @default, string? help = null, [CallerLineNumber] int line = 0) =>
        Declare<IReadOnlyList<T>>(name, ParameterType.Json, OrcJson.ToElement(@default), help, line);

    /// <inheritdoc cref="Param(string, string, string?, IReadOnlyList{string}?, int)"/>
    public Param<JsonElement> Param(string name, JsonElement @default, string? help = null, [CallerLineNumber] int line = 0) =>
        Declare<JsonElement>(name, ParameterType.Json, @default, help, line);

    /// <summary>Declares a value that must be given when a run starts: <c>churn.RequiredParam&lt;double&gt;("threshold")</c>.</summary>
    /// <typeparam name="T">String, double, int, long, bool, <see cref="TimeSpan"/>; anything else is JSON.</typeparam>
    public Param<T> RequiredParam<T>(string name, string? help = null, double? min = null, double? max = null, IReadOnlyList<T>? choices = null, [CallerLineNumber] int line = 0) =>
        Declare<T>(name, TypeOf(typeof(T)), @default: null, help, line, min, max, Elements(choices));

    private Param<T> Declare<T>(
        string name, ParameterType type, JsonElement? @default, string? help, int line, double? min = null, double? max = null, IEnumerable<JsonElement>? choices = null)
    {
        parameters.Add(new ParameterDefinition { Name = name, Type = type, Default = @default, Help = help, Minimum = min, Maximum = max, Choices = [.. choices ?? []] });
        ParameterPlaces.Add(new CallPlace(nameof(Param), line, name));
        return new Param<T>(name);
    }

    private static IEnumerable<JsonElement>? Elements<T>(IReadOnlyList<T>? choices) => choices?.Select(choice => OrcJson.ToElement(choice));

    private static ParameterType TypeOf(Type type) =>
        type == typeof(string) ? ParameterType.String
        : type == typeof(double) || type == typeof(float) || type == typeof(decimal) ? ParameterType.Number
        : type == typeof(int) || type == typeof(long) ? ParameterType.Integer
        : type == typeof(bool) ? ParameterType.Boolean
        : type == typeof(TimeSpan) ? ParameterType.Duration
        : ParameterType.Json;
}
