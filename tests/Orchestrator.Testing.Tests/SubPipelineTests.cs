using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Testing.Pipelines;

namespace Orchestrator.Testing.Tests;

/// <summary>Inline sub-pipelines: their tasks are tasks of the same run, and all that people and rules do to a task works on the whole.</summary>
public sealed class SubPipelineTests
{
    [Test]
    public async Task TheTasksOfASubPipelineAreTasksOfTheRun()
    {
        var run = await Of("").RunAsync();

        Assert.Multiple(() =>
        {
            Assert.That(run.Status, Is.EqualTo(RunStatus.Succeeded), run.ToString());
            Assert.That(run.Order, Is.EqualTo(new[] { "first", "inner/one", "inner/two", "last", "inner/tidy" }).Or.EqualTo(new[] { "first", "inner/one", "inner/two", "inner/tidy", "last" }));
            Assert.That(run["inner/one"].Input<int>("number"), Is.EqualTo(12), "the parameter that the outer task gives");
            Assert.That(run["inner/two"].Input<int>("number"), Is.EqualTo(24), "the output of the task before it, by its own name");
            Assert.That(run["inner"].Output<int>("doubled"), Is.EqualTo(48));
            Assert.That(run["last"].Input<int>("number"), Is.EqualTo(48));
            Assert.That(run.Outputs?["answer"].GetInt32(), Is.EqualTo(48));
        });
    }

    [Test]
    public async Task AConditionSkipsTheWholeAndItsRulesDoNotBringAnyOfItBack()
    {
        var run = await Of(""", "when": "tasks.first.twice > 100" """).RunAsync();

        Assert.Multiple(() =>
        {
            Assert.That(run.Tasks.Where(task => task.Name.StartsWith("inner", StringComparison.Ordinal)).Select(task => task.Outcome), Is.All.EqualTo(TaskOutcome.Skipped), run.ToString());
            Assert.That(run["inner"].Reason, Does.Contain("tasks.first.twice = 12"));
            Assert.That(run["last"].Outcome, Is.EqualTo(TaskOutcome.Skipped));
            Assert.That(run.Status, Is.EqualTo(RunStatus.Succeeded));
            Assert.That(run.Outputs, Is.Empty, "what reads a skipped task is absent");
        });
    }

    [Test]
    public async Task AFailureInsideIsTheFailureOfTheWholeOnceItsTasksOnExitHaveRun()
    {
        var run = await Of("").Fail("inner/one").RunAsync();

        Assert.Multiple(() =>
        {
            Assert.That(run["inner"].Failure?.Message, Is.EqualTo("task inner/one of the sub-pipeline failed: the test makes this attempt fail"), run.ToString());
            Assert.That(run["inner/two"].Outcome, Is.EqualTo(TaskOutcome.UpstreamFailed));
            Assert.That(run["inner/tidy"].Outcome, Is.EqualTo(TaskOutcome.Succeeded));
            Assert.That(run["last"].Outcome, Is.EqualTo(TaskOutcome.UpstreamFailed));
            Assert.That(run.Status, Is.EqualTo(RunStatus.Failed));
            Assert.That(run.Outputs, Is.Null);
        });
    }

    [Test]
    public async Task NothingInsideBeginsBeforeTheWholeMay()
    {
        var run = await Of("").Fail("first").RunAsync();

        Assert.That(run.Tasks.Where(task => task.Name.StartsWith("inner", StringComparison.Ordinal)).Select(task => task.Outcome), Is.All.EqualTo(TaskOutcome.UpstreamFailed), run.ToString());
        Assert.That(run.Order, Is.EqualTo(new[] { "first" }));
    }

    [Test]
    public async Task AValueThatDoesNotFitIsFoundWhenTheSubPipelineBegins()
    {
        var run = await Of("").Param("start", 60).RunAsync();

        Assert.That(run["inner"].Failure?.Code, Is.EqualTo("ORC5270"), run.ToString());
        Assert.That(run["inner"].Failure?.Message, Does.Contain("\"n\" is 120 and should be at most 100"));
        Assert.That(run["inner/tidy"].Outcome, Is.EqualTo(TaskOutcome.UpstreamFailed), "what has not begun has nothing to tidy up");
    }

