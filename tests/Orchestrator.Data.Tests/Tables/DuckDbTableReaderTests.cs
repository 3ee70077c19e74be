using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Activities;
using Orchestrator.Data.Tables;
using Orchestrator.Testing;

namespace Orchestrator.Data.Tests.Tables;

public sealed class DuckDbTableReaderTests
{
    private readonly ActivityEnvironment environment = new();
    private readonly DuckDbTableReader reader = new();

    [TearDown]
    public void TearDown() => environment.Dispose();

    [Test]
    public async Task Read_ColumnsInTheAskedOrder()
    {
        var version = await environment.DatasetAsync("i,n,b,d,t\n1,1.5,true,1970-01-02,x\n,,,,\n3,-2,false,1970-01-01,y\n");
        var table = await reader.ReadAsync(environment.Artifacts.PathOf(version.Data), ["t", "d", "b", "n", "i"], default);
        Assert.That(table.RowCount, Is.EqualTo(3));
        Assert.That(((TextColumn)table.Columns[0]).Values, Is.EqualTo(new[] { "x", null, "y" }));
        Assert.That(((NumberColumn)table.Columns[1]).Values, Is.EqualTo(new[] { 86400, double.NaN, 0 }));
        Assert.That(((NumberColumn)table.Columns[2]).Values, Is.EqualTo(new[] { 1, double.NaN, 0 }));
        Assert.That(((NumberColumn)table.Columns[3]).Values, Is.EqualTo(new[] { 1.5, double.NaN, -2 }));
        Assert.That(table.Columns.Select(c => c.Type), Is.EqualTo(new[] { ColumnType.Text, ColumnType.Date, ColumnType.Boolean, ColumnType.Number, ColumnType.Integer }));
    }

    [Test]
    public async Task Read_UnknownColumn_NamesTheNearOne()
    {
        var version = await environment.DatasetAsync("churn,b\n1,2\n");
        var failed = Assert.ThrowsAsync<ActivityException>(() => reader.ReadAsync(environment.Artifacts.PathOf(version.Data), ["chrun"], default));
        Assert.That((failed!.Failure.Code, failed.Failure.Help), Is.EqualTo(("ORC5340", "did you mean \"churn\"?")));
    }

    [Test]
    public async Task ReadSource_ReadsWhatPeopleHave()
    {
        var table = await reader.ReadSourceAsync(Given.Churn, default);
        Assert.That((table.RowCount, table.Columns.Count), Is.EqualTo((5000, 20)));
        Assert.That(((TextColumn)table.Find("churn")!).Values.Distinct(), Is.EquivalentTo(new[] { "no", "yes" }));
        var jsonl = environment.WriteFile("t.jsonl", "{\"a\":1}\n{\"a\":2}\n");
        Assert.That(((NumberColumn)(await reader.ReadSourceAsync(jsonl, default)).Columns[0]).Values, Is.EqualTo(new[] { 1.0, 2.0 }));
    }

    [Test]
    public void Cancelled_Stops()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.That(() => reader.ReadSourceAsync(Given.Churn, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }
}
