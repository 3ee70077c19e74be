using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Validation;
using Orchestrator.Testing;
using static Orchestrator.Data.Validation.ExpectationFunctions;

namespace Orchestrator.Data.Tests.Validation;

/// <summary>Each rule on a small table, once where it holds and once where it does not.</summary>
public sealed class RulesTests
{
    private const string Table = """
        id,n,x,s,d,up,b,a2,null1
        1,5,0.5,aa,2026-01-01,1,true,1,
        2,5,1.5,b,2026-01-02,1,false,1,
        3,7,,ccc,2026-01-03,2,true,2,
        4,,2.5,b,,3,,2,
        5,9,nan,,2026-02-01,5,true,3,

        """;

    private readonly ActivityEnvironment environment = new();
    private static ActivityEnvironment? shared;
    private static DatasetRef? table;

    [OneTimeSetUp]
    public static async Task MakeTableOnce()
    {
        shared = new ActivityEnvironment();
        table = await shared.DatasetAsync(Table);
    }

    [OneTimeTearDown]
    public static void Remove() => shared?.Dispose();

    [TearDown]
    public void TearDown() => environment.Dispose();

    private static TestCaseData Case(Expectation rule, bool holds) =>
        new TestCaseData(rule, holds).SetArgDisplayNames(Core.Values.OrcJson.ToElement(rule).GetRawText(), holds ? "holds" : "does not hold");

