using CsCheck;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Tests.Runs;

public sealed class PersistentListTests
{
    /// <summary>Sizes at which the tree gets another level, and between them.</summary>
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(16)]
    [TestCase(17)]
    [TestCase(256)]
    [TestCase(257)]
    [TestCase(4_097)]
    [TestCase(70_000)]
    public void HoldsWhatWasAppended(int count)
    {
        var list = PersistentList<string>.Empty;
        for (var i = 0; i < count; i++)
        {
            list = list.SetItem(i, $"{i}");
        }

        Assert.That(list, Has.Count.EqualTo(count));
        Assert.That(list, Is.EqualTo(Enumerable.Range(0, count).Select(i => $"{i}")));
    }

    [Test]
    public void ChangesAsAListDoesAndLeavesEveryEarlierOneAsItWas() => Gen.Select(Gen.Int[0, 600], Gen.Int[0, 1_000].Array[0, 40]).Sample((count, changes) =>
    {
        var model = Enumerable.Range(0, count).Select(i => $"{i}").ToList();
        var list = model.Aggregate(PersistentList<string>.Empty, (all, one) => all.SetItem(all.Count, one));
        var versions = new List<(PersistentList<string> List, string[] Model)>();
        foreach (var change in changes)
        {
            var index = change % (model.Count + 1);
            list = list.SetItem(index, $"changed {change}");
            if (index == model.Count)
            {
                model.Add("");
            }

            model[index] = $"changed {change}";
            versions.Add((list, [.. model]));
        }

        foreach (var (then, expected) in versions)
        {
            Assert.That(then, Is.EqualTo(expected));
        }
    });

    [Test]
    public void RefusesAnIndexOutside()
    {
        var list = PersistentList<string>.Empty.SetItem(0, "a");

        Assert.That(() => list[1], Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => list[-1], Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => list.SetItem(2, "c"), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
