namespace Orchestrator.Core.Activities;

/// <summary>Where an attempt of an activity runs.</summary>
public enum Lane
{
    /// <summary>Not set; refused.</summary>
    Unknown = 0,

    /// <summary>In the engine's own process: trusted and light. It may use ports (<see cref="ActivityContext.Port{T}"/>).</summary>
    Inline,

    /// <summary>In a pooled worker process, so a native crash or a hard kill never harms the engine. Anything that loads native code or takes long goes here.</summary>
    Process,

    /// <summary>Any program, started by the engine for this attempt.</summary>
    Command,

    /// <summary>The engine's own, for tasks whose work is a run of its own: it has no places, since waiting takes none. No activity can have it.</summary>
    Child,
}

/// <summary>What a designer draws and the engine may assume.</summary>
public enum ActivityKind
{
    Unknown = 0,

    /// <summary>Computes outputs from inputs; may be cached.</summary>
    Action,

    /// <summary>Changes the world outside its outputs (deploys, notifies); never cached.</summary>
    Effect,

    /// <summary>Spreads into items that are attempts of another activity.</summary>
    Mapped,

    /// <summary>Waits for a person or an event.</summary>
    Wait,
}

/// <summary>Gives an activity class its name in pipelines and its place in the designer's palette.</summary>
/// <param name="type">The name that <c>uses</c> refers to: family and verb, <c>data.validate</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ActivityAttribute(string type) : Attribute
{
    public string Type { get; } = type;

    /// <summary>Part of the cache key. Raise it when the same inputs would now give other outputs.</summary>
    public int Version { get; init; } = 1;

    public required string Title { get; init; }

    /// <summary>One sentence: what it answers or does.</summary>
    public required string Summary { get; init; }

    public ActivityKind Kind { get; init; } = ActivityKind.Action;

    public Lane Lane { get; init; } = Lane.Inline;
}

/// <summary>Describes an input to the designer and to messages. An <see cref="Input{T}"/> property without it is an input all the same.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InputAttribute : Attribute
{
    /// <summary>One sentence of help. The title is made from the property's name.</summary>
    public string? Help { get; init; }

    /// <summary>Which control the designer shows: <c>text</c>, <c>code</c>, <c>path</c>, <c>column</c>, <c>rules</c>, <c>search-space</c>, …</summary>
    public string? Hint { get; init; }

    public string? Unit { get; init; }

    /// <summary>Lowest legal number, inclusive. <see cref="double.NaN"/>: none.</summary>
    public double Minimum { get; init; } = double.NaN;

    /// <summary>Highest legal number, inclusive. <see cref="double.NaN"/>: none.</summary>
    public double Maximum { get; init; } = double.NaN;

    /// <summary>Legal texts, when they are few.</summary>
    public string[]? Choices { get; init; }
}

/// <summary>Describes an output.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OutputAttribute : Attribute
{
    public string? Help { get; init; }
}
