using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Inline sub-pipelines as wholes: how they end when something in them fails, and what becomes of their tasks when somebody cancels, marks, leaves out or takes over the whole.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SubPipelineTurnTests
{
    private static readonly ImmutableDictionary<string, JsonElement> NoOutputs = ImmutableDictionary<string, JsonElement>.Empty;

    /// <summary>before -> sub (x -> y, w, and tidy on exit) -> after.</summary>
    private readonly Simulation run = new(
        new PipelineDefinition
        {
            Name = "test",
            Tasks =
            [
                Simulation.Task("before"),
                Simulation.Task("sub", needs: ["before"]) with
                {
                    Uses = SubPipelineDefinition.Uses,
                    Retry = null,
                    Pipeline = new SubPipelineDefinition
                    {
                        Definition = new PipelineDefinition
                        {
                            Name = "inner",
                            Tasks = [Simulation.Task("x"), Simulation.Task("y", needs: ["x"]), Simulation.Task("w"), Simulation.Task("tidy") with { OnExit = true }],
                        },
                    },
                },
                Simulation.Task("after", needs: ["sub"]),
            ],
        },
        [],
        seed: 1);

    [Test]
    public void AFailureInsideIsThatOfTheWholeAndSaysWhere()
    {
        Begin();
        Succeed("sub/w");
        Fail("sub/x");
        Succeed("sub/tidy");

        Assert.That(End("sub/y").Outcome, Is.EqualTo(TaskOutcome.UpstreamFailed));
        Assert.That(End("sub").Outcome, Is.EqualTo(TaskOutcome.Failed));
        Assert.That(End("sub").Failure?.Message, Does.Contain("sub/x").And.Contain("disk on fire"));
        Assert.That(End("after").Outcome, Is.EqualTo(TaskOutcome.UpstreamFailed));
    }

    [Test]
    public void AWholeThatIsCancelledStillTidiesUp()
    {
        Begin();
        Succeed("sub/w");
        Assert.That(run.Send(new CancelTask(new TaskName("sub"), "ann", "not needed")).Refusal, Is.Null);

        Assert.That(End("sub/x").Outcome, Is.EqualTo(TaskOutcome.Cancelled));
        Assert.That(End("sub/w").Outcome, Is.EqualTo(TaskOutcome.Succeeded), "what had ended stays as it is");
        Succeed("sub/tidy");
        Assert.That(End("sub").Outcome, Is.EqualTo(TaskOutcome.Cancelled));
        Assert.That(End("after").Outcome, Is.EqualTo(TaskOutcome.UpstreamFailed));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed), "as of any run with a task that could not run");
    }

    [Test]
    public void AWholeThatIsMarkedHasNothingMoreToDo()
    {
        Begin();
        Succeed("sub/w");
        Assert.That(run.Send(new MarkTask(new TaskName("sub"), TaskOutcome.Skipped, "ann", "done by hand")).Refusal, Is.Null);

        foreach (var open in (string[])["sub/x", "sub/y", "sub/tidy"])
        {
            Assert.That(End(open).Outcome, Is.EqualTo(TaskOutcome.Skipped), open);
            Assert.That(End(open).Reason, Does.Contain("\"sub\" was marked: done by hand"), open);
        }

        Assert.That(End("sub/w").Outcome, Is.EqualTo(TaskOutcome.Succeeded));
        Assert.That(End("sub").Outcome, Is.EqualTo(TaskOutcome.Skipped));
        Assert.That(run.State.IsEnded, Is.True, "nothing in it is waited for");
    }

    [Test]
    public void WhatIsTakenOverAsAWholeRunsNothingInsideAndKeepsWhatIsTakenOverInside()
    {
        run.Accept(Earlier("sub", "sub/x"));

        Assert.That(End("sub").Outputs["n"].GetInt32(), Is.EqualTo(1));
        Assert.That(End("sub/x").ReusedFrom?.Value, Is.EqualTo("EARLIER"));
        foreach (var passed in (string[])["sub/.begin", "sub/y", "sub/w", "sub/tidy"])
        {
            Assert.That(End(passed).Outcome, Is.EqualTo(TaskOutcome.Skipped), passed);
            Assert.That(End(passed).Reason, Is.EqualTo("the result of \"sub\" is taken over"), passed);
        }

        Assert.That(run.State.ToPrepare.Select(task => run.State.NameOf(new TaskKey(task)).Value), Is.EqualTo(new[] { "before", "after" }));
    }

    [Test]
    public void AWholeThatIsLeftOutIsSkippedWithAllInIt()
    {
        run.Send(new AcceptRun(new DefinitionHash("d"), ImmutableSortedDictionary<string, JsonElement>.Empty) { Skip = [new TaskName("sub")] });
        Succeed("before");

        Assert.That(End("sub/.begin").Reason, Is.EqualTo("left out by whoever started the run"));
        Assert.That(End("sub/x").Reason, Is.EqualTo("the sub-pipeline around it was skipped"));
        Assert.That(End("sub/tidy").Outcome, Is.EqualTo(TaskOutcome.Skipped));
        Assert.That(End("sub").Reason, Is.EqualTo("left out by whoever started the run"));
    }

    [Test]
    public void AFailureBeforeTheWholeIsTheCauseOfItsEnd()
    {
        run.Accept();
        Fail("before");

        Assert.That(End("sub").Outcome, Is.EqualTo(TaskOutcome.UpstreamFailed));
        Assert.That(run.Events.OfType<TaskUpstreamFailed>().Single(change => change.Task.Value == "sub").Cause.Value, Is.EqualTo("before"));
        Assert.That(End("sub/x").Outcome, Is.EqualTo(TaskOutcome.UpstreamFailed));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed));
    }

    private void Begin()
    {
        run.Accept();
        Succeed("before");
        Assert.That(run.Send(new CollectOutputs(KeyOf("sub/.begin"), NoOutputs)).Refusal, Is.Null);
    }

    private void Succeed(string task) => Assert.That(run.Send(new CompleteAttempt(Start(task), NoOutputs)).Refusal, Is.Null, task);

    private void Fail(string task) => Assert.That(run.Send(new RejectAttempt(Start(task), Simulation.Failed("disk on fire", retryable: false), 0.5)).Refusal, Is.Null, task);

    private AttemptId Start(string task)
    {
        var attempt = new AttemptId(task);
        Assert.That(run.Send(new QueueWork(KeyOf(task), new TaskWork { Uses = "test.work", Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty })).Refusal, Is.Null, task);
        Assert.That(run.Send(new StartAttempt(KeyOf(task), attempt)).Refusal, Is.Null, task);
        return attempt;
    }

    private TaskKey KeyOf(string task) => new(run.State.Graph[new TaskName(task)].Index);

    private Ended End(string task) => run.State[new TaskName(task)] as Ended ?? throw new AssertionException($"{task} has not ended: {run.State[new TaskName(task)].Word}");

    private static ImmutableSortedDictionary<string, ReusedTask> Earlier(params string[] tasks) => tasks.ToImmutableSortedDictionary(
        task => task, _ => new ReusedTask { From = new RunId("EARLIER"), Outputs = NoOutputs.Add("n", OrcJson.ToElement(1)) }, StringComparer.Ordinal);
}
