using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Deployment.Prediction;

namespace Orchestrator.Deployment.Tests.Prediction;

public sealed class JsonRowsTests
{
    private static readonly ModelSignature Signature = new()
    {
        Task = ModelTask.Classification,
        Label = "churn",
        Classes = ["no", "yes"],
        Features =
        [
            new ColumnInfo { Name = "minutes", Type = ColumnType.Number },
            new ColumnInfo { Name = "plan", Type = ColumnType.Text },
            new ColumnInfo { Name = "active", Type = ColumnType.Boolean },
            new ColumnInfo { Name = "since", Type = ColumnType.Date },
        ],
    };

    [Test]
    public void Read_GoodRow_GivesTheColumnsInTheModelsOrder()
    {
        var fitted = JsonRows.Read("""{ "since": "1970-01-02", "active": true, "plan": "basic", "minutes": 12.5, "churn": "no", "note": 1 }""", Signature, "churn 3");

        Assert.That(fitted.Table.Columns.Select(column => column.Name), Is.EqualTo(new[] { "minutes", "plan", "active", "since" }));
        Assert.That(Numbers(fitted, "minutes"), Is.EqualTo(new[] { 12.5 }));
        Assert.That(Numbers(fitted, "active"), Is.EqualTo(new[] { 1.0 }));
        Assert.That(Numbers(fitted, "since"), Is.EqualTo(new[] { 86400.0 }));
        Assert.That(fitted.Notes, Is.EqualTo(new[] { "not used by the model: churn, note" }));
    }

    [Test]
    public void Read_Nulls_AreMissingValues()
    {
        var fitted = JsonRows.Read("""[{ "since": null, "active": null, "plan": null, "minutes": null }]""", Signature, "churn 3");

        Assert.That(Numbers(fitted, "minutes"), Is.EqualTo(new[] { double.NaN }));
        Assert.That(((TextColumn)fitted.Table.Columns[1]).Values, Is.EqualTo(new string?[] { null }));
    }

    [Test]
    public void Read_SeveralMistakes_TellsAllAtOnceByColumn()
    {
        var failure = Refused("""{ "minuts": 3, "plan": 7, "active": "yes", "since": "yesterday" }""");

        Assert.That(failure.Code, Is.EqualTo("ORC5557"));
        Assert.That(failure.Details, Is.EqualTo(new[]
        {
            "column \"minutes\" (a number) is missing; is \"minuts\" meant to be it?",
            "column \"plan\" should be text and is 7 in row 1; write \"7\" in quotes",
            "column \"active\" should be true or false and is \"yes\" in row 1",
            "column \"since\" should be a date like \"2026-03-31\" and is \"yesterday\" in row 1",
        }));
    }

    [Test]
    public void Read_SecondRowLacksAColumn_NamesTheRow()
    {
        const string Good = """{ "since": null, "active": null, "plan": null, "minutes": 1 }""";

        Assert.That(Refused($$"""[{{Good}}, { "since": null, "active": null, "plan": null }]""").Message, Does.EndWith("column \"minutes\" (a number) is missing in row 2"));
    }

    [TestCase("", "ORC5556", "it is empty")]
    [TestCase("{ \"a\": ", "ORC5556", "line 1")]
    [TestCase("{ \"a\": 1, \"a\": 2 }", "ORC5556", "a")]
    [TestCase("7", "ORC5556", "7 is not an object")]
    [TestCase("[{}, 3]", "ORC5556", "row 2")]
    [TestCase("[]", "ORC5559", "no rows")]
    [TestCase("{ \"minutes\": \"12\", \"plan\": null, \"active\": null, \"since\": null }", "ORC5557", "write 12 without quotes")]
    [TestCase("{ \"minutes\": 1e999, \"plan\": null, \"active\": null, \"since\": null }", "ORC5557", "1e999")]
    public void Read_BadText_SaysWhatIsWrong(string json, string code, string part)
    {
        var failure = Refused(json);

        Assert.That(failure.Code, Is.EqualTo(code));
        Assert.That(failure.Message, Does.Contain(part));
    }

    private static Failure Refused(string json) => Assert.Throws<ActivityException>(() => JsonRows.Read(json, Signature, "churn 3"))!.Failure;

    private static double[] Numbers(FittedTable fitted, string column) => ((NumberColumn)fitted.Table.Find(column)!).Values;
}
