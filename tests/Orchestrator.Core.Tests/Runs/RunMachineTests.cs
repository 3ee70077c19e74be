using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Given a definition, when commands come, then these events. Attempts are named by the test.</summary>
public sealed class RunMachineTests
{
    private static readonly ImmutableDictionary<string, JsonElement> NoOutputs = ImmutableDictionary<string, JsonElement>.Empty;
    private static readonly AttemptId First = new("first");
    private static readonly AttemptId Second = new("second");

    [Test]
    public void LateResultOfALostAttemptChangesNothing()
    {
        var run = Started(Simulation.Task("work"));
        run.Send(new LoseAttempt(First, Simulation.Failed("worker died"), AtOnce: true));
        run.Send(new AdvanceTime());
        run.Send(new StartAttempt(new TaskKey(0), Second));

        var late = run.Send(new CompleteAttempt(First, NoOutputs));

        Assert.That(late.Refusal, Is.EqualTo("attempt first is not current"));
        Assert.That(run.State[new TaskName("work")], Is.TypeOf<Running>());
    }

    [Test]
    public void AnAttemptAfterALostOneGoesOnWithTheSameChildRun()
    {
        var run = WithChild(new RunId("one"));
        run.Send(new LoseAttempt(First, Simulation.Failed("engine away"), Counts: false, AtOnce: true));
        run.Send(new AdvanceTime());

        run.Send(new StartAttempt(new TaskKey(0), Second, new RunId("two")));

        Assert.That(run.State[new TaskName("work")].Child, Is.EqualTo(new RunId("one")));
        Assert.That(WaitReasons.OfTask(run.State, new TaskKey(0)), Has.Property(nameof(WaitReason.Kind)).EqualTo(WaitKind.Child).And.Property(nameof(WaitReason.Message)).Contains("child run one is under way"));
    }

    [Test]
    public void AnAttemptAfterAFailedOneGetsAChildRunOfItsOwn()
    {
        var run = WithChild(new RunId("one"));
        run.Send(new RejectAttempt(First, Simulation.Failed(), 0));
        run.Send(new AdvanceTime());

        run.Send(new StartAttempt(new TaskKey(0), Second, new RunId("two")));

        Assert.That(run.State[new TaskName("work")].Child, Is.EqualTo(new RunId("two")));
    }

