using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>What the passing of time does to runs and tasks.</summary>
public sealed class RunTimeTests
{
    private static readonly ImmutableDictionary<string, JsonElement> NoOutputs = ImmutableDictionary<string, JsonElement>.Empty;
    private static readonly AttemptId First = new("first");
    private static readonly TaskName Work = new("work");
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Test]
    public void ATaskThatWaitsTooLongForAPlaceFails()
    {
        var run = Prepared(Simulation.Task("work") with { QueueTimeout = Minute });
        Assert.That(WaitReasons.Of(run.State).Single(), Is.EqualTo(new WaitReason
        {
            Task = Work, Kind = WaitKind.Lane, Message = "it waits for a free place in its lane; queue timeout at 2026-01-01 00:01:00Z", Until = run.Now + Minute,
            Facts = new WaitFacts { Since = run.Now, Lane = Lane.Unknown, QueueTimeout = run.Now + Minute },
        }));

        run.Wait(Minute);

        Assert.That(((Ended)run.State[Work]).Failure?.Code, Is.EqualTo("ORC5250"));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed));
    }

    [Test]
    public void ATaskThatGotItsPlaceHasNoQueueTimeoutAnyMore()
    {
        var run = Prepared(Simulation.Task("work") with { QueueTimeout = Minute });
        run.Send(new StartAttempt(new TaskKey(0), First));

        Assert.That(run.State.Timers, Is.Empty);
        Assert.That(run.State.Due, Is.Empty);
    }

    [Test]
    public void APauseIsNoWaitForAPlace()
    {
        var run = Prepared(Simulation.Task("work") with { QueueTimeout = Minute });
        run.Send(new PauseRun("ann"));
        Assert.That(WaitReasons.Of(run.State).Single().Message, Is.EqualTo("paused by ann since 2026-01-01 00:00:00Z"));
        run.Wait(Minute * 10);
        run.Send(new ResumeRun("ann"));
        run.Wait(Minute / 2);
        Assert.That(run.State[Work], Is.TypeOf<Ready>());
        run.Wait(Minute / 2);
        Assert.That(((Ended)run.State[Work]).Failure?.Code, Is.EqualTo("ORC5250"));
    }

    [Test]
    public void AMappedTaskWaitsForItsFirstItemOnly()
    {
        var task = Simulation.Task("work") with { QueueTimeout = Minute, Map = new MapDefinition { Over = "[1, 2]", Parallel = 1 } };
        var run = Mapped(task);
        run.Send(new StartAttempt(new TaskKey(0, 0), First));
        run.Wait(Minute * 5);
        Assert.That(run.State[Work], Is.TypeOf<Mapping>());

        var starved = Mapped(task);
        starved.Wait(Minute);
        Assert.That(((Ended)starved.State[Work]).Failure?.Code, Is.EqualTo("ORC5250"));
        Assert.That(starved.State.Items.Values, Is.All.TypeOf<Ended>());
    }

    [Test]
    public void ARunThatTakesTooLongStopsWhatIsOpenAndHasFailed()
    {
        var run = Started(new PipelineDefinition { Name = "test", Timeout = Minute, Tasks = [Simulation.Task("work"), Simulation.Task("after", needs: ["work"]), Simulation.Task("exit") with { OnExit = true }] });
        run.Wait(Minute);

        Assert.That(RunMachine.Effects(run.State).First(), Is.EqualTo(new StopAttempt(First)));
        Assert.That(run.State[new TaskName("after")].Word, Is.EqualTo("cancelled"));
        run.Send(new AcknowledgeStop(First));
        Assert.That(((Ended)run.State[Work]).Reason, Is.EqualTo("the run took longer than its timeout"));
        run.RunToEnd();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed));
        Assert.That(run.State.Failure?.Code, Is.EqualTo("ORC5251"));
        Assert.That(run.State[new TaskName("exit")].Word, Is.EqualTo("succeeded"), "tasks on exit still run");
        Assert.That(run.Events.OfType<RunEnded>().Single().Failure?.Code, Is.EqualTo("ORC5251"));
        Assert.That(run.State.Timers, Is.Empty);
    }

    [Test]
    public void TheTimeoutOfARunCountsPausesAndQuestions()
    {
        var run = Started(new PipelineDefinition { Name = "test", Timeout = Minute, Tasks = [Simulation.Task("work")] });
        run.Send(new PauseRun("ann"));
        Assert.That(WaitReasons.OfRun(run.State).Select(reason => reason.Kind), Is.EqualTo(new[] { WaitKind.Paused, WaitKind.Timeout }));
        run.Wait(Minute);
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Cancelling));
    }

    [TestCase(DeadlineAction.Fail, TaskOutcome.Failed)]
    [TestCase(DeadlineAction.Cancel, TaskOutcome.Cancelled)]
    public void ADeadlineEndsTheTaskWhenItsAttemptHasStopped(DeadlineAction then, TaskOutcome outcome)
    {
        var run = Started(Simulation.Task("work") with { Deadline = new DeadlineDefinition { After = Minute, Then = then } });
        run.Wait(Minute);
        Assert.That(run.State[Work], Is.TypeOf<Running>().With.Property(nameof(Running.Stopping)).True);
        run.Send(new AcknowledgeStop(First));

        Assert.That(((Ended)run.State[Work]).Outcome, Is.EqualTo(outcome));
        Assert.That(((Ended)run.State[Work]).Failure?.Code, Is.EqualTo(then == DeadlineAction.Fail ? "ORC5252" : null));
    }

    [Test]
    public void ADeadlineCountsRetriesToo()
    {
        var run = Started(Simulation.Task("work", attempts: 9) with { Deadline = new DeadlineDefinition { After = TimeSpan.FromSeconds(3), Then = DeadlineAction.Fail } });
        run.Send(new RejectAttempt(First, Simulation.Failed(), Random: 0.9));
        run.Wait(TimeSpan.FromSeconds(3));

        Assert.That(((Ended)run.State[Work]).Failure?.Code, Is.EqualTo("ORC5252"));
        Assert.That(run.State.Timers, Is.Empty);
    }

    [Test]
    public void ADeadlineThatOnlyNotifiesIsRecordedAndTheWorkGoesOn()
    {
        var run = Started(new PipelineDefinition
        {
            Name = "test",
            Deadline = new DeadlineDefinition { After = Minute * 2, Then = DeadlineAction.Notify },
            Tasks = [Simulation.Task("work") with { Deadline = new DeadlineDefinition { After = Minute, Then = DeadlineAction.Notify } }],
        });
        Assert.That(WaitReasons.Of(run.State).Single().Message, Does.EndWith("; its deadline is 2026-01-01 00:01:00Z (then it is reported as late)"));
        run.Wait(Minute * 2);

        Assert.That(run.Events.OfType<TaskDeadlinePassed>().Single().Then, Is.EqualTo(DeadlineAction.Notify));
        Assert.That(run.Events.OfType<RunDeadlinePassed>(), Has.One.Items);
        Assert.That(WaitReasons.Of(run.State).Single().Late);
        run.Send(new CompleteAttempt(First, NoOutputs));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(WaitReasons.OfRun(run.State).Select(reason => reason.Message), Is.EqualTo(new[] { "the run is late since 2026-01-01 00:02:00Z", "task \"work\" was late at 2026-01-01 00:02:00Z" }));
    }

    [TestCase(DeadlineAction.Fail, RunStatus.Failed)]
    [TestCase(DeadlineAction.Cancel, RunStatus.Cancelled)]
    public void ADeadlineOfARunEndsIt(DeadlineAction then, RunStatus status)
    {
        var run = Started(new PipelineDefinition { Name = "test", Deadline = new DeadlineDefinition { After = Minute, Then = then }, Tasks = [Simulation.Task("work")] });
        run.Wait(Minute);
        run.Send(new AcknowledgeStop(First));

        Assert.That(run.State.Status, Is.EqualTo(status));
        Assert.That(run.State.Failure?.Code, Is.EqualTo(then == DeadlineAction.Fail ? "ORC5253" : null));
    }

    [Test]
    public void WhatIsOverdueAfterARestartIsDueAtOnce()
    {
        var run = Started(Simulation.Task("work", attempts: 2));
        run.Send(new RejectAttempt(First, Simulation.Failed(), Random: 0.5));

        var restarted = RunFold.Replay(run.State.Graph, run.Events);
        var decision = RunMachine.Decide(restarted, new AdvanceTime(), run.Now + TimeSpan.FromDays(3));

        Assert.That(decision.State[Work], Is.TypeOf<Ready>());
    }

    [TestCase(+1)]
    [TestCase(-1)]
    public void AClockThatJumpsLeavesEveryTimerAsFarAwayAsItWas(int direction)
    {
        var jump = TimeSpan.FromHours(5) * direction;
        var run = Started(new PipelineDefinition { Name = "test", Timeout = Minute, Tasks = [Simulation.Task("work", attempts: 2)] });
        run.Send(new RejectAttempt(First, Simulation.Failed(), Random: 0.5));
        run.Jump(jump);
        run.Send(new MoveClock(jump));

        Assert.That(RunMachine.Effects(run.State).OfType<WakeAt>().Single().Time, Is.EqualTo(run.Now + TimeSpan.FromSeconds(5)));
        Assert.That(((Backoff)run.State[Work]).Until, Is.EqualTo(run.Now + TimeSpan.FromSeconds(5)));
        Assert.That(run.State.DueAt(RunTimer.Run, TimerKind.RunTimeout), Is.EqualTo(run.Now + Minute));
        var reread = run.Events.Select(change => OrcJson.FromElement<RunEvent>(OrcJson.ToElement(change)));
        Assert.That(Simulation.Describe(RunFold.Replay(run.State.Graph, reread)), Is.EqualTo(Simulation.Describe(run.State)));
        run.Wait(TimeSpan.FromSeconds(5));
        Assert.That(run.State[Work], Is.TypeOf<Ready>());
    }

    private static Simulation Prepared(params TaskDefinition[] tasks) => Prepared(new PipelineDefinition { Name = "test", Tasks = [.. tasks] });

    private static Simulation Prepared(PipelineDefinition definition, Spread spread = Spread.None)
    {
        var run = new Simulation(definition, [.. definition.Tasks.Select(_ => Fate.Succeed)], seed: 1);
        run.Accept();
        run.Send(new QueueWork(new TaskKey(0), SomeWork with { Spread = spread }));
        return run;
    }

    private static Simulation Mapped(TaskDefinition task)
    {
        var run = Prepared(new PipelineDefinition { Name = "test", Tasks = [task] }, Spread.List);
        run.Send(new IssueItems(new ExpandTask(0, 0, 0), [SomeWork, SomeWork], Complete: true));
        return run;
    }

    private static Simulation Started(params TaskDefinition[] tasks) => Started(new PipelineDefinition { Name = "test", Tasks = [.. tasks] });

    private static Simulation Started(PipelineDefinition definition)
    {
        var run = Prepared(definition);
        run.Send(new StartAttempt(new TaskKey(0), First));
        return run;
    }

    private static TaskWork SomeWork { get; } = new() { Uses = "test.work", Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty };
}
