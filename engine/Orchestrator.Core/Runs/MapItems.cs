using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>
/// The items of a task with <c>map</c>, made one by one from the lists that its work holds: what combines 1,000 elements with 1,000 others keeps 2,000.
/// </summary>
public sealed class MapItems
{
    private const string OneList = "items", Names = "names", Lists = "lists", Combine = "combine";
    private const int LongestLabel = 60;

    private static readonly ConditionalWeakTable<TaskWork, MapItems> Known = [];

    private readonly ImmutableArray<string> names;
    private readonly ImmutableArray<JsonElement[]> lists;
    private readonly MapCombination combine;

    private MapItems(ImmutableArray<string> names, ImmutableArray<JsonElement[]> lists, MapCombination combine)
    {
        this.names = names;
        this.lists = lists;
        this.combine = combine;
        Count = combine == MapCombination.Zip
            ? (lists.IsEmpty ? 0 : lists.Min(list => (long)list.Length))
            : CountOf(lists.Select(list => (long)list.Length));
    }

    /// <summary>How many items there are.</summary>
    public long Count { get; }

    /// <summary>What items name of themselves, in the order of the lists; empty when an item is the element of the one list.</summary>
    public ImmutableArray<string> Members => names;

    /// <summary>One item: the element of the one list, or an object with an element of each.</summary>
    /// <param name="index">0..<see cref="Count"/>.</param>
    public JsonElement this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            if (names.IsEmpty)
            {
                return lists[0][index];
            }

            // By hand, since a dictionary would forget the order of the members.
            var item = new StringBuilder("{");
            for (var list = 0; list < names.Length; list++)
            {
                item.Append(list == 0 ? "" : ",").Append(JsonSerializer.Serialize(names[list], OrcJson.Options)).Append(':').Append(ElementOf(list, index).GetRawText());
            }

            return JsonElement.Parse(item.Append('}').ToString());
        }
    }

    /// <summary>A few words for people about an item: <c>region=eu model=a</c>.</summary>
    public string LabelOf(int index) => Shorten(names.IsEmpty
        ? lists[0][index].GetRawText()
        : string.Join(' ', names.Select((name, list) => $"{name}={Plain(ElementOf(list, index))}")));

    /// <summary>How many items each list contributes, for people: <c>4 region × 10 model</c>. Null for one list without a name.</summary>
    public string? Shape => names.IsEmpty ? null : ShapeOf(names.Select((name, list) => (name, lists[list].Length)));

    /// <summary>How long named lists are, in the words of messages.</summary>
    public static string ShapeOf(IEnumerable<(string Name, int Length)> lists) => string.Join(" × ", lists.Select(list => $"{list.Length:N0} {list.Name}"));

    /// <summary>The number of combinations; the largest number there is when it is larger.</summary>
    public static long CountOf(IEnumerable<long> lengths)
    {
        UInt128 count = 1;
        var any = false;
        foreach (var length in lengths)
        {
            any = true;
            if (length == 0)
            {
                return 0;
            }

            count = UInt128.Min(count, (UInt128)long.MaxValue) * (UInt128)length;
        }

        return any ? (long)UInt128.Min(count, long.MaxValue) : 0;
    }

    /// <summary>What the work of a task holds to make its items from: one list.</summary>
    public static ImmutableSortedDictionary<string, JsonElement> Store(JsonElement list) => ImmutableSortedDictionary<string, JsonElement>.Empty.Add(OneList, list);

    /// <summary>The same of several lists, in the author's order.</summary>
    public static ImmutableSortedDictionary<string, JsonElement> Store(MapCombination combine, IReadOnlyList<(string Name, JsonElement List)> named) =>
        ImmutableSortedDictionary<string, JsonElement>.Empty
            .Add(Combine, OrcJson.ToElement(combine))
            .Add(Names, OrcJson.ToElement(named.Select(list => list.Name)))
            .Add(Lists, OrcJson.ToElement(named.Select(list => list.List)));

    /// <summary>The items of a mapped task. Read once per work, since finding a place in a list of objects means going through it.</summary>
    /// <param name="work">The work of the task itself, with <see cref="Spread.List"/>.</param>
    public static MapItems Of(TaskWork work) => Known.GetValue(work, Read);

    private static MapItems Read(TaskWork work) => work.Inputs.TryGetValue(OneList, out var only)
        ? new MapItems([], [[.. only.EnumerateArray()]], MapCombination.Product)
        : new MapItems(
            [.. work.Inputs[Names].EnumerateArray().Select(name => name.GetString() ?? "")],
            [.. work.Inputs[Lists].EnumerateArray().Select(list => list.EnumerateArray().ToArray())],
            OrcJson.FromElement<MapCombination>(work.Inputs[Combine]));

    private JsonElement ElementOf(int list, int index)
    {
        if (combine == MapCombination.Zip)
        {
            return lists[list][index];
        }

        // As the digits of a number whose last one varies fastest.
        var rest = (long)index;
        for (var after = lists.Length - 1; after > list; after--)
        {
            rest /= lists[after].Length;
        }

        return lists[list][rest % lists[list].Length];
    }

    private static string Plain(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : value.GetRawText();

    private static string Shorten(string text) => text.ReplaceLineEndings(" ") is { Length: > LongestLabel } longer ? $"{longer[..(LongestLabel - 3)]}..." : text.ReplaceLineEndings(" ");
}
