using Orchestrator.Core.Runs;
using Orchestrator.Testing.Pipelines;

namespace Orchestrator.Testing.Tests;

/// <summary>The examples of engine/Orchestrator.Testing/README.md; a test below compares the two, so that neither can go its own way.</summary>
public sealed class ReadmeExamples
{
    private static readonly string Churn = Repository.Path("workflows", "churn", "churn.csx");

    // example: gate
    [Test]
    public async Task AWorseModelIsNotDeployed()
    {
        var run = await PipelineTest.Of(Churn)
            .FakeOthers()
            .Fake("compare", _ => new { candidateScore = 0.91, notWorse = false })
            .RunAsync();

        Assert.That(run["deploy"].Outcome, Is.EqualTo(TaskOutcome.Skipped));
        Assert.That(run["deploy"].Reason, Does.Contain("tasks.compare.notWorse = false"));
        Assert.That(run.Status, Is.EqualTo(RunStatus.Succeeded));
    }
    // end

    // example: retry
    [Test]
    public async Task AnEndpointThatDoesNotAnswerIsTriedThreeTimes()
    {
        var run = await PipelineTest.Of(Churn)
            .FakeOthers()
            .Fake("compare", _ => new { candidateScore = 0.91, notWorse = true })
            .Fail("deploy", 1, 2)
            .RunAsync();

        Assert.That(run["deploy"].Attempts, Is.EqualTo(3));
        Assert.That(run["deploy"].Failures, Has.Count.EqualTo(2));
        Assert.That(run["deploy"].Outcome, Is.EqualTo(TaskOutcome.Succeeded));
    }
    // end

    // example: order
    [Test]
    public async Task NothingIsTrainedOnDataThatDoesNotPass()
    {
        var run = await PipelineTest.Of(Churn).FakeOthers().Fail("validate").RunAsync();

        Assert.That(run.Order, Is.EqualTo(new[] { "snapshot", "validate" }));
        Assert.That(run["sweep"].Outcome, Is.EqualTo(TaskOutcome.UpstreamFailed));
        Assert.That(run.Status, Is.EqualTo(RunStatus.Failed));
    }
    // end

    // example: inputs
    [Test]
    public async Task EachNumberIsDoubledWithTheOffsetOfTheRun()
    {
        var run = await PipelineTest.OfJson("""
                { "name": "doubles", "params": { "offset": { "type": "integer", "default": 1 } },
                  "tasks": { "all": { "uses": "sample.double", "map": { "over": "[1, 2, 3]" }, "with": { "number": "${item + params.offset}" } } } }
                """)
            .With(typeof(ReadmeExamples).Assembly)
            .Param("offset", 10)
            .Fake("all", call => new { twice = 2 * call.Input<int>("number") })
            .RunAsync();

        Assert.That(run["all"].Items.Select(item => item.Input<int>("number")), Is.EqualTo(new[] { 11, 12, 13 }));
        Assert.That(run["all"].Output<int[]>("twice"), Is.EqualTo(new[] { 22, 24, 26 }));
    }
    // end

    // example: time
    [Test]
    public async Task ANightOfWorkTakesNoTime()
    {
        var run = await PipelineTest.Of(Churn)
            .FakeOthers()
            .Fake("sweep", async call =>
            {
                await call.WorkAsync(TimeSpan.FromHours(9));
                return new { bestScore = 0.93 };
            })
            .RunAsync();

        Assert.That(run.Elapsed, Is.EqualTo(TimeSpan.FromHours(9)));
    }
    // end

    // example: people
    [Test]
    public async Task ACancelledRunTrainsNothingMore()
    {
        var run = await PipelineTest.Of(Churn).FakeOthers().After("split", new CancelRun("ann")).RunAsync();

        Assert.That(run.Status, Is.EqualTo(RunStatus.Cancelled));
        Assert.That(run["sweep"].Attempts, Is.Zero);
    }
    // end

    [Test]
    public void TheReadmeShowsTheseExamples()
    {
        var source = File.ReadAllText(Repository.Path("tests", "Orchestrator.Testing.Tests", "ReadmeExamples.cs"));
        var readme = File.ReadAllText(Repository.Path("engine", "Orchestrator.Testing", "README.md"));
        var examples = source.Split("    // " + "example: ").Skip(1).Select(part => part[(part.IndexOf('\n', StringComparison.Ordinal) + 1)..part.IndexOf("    // end", StringComparison.Ordinal)]).ToArray();

        Assert.That(examples, Has.Length.EqualTo(6));
        foreach (var example in examples)
        {
            var shown = string.Join('\n', example.TrimEnd().Split('\n').Select(line => line.StartsWith("    ", StringComparison.Ordinal) ? line[4..] : line));
            Assert.That(readme, Does.Contain(shown));
        }
    }
}
