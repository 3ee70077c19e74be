using System.Collections.Immutable;
using System.Text.Json;
using CsCheck;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Runs that wait for their concurrency key.</summary>
public sealed class RunQueueTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly RunKey Key = new() { Name = "pipeline:test:eu", Word = "eu", Limit = 1, Overlap = Overlap.QueueAll };

    private static readonly PipelineDefinition Chain = new()
    {
        Name = "test",
        Timeout = TimeSpan.FromHours(1),
        Tasks = [Simulation.Task("a"), Simulation.Task("b", needs: ["a"]), Simulation.Task("clean") with { OnExit = true }],
    };

    [TestCase(null, ConcurrencyScope.Pipeline, "pipeline:churn", "churn")]
    [TestCase("eu", ConcurrencyScope.Pipeline, "pipeline:churn:eu", "eu")]
    [TestCase("eu", ConcurrencyScope.Home, "home:eu", "eu")]
    public void AKeyBelongsToItsPipelineUnlessItSaysOtherwise(string? key, ConcurrencyScope scope, string name, string word)
    {
        var made = RunKey.Of("churn", new ConcurrencyDefinition { Scope = scope, Limit = 3, Overlap = Overlap.Skip }, key);

        Assert.That(made, Is.EqualTo(new RunKey { Name = name, Word = word, Limit = 3, Overlap = Overlap.Skip }));
    }

    [Test]
    public void AQueuedRunStartsNothingUntilItIsLetIn()
    {
        var run = new Machine(Chain);
        run.Accept(mustWait: true);

        Assert.That((run.State.Status, run.State.Queued), Is.EqualTo((RunStatus.Queued, new QueuedRun(Key, Start))));
        Assert.That(RunMachine.Effects(run.State).Where(effect => effect is not WakeAt), Is.Empty);
        Assert.That(WaitReasons.Of(run.State).Select(reason => reason.Kind), Is.All.EqualTo(WaitKind.Concurrency));
        Assert.That(WaitReasons.OfRun(run.State).First().Message, Is.EqualTo("it waits since 2026-01-01 00:00:00Z for concurrency key \"eu\": one run may go on at once"));
        Assert.That(WaitReasons.OfRun(run.State).First().Key, Is.EqualTo(Key));

        Assert.That(run.Send(new AdmitRun()), Is.Null);
        Assert.That((run.State.Status, run.State.Queued), Is.EqualTo((RunStatus.Running, (QueuedRun?)null)));
        Assert.That(RunMachine.Effects(run.State).OfType<PrepareTask>().Select(effect => effect.Task), Is.EqualTo(new[] { 0 }));
        Assert.That(run.Send(new AdmitRun()), Is.EqualTo("the run does not wait for its concurrency key"));
    }

    [Test]
    public void ARunWithRoomIsLetInWithItsAcceptance()
    {
        var run = new Machine(Chain);
        run.Accept(mustWait: false);

        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Running));
        Assert.That(run.Events.Take(3).Select(change => change.GetType()), Is.EqualTo(new[] { typeof(RunAccepted), typeof(RunAdmitted), typeof(TaskTurnCame) }));
    }

    [Test]
    public void AQueuedRunThatIsCancelledHasNothingToCleanUp()
    {
        var run = new Machine(Chain);
        run.Accept(mustWait: true);

        run.Send(new CancelRun("ann", "not needed"));

        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Cancelled));
        Assert.That(run.State.Tasks.Values.Cast<Ended>().Select(end => end.Outcome), Is.All.EqualTo(TaskOutcome.Cancelled));
    }

    [Test]
    public void TheTimeInTheQueueCountsForTheRun()
    {
        var run = new Machine(Chain);
        run.Accept(mustWait: true);
        run.Now += TimeSpan.FromHours(1);

        run.Send(new AdvanceTime());

        Assert.That((run.State.Status, run.State.Failure?.Code), Is.EqualTo((RunStatus.Failed, "ORC5251")));
        Assert.That(run.State.Tasks.Values.Cast<Ended>().Select(end => end.Outcome), Is.All.EqualTo(TaskOutcome.Cancelled), "nothing was started, so nothing is cleaned up");
    }

    [Test]
    public void ThePausedIsNotLetInAndIsQueuedAgainAfterwards()
    {
        var run = new Machine(Chain);
        run.Accept(mustWait: true);

        Assert.That(run.Send(new PauseRun("ann")), Is.Null);
        Assert.That(run.Send(new AdmitRun()), Is.Not.Null);
        Assert.That(run.Send(new ResumeRun("ann")), Is.Null);
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Queued));
        Assert.That(run.Send(new AdmitRun()), Is.Null);
    }

    [Test]
    public void ASkippedRunSaysWhoWasInItsWay()
    {
        var run = new Machine(Chain);
        run.Accept(mustWait: true);

        run.Send(new SkipRun([new RunId("R1"), new RunId("R2")]));

        Assert.That((run.State.Status, run.State.Skipped), Is.EqualTo((RunStatus.Skipped, "not started: concurrency key \"eu\" was held by runs R1, R2")));
        Assert.That(run.State.Tasks.Values.Cast<Ended>().Select(end => end.Outcome), Is.All.EqualTo(TaskOutcome.Skipped));
        Assert.That(run.Events[^1], Is.TypeOf<RunEnded>());
    }

    [Test]
    public void ATerminatedRunDoesNotCleanUp()
    {
        var run = new Machine(Chain);
        run.Accept(mustWait: false);

        run.Send(new CancelRun("run R9") { Terminate = true });

        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Cancelled));
        Assert.That(((Ended)run.State[new TaskName("clean")]).Outcome, Is.EqualTo(TaskOutcome.Cancelled));
    }

    [Test]
    public void WhatWasTakenOverAndLeftOutBeforeCountsWhenTheRunIsLetIn()
    {
        var run = new Machine(Chain);
        var reused = ImmutableSortedDictionary<string, ReusedTask>.Empty.Add("a", new ReusedTask { From = new RunId("R0"), Outputs = ImmutableDictionary<string, JsonElement>.Empty });
        run.Accept(mustWait: true, reused);
        Assert.That(run.State[new TaskName("b")], Is.TypeOf<Waiting>());

        run.Send(new AdmitRun());

        Assert.That(run.State[new TaskName("b")], Is.TypeOf<Preparing>());
    }

    /// <summary>Whatever happened in the queue, a run that was let in ends as one that never waited.</summary>
    [Test]
    public void WaitingChangesNothingOfWhatFollows() => Gen.Select(Shapes.All, Gen.Int, Gen.Int[0, 2]).Sample((shape, seed, crashes) =>
    {
        var waited = new CrashingShell(shape, seed) { Crashes = crashes, Key = Key, MustWait = true }.RunToEnd();
        var straight = new CrashingShell(shape, seed) { Key = Key }.RunToEnd();

        Assert.That(Simulation.Outcome(waited.State), Is.EqualTo(Simulation.Outcome(straight.State)));
        Assert.That(waited.Events.TakeWhile(change => change is not RunAdmitted).Where(change => change is TaskTurnCame or AttemptStarted), Is.Empty);
        Assert.That(waited.Events.OfType<RunAdmitted>().Count(), Is.EqualTo(1));
    }, iter: Environment.GetEnvironmentVariable("ORC_LONG") == "1" ? 50_000 : 1_000);

    /// <summary>People interfere with a run that may be in the queue: it ends, and no task of it moved before it was let in.</summary>
    [Test]
    public void NothingMovesInTheQueueWhoeverInterferes() => Gen.Select(Shapes.All, Gen.Int, Gen.Int[0, 5].Array[0, 4], Gen.Int[0, 2]).Sample((shape, seed, wishes, crashes) =>
    {
        var run = new CrashingShell(shape, seed) { Crashes = crashes, Key = Key, MustWait = true };
        foreach (var wish in wishes)
        {
            run.Wishes.Enqueue(RunShapeProperties.WishOf(shape, wish, seed));
        }

        run.RunToEnd();

        Assert.That(run.State.IsEnded);
        Assert.That(run.Events.TakeWhile(change => change is not RunAdmitted).Where(change => change is TaskTurnCame or AttemptStarted), Is.Empty);
        Assert.That(run.Successes.Where(pair => pair.Value > 1), Is.Empty);
    }, iter: Environment.GetEnvironmentVariable("ORC_LONG") == "1" ? 50_000 : 1_000);

    private sealed class Machine(PipelineDefinition definition)
    {
        public DateTimeOffset Now { get; set; } = Start;

        public RunState State { get; private set; } = RunState.Empty(new PipelineGraph(definition));

        public List<RunEvent> Events { get; } = [];

        public void Accept(bool mustWait, ImmutableSortedDictionary<string, ReusedTask>? reused = null) => Assert.That(
            Send(new AcceptRun(new DefinitionHash("d"), ImmutableSortedDictionary<string, JsonElement>.Empty) { Key = Key, MustWait = mustWait, Reused = reused ?? ImmutableSortedDictionary<string, ReusedTask>.Empty }),
            Is.Null);

        public string? Send(RunCommand command)
        {
            var decision = RunMachine.Decide(State, command, Now);
            State = decision.State;
            Events.AddRange(decision.Events);
            Assert.That(Simulation.Describe(RunFold.Replay(State.Graph, Events.Select(change => OrcJson.FromElement<RunEvent>(OrcJson.ToElement(change))))), Is.EqualTo(Simulation.Describe(State)));
            return decision.Refusal;
        }
    }
}