    private static IEnumerable<TestCaseData> Cases()
    {
        yield return Case(RowCount(atLeast: 5), true);
        yield return Case(RowCount(atLeast: 6), false);
        yield return Case(RowCount(exactly: 5), true);
        yield return Case(RowCount(atMost: 4), false);
        yield return Case(RowCountAsOther(), false);
        yield return Case(ColumnCount(exactly: 9), true);
        yield return Case(ColumnCount(atMost: 8), false);
        yield return Case(Columns("x", "n", "id", "s", "d", "up", "b", "a2", "null1"), true);
        yield return Case(Columns("x", "n"), false);
        yield return Case(Columns("x", "n") with { OthersAllowed = true }, true);
        yield return Case(Columns("x", "q") with { OthersAllowed = true }, false);
        yield return Case(ColumnsInOrder("id", "n", "x", "s", "d", "up", "b", "a2", "null1"), true);
        yield return Case(ColumnsInOrder("n", "id", "x", "s", "d", "up", "b", "a2", "null1"), false);
        yield return Case(Column("n").Exists(), true);
        yield return Case(Column("q").Exists(), false);
        yield return Case(Column("n").OfType("number"), true);
        yield return Case(Column("n").OfType("integer"), true);
        yield return Case(Column("x").OfType("integer"), false);
        yield return Case(Column("s").OfType("object", "int64"), true);
        yield return Case(Column("id").NotNull(), true);
        yield return Case(Column("n").NotNull(), false);
        yield return Case(Column("n").NotNull().Mostly(0.8), true);
        yield return Case(Column("x").NotNull().MaxCount(2), true);
        yield return Case(Column("x").NotNull().MaxCount(1), false);
        yield return Case(Column("null1").IsNull(), true);
        yield return Case(Column("n").IsNull(), false);
        yield return Case(Column("id").Unique(), true);
        yield return Case(Column("n").Unique(), false);
        yield return Case(Column("n").Unique().Mostly(0.5), true);
        yield return Case(Column("x").Finite(), false);
        yield return Case(Column("n").Finite(), true);
        yield return Case(Column("n").InSet(5, 7, 9), true);
        yield return Case(Column("n").InSet(5, 7), false);
        yield return Case(Column("n").InSet(5, 7).Mostly(0.75), true);
        yield return Case(Column("n").InSet(5, 7).Mostly(0.76), false);
        yield return Case(Column("n").InSet(5, 7).MaxRate(0.25), true);
        yield return Case(Column("n").InSet(5, 7).MaxRate(0.24), false);
        yield return Case(Column("n").InSet("5", "7", "9"), true);
        yield return Case(Column("n").InSet("five"), false);
        yield return Case(Column("s").InSet("aa", "b", "ccc"), true);
        yield return Case(Column("b").InSet(true, false), true);
        yield return Case(Column("b").InSet(true), false);
        yield return Case(Column("d").InSet("2026-01-01", "2026-01-02", "2026-01-03", "2026-02-01"), true);
        yield return Case(Column("s").NotInSet("q"), true);
        yield return Case(Column("s").NotInSet("b"), false);
        yield return Case(Column("n").NotInSet("five"), true);
        yield return Case(Column("n").Between(5, 9), true);
        yield return Case(Column("n").Between(5, 8.5), false);
        yield return Case(Column("n").Above(5), false);
        yield return Case(Column("n").AtLeast(5).AtMost(9), true);
        yield return Case(Column("n").Below(9), false);
        yield return Case(Column("x").Between(0.5, 2.5), true);
        yield return Case(Column("d").Between("2026-01-01", "2026-02-01"), true);
        yield return Case(Column("d").Between("2026-01-02", "2026-02-01T00:00:00"), false);
        yield return Case(Column("s").Between("a", "c"), false);
        yield return Case(Column("s").Between("a", "cd"), true);
        yield return Case(Column("s").Between(0, 1), false);
        yield return Case(Column("b").Between(0, 1), false);
        yield return Case(Column("s").Matches("^[a-c]+$"), true);
        yield return Case(Column("s").Matches("^[ab]+$"), false);
        yield return Case(Column("n").Matches("^[579]$"), true);
        yield return Case(Column("s").NotMatches("q"), true);
        yield return Case(Column("s").NotMatches("cc"), false);
        yield return Case(Column("d").DateFormat("%Y-%m-%d"), true);
        yield return Case(Column("s").DateFormat("%Y-%m-%d"), false);
        yield return Case(Column("id").Increasing(strictly: true), true);
        yield return Case(Column("up").Increasing(), true);
        yield return Case(Column("up").Increasing(strictly: true), false);
        yield return Case(Column("n").Increasing(), true);
        yield return Case(Column("n").Decreasing(), false);
        yield return Case(Column("s").Length(atLeast: 1, atMost: 3), true);
        yield return Case(Column("s").Length(exactly: 2), false);
        yield return Case(Column("n").Length(exactly: 1), false);
        yield return Case(Column("n").ZScoreBelow(2), true);
        yield return Case(Column("n").ZScoreBelow(1), false);
        yield return Case(Column("n").Min(5, 5), true);
        yield return Case(Column("n").Min(atLeast: 6), false);
        yield return Case(Column("x").Max(atMost: 2.5), true);
        yield return Case(Column("d").Max(atMost: "2026-01-31"), false);
        yield return Case(Column("d").Min(atLeast: "2026-01-01"), true);
        yield return Case(Column("n").Mean(6.5, 6.5), true);
        yield return Case(Column("n").Mean(atMost: 6), false);
        yield return Case(Column("s").Mean(atMost: 6), false);
        yield return Case(Column("n").Median(6, 6), true);
        yield return Case(Column("n").Median(atLeast: 6.1), false);
        yield return Case(Column("x").StandardDeviation(0.999999, 1.000001), true);
        yield return Case(Column("x").StandardDeviation(atMost: 0.9), false);
        yield return Case(Column("n").Sum(26, 26), true);
        yield return Case(Column("n").Sum(atMost: 25), false);
        yield return Case(Column("n").Quantile(0.5, 6, 6), true);
        yield return Case(Column("n").Quantile(1, atMost: 8), false);
        yield return Case(Column("null1").Max(atMost: "x"), false);
        yield return Case(Column("n").DistinctInSet(5, 7, 9, 11), true);
        yield return Case(Column("n").DistinctInSet(5, 7).Mostly(0.1), false);
        yield return Case(Column("n").DistinctContains(5, 9), true);
        yield return Case(Column("n").DistinctContains(5, 8), false);
        yield return Case(Column("n").DistinctEquals(9, 7, 5), true);
        yield return Case(Column("n").DistinctEquals(9, 7), false);
        yield return Case(Column("n").DistinctCount(exactly: 3), true);
        yield return Case(Column("n").DistinctCount(atLeast: 4), false);
        yield return Case(Column("n").DistinctRate(0.75, 0.75), true);
        yield return Case(Column("n").DistinctRate(atLeast: 0.76), false);
        yield return Case(Column("n").MostCommonInSet(5), true);
        yield return Case(Column("n").MostCommonInSet(7), false);
        yield return Case(Column("id").MostCommonInSet(1), false);
        yield return Case(Column("id").MostCommonInSet(1) with { TiesOkay = true }, true);
        yield return Case(Column("n").DivergenceBelow(0.001, (5, 0.5), (7, 0.25), (9, 0.25)), true);
        yield return Case(Column("n").DivergenceBelow(0.1, (5, 1), (7, 1), (9, 8)), false);
        yield return Case(Column("n").DivergenceBelow(10, (5, 1), (7, 1)), false);
        yield return Case(Column("n") with { Divergence = new Divergence { Below = 0.001, Bins = [0, 6, 9], Weights = [1, 1] } }, true);
        yield return Case(Column("n") with { Divergence = new Divergence { Below = 0.001, Bins = [0, 6, 8], Weights = [1, 1] } }, false);
        yield return Case(UniqueTogether("n", "up"), false);
        yield return Case(UniqueTogether("n", "id"), true);
        yield return Case(UniqueWithinRow("id", "n"), true);
        yield return Case(UniqueWithinRow("id", "up"), false);
        yield return Case(UniqueWithinRow("id", "s"), true);
        yield return Case(Greater("n", "id"), true);
        yield return Case(Greater("id", "up"), false);
        yield return Case(Greater("id", "up", orEqual: true), true);
        yield return Case(Greater("id", "s"), false);
        yield return Case(Equal("up", "a2"), false);
        yield return Case(Equal("up", "a2").Mostly(0.7), false);
        yield return Case(Equal("up", "a2").Mostly(0.4), true);
        yield return Case(PairInSet("up", "a2", (1, 1), (2, 2), (3, 2), (5, 3)), true);
        yield return Case(PairInSet("up", "a2", (1, 1), (2, 2)), false);
        yield return Case(SumEquals(2, "up", "a2").MaxCount(3), true);
        yield return Case(SumEquals(2, "up", "a2"), false);
        yield return Case(SumEquals(2, "up", "s"), false);
    }

