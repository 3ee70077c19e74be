using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Deployment.Prediction;

namespace Orchestrator.Deployment.Tests.Prediction;

public sealed class TableFitTests
{
    [Test]
    public void Fit_CodesThatLookLikeIntegers_BecomeTheTextsTheModelKnows()
    {
        var fitted = TableFit.Fit(Table(new NumberColumn { Name = "area", Type = ColumnType.Integer, Values = [408, double.NaN] }), Signature(ColumnType.Text), "m");

        Assert.That(((TextColumn)fitted.Table.Columns[0]).Values, Is.EqualTo(new[] { "408", null }));
    }

    [Test]
    public void Fit_EmptyColumnReadAsText_IsMissingNumbers()
    {
        var fitted = TableFit.Fit(Table(new TextColumn { Name = "area", Type = ColumnType.Text, Values = [null, ""] }), Signature(ColumnType.Number), "m");

        Assert.That(((NumberColumn)fitted.Table.Columns[0]).Values, Is.EqualTo(new[] { double.NaN, double.NaN }));
    }

    [TestCase(ColumnType.Number, "should be a number and is \"x\" in row 2")]
    [TestCase(ColumnType.Boolean, "should be true or false and is \"x\" in row 2")]
    [TestCase(ColumnType.Timestamp, "should be a time like \"2026-03-31T14:00:00Z\" and is \"x\" in row 2")]
    public void Fit_TextThatIsNoSuchValue_IsRefusedWithItsRow(ColumnType type, string part)
    {
        var table = Table(new TextColumn { Name = "area", Type = ColumnType.Text, Values = [null, "x"] });

        Assert.That(Assert.Throws<ActivityException>(() => TableFit.Fit(table, Signature(type), "m"))!.Failure.Message, Does.Contain(part));
    }

    [Test]
    public void Fit_NumberWhereABooleanWasLearned_IsRefused()
    {
        var table = Table(new NumberColumn { Name = "area", Type = ColumnType.Integer, Values = [1, 2] });

        Assert.That(Assert.Throws<ActivityException>(() => TableFit.Fit(table, Signature(ColumnType.Boolean), "m"))!.Failure.Message, Does.Contain("is 2 in row 2"));
    }

    [Test]
    public void Fit_MissingColumn_NamesTheNearOne()
    {
        var table = Table(new NumberColumn { Name = "aera", Type = ColumnType.Integer, Values = [1, 2] });

        Assert.That(Assert.Throws<ActivityException>(() => TableFit.Fit(table, Signature(ColumnType.Number), "m"))!.Failure.Message, Does.Contain("is \"aera\" meant to be it?"));
    }

    [Test]
    public void Fit_SeveralMissingColumnsNearOneSpare_OffersItToTheNearestOnly()
    {
        var table = Table(new NumberColumn { Name = "total_day_minute", Type = ColumnType.Integer, Values = [1, 2] });
        var signature = Signature(ColumnType.Number) with
        {
            Features = [new ColumnInfo { Name = "total_day_charge", Type = ColumnType.Number }, new ColumnInfo { Name = "total_day_minutes", Type = ColumnType.Number }],
        };

        Assert.That(Assert.Throws<ActivityException>(() => TableFit.Fit(table, signature, "m"))!.Failure.Details, Is.EqualTo(new[]
        {
            "column \"total_day_charge\" (a number) is missing",
            "column \"total_day_minutes\" (a number) is missing; is \"total_day_minute\" meant to be it?",
        }));
    }

    private static Table Table(TableColumn column) => new() { RowCount = 2, Columns = [column] };

    private static ModelSignature Signature(ColumnType type) => new()
    {
        Task = ModelTask.Regression,
        Label = "y",
        Features = [new ColumnInfo { Name = "area", Type = type }],
    };
}
