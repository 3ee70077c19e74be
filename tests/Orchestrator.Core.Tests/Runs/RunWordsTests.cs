using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>
/// What people read of a run: why a task waits, was skipped, cancelled or failed. The texts are part of what the machine decides, and are stored for ever; mutation
/// testing showed that the other tests look at most of them only as "not empty".
/// </summary>
public sealed class RunWordsTests
{
    private static readonly AttemptId First = new("first");
    private static readonly TaskName Work = new("work");
    private static readonly TaskName After = new("after");
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [TestCase(JoinRule.AllSuccess, new[] { "a" }, "every task before it was skipped")]
    [TestCase(JoinRule.AllSuccess, new[] { "a", "b" }, "a task before it was skipped")]
    [TestCase(JoinRule.OneFailed, new[] { "a", "b" }, "its rule one_failed cannot be met: 1 succeeded, 0 failed, 1 skipped")]
    [TestCase(JoinRule.AllFailed, new[] { "b" }, "its rule all_failed cannot be met: 1 succeeded, 0 failed, 0 skipped")]
    public void ASkippedTaskSaysWhichRuleSkippedIt(JoinRule rule, string[] needs, string reason)
    {
        var run = Of(Simulation.Task("a"), Simulation.Task("b"), Simulation.Task("after", rule, needs));
        run.Send(new SkipTask(new TaskKey(0), "its condition is false"));
        Succeed(run, 1);

        Assert.That(((Ended)run.State[After]).Reason, Is.EqualTo(reason));
    }

