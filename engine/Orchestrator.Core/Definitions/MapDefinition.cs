using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions;

/// <summary>Repeats a task for every item of a list, or of several lists, that are known when the task starts.</summary>
public sealed record MapDefinition
{
    /// <summary>JavaScript that yields an array. Each item is <c>item</c>, its place <c>index</c>, in the task's expressions. Null when there are <see cref="Lists"/>.</summary>
    public string? Over { get; init; }

    /// <summary>Lists with names: an item is an object with an element of each, <c>item.region</c>. In the author's order. Empty when there is <see cref="Over"/>.</summary>
    public ImmutableArray<MapList> Lists { get; init; } = [];

    /// <summary>How <see cref="Lists"/> make items.</summary>
    public MapCombination Combine { get; init; } = MapCombination.Product;

    /// <summary>How many items may be in flight together. Null: no limit but the run's.</summary>
    public int? Parallel { get; init; }

    /// <summary>The expressions that yield the lists.</summary>
    public IEnumerable<string> Expressions() => (Over is null ? [] : new[] { Over }).Concat(Lists.Select(list => list.Expression));
}

/// <summary>One of the lists that a map combines.</summary>
/// <param name="Name">How items name its element.</param>
/// <param name="Over">JavaScript that yields an array, bare or as <c>${ … }</c>.</param>
public readonly record struct MapList(string Name, string Over)
{
    /// <summary>The JavaScript itself.</summary>
    public string Expression => Templates.AsWhole(Over) ?? Over;
}

/// <summary>How several lists make the items of a map.</summary>
public enum MapCombination
{
    Unknown = 0,

    /// <summary>Every element of one with every element of the others; the last list varies fastest.</summary>
    Product,

    /// <summary>The first elements together, the second ones, and so on; the lists are equally long.</summary>
    Zip,
}
