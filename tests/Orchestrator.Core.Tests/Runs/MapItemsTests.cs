using System.Collections.Immutable;
using System.Text.Json;
using CsCheck;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Which item of a map is which.</summary>
public sealed class MapItemsTests
{
    [Test]
    public void TheLastListVariesFastest()
    {
        var items = Of(MapCombination.Product, ("region", ["eu", "us"]), ("model", ["a", "b", "c"]));

        Assert.That(items.Count, Is.EqualTo(6));
        Assert.That(Labels(items), Is.EqualTo(new[] { "region=eu model=a", "region=eu model=b", "region=eu model=c", "region=us model=a", "region=us model=b", "region=us model=c" }));
        Assert.That(items[4].GetRawText(), Is.EqualTo("""{"region":"us","model":"b"}"""), "members in the order of the lists");
        Assert.That(items.Shape, Is.EqualTo("2 region × 3 model"));
    }

    [Test]
    public void EqualPlacesAreTogetherInAZip()
    {
        var items = Of(MapCombination.Zip, ("region", ["eu", "us"]), ("model", ["a", "b"]));

        Assert.That(Labels(items), Is.EqualTo(new[] { "region=eu model=a", "region=us model=b" }));
    }

    [Test]
    public void AnItemOfOneListIsItsElement()
    {
        var items = MapItems.Of(Work(MapItems.Store(JsonElement.Parse("""["a",{"b":1}]"""))));

        Assert.That(items[1].GetRawText(), Is.EqualTo("""{"b":1}"""));
        Assert.That(items.LabelOf(0), Is.EqualTo("\"a\""), "as it has always been");
        Assert.That(items.Shape, Is.Null);
    }

    [Test]
    public void EachPlaceIsAnotherCombinationInTheOrderOfNestedLoops() => Gen.Int[0, 5].Array[1, 4].Sample(lengths =>
    {
        var items = Of(MapCombination.Product, [.. lengths.Select((length, list) => ($"l{list}", Enumerable.Range(0, length).Select(place => $"{list}.{place}").ToArray()))]);
        var loops = lengths.Select((length, list) => (length, list)).Aggregate(
            (IEnumerable<ImmutableArray<string>>)[[]],
            (before, one) => before.SelectMany(made => Enumerable.Range(0, one.length).Select(place => made.Add($"{one.list}.{place}"))));

        Assert.That(
            Enumerable.Range(0, (int)items.Count).Select(place => string.Join(' ', items[place].EnumerateObject().Select(member => member.Value.GetString()))),
            Is.EqualTo(loops.Select(one => string.Join(' ', one))));
    });

    [Test]
    public void AMillionItemsAreKeptAsTwoThousandElements()
    {
        var thousand = Enumerable.Range(0, 1000).Select(number => $"{number}").ToArray();
        var work = Work(MapItems.Store(MapCombination.Product, [("a", OrcJson.ToElement(thousand)), ("b", OrcJson.ToElement(thousand))]));
        var items = MapItems.Of(work);

        Assert.That(items.Count, Is.EqualTo(1_000_000));
        Assert.That(items.LabelOf(999_999), Is.EqualTo("a=999 b=999"));
        Assert.That(items.LabelOf(1_001), Is.EqualTo("a=1 b=1"));
        Assert.That(OrcJson.ToElement(work).GetRawText(), Has.Length.LessThan(20_000), "what is stored of it");
        Assert.That(MapItems.Of(work), Is.SameAs(items), "read once");
    }

    [TestCase(new long[] { 0, 10 }, 0)]
    [TestCase(new long[0], 0)]
    [TestCase(new long[] { 1_000_000, 1_000_000, 1_000_000, 1_000_000 }, long.MaxValue)]
    [TestCase(new long[] { 3, 4, 5 }, 60)]
    public void ACountNeverWrapsAround(long[] lengths, long count) => Assert.That(MapItems.CountOf(lengths), Is.EqualTo(count));

    private static IEnumerable<string> Labels(MapItems items) => Enumerable.Range(0, (int)items.Count).Select(items.LabelOf);

    private static MapItems Of(MapCombination combine, params (string Name, string[] List)[] lists) =>
        MapItems.Of(Work(MapItems.Store(combine, [.. lists.Select(list => (list.Name, OrcJson.ToElement(list.List)))])));

    private static TaskWork Work(ImmutableSortedDictionary<string, JsonElement> inputs) => new() { Uses = "test.work", Inputs = inputs, Spread = Spread.List };
}