    [Test]
    public void ATaskThatCouldNotRunNamesTheFirstThatFailed()
    {
        var run = Of(Simulation.Task("good"), Simulation.Task("bad"), Simulation.Task("after", JoinRule.AllSuccess, ["good", "bad"]));
        Succeed(run, 0);
        run.Send(new FailTask(new TaskKey(1), Simulation.Failed()));

        Assert.That(run.Events.OfType<TaskUpstreamFailed>().Single().Cause, Is.EqualTo(new TaskName("bad")));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed));
    }

    [Test]
    public void WhatIsLeftOutSaysByWhom()
    {
        var run = new Simulation(new PipelineDefinition { Name = "test", Tasks = [Simulation.Task("work")] }, [Fate.Succeed], 1);
        run.Send(new AcceptRun(new DefinitionHash("d"), ImmutableSortedDictionary<string, JsonElement>.Empty) { Skip = [Work] });

        Assert.That(((Ended)run.State[Work]).Reason, Is.EqualTo("left out by whoever started the run"));
    }

    [TestCase(null, "the run was cancelled by ann")]
    [TestCase("wrong data", "the run was cancelled by ann: wrong data")]
    public void ACancelledRunSaysByWhomAndWhy(string? reason, string text)
    {
        var run = Started(Simulation.Task("work"), Simulation.Task("after", needs: ["work"]));
        run.Send(new CancelRun("ann", reason));

        Assert.That(WaitReasons.Of(run.State).Single().Message, Is.EqualTo("attempt 1 has been running since 2026-01-01 00:00:00Z and was asked to stop"));
        run.Send(new AcknowledgeStop(First));
        Assert.That(((Ended)run.State[Work]).Reason, Is.EqualTo(text));
        Assert.That(((Ended)run.State[After]).Reason, Is.EqualTo(text));
    }

    [TestCase(null, "cancelled by ann")]
    [TestCase("too slow", "cancelled by ann: too slow")]
    public void ACancelledBranchSaysByWhomAndWhy(string? reason, string text)
    {
        var run = Started(Simulation.Task("work"), Simulation.Task("after", needs: ["work"]));
        run.Send(new CancelTask(After, "ann", reason) { Branch = true });

        Assert.That(((Ended)run.State[After]).Reason, Is.EqualTo(text));
        Assert.That(run.Send(new CancelTask(After, "ann") { Branch = true }).Refusal, Is.EqualTo("task \"after\" and all after it have ended"));
        Assert.That(run.Send(new CancelTask(new TaskName("other"), "ann") { Branch = true }).Refusal, Is.EqualTo("there is no task \"other\""));
        Assert.That(run.Send(new CancelTask(new TaskName("other"), "ann")).Refusal, Is.EqualTo("there is no task \"other\""));
    }

    [Test]
    public void ARequestThatComesTooLateOrTooEarlySaysSo()
    {
        var run = new Simulation(new PipelineDefinition { Name = "test", Tasks = [Simulation.Task("work")] }, [Fate.Succeed], 1);
        Assert.That(run.Send(new PauseRun("ann")).Refusal, Is.EqualTo("the run has not been accepted"));
        run.Accept();
        Assert.That(run.Send(new AcceptRun(new DefinitionHash("d"), ImmutableSortedDictionary<string, JsonElement>.Empty)).Refusal, Is.EqualTo("the run has been accepted already"));
        Assert.That(run.Send(new ResumeRun("ann")).Refusal, Is.EqualTo("the run is not paused"));
        Assert.That(run.Send(new AnswerTask(Work, "ann")).Refusal, Is.EqualTo("task \"work\" asks nothing: it is preparing"));
        run.Send(new PauseRun("ann"));
        Assert.That(run.Send(new PauseRun("bob")).Refusal, Is.EqualTo("the run is paused already"));
        run.Send(new ResumeRun("ann"));
        run.Send(new QueueWork(new TaskKey(0), SomeWork));
        run.Send(new StartAttempt(new TaskKey(0), First));
        run.Send(new CancelRun("ann"));
        var before = run.Events.Count;
        Assert.That(run.Send(new PauseRun("ann")).Refusal, Is.EqualTo("the run is being cancelled"));
        Assert.That(run.Events, Has.Count.EqualTo(before), "what is refused changes nothing");
    }

    [TestCase(1, "it waits for t0")]
    [TestCase(5, "it waits for t0, t1, t2, t3, t4")]
    [TestCase(8, "it waits for t0, t1, t2, t3, t4 and 3 more")]
    public void ATaskThatWaitsNamesTheFirstFiveBeforeIt(int count, string text)
    {
        string[] names = [.. Enumerable.Range(0, count).Select(index => $"t{index}")];
        var run = Of([.. names.Select(name => Simulation.Task(name)), Simulation.Task("after", needs: names)]);

        Assert.That(WaitReasons.OfTask(run.State, new TaskKey(count)).Message, Is.EqualTo(text));
    }

    [TestCase(1, "it waits for 1 free slot of pool \"gpu\", or for a place in its lane")]
    [TestCase(2, "it waits for 2 free slots of pool \"gpu\", or for a place in its lane")]
    public void ATaskOfAPoolSaysWhatItNeeds(int slots, string text)
    {
        var run = Of(Simulation.Task("work") with { Pool = "gpu", PoolSlots = slots });
        run.Send(new QueueWork(new TaskKey(0), SomeWork));

        Assert.That(WaitReasons.Of(run.State).Single(), Is.EqualTo(new WaitReason
        {
            Task = Work, Kind = WaitKind.Pool, Message = text, Facts = new WaitFacts { Since = run.Now, Lane = SomeWork.Lane, Pool = "gpu", Slots = slots },
        }));
    }

    [Test]
    public void ALimitIsNamedExactlyWhenItIsReached()
    {
        var run = new Simulation(new PipelineDefinition { Name = "test", Parallel = 2, Tasks = [Simulation.Task("a"), Simulation.Task("b"), Simulation.Task("c")] }, [Fate.Succeed, Fate.Succeed, Fate.Succeed], 1);
        run.Accept();
        foreach (var task in Enumerable.Range(0, 3))
        {
            run.Send(new QueueWork(new TaskKey(task), SomeWork));
        }

        run.Send(new StartAttempt(new TaskKey(0), First));
        Assert.That(WaitReasons.OfTask(run.State, new TaskKey(2)).Kind, Is.EqualTo(WaitKind.Lane), "one of two is in flight");
        run.Send(new StartAttempt(new TaskKey(1), new AttemptId("second")));
        Assert.That(WaitReasons.OfTask(run.State, new TaskKey(2)).Message, Is.EqualTo("as many attempts as allowed are in flight"));
    }

    [Test]
    public void AMappedTaskCountsItsItemsAndItsOwnLimit()
    {
        var run = Of(Simulation.Task("work") with { Map = new MapDefinition { Over = "[1, 2, 3]", Parallel = 1 } });
        run.Send(new QueueWork(new TaskKey(0), SomeWork with { Spread = Spread.List }));
        run.Send(new IssueItems(new ExpandTask(0, 0, 0), [SomeWork with { Label = "one" }, SomeWork, SomeWork], Complete: false));
        Assert.That(run.State.Items[new TaskKey(0, 0)].Label, Is.EqualTo("one"));
        Assert.That(WaitReasons.OfTask(run.State, new TaskKey(0, 1)).Kind, Is.EqualTo(WaitKind.Lane));
        run.Send(new StartAttempt(new TaskKey(0, 0), First));

        Assert.That(WaitReasons.Of(run.State).Select(reason => $"{reason.Item} {reason.Message}"), Is.EqualTo(new[]
        {
            " 0 of 3 or more items have ended, 1 are running",
            "0 attempt 1 has been running since 2026-01-01 00:00:00Z",
            "1 as many attempts as allowed are in flight",
            "2 as many attempts as allowed are in flight",
        }));
        Assert.That(run.State.Items[new TaskKey(0, 0)].Label, Is.EqualTo("one"), "an item keeps its label through its attempts");

        run.Send(new CompleteAttempt(First, ImmutableDictionary<string, JsonElement>.Empty));
        Assert.That(RunMachine.Effects(run.State), Does.Contain(new ExpandTask(0, 1, 3)), "an item that ends asks for more");
        run.Send(new IssueItems(new ExpandTask(0, 1, 3), [], Complete: true));
        Assert.That(WaitReasons.Of(run.State).First().Message, Is.EqualTo("1 of 3 items have ended, 0 are running"));
        Assert.That(RunMachine.Effects(run.State).OfType<ExpandTask>(), Is.Empty);
    }

    [Test]
    public void AnExpansionThatCannotGoOnFailsItsTaskAndDropsItsItems()
    {
        var run = Of(Simulation.Task("work") with { Map = new MapDefinition { Over = "[1]" } });
        run.Send(new QueueWork(new TaskKey(0), SomeWork with { Spread = Spread.List }));
        run.Send(new IssueItems(new ExpandTask(0, 0, 0), [SomeWork], Complete: false));
        Assert.That(run.Send(new FailTask(new TaskKey(0), Simulation.Failed())).Refusal, Is.Null);

        Assert.That(run.State.Items.Values, Is.All.TypeOf<Ended>());
        Assert.That(((Ended)run.State.Items[new TaskKey(0, 0)]).Reason, Is.EqualTo("its task has ended"));
        Assert.That(run.State.Queues, Is.Empty);
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed));
        Assert.That(run.Send(new FailTask(new TaskKey(0), Simulation.Failed())).Refusal, Is.EqualTo("the run has ended: failed"));
    }

    [Test]
    public void AnActivityThatNeitherIssuesNorEndsIsAMistakeWithWords()
    {
        var run = Of(Simulation.Task("work"));
        run.Send(new QueueWork(new TaskKey(0), SomeWork with { Spread = Spread.Activity }));
        run.Send(new IssueItems(new ExpandTask(0, 0, 0), [], Complete: false));

        Assert.That(run.Events.OfType<TaskFailed>(), Has.Exactly(1).Items);
        var failure = ((Ended)run.State[Work]).Failure;
        Assert.That(failure?.Message, Is.EqualTo("activity test.work issues no further item and does not say that it is complete"));
        Assert.That(failure?.Why, Is.EqualTo("with nothing under way, the run would wait for ever"));
        Assert.That(failure?.Help, Is.EqualTo("This is a mistake in the activity's Expand."));
    }

    [TestCase(DeadlineAction.Fail, "then it fails")]
    [TestCase(DeadlineAction.Cancel, "then it is cancelled")]
    [TestCase(DeadlineAction.Notify, "then it is reported as late")]
    public void ADeadlineIsToldAheadWithWhatHappensThen(DeadlineAction then, string words)
    {
        var deadline = new DeadlineDefinition { After = Minute, Then = then };
        var run = new Simulation(new PipelineDefinition { Name = "test", Deadline = deadline, Tasks = [Simulation.Task("work") with { Deadline = deadline, QueueTimeout = Minute * 2 }] }, [Fate.Succeed], 1);
        run.Accept();
        run.Send(new QueueWork(new TaskKey(0), SomeWork));

        Assert.That(WaitReasons.OfRun(run.State).Single().Message, Is.EqualTo($"the run's deadline is 2026-01-01 00:01:00Z ({words})"));
        var reason = WaitReasons.OfTask(run.State, new TaskKey(0));
        Assert.That(reason.Message, Is.EqualTo($"it waits for a free place in its lane; queue timeout at 2026-01-01 00:02:00Z; its deadline is 2026-01-01 00:01:00Z ({words})"));
        Assert.That(reason.Until, Is.EqualTo(run.Now + Minute), "whichever comes first");
    }

    [Test]
    public void AQueueTimeoutBeforeTheDeadlineComesFirst()
    {
        var run = Of(Simulation.Task("work") with { Deadline = new DeadlineDefinition { After = Minute * 2, Then = DeadlineAction.Fail }, QueueTimeout = Minute });
        run.Send(new QueueWork(new TaskKey(0), SomeWork));

        Assert.That(WaitReasons.OfTask(run.State, new TaskKey(0)).Until, Is.EqualTo(run.Now + Minute));
    }

    [Test]
    public void ALateTaskSaysSinceWhen()
    {
        var run = Of(Simulation.Task("work") with { Deadline = new DeadlineDefinition { After = Minute, Then = DeadlineAction.Notify } });
        run.Send(new QueueWork(new TaskKey(0), SomeWork));
        run.Wait(Minute);

        Assert.That(WaitReasons.OfTask(run.State, new TaskKey(0)).Message, Is.EqualTo("it waits for a free place in its lane; late since 2026-01-01 00:01:00Z"));
        Assert.That(WaitReasons.OfRun(run.State).Single().Message, Is.EqualTo("task \"work\" was late at 2026-01-01 00:01:00Z"));
    }

    /// <summary>A shell that acknowledges without being asked must not be what stops the attempt.</summary>
    [TestCase(DeadlineAction.Fail, "the run's deadline passed")]
    [TestCase(DeadlineAction.Cancel, "the run was cancelled by its deadline")]
    public void ARunsDeadlineStopsWhatIsOpen(DeadlineAction then, string reason)
    {
        var run = Started(new PipelineDefinition { Name = "test", Deadline = new DeadlineDefinition { After = Minute, Then = then }, Tasks = [Simulation.Task("work"), Simulation.Task("after", needs: ["work"])] });
        run.Wait(Minute);

        Assert.That(RunMachine.Effects(run.State), Does.Contain(new StopAttempt(First)));
        Assert.That(((Ended)run.State[After]).Reason, Is.EqualTo(reason));
        Assert.That(run.Events.OfType<RunCancelRequested>().Count(), Is.EqualTo(then == DeadlineAction.Cancel ? 1 : 0));
    }

    [Test]
    public void ATasksDeadlineAndItsQueueTimeoutSayTheirTimes()
    {
        var late = Of(Simulation.Task("work") with { Deadline = new DeadlineDefinition { After = Minute, Then = DeadlineAction.Fail } });
        late.Wait(Minute);
        Assert.That(((Ended)late.State[Work]).Failure, Is.EqualTo(Failed("ORC5252", "the task had not ended 1m after its turn came", "its deadline says that it fails then; waiting for places, retries and all attempts count", "Raise the deadline, or let it only notify (\"then\": \"notify\").")));

        var starved = Of(Simulation.Task("work") with { QueueTimeout = Minute * 3 });
        starved.Send(new QueueWork(new TaskKey(0), SomeWork));
        starved.Wait(Minute * 3);
        Assert.That(((Ended)starved.State[Work]).Failure, Is.EqualTo(Failed("ORC5250", "the task waited 3m for a free place and got none", "its queueTimeout says that it is of no use later than that", "Raise queueTimeout, give the task a higher priority, or make room in its lane or pool.") with { Retryable = true }));
    }

    [Test]
    public void ARunsTimeoutAndItsDeadlineSayTheirTimes()
    {
        var slow = Started(new PipelineDefinition { Name = "test", Timeout = Minute, Tasks = [Simulation.Task("work")] });
        slow.Wait(Minute);
        slow.Send(new AcknowledgeStop(First));
        Assert.That(slow.State.Failure, Is.EqualTo(Failed("ORC5251", "the run took longer than 1m", "the pipeline's timeout bounds a whole run, all waiting included", "Raise the pipeline's timeout, or look what the time went into: orc show RUN. What succeeded is kept: orc retry RUN.") with { Retryable = true }));

        var late = Started(new PipelineDefinition { Name = "test", Deadline = new DeadlineDefinition { After = Minute, Then = DeadlineAction.Fail }, Tasks = [Simulation.Task("work")] });
        late.Wait(Minute);
        late.Send(new AcknowledgeStop(First));
        Assert.That(late.State.Failure, Is.EqualTo(Failed("ORC5253", "the run had not ended after 1m", "the pipeline's deadline says that it fails then", "Raise the deadline, or let it only notify (\"then\": \"notify\").")));
    }

    [TestCase(UnansweredAction.Skip, "skipped", "nobody answered before the deadline")]
    [TestCase(UnansweredAction.Reject, "failed", null)]
    public void AQuestionNobodyAnsweredEndsAsItsAuthorSays(UnansweredAction then, string word, string? reason)
    {
        var run = Of(Simulation.Task("work"));
        run.Send(new SuspendTask(new TaskKey(0), SomeWork, new Question { Kind = "approval", Prompt = "Deploy?", Deadline = run.Now + Minute, OnDeadline = then }));
        Assert.That(WaitReasons.Of(run.State).Single().Message, Is.EqualTo($"approval by anybody until 2026-01-01 00:01:00Z (then: {(then == UnansweredAction.Skip ? "skip" : "reject")}): Deploy?"));
        Assert.That(run.State[Work].Word, Is.EqualTo("suspended"));
        run.Wait(Minute);

        Assert.That(run.State[Work].Word, Is.EqualTo(word));
        Assert.That(((Ended)run.State[Work]).Reason, Is.EqualTo(reason));
    }

    [Test]
    public void AnAnswerAtTheVeryDeadlineIsTooLate()
    {
        var run = Of(Simulation.Task("work"));
        var deadline = run.Now + Minute;
        run.Send(new SuspendTask(new TaskKey(0), SomeWork, new Question { Kind = "approval", Prompt = "Deploy?", Deadline = deadline, OnDeadline = UnansweredAction.Fail }));

        Assert.That(run.Send(new AnswerTask(Work, "ann") { Given = deadline }).Refusal, Is.Not.Null);
        Assert.That(run.Send(new AnswerTask(Work, "ann") { Given = deadline - TimeSpan.FromTicks(1) }).Refusal, Is.Null);
    }

    [TestCase(true, null, "approved by ann")]
    [TestCase(true, "fine", "approved by ann: fine")]
    [TestCase(false, "no", "rejected by ann: no")]
    public void AnAnsweredTaskSaysHowByWhomAndWhy(bool approved, string? comment, string reason)
    {
        var run = Of(Simulation.Task("work"));
        run.Send(new SuspendTask(new TaskKey(0), SomeWork, new Question { Kind = "approval", Prompt = "Deploy?", OnReject = RejectedAction.Continue }));
        run.Send(new AnswerTask(Work, "ann") { Approved = approved, Comment = comment });

        Assert.That(((Ended)run.State[Work]).Reason, Is.EqualTo(reason));
    }

    [Test]
    public void EveryStateOfATaskHasItsWord()
    {
        var run = Started(Simulation.Task("work", attempts: 2), Simulation.Task("ready"), Simulation.Task("preparing"), Simulation.Task("after", needs: ["work"]));
        run.Send(new QueueWork(new TaskKey(1), SomeWork));
        Assert.That(run.State.Tasks.OrderBy(pair => pair.Key).Select(pair => pair.Value.Word), Is.EqualTo(new[] { "running", "ready", "preparing", "waiting" }));
        run.Send(new RejectAttempt(First, Simulation.Failed(), 0.5));
        Assert.That(run.State[Work].Word, Is.EqualTo("retrying"));

        var mapped = Of(Simulation.Task("work") with { Map = new MapDefinition { Over = "[1]" } });
        mapped.Send(new QueueWork(new TaskKey(0), SomeWork with { Spread = Spread.List }));
        Assert.That(mapped.State[Work].Word, Is.EqualTo("running"));
    }

    /// <summary>A shift of the clock moves items as well as whole tasks.</summary>
    [Test]
    public void AClockThatJumpsMovesTheRetryOfAnItem()
    {
        var run = Of(Simulation.Task("work", attempts: 2) with { Map = new MapDefinition { Over = "[1]" } });
        run.Send(new QueueWork(new TaskKey(0), SomeWork with { Spread = Spread.List }));
        run.Send(new IssueItems(new ExpandTask(0, 0, 0), [SomeWork], Complete: true));
        run.Send(new StartAttempt(new TaskKey(0, 0), First));
        run.Send(new RejectAttempt(First, Simulation.Failed(), Random: 0.5));
        var before = ((Backoff)run.State.Items[new TaskKey(0, 0)]).Until;
        run.Jump(Minute);
        run.Send(new MoveClock(Minute));

        Assert.That(((Backoff)run.State.Items[new TaskKey(0, 0)]).Until, Is.EqualTo(before + Minute));
        Assert.That(run.State[Work], Is.TypeOf<Mapping>());
    }

    [Test]
    public void APauseStartsTheQueueTimeoutAnewOnlyForWhatIsQueued()
    {
        var run = Of(Simulation.Task("work") with { QueueTimeout = Minute }, Simulation.Task("other"));
        run.Send(new PauseRun("ann"));
        run.Send(new QueueWork(new TaskKey(0), SomeWork));
        run.Send(new QueueWork(new TaskKey(1), SomeWork));
        Assert.That(run.State.Due, Is.Empty, "nobody waits for a place while a person holds the run");
        run.Send(new ResumeRun("ann"));

        Assert.That(run.State.Due.Keys, Is.EqualTo(new[] { (new TaskKey(0), TimerKind.Queue) }));
    }

    [Test]
    public void ARunThatHasEndedHasNoReasons()
    {
        var run = Of(Simulation.Task("work"));
        run.Send(new FailTask(new TaskKey(0), Simulation.Failed()));

        Assert.That(WaitReasons.Of(run.State), Is.Empty);
        Assert.That(run.State.Failure, Is.Null);
    }

    private static Failure Failed(string code, string message, string why, string help) => new() { Code = code, Kind = FailureKind.Timeout, Message = message, Why = why, Help = help };

    private static void Succeed(Simulation run, int task)
    {
        var attempt = new AttemptId($"of{task}");
        run.Send(new QueueWork(new TaskKey(task), SomeWork));
        run.Send(new StartAttempt(new TaskKey(task), attempt));
        run.Send(new CompleteAttempt(attempt, ImmutableDictionary<string, JsonElement>.Empty));
    }

    private static Simulation Of(params TaskDefinition[] tasks) => Of(new PipelineDefinition { Name = "test", Tasks = [.. tasks] });

    private static Simulation Of(PipelineDefinition definition)
    {
        var run = new Simulation(definition, [.. definition.Tasks.Select(_ => Fate.Succeed)], seed: 1);
        run.Accept();
        return run;
    }

    private static Simulation Started(params TaskDefinition[] tasks) => Started(new PipelineDefinition { Name = "test", Tasks = [.. tasks] });

    private static Simulation Started(PipelineDefinition definition)
    {
        var run = Of(definition);
        run.Send(new QueueWork(new TaskKey(0), SomeWork));
        run.Send(new StartAttempt(new TaskKey(0), First));
        return run;
    }

    private static TaskWork SomeWork { get; } = new() { Uses = "test.work", Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty };
}