    [Test]
    public void ALossUsesItsOwnAllowanceAndNotTheAuthors()
    {
        var run = Started(Simulation.Task("work", attempts: 1));
        for (var loss = 1; loss <= RetryPolicy.DefaultLosses; loss++)
        {
            run.Send(new LoseAttempt(new AttemptId(loss == 1 ? "first" : $"a{loss}"), Simulation.Failed(), AtOnce: true));
            run.Send(new AdvanceTime());
            run.Send(new StartAttempt(new TaskKey(0), new AttemptId($"a{loss + 1}")));
        }

        run.Send(new LoseAttempt(new AttemptId($"a{RetryPolicy.DefaultLosses + 1}"), Simulation.Failed(), AtOnce: true));

        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed));
    }

    [Test]
    public void AnInterruptionByAPersonUsesNoAllowanceAtAll()
    {
        var run = Started(Simulation.Task("work"));
        for (var time = 1; time <= 20; time++)
        {
            run.Send(new LoseAttempt(new AttemptId(time == 1 ? "first" : $"a{time}"), Simulation.Failed(), Counts: false));
            run.Send(new AdvanceTime());
            run.Send(new StartAttempt(new TaskKey(0), new AttemptId($"a{time + 1}")));
        }

        Assert.That(run.State[new TaskName("work")].Tries, Is.EqualTo(new Tries(21, 0, 0)));
    }

    [Test]
    public void AFailedTaskMakesThoseAfterItUpstreamFailed()
    {
        var run = Started(Simulation.Task("first"), Simulation.Task("second", needs: ["first"]), Simulation.Task("third", needs: ["second"]));

        var decision = run.Send(new RejectAttempt(First, Simulation.Failed(), 0));

        Assert.That(decision.Events.Select(change => change.GetType().Name), Is.EqualTo(new[]
        {
            nameof(AttemptFailed), nameof(TaskFailed), nameof(TaskUpstreamFailed), nameof(TaskUpstreamFailed), nameof(RunEnded),
        }));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed));
    }

    [Test]
    public void ARetryWaitsForItsTimeAndThenGoesBackToTheQueue()
    {
        var run = Started(Simulation.Task("work", attempts: 2));
        run.Send(new RejectAttempt(First, Simulation.Failed(), Random: 0.5));
        Assert.That(RunMachine.Effects(run.State).Single(), Is.EqualTo(new WakeAt(run.Now + TimeSpan.FromSeconds(5))));

        run.RunToEnd();

        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(run.Now, Is.EqualTo(new DateTimeOffset(2026, 1, 1, 0, 0, 5, TimeSpan.Zero)));
    }

    [Test]
    public void CancellingEndsWhatWaitsAtOnceAndAsksWhatRunsToStop()
    {
        var run = Started(Simulation.Task("first"), Simulation.Task("second", needs: ["first"]), Simulation.Task("exit") with { OnExit = true });

        run.Send(new CancelRun("ann"));

        Assert.That(run.State[new TaskName("second")], Is.TypeOf<Ended>());
        Assert.That(RunMachine.Effects(run.State).First(), Is.EqualTo(new StopAttempt(First)));
        run.Send(new AcknowledgeStop(First));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Cancelling), "the task on exit still runs");
        run.RunToEnd();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Cancelled));
        Assert.That(run.State[new TaskName("exit")], Is.EqualTo(run.State[new TaskName("exit")] as Ended).And.Property("Outcome").EqualTo(TaskOutcome.Succeeded));
    }

    [Test]
    public void CancellingTwiceEndsTheTasksOnExitToo()
    {
        var run = Started(Simulation.Task("first"), Simulation.Task("exit") with { OnExit = true });
        run.Send(new CancelRun("ann"));
        run.Send(new CancelRun("ann"));
        run.Send(new AcknowledgeStop(First));

        Assert.That(run.State.IsEnded);
        Assert.That(((Ended)run.State[new TaskName("exit")]).Outcome, Is.EqualTo(TaskOutcome.Cancelled));
    }

    [Test]
    public void WorkThatSucceedsAlthoughItWasAskedToStopHasSucceeded()
    {
        var run = Started(Simulation.Task("work"));
        run.Send(new CancelRun("ann"));
        run.Send(new CompleteAttempt(First, NoOutputs));

        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public void APausedRunStartsNothingAndLetsWhatRunsEnd()
    {
        var run = Started(Simulation.Task("first"), Simulation.Task("second", needs: ["first"]));
        run.Send(new PauseRun("ann"));
        run.Send(new CompleteAttempt(First, NoOutputs));
        run.Send(new QueueWork(new TaskKey(1), Work()));

        Assert.That(RunMachine.Effects(run.State), Is.Empty);
        Assert.That(WaitReasons.Of(run.State).Single().Kind, Is.EqualTo(WaitKind.Paused));
        run.Send(new ResumeRun("ann"));
        Assert.That(RunMachine.Effects(run.State).Single(), Is.TypeOf<DispatchWork>());
    }

    [Test]
    public void AReusedTaskNeverRuns()
    {
        var run = new Simulation(Pipeline(Simulation.Task("first"), Simulation.Task("second", needs: ["first"])), [Fate.Fail, Fate.Succeed], seed: 1);
        run.Accept(ImmutableSortedDictionary<string, ReusedTask>.Empty.Add("first", new ReusedTask { From = new RunId("earlier"), Outputs = NoOutputs }));
        run.RunToEnd();

        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(run.Started, Is.EqualTo(new[] { new TaskKey(1) }));
        Assert.That(run.State[new TaskName("first")].Word, Is.EqualTo("cached"));
    }

    [Test]
    public void AMarkedTaskEndsByHandAndItsAttemptIsRefused()
    {
        var run = Started(Simulation.Task("first"), Simulation.Task("second", needs: ["first"]));
        run.Send(new MarkTask(new TaskName("first"), TaskOutcome.Succeeded, "ann", "checked by hand"));

        Assert.That(run.Send(new CompleteAttempt(First, NoOutputs)).Refusal, Is.Not.Null);
        Assert.That(run.State[new TaskName("second")], Is.TypeOf<Preparing>());
    }

    [Test]
    public void AListMapCollectsTheOutputsOfItsItemsByIndex()
    {
        var run = Mapped(Spread.List, complete: true, items: 3);
        foreach (var item in new[] { 2, 0, 1 })
        {
            Finish(run, item, new CompleteAttempt(new AttemptId($"i{item}"), NoOutputs.Add("n", OrcJson.ToElement(item * 10))));
        }

        Assert.That(((Ended)run.State[new TaskName("spread")]).Outputs["n"].GetRawText(), Is.EqualTo("[0,10,20]"));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public void AListMapWithAFailedItemFailsAfterAllItemsHaveEnded()
    {
        var run = Mapped(Spread.List, complete: true, items: 3);
        Finish(run, 1, new RejectAttempt(new AttemptId("i1"), Simulation.Failed("row 7"), 0));
        Assert.That(run.State.IsEnded, Is.False);
        Finish(run, 0, new CompleteAttempt(new AttemptId("i0"), NoOutputs));
        Finish(run, 2, new CompleteAttempt(new AttemptId("i2"), NoOutputs));

        Assert.That(((Ended)run.State[new TaskName("spread")]).Failure?.Message, Is.EqualTo("1 of 3 items failed; first item 1: row 7"));
    }

    [Test]
    public void AnEmptyListMapSucceedsWithoutAnAttempt()
    {
        var run = Mapped(Spread.List, complete: true, items: 0);

        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(run.Started, Is.Empty);
    }

    [Test]
    public void AMappedActivityIsAskedAgainAfterEachItemAndReducesInTheEnd()
    {
        var run = Mapped(Spread.Activity, complete: false, items: 2);
        Assert.That(RunMachine.Effects(run.State).OfType<ExpandTask>().Single(), Is.EqualTo(new ExpandTask(0, 0, 2)));
        Finish(run, 0, new CompleteAttempt(new AttemptId("i0"), NoOutputs));
        Assert.That(RunMachine.Effects(run.State).OfType<ExpandTask>().Single(), Is.EqualTo(new ExpandTask(0, 1, 2)));
        run.Send(new IssueItems(new ExpandTask(0, 1, 2), [], Complete: true));
        Finish(run, 1, new RejectAttempt(new AttemptId("i1"), Simulation.Failed(), 0));

        Assert.That(run.State[new TaskName("spread")], Is.TypeOf<Ready>(), "a failed item is the reduce's to judge");
        run.Send(new StartAttempt(new TaskKey(0), new AttemptId("reduce")));
        run.Send(new CompleteAttempt(new AttemptId("reduce"), NoOutputs));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public void AMappedActivityThatStallsFailsInsteadOfWaitingForEver()
    {
        var run = Mapped(Spread.Activity, complete: false, items: 1);
        Finish(run, 0, new CompleteAttempt(new AttemptId("i0"), NoOutputs));
        run.Send(new IssueItems(new ExpandTask(0, 1, 1), [], Complete: false));

        Assert.That(((Ended)run.State[new TaskName("spread")]).Failure?.Code, Is.EqualTo("ORC5221"));
    }

    [Test]
    public void ItemsThatTwoQuestionsAnsweredAreIssuedOnce()
    {
        var run = Mapped(Spread.Activity, complete: false, items: 2);
        run.Send(new IssueItems(new ExpandTask(0, 1, 2), [Work()], Complete: false));
        run.Send(new IssueItems(new ExpandTask(0, 2, 2), [Work()], Complete: false));

        Assert.That(((Mapping)run.State[new TaskName("spread")]).Items, Has.Count.EqualTo(3));
    }

    [Test]
    public void AnAnswerToAnEarlierQuestionIsNoStall()
    {
        var run = Mapped(Spread.Activity, complete: false, items: 2);
        Finish(run, 0, new CompleteAttempt(new AttemptId("i0"), NoOutputs));
        Finish(run, 1, new CompleteAttempt(new AttemptId("i1"), NoOutputs));
        run.Send(new IssueItems(new ExpandTask(0, 1, 2), [], Complete: false));

        Assert.That(run.State[new TaskName("spread")], Is.TypeOf<Mapping>());
        Assert.That(RunMachine.Effects(run.State).OfType<ExpandTask>().Single(), Is.EqualTo(new ExpandTask(0, 2, 2)), "it is asked again");
    }

    [Test]
    public void CancellingAMappedTaskCancelsItsQueueAndStopsItsItems()
    {
        var run = Mapped(Spread.Activity, complete: false, items: 3);
        run.Send(new StartAttempt(new TaskKey(0, 1), new AttemptId("i1")));
        run.Send(new CancelRun("ann"));

        Assert.That(RunMachine.Effects(run.State), Is.EqualTo(new RunEffect[] { new StopAttempt(new AttemptId("i1")) }));
        run.Send(new AcknowledgeStop(new AttemptId("i1")));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Cancelled));
        Assert.That(Simulation.Describe(RunFold.Replay(run.State.Graph, run.Events)), Is.EqualTo(Simulation.Describe(run.State)));
    }

    [Test]
    public void AMapsOwnLimitHoldsItemsBackAndNothingElse()
    {
        var run = new Simulation(Pipeline(
            Simulation.Task("spread") with { Map = new MapDefinition { Over = "[1,2,3]", Parallel = 1 } },
            Simulation.Task("other")), [Fate.Succeed, Fate.Succeed], 1);
        run.Accept();
        run.Send(new QueueWork(new TaskKey(0), Work(Spread.List)));
        run.Send(new IssueItems(new ExpandTask(0, 0, 0), [Work(), Work(), Work()], Complete: true));
        run.Send(new QueueWork(new TaskKey(1), Work()));
        run.Send(new StartAttempt(new TaskKey(0, 0), new AttemptId("i0")));

        Assert.That(RunMachine.Effects(run.State).OfType<DispatchWork>().Select(work => work.Key), Is.EqualTo(new[] { new TaskKey(1) }));
    }

    [Test]
    public void AnEndedRunTakesNoCommand()
    {
        var run = Started(Simulation.Task("work"));
        run.Send(new CompleteAttempt(First, NoOutputs));

        Assert.That(run.Send(new CancelRun("ann")).Refusal, Is.EqualTo("the run has ended: succeeded"));
    }

    private static PipelineDefinition Pipeline(params TaskDefinition[] tasks) => new() { Name = "test", Tasks = [.. tasks] };

    private static TaskWork Work(Spread spread = Spread.None) =>
        new() { Uses = "test.work", Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty, Spread = spread };

    /// <summary>A run whose first task has its first attempt under way.</summary>
    private static Simulation WithChild(RunId child)
    {
        var run = new Simulation(Pipeline(Simulation.Task("work", attempts: 2)), [Fate.Succeed], seed: 1);
        run.Accept();
        run.Send(new QueueWork(new TaskKey(0), Work() with { Lane = Lane.Child }));
        run.Send(new StartAttempt(new TaskKey(0), First, child));
        return run;
    }

    private static Simulation Started(params TaskDefinition[] tasks)
    {
        var run = new Simulation(Pipeline(tasks), [.. tasks.Select(_ => Fate.Succeed)], seed: 1);
        run.Accept();
        run.Send(new QueueWork(new TaskKey(0), Work()));
        run.Send(new StartAttempt(new TaskKey(0), First));
        return run;
    }

    private static Simulation Mapped(Spread spread, bool complete, int items)
    {
        var run = new Simulation(Pipeline(Simulation.Task("spread")), [Fate.Succeed], seed: 1);
        run.Accept();
        run.Send(new QueueWork(new TaskKey(0), Work(spread)));
        run.Send(new IssueItems(new ExpandTask(0, 0, 0), [.. Enumerable.Range(0, items).Select(_ => Work())], complete));
        return run;
    }

    private static void Finish(Simulation run, int item, RunCommand end)
    {
        if (run.State[new TaskKey(0, item)] is Ready)
        {
            run.Send(new StartAttempt(new TaskKey(0, item), new AttemptId($"i{item}")));
        }

        Assert.That(run.Send(end).Refusal, Is.Null);
    }
}
