using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Activities;

/// <summary>One input of an activity, as the designer and the checks of definitions see it.</summary>
public sealed record InputDescriptor
{
    /// <summary>The key in <c>with</c>, in camelCase.</summary>
    public required string Name { get; init; }

    public required string Title { get; init; }

    /// <summary>The class of <see cref="Input.Binding"/>'s value.</summary>
    public required Type ValueType { get; init; }

    /// <summary>True: a task without it is refused.</summary>
    public required bool Required { get; init; }

    /// <summary>True when the class gives a value by itself.</summary>
    public bool HasDefault => Initial is not null;

    /// <summary>The value that the class gives by itself, as a binding.</summary>
    public JsonElement? Default => Initial?.Binding;

    public string? Help { get; init; }

    public string? Hint { get; init; }

    public string? Unit { get; init; }

    public double? Minimum { get; init; }

    public double? Maximum { get; init; }

    public ImmutableArray<string> Choices { get; init; } = [];

    /// <summary>The type in the words of <see cref="ValueTypes"/>.</summary>
    public string TypeName => ValueTypes.NameOf(ValueType);

    internal Type PropertyType { get; private init; } = typeof(Input);

    // Asked for its JSON only when somebody needs it: checking a pipeline does not.
    private Input? Initial { get; init; }

    internal Input CreateEmpty() => (Input)RuntimeHelpers.GetUninitializedObject(PropertyType);

    internal static InputDescriptor Of(PropertyInfo property, Activity sample, NullabilityInfoContext nullability)
    {
        var about = property.GetCustomAttribute<InputAttribute>();
        var initial = (Input?)property.GetValue(sample);
        return new InputDescriptor
        {
            Name = JsonNamingPolicy.CamelCase.ConvertName(property.Name),
            Title = ActivityDescriptor.TitleOf(property.Name),
            ValueType = ValueTypeOf(property.PropertyType),
            PropertyType = property.PropertyType,
            Required = initial is null && nullability.Create(property).WriteState != NullabilityState.Nullable,
            Initial = initial,
            Help = about?.Help,
            Hint = about?.Hint,
            Unit = about?.Unit,
            Minimum = about is { Minimum: var low } && !double.IsNaN(low) ? low : null,
            Maximum = about is { Maximum: var high } && !double.IsNaN(high) ? high : null,
            Choices = [.. about?.Choices ?? []],
        };
    }

    private static Type ValueTypeOf(Type input)
    {
        for (var type = input; type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Input<>))
            {
                return type.GetGenericArguments()[0];
            }
        }

        throw new ArgumentException($"{input} is not an Input<T>.", nameof(input));
    }
}

/// <summary>One output of an activity.</summary>
public sealed record OutputDescriptor
{
    /// <summary>The name after <c>tasks.NAME.</c>, in camelCase.</summary>
    public required string Name { get; init; }

    public required string Title { get; init; }

    public required Type ValueType { get; init; }

    /// <summary>True: an attempt may succeed without setting it.</summary>
    public required bool Nullable { get; init; }

    public string? Help { get; init; }

    public string TypeName => ValueTypes.NameOf(ValueType);

    internal static OutputDescriptor Of(PropertyInfo property, NullabilityInfoContext nullability) => new()
    {
        Name = JsonNamingPolicy.CamelCase.ConvertName(property.Name),
        Title = ActivityDescriptor.TitleOf(property.Name),
        ValueType = property.PropertyType.GetGenericArguments()[0],
        Nullable = nullability.Create(property) is var about
            && (about.ReadState == NullabilityState.Nullable || about.GenericTypeArguments[0].ReadState == NullabilityState.Nullable),
        Help = property.GetCustomAttribute<OutputAttribute>()?.Help,
    };
}
