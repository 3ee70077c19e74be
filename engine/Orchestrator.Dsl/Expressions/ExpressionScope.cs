using System.Text.Json;

namespace Orchestrator.Dsl.Expressions;

/// <summary>The values that expressions see.</summary>
public sealed record ExpressionScope
{
    /// <summary>The outputs of each task that has any, by name. A mapped task's outputs are lists in item order.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, JsonElement>> Tasks { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, JsonElement>>();

    /// <summary>Every parameter of the run, by name.</summary>
    public IReadOnlyDictionary<string, JsonElement> Params { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The run as an object: <c>id</c>, <c>pipeline</c>, and of a run that has them <c>logicalDate</c>, <c>interval</c> (<c>start</c>, <c>end</c>) and <c>trigger</c> (<c>kind</c>, <c>name</c>, <c>event</c>, <c>by</c>, <c>backfill</c>).</summary>
    public JsonElement Run { get; init; }

    /// <summary>The item, in an attempt of a mapped task.</summary>
    public JsonElement? Item { get; init; }

    /// <summary>The item's place, from 0.</summary>
    public int? Index { get; init; }
}

/// <summary>What an expression may use up. All limits apply to one evaluation.</summary>
public sealed record ExpressionLimits
{
    public static ExpressionLimits Default { get; } = new();

    /// <summary>Default 5 seconds: far above any honest expression, also on a busy machine.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Default 64 MiB of allocations.</summary>
    public long MemoryInBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How many steps (statements and calls); default 1,000,000.</summary>
    public int Statements { get; init; } = 1_000_000;

    /// <summary>How deep calls may nest; default 100.</summary>
    public int Recursion { get; init; } = 100;

    /// <summary>The longest list that an expression may make; default 1,000,000.</summary>
    public int ListLength { get; init; } = 1_000_000;
}
