using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Values;
using Orchestrator.Data.Inspection;
using Orchestrator.Testing;

namespace Orchestrator.Data.Tests.Inspection;

public sealed class TableInspectorTests
{
    private readonly ActivityEnvironment environment = new();

    [TearDown]
    public void TearDown() => environment.Dispose();

    [Test]
    public async Task ChurnTable_IsUnderstood()
    {
        var table = await TableInspector.InspectAsync(Given.Churn, default);
        Assert.That((table.Rows, table.Columns.Count), Is.EqualTo((5000L, 20)));
        Assert.That((table.Label!.Column, table.Label.Task, table.Label.Positive), Is.EqualTo(("churn", LearningTask.Classification, "yes")));
        Assert.That(table.LeaveOut, Is.Empty);
        var rules = table.Rules.Select(rule => OrcJson.ToElement(rule).GetRawText()).ToArray();
        Assert.That(rules, Has.Some.EqualTo("""{"rowCount":{"min":2500}}"""));
        Assert.That(rules, Has.Some.EqualTo("""{"column":"churn","notNull":true,"inSet":["no","yes"]}"""));
        Assert.That(rules, Has.Some.Matches("\"total_day_minutes\",\"notNull\":true,\"between\":\\{\"min\":0,\"max\":4[0-9]0\\}"));

        // What is proposed holds.
        var version = await environment.SnapshotAsync(Given.Churn);
        Assert.That((await environment.JudgeAsync(version, [.. table.Rules])).Values, Has.All.True);
        Assert.That(table.Rules.SelectMany(rule => rule.Check()), Is.Empty);
    }

    [Test]
    public async Task KeysAndConstants_AreLeftOut()
    {
        environment.WriteFile("t.csv", "customer_id,name,version,empty,value,price\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"{1000 + (i * 37)},name {i},v1,,{i % 7},{i * 1.25}\n")));
        var table = await TableInspector.InspectAsync(Path.Combine(environment.BaseDirectory, "t.csv"), default);
        Assert.That(table.LeaveOut.Select(left => left.Column), Is.EqualTo(new[] { "customer_id", "name", "version", "empty" }));
        Assert.That((table.Label!.Column, table.Label.Task), Is.EqualTo(("price", LearningTask.Regression)));
    }

    [TestCase("a,b,is_fraud\n", "0,1,0|1,2,1|2,2,0", "is_fraud", LearningTask.Classification)]
    [TestCase("y,b,c\n", "0.5,1,0|1.5,2,1|2.25,2,0", "y", LearningTask.Regression)]
    [TestCase("a,b,answer\n", "1.5,1,ja|2.5,7,nein|3.5,3,ja|4.5,4,nein", "answer", LearningTask.Classification)]
    public async Task Label_IsFoundByNameThenByValues(string header, string rows, string label, LearningTask task)
    {
        environment.WriteFile("t.csv", header + string.Join('\n', rows.Split('|')) + "\n");
        var table = await TableInspector.InspectAsync(Path.Combine(environment.BaseDirectory, "t.csv"), default);
        Assert.That((table.Label?.Column, table.Label?.Task), Is.EqualTo((label, (LearningTask?)task)));
    }

    [TestCase(0, 350.8, 0, 440)]
    [TestCase(1, 243, 0, 310)]
    [TestCase(-5, 5, -7.5, 7.5)]
    [TestCase(100, 200, 75, 230)]
    [TestCase(-3, -1, -3.5, -0.5)]
    public void Around_LeavesRoomAndKeepsTheSign(double low, double high, double min, double max)
    {
        var range = ProposedRules.Around(low, high);
        Assert.That((range.Min!.Value.Number, range.Max!.Value.Number), Is.EqualTo(((double?)min, (double?)max)));
    }
}