    [Test]
    public async Task CancellingTheTaskCancelsWhatIsInsideAndTidiesUp()
    {
        var run = await Of("").After("inner/one", new CancelTask(new TaskName("inner"), "ann")).RunAsync();

        Assert.Multiple(() =>
        {
            Assert.That(run["inner/two"].Outcome, Is.EqualTo(TaskOutcome.Cancelled), run.ToString());
            Assert.That(run["inner"].Outcome, Is.EqualTo(TaskOutcome.Cancelled));
            Assert.That(run["inner/tidy"].Outcome, Is.EqualTo(TaskOutcome.Succeeded));
            Assert.That(run["last"].Outcome, Is.EqualTo(TaskOutcome.UpstreamFailed));
        });
    }

    [Test]
    public async Task CancellingItsBranchCancelsWhatComesAfterToo()
    {
        var run = await Of("").After("inner/one", new CancelTask(new TaskName("inner"), "ann") { Branch = true }).RunAsync();

        Assert.That(new[] { "inner/two", "inner", "last" }.Select(task => run[task].Outcome), Is.All.EqualTo(TaskOutcome.Cancelled), run.ToString());
    }

    [Test]
    public async Task MarkingTheTaskEndsWhatIsInside()
    {
        var run = await Of("").After("inner/one", new MarkTask(new TaskName("inner"), TaskOutcome.Succeeded, "ann", "known")
        {
            Outputs = System.Collections.Immutable.ImmutableDictionary<string, System.Text.Json.JsonElement>.Empty.Add("doubled", OrcJson.ToElement(7)),
        }).RunAsync();

        Assert.Multiple(() =>
        {
            Assert.That(run["inner/two"].Outcome, Is.EqualTo(TaskOutcome.Skipped), run.ToString());
            Assert.That(run["last"].Input<int>("number"), Is.EqualTo(7));
            Assert.That(run.Status, Is.EqualTo(RunStatus.Succeeded));
        });
    }

    [Test]
    public async Task LeavingTheTaskOutLeavesOutAllOfIt()
    {
        var run = await Of("").Skip("inner").RunAsync();

        Assert.That(run.Order, Is.EqualTo(new[] { "first" }), run.ToString());
        Assert.That(run["inner"].Reason, Is.EqualTo("left out by whoever started the run"));
    }

    [Test]
    public async Task SubPipelinesStandInsideOneAnotherToDepthSixteen()
    {
        var json = """{ "uses": "sample.double", "with": { "number": "${params.n}" } }""";
        for (var depth = 0; depth < 16; depth++)
        {
            json = $$"""{ "pipeline": { "params": { "n": { "type": "integer" } }, "outputs": { "twice": "${tasks.t.twice}" }, "tasks": { "t": {{json}} } }, "with": { "n": "${params.n}" } }""";
        }

        var run = await PipelineTest.OfJson($$"""{ "name": "deep", "params": { "n": { "type": "integer", "default": 4 } }, "outputs": { "out": "${tasks.t.twice}" }, "tasks": { "t": {{json}} } }""")
            .With(typeof(SubPipelineTests).Assembly).Real("sample.double").RunAsync();

        Assert.That(run.Outputs?["out"].GetInt32(), Is.EqualTo(8), run.ToString());
        Assert.That(run.Order, Is.EqualTo(new[] { string.Join('/', Enumerable.Repeat("t", 17)) }));
    }

    private static PipelineTest Of(string more) => PipelineTest.OfJson($$"""
            { "name": "outer", "params": { "start": { "type": "integer", "default": 6 } },
              "outputs": { "answer": "${tasks.last.twice / 2}" },
              "tasks": {
                "first": { "uses": "sample.double", "with": { "number": "${params.start}" } },
                "inner": {
                  "pipeline": {
                    "params": { "n": { "type": "integer", "maximum": 100 } }, "outputs": { "doubled": "${tasks.two.twice}" },
                    "tasks": {
                      "one": { "uses": "sample.double", "with": { "number": "${params.n}" } },
                      "two": { "uses": "sample.double", "with": { "number": "${tasks.one.twice}" } },
                      "tidy": { "uses": "sample.double", "onExit": true, "with": { "number": 1 } } } },
                  "with": { "n": "${tasks.first.twice}" }{{more}} },
                "last": { "uses": "sample.double", "with": { "number": "${tasks.inner.doubled}" } } } }
            """)
        .With(typeof(SubPipelineTests).Assembly)
        .Fake("sample.double", call => new { twice = 2 * call.Input<int>("number") });
}
