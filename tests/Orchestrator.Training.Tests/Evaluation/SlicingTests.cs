using Orchestrator.Assets.Datasets;
using Orchestrator.Training.Evaluation;

namespace Orchestrator.Training.Tests.Evaluation;

public sealed class SlicingTests
{
    [Test]
    public void Cut_TextColumn_GivesEachValueAndTheMissing()
    {
        var slices = Slicing.Cut(new TextColumn { Name = "plan", Type = ColumnType.Text, Values = ["b", "a", null, "a"] }, 4);

        Assert.That(slices.Select(slice => $"{slice.Name}:{string.Join(',', slice.Rows)}"), Is.EqualTo(new[] { "a:1,3", "b:0", "(missing):2" }));
    }

    [Test]
    public void Cut_TextColumnOfManyValues_KeepsTheFrequentOnesAndPutsTheRestTogether()
    {
        string?[] values = [.. Enumerable.Range(0, 15).SelectMany(i => Enumerable.Repeat($"v{i:00}", 20 - i))];

        var slices = Slicing.Cut(new TextColumn { Name = "state", Type = ColumnType.Text, Values = values }, values.Length);

        Assert.That(slices, Has.Count.EqualTo(13));
        Assert.That(slices[^1].Name, Is.EqualTo("3 other values"));
        Assert.That(slices.Sum(slice => slice.Rows.Length), Is.EqualTo(values.Length));
    }

    [Test]
    public void Cut_NumericColumn_MakesQuartilesThatIncludeTheirUpperEdge()
    {
        double[] values = [.. Enumerable.Range(1, 20).Select(i => (double)i), double.NaN];

        var slices = Slicing.Cut(new NumberColumn { Name = "minutes", Type = ColumnType.Number, Values = values }, values.Length);

        Assert.That(slices.Select(slice => $"{slice.Name}:{slice.Rows.Length}"), Is.EqualTo(new[] { "≤ 5:5", "5 – 10:5", "10 – 15:5", "> 15:5", "(missing):1" }));
    }

    [Test]
    public void Cut_NumericColumnWithALump_HasNoEmptySlice()
    {
        double[] values = [.. Enumerable.Repeat(0.0, 80), .. Enumerable.Range(1, 20).Select(i => (double)i)];

        var slices = Slicing.Cut(new NumberColumn { Name = "calls", Type = ColumnType.Integer, Values = values }, values.Length);

        Assert.That(slices.Select(slice => $"{slice.Name}:{slice.Rows.Length}"), Is.EqualTo(new[] { "≤ 0:80", "> 0:20" }));
    }

    [Test]
    public void Cut_FewDistinctNumbersAndTruthValues_GiveEachValue()
    {
        var counts = Slicing.Cut(new NumberColumn { Name = "calls", Type = ColumnType.Integer, Values = [2, 0, 2, double.NaN] }, 4);
        Assert.That(counts.Select(slice => slice.Name), Is.EqualTo(new[] { "0", "2", "(missing)" }));

        var truths = Slicing.Cut(new NumberColumn { Name = "plan", Type = ColumnType.Boolean, Values = [1, 0, 1] }, 3);
        Assert.That(truths.Select(slice => slice.Name), Is.EqualTo(new[] { "false", "true" }));
    }
}
