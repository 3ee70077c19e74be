using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Activities;
using Orchestrator.Data.Splitting;
using Orchestrator.Data.Tables;
using Orchestrator.Data.Validation;
using Orchestrator.Data.Versions;
using Orchestrator.Testing;
using static Orchestrator.Data.Validation.ExpectationFunctions;

namespace Orchestrator.Data.Tests;

/// <summary>Snapshot, validate, split and read the sample table, as the churn pipeline does.</summary>
public sealed class MainRoadTests
{
    private readonly ActivityEnvironment environment = new();

    [TearDown]
    public void TearDown() => environment.Dispose();

    [Test]
    public async Task ChurnTableGoesFromFileToParts()
    {
        await environment.RunAsync(new SnapshotDataset { Source = Given.Churn, Name = "customers" });
        var version = environment.Output<DatasetRef>("version");
        Assert.Multiple(() =>
        {
            Assert.That(version.Rows, Is.EqualTo(5000));
            Assert.That(version.Columns, Has.Count.EqualTo(20));
            Assert.That(version.Columns.Single(c => c.Name == "churn").Type, Is.EqualTo(ColumnType.Text));
            Assert.That(version.Columns.Single(c => c.Name == "total_day_minutes").Type, Is.EqualTo(ColumnType.Number));
            Assert.That(version.Columns.Single(c => c.Name == "account_length").Type, Is.EqualTo(ColumnType.Integer));
            Assert.That(environment.Facts.OfType<DatasetVersionFact>().Single().Dataset.Version, Has.Length.EqualTo(64));
        });

        await environment.RunAsync(new ValidateDataset
        {
            Dataset = version,
            Expect = [Column("total_day_minutes").Between(0, 1440), Column("churn").NotNull().InSet("yes", "no"), RowCount(atLeast: 1000)],
        });
        Assert.That(environment.Output<bool>("passed"), Is.True, string.Join("\n", environment.Lines));

        await environment.RunAsync(new SplitDataset { Dataset = environment.Output<DatasetRef>("version"), TestFraction = 0.2, StratifyBy = "churn", Seed = 7 });
        var train = environment.Output<DatasetRef>("train");
        var test = environment.Output<DatasetRef>("test");
        Assert.That((train.Rows, test.Rows, train.Part, test.Part), Is.EqualTo((4000L, 1000L, "train", "test")));

        var table = await new DuckDbTableReader().ReadAsync(environment.Artifacts.PathOf(test.Data), ["churn", "total_day_minutes"], CancellationToken.None);
        var labels = ((TextColumn)table.Columns[0]).Values;
        Assert.That(labels.Count(label => label == "yes"), Is.EqualTo(141).Within(1));
        Assert.That(((NumberColumn)table.Columns[1]).Values, Has.All.InRange(0, 1440));
    }

    [Test]
    public async Task PoisonedTableNamesEachRuleWithCountsAndRows()
    {
        var lines = await File.ReadAllLinesAsync(Given.Churn);
        string[] Fields(int row) => lines[row].Split(',');
        void Put(int row, int column, string value)
        {
            var fields = Fields(row);
            fields[column] = value;
            lines[row] = string.Join(',', fields);
        }

        Put(17, 19, "\"maybe\"");
        Put(40, 6, "99999");
        Put(41, 6, "99999");
        Put(99, 19, "");
        environment.WriteFile("poisoned.csv", string.Join('\n', lines) + "\n");
        var version = await environment.SnapshotAsync("poisoned.csv");
        var failure = await environment.FailureAsync(new ValidateDataset
        {
            Dataset = version,
            Expect = [Column("total_day_minutes").Between(0, 1440), Column("churn").NotNull().InSet("yes", "no"), Column("chrun").NotNull().Warn()],
        });
        Assert.That(failure.Code, Is.EqualTo("ORC5320"));
        Assert.That(failure.Message, Does.Contain("rule churn in {\"yes\",\"no\"}: 1 of 4999 rows (0.02 %), e.g. row 17: \"maybe\""));
        Assert.That(failure.Message, Does.Contain("rule total_day_minutes in [0, 1440]: 2 of 5000 rows (0.04 %), e.g. row 40: \"99999.0\""));
        Assert.That(failure.Message, Does.Contain("rule churn is not null: 1 of 5000 rows (0.02 %), e.g. row 99: null"));
        Assert.That(failure.Details, Has.Some.Contains("warning: rule chrun is not null: there is no column \"chrun\"; did you mean \"churn\"?"));
        var fact = environment.Facts.OfType<ValidationFact>().Single();
        Assert.That((fact.Passed, fact.ErrorCount, fact.WarningCount), Is.EqualTo((false, 3, 1)));
    }
}
