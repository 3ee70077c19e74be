using Orchestrator.Core.Runs;
using Orchestrator.Testing.Pipelines;

namespace Orchestrator.Testing.Tests;

/// <summary>The gates of workflows/churn: what happens when, whatever the activities themselves do.</summary>
public sealed class ChurnLogicTests
{
    private static readonly string[] All = ["snapshot", "validate", "split", "sweep", "evaluate", "compare", "deploy", "tell"];

    [TestCase("churn.csx")]
    [TestCase("churn.json")]
    public async Task AGoodModelIsDeployedAndTold(string file)
    {
        var run = await Churn(file).Fake("compare", _ => new { candidateScore = 0.9, notWorse = true, reason = "better by 0.02" }).RunAsync();

        Assert.That(run.Status, Is.EqualTo(RunStatus.Succeeded), run.ToString());
        Assert.That(run.Order.Order(), Is.EqualTo(All.Order()));
        Assert.That(run["tell"].Input<string>("message"), Is.EqualTo("better by 0.02"));
    }

    [Test]
    public async Task PoisonedDataLeavesEverythingAfterItUntouched()
    {
        var run = await Churn().Fake("validate", call => throw call.Failed("churn has 3 values that are not allowed", "ORC5301", retryable: false)).RunAsync();

        Assert.That(run.Status, Is.EqualTo(RunStatus.Failed));
        Assert.That(run["validate"].Failure?.Code, Is.EqualTo("ORC5301"));
        foreach (var task in new[] { "split", "sweep", "evaluate", "compare", "deploy", "tell" })
        {
            Assert.That(run[task].Outcome, Is.EqualTo(TaskOutcome.UpstreamFailed), task);
            Assert.That(run[task].Attempts, Is.Zero, task);
        }
    }

    [TestCase(0.84, true, TaskOutcome.Skipped)]
    [TestCase(0.85, true, TaskOutcome.Succeeded)]
    [TestCase(0.99, false, TaskOutcome.Skipped)]
    public async Task TheGateAsksForTheLowestScoreAndForNoLoss(double score, bool notWorse, TaskOutcome deployed)
    {
        var run = await Churn().Fake("compare", _ => new { candidateScore = score, notWorse, reason = "compared" }).RunAsync();

        Assert.That(run["deploy"].Outcome, Is.EqualTo(deployed));
        Assert.That(run["tell"].Outcome, Is.EqualTo(TaskOutcome.Succeeded), "people hear of it either way");
        Assert.That(run.Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public async Task TheLowestScoreIsAParameter()
    {
        var run = await Churn().Param("minAuc", 0.8).Fake("compare", _ => new { candidateScore = 0.84, notWorse = true }).RunAsync();

        Assert.That(run["deploy"].Outcome, Is.EqualTo(TaskOutcome.Succeeded));
    }

    [Test]
    public async Task AnEvaluationThatFailsHoldsTheDeploymentBack()
    {
        var run = await Churn().Fake("compare", _ => new { candidateScore = 0.9, notWorse = true }).Fail("evaluate").RunAsync();

        Assert.That(run["deploy"].Outcome, Is.EqualTo(TaskOutcome.UpstreamFailed));
        Assert.That(run.Status, Is.EqualTo(RunStatus.Failed));
    }

    [Test]
    public async Task ADeploymentThatNeverWorksEndsAfterThreeAttemptsWithinTheBackoff()
    {
        var run = await Churn().Fake("compare", _ => new { candidateScore = 0.9, notWorse = true }).Fail("deploy").RunAsync();

        Assert.That(run["deploy"].Outcome, Is.EqualTo(TaskOutcome.Failed));
        Assert.That(run["deploy"].Attempts, Is.EqualTo(3));
        Assert.That(run.Elapsed, Is.LessThanOrEqualTo(TimeSpan.FromSeconds(30)), "10 s and 20 s at the most");
        Assert.That(run["tell"].Outcome, Is.EqualTo(TaskOutcome.UpstreamFailed));
    }

    private static PipelineTest Churn(string file = "churn.csx") => PipelineTest.Of(Repository.Path("workflows", "churn", file)).FakeOthers();
}