    [TestCaseSource(nameof(Cases))]
    public async Task Rule_OnTable_IsJudged(Expectation rule, bool holds)
    {
        Assert.That(rule.Check(), Is.Empty);
        var judged = await shared!.JudgeAsync(table!, rule);
        Assert.That(judged.Values, Has.All.EqualTo(holds), string.Join("\n", shared!.Lines));
    }

    [Test]
    public async Task MissingAndInfiniteValues_AreJudgedAsDocumented()
    {
        var version = await environment.DatasetAsync("i,x\n1,1\n2,nan\n3,inf\n4,-inf\n5,\n");
        var judged = await environment.JudgeAsync(
            version,
            Column("x").NotNull().MaxCount(2).Finite(),
            Column("x").AtMost(10),
            Column("x").AtLeast(-10),
            Column("x").StandardDeviation(atMost: 10),
            Column("x").Mean(atMost: 10),
            Column("x").ZScoreBelow(3).MaxCount(5),
            Column("x").Quantile(0.5, 1, 1),
            Column("x").DistinctCount(exactly: 3));
        Assert.That(judged["x is not null"], Is.True, "a null and a NaN are missing");
        Assert.That(judged["x is finite"], Is.False);
        Assert.That(judged["x at most 10"], Is.False, "infinity is above");
        Assert.That(judged["x at least -10"], Is.False, "minus infinity is below");
        Assert.That(judged["x has a standard deviation at most 10"], Is.False);
        Assert.That(judged["x has a number of distinct values equal to 3"], Is.True);
        Assert.That(environment.Lines, Has.Some.Contains("rule x is finite: 3 of 4 rows (75 %), e.g. row 2: \"nan\"").Or.Some.Contains("rule x is finite: 3 of 4 rows (75 %), e.g. row 2: null"));
    }

    [Test]
    public async Task OtherDataset_IsComparedByRows()
    {
        var version = await environment.DatasetAsync("i\n1\n2\n");
        await environment.RunAsync(new ValidateDataset { Dataset = version, Other = version, Expect = [RowCountAsOther()] });
        Assert.That(environment.Output<bool>("passed"), Is.True);
    }

    [Test]
    public void KullbackLeibler_OfKnownDistributions_IsTheTextbookValue()
    {
        // D(p‖q) of p = (0.36, 0.48, 0.16) from q = (1/3, 1/3, 1/3): 0.0852996 nats, the worked example at the head of the Wikipedia article on the divergence.
        Assert.That(RuleCompiler.KullbackLeibler([9, 12, 4], 25, [1, 1, 1]), Is.EqualTo(0.0852996).Within(1e-7));
        Assert.That(RuleCompiler.KullbackLeibler([1, 1], 2, [0, 1]), Is.EqualTo(double.PositiveInfinity));
    }
}
