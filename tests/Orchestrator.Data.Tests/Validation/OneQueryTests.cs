using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Values;
using Orchestrator.Data.Querying;
using Orchestrator.Data.Validation;
using Orchestrator.Testing;
using static Orchestrator.Data.Validation.ExpectationFunctions;

namespace Orchestrator.Data.Tests.Validation;

/// <summary>The promise of the design: however many rules, one query judges them, and one more finds examples.</summary>
public sealed class OneQueryTests
{
    private readonly ActivityEnvironment environment = new();

    [TearDown]
    public void TearDown() => environment.Dispose();

    private static readonly Expectation[] Many =
    [
        RowCount(atLeast: 1000), ColumnCount(exactly: 20), UniqueTogether("state", "account_length", "total_day_minutes"), Greater("total_day_minutes", "total_day_charge").Warn(),
        Column("total_day_minutes").NotNull().Between(0, 1440).Finite().Mean(100, 250).ZScoreBelow(6).Quantile(0.9, atMost: 300),
        Column("churn").NotNull().InSet("yes", "no").DistinctEquals("yes", "no").MostCommonInSet("no").DivergenceBelow(0.1, ("yes", 0.14), ("no", 0.86)),
        Column("state").Unique().Warn(), Column("account_length").Increasing().Warn(), Column("area_code").Matches("^area_code_[0-9]{3}$"), Column("nowhere").NotNull().Warn(),
    ];

    [Test]
    public async Task RulesThatHold_CostOneQueryAndBrokenOnesOneMore()
    {
        var version = await environment.SnapshotAsync(Given.Churn);
        // DuckDB itself keeps the count: its query log is read afterwards.
        using var duck = DuckSession.OpenLogged(environment.BaseDirectory, DuckSession.FoldersOf(environment.Artifacts.PathOf(version.Data)));
        var check = new TableCheck(duck, environment.Artifacts.PathOf(version.Data), version.Columns);
        var rules = new RuleCompiler(version.Columns, null).Compile(Many);
        Assert.That(rules, Has.Count.GreaterThan(18));

        var held = await check.RunAsync([.. rules.Where(rule => rule.Severity == Severity.Error)], 20, default);
        Assert.That(held.Where(result => !result.Passed).Select(ValidationReport.Describe), Is.Empty);
        Assert.That(await StatementsAsync(duck), Is.EqualTo(1));
        await check.RunAsync(rules, 20, default);
        Assert.That(await StatementsAsync(duck), Is.EqualTo(3));
    }

    private static async Task<long> StatementsAsync(DuckSession duck) =>
        (await duck.QueryAsync("SELECT count(*) FROM duckdb_logs WHERE type = 'QueryLog' AND message LIKE 'WITH t AS%'", row => row.GetInt64(0), default))[0];

    [Test]
    public async Task BrokenRules_ShowTwentyRowsAndKeepThem()
    {
        var version = await environment.DatasetAsync("id,v\n" + string.Concat(Enumerable.Range(1, 100).Select(i => $"{i},{(i % 2 == 0 ? "good" : "bad <b>, \"x\"".Replace("\"", "\"\"", StringComparison.Ordinal) is var bad && i % 2 == 1 ? $"\"{bad}\"" : "good")}\n")));
        var failure = await environment.FailureAsync(new ValidateDataset { Dataset = version, Expect = [Column("v").InSet("good"), Column("id").AtMost(99).Warn()] });
        Assert.That(failure.Message, Does.Contain("rule v in {\"good\"}: 50 of 100 rows (50 %), e.g. row 1: \"bad <b>, \"x\"\""));
        Assert.That(failure.Details.Count(line => line.StartsWith("  row", StringComparison.Ordinal)), Is.EqualTo(21), "20 of the error, 1 of the warning");

        var files = Directory.GetFiles(Path.GetDirectoryName(environment.Artifacts.PathOf(version.Data))!).Select(File.ReadAllText).ToArray();
        var rows = files.Single(text => text.StartsWith("rule,row,id,v\n", StringComparison.Ordinal)).Split('\n');
        Assert.That(rows, Has.Length.EqualTo(1 + 21 + 1));
        Assert.That(rows[1], Is.EqualTo("\"v in {\"\"good\"\"}\",1,1,\"bad <b>, \"\"x\"\"\""));
        var page = files.Single(text => text.StartsWith("<!doctype html>", StringComparison.Ordinal));
        Assert.That(page, Does.Contain("bad &lt;b&gt;").And.Not.Contain("bad <b>"));
    }

    [Test]
    public async Task BrokenRules_CanBeLeftToLaterTasks()
    {
        var version = await environment.DatasetAsync("id\n1\n2\n");
        await environment.RunAsync(new ValidateDataset { Dataset = version, Expect = [Column("id").AtMost(1), Column("id").AtMost(0).Warn()], KeepGoing = true });
        Assert.That((environment.Output<bool>("passed"), environment.Output<int>("failures"), environment.Output<int>("warnings")), Is.EqualTo((false, 1, 1)));
        Assert.That(OrcJson.ToElement(environment.Output<DatasetRef>("version")).GetRawText(), Is.EqualTo(OrcJson.ToElement(version).GetRawText()));
    }
}
