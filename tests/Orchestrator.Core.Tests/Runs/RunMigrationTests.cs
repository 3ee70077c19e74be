using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>What becomes of a run that is given another definition. The table is in MigrationRules.cs.</summary>
public sealed class RunMigrationTests
{
    private static readonly AttemptId First = new("a-first");

    [Test]
    public void WhatHasEndedStaysAndWhatWaitsIsOfTheNewDefinition()
    {
        var run = Started(Task("a"), Task("b", needs: ["a"]));
        Finish(run, "a");
        Migrate(run, Task("new"), Task("b", needs: ["a", "new"]), Task("a"));

        Assert.That(run.State[Name("a")], Is.TypeOf<Ended>());
        Assert.That(run.State[Name("b")], Is.TypeOf<Preparing>().Or.TypeOf<Waiting>());
        run.RunToEnd();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(run.Started.Select(key => run.State.NameOf(key).Value), Is.EquivalentTo(new[] { "new", "b" }), "what has ended does not run again");
        CheckReplay(run);
    }

    [Test]
    public void ANewTaskCountsTheEndsThereAre()
    {
        var run = Started(Task("a"), Task("b"));
        Finish(run, "a");
        Migrate(run, Task("a"), Task("b"), Task("any", JoinRule.OneSuccess, ["a", "b"]), Task("all", needs: ["a", "b"]));

        Assert.That(run.State[Name("any")], Is.TypeOf<Preparing>(), "one has succeeded");
        Assert.That(((Waiting)run.State[Name("all")]).Tally, Is.EqualTo(new JoinTally(2, 1, 0, 0)));
    }

    [Test]
    public void AnAttemptUnderWayGoesOnAndItsResultCounts()
    {
        var run = Started(Task("a"), Task("b", needs: ["a"]));
        Start(run, "a", First);
        Migrate(run, Task("zero"), Task("a") with { Retry = new RetryPolicy { Attempts = 7 } }, Task("b", needs: ["a"]));

        Assert.That(run.Send(new CompleteAttempt(First, ImmutableDictionary<string, JsonElement>.Empty)).Refusal, Is.Null);
        Assert.That(run.State[Name("a")].Word, Is.EqualTo("succeeded"));
        Assert.That(run.State.Graph[Name("a")].Index, Is.EqualTo(1), "its place is another");
        run.RunToEnd();
        CheckReplay(run);
    }

    [Test]
    public void AllReasonsAreToldAtOnce()
    {
        var run = Started(Task("ended"), Task("gone"), Task("running"), Task("late", needs: ["ended"]));
        Finish(run, "ended");
        Start(run, "gone", new AttemptId("a-gone"));
        Start(run, "running", First);
        Finish(run, "late");

        var refusal = Try(
            run,
            [Task("ended") with { Uses = "test.other" }, With(Task("running"), "left", 2), Task("new"), Task("late", needs: ["ended", "new"])],
            restart: ["late"],
            drop: ["nobody"]);

        Assert.That(refusal, Does.Contain("ORC5282: task \"ended\" is succeeded as test.work and would be test.other"));
        Assert.That(refusal, Does.Contain("ORC5283: task \"running\" is running, and the new definition has another input left"));
        Assert.That(refusal, Does.Contain("ORC5284: task \"gone\" is running, and the new definition does not have it"));
        Assert.That(refusal, Does.Contain("ORC5285: task \"late\" is succeeded, and would come after \"new\", which has not ended"));
        Assert.That(refusal, Does.Contain("ORC5286: --restart late: it is succeeded"));
        Assert.That(refusal, Does.Contain("ORC5287: --drop nobody: the run has no such task"));
    }

    [Test]
    public void ARestartedTaskIsPreparedAnewAndItsAttemptIsFencedOff()
    {
        var run = Started(Task("a"), Task("b", needs: ["a"]));
        Start(run, "a", First);
        Migrate(run, [With(Task("a"), "left", 2), Task("b", needs: ["a"])], restart: ["a"]);

        Assert.That(run.State[Name("a")], Is.TypeOf<Preparing>());
        Assert.That(run.Send(new CompleteAttempt(First, ImmutableDictionary<string, JsonElement>.Empty)).Refusal, Does.Contain("not current"));
        Start(run, "a", new AttemptId("a-second"));
        Assert.That(run.State[Name("a")].Tries, Is.EqualTo(new Tries(2, 0, 0)), "attempts are counted on: each has a log of its own");
        CheckReplay(run);
    }

    [Test]
    public void AMappedTaskUnderWayKeepsItsItemsAndTheNewLimitHolds()
    {
        var run = Started(Task("m") with { Map = new MapDefinition { Over = "[1, 2, 3]" } });
        var key = new TaskKey(0);
        run.Send(new QueueWork(key, Work with { Spread = Spread.List }));
        run.Send(new IssueItems(new ExpandTask(0, 0, 0), [Work, Work, Work], Complete: true));
        run.Send(new StartAttempt(new TaskKey(0, 1), First));
        Migrate(run, Task("before"), Task("m") with { Map = new MapDefinition { Over = "[1, 2, 3]", Parallel = 1 } });

        Assert.That(RunMachine.Effects(run.State).OfType<DispatchWork>(), Is.Empty, "one item is under way already");
        Assert.That(run.Send(new CompleteAttempt(First, ImmutableDictionary<string, JsonElement>.Empty)).Refusal, Is.Null);
        Assert.That(run.State.Items[new TaskKey(1, 1)].Word, Is.EqualTo("succeeded"));
        StateRules.Check(run.State);
        Assert.That(Try(run, [Task("m") with { Map = new MapDefinition { Over = "[9]" } }, Task("before")]), Does.Contain("another list of the map"));
        CheckReplay(run);
    }

    [Test]
    public void ADroppedTaskGoesWithAllThatItDid()
    {
        var run = Started(Task("a"), Task("b"));
        Start(run, "a", First);
        Finish(run, "b");
        Migrate(run, [Task("c")], drop: ["a", "b"]);

        Assert.That(run.State.InFlight, Is.Empty);
        Assert.That(run.State.Open, Is.EqualTo(1));
        run.RunToEnd();
        CheckReplay(run);
    }

    [Test]
    public void ARunWhoseWaitingTasksAllGoHasEnded()
    {
        var run = Started(Task("a"), Task("b", needs: ["a"]) with { When = "false" });
        Finish(run, "a");
        Migrate(run, Task("a"));

        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public void WhatIsReadyAndHasAnotherDefinitionIsLookedAtAgain()
    {
        var run = Started(Task("a"), Task("b"));
        run.Send(new QueueWork(new TaskKey(0), Work));
        run.Send(new QueueWork(new TaskKey(1), Work));
        Migrate(run, With(Task("a"), "left", 2), Task("b") with { Pool = "gpu", Priority = 0 });

        Assert.That(run.State[Name("a")], Is.TypeOf<Preparing>());
        Assert.That(run.State[Name("b")], Is.TypeOf<Preparing>(), "another line");
        run.Send(new QueueWork(new TaskKey(1), Work));
        Assert.That(run.State.Queues.Keys.Single().Pool, Is.EqualTo("gpu"));
        StateRules.Check(run.State);
    }

    [Test]
    public void LimitsInTimeCountFromWhereTheyCountedAndNewOnesFromNow()
    {
        var begin = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var run = Started(Task("a") with { Deadline = new DeadlineDefinition { After = TimeSpan.FromHours(1), Then = DeadlineAction.Notify } }, Task("b"));
        Start(run, "a", First);
        Start(run, "b", new AttemptId("a-b"));
        run.Wait(TimeSpan.FromMinutes(10));
        var next = Definition(
            Task("a") with { Deadline = new DeadlineDefinition { After = TimeSpan.FromHours(2), Then = DeadlineAction.Fail } },
            Task("b") with { Deadline = new DeadlineDefinition { After = TimeSpan.FromHours(1), Then = DeadlineAction.Fail } }) with
        {
            Timeout = TimeSpan.FromHours(3),
        };
        Assert.That(Send(run, next), Is.Null);

        Assert.That(run.State.DueAt(new TaskKey(0), TimerKind.TaskDeadline), Is.EqualTo(begin.AddHours(2)));
        Assert.That(run.State.DueAt(new TaskKey(1), TimerKind.TaskDeadline), Is.EqualTo(begin.AddMinutes(70)));
        Assert.That(run.State.DueAt(RunTimer.Run, TimerKind.RunTimeout), Is.EqualTo(begin.AddHours(3)));
        CheckReplay(run);
    }

    [Test]
    public void ParametersKeepTheirValuesNewOnesNeedOneAndOthersGo()
    {
        var run = new Simulation(Definition(Task("a"), Task("b", needs: ["a"])) with { Params = [Number("old"), Number("kept")] }, Fates, 1);
        run.Send(new AcceptRun(new DefinitionHash("d"), Values(("old", 1), ("kept", 2))));
        var next = Definition(Task("a"), Task("b", needs: ["a"])) with { Params = [Number("kept"), Number("new")] };

        Assert.That(Send(run, next, Values(("kept", 2))), Does.Contain("ORC5288: parameter \"new\" has no value"));
        Assert.That(Send(run, next, Values(("kept", 3), ("new", 1))), Does.Contain("ORC5288: parameter \"kept\" is 2 in this run and would be 3"));
        Assert.That(Send(run, next, Values(("kept", 2), ("new", 5))), Is.Null);
        Assert.That(run.State.Params.Select(one => $"{one.Key}={one.Value}"), Is.EqualTo(new[] { "kept=2", "new=5" }));
    }

    [Test]
    public void AnotherPipelineTheSameDefinitionAndARunThatIsEndingAreRefused()
    {
        var run = Started(Task("a"));
        Assert.That(Send(run, Definition(Task("a")) with { Name = "other" }), Is.EqualTo("ORC5280: the run is one of pipeline \"test\", and the file has \"other\""));
        Assert.That(RunMachine.Decide(run.State, new MigrateRun(new DefinitionHash("d"), run.State.Graph, "ann"), run.Now).Refusal, Does.StartWith("ORC5281"));
        Start(run, "a", First);
        run.Send(new CancelRun("ann"));
        Assert.That(Try(run, [Task("a"), Task("b")]), Does.StartWith("ORC5289: the run is cancelling"));
    }

    [Test]
    public void ATaskOnExitThatHasBegunLetsNoNewTaskBeforeIt()
    {
        var run = Started(Task("a"), Task("clean") with { OnExit = true });
        Finish(run, "a");
        Start(run, "clean", First);

        Assert.That(Try(run, [Task("a"), Task("new"), Task("clean") with { OnExit = true }]), Does.Contain("ORC5285: task \"clean\" is running, and would come after \"new\""));
    }

    private static readonly Fate[] Fates = [.. Enumerable.Repeat(Fate.Succeed, 20)];

    private static TaskWork Work { get; } = new() { Uses = "test.work", Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty };

    private static TaskName Name(string name) => new(name);

    private static TaskDefinition Task(string name, JoinRule rule = JoinRule.AllSuccess, string[]? needs = null) => Simulation.Task(name, rule, needs);

    private static TaskDefinition With(TaskDefinition task, string input, object value) => task with { With = task.With.SetItem(input, OrcJson.ToElement(value)) };

    private static ParameterDefinition Number(string name) => new() { Name = name, Type = ParameterType.Number };

    private static ImmutableSortedDictionary<string, JsonElement> Values(params (string Name, object Value)[] values) => values.ToImmutableSortedDictionary(one => one.Name, one => OrcJson.ToElement(one.Value));

    private static PipelineDefinition Definition(params TaskDefinition[] tasks) => new() { Name = "test", Tasks = [.. tasks] };

    private static Simulation Started(params TaskDefinition[] tasks)
    {
        var run = new Simulation(Definition(tasks), Fates, 1);
        run.Accept();
        return run;
    }

    private static void Start(Simulation run, string task, AttemptId attempt)
    {
        var key = new TaskKey(run.State.Graph[Name(task)].Index);
        if (run.State[key] is Preparing)
        {
            run.Send(new QueueWork(key, Work));
        }

        Assert.That(run.Send(new StartAttempt(key, attempt)).Refusal, Is.Null);
    }

    private static void Finish(Simulation run, string task)
    {
        var attempt = new AttemptId($"a-{task}");
        Start(run, task, attempt);
        run.Send(new CompleteAttempt(attempt, ImmutableDictionary<string, JsonElement>.Empty));
    }

    private static void Migrate(Simulation run, params TaskDefinition[] tasks) => Migrate(run, tasks, []);

    private static void Migrate(Simulation run, TaskDefinition[] tasks, string[]? restart = null, string[]? drop = null)
    {
        Assert.That(Try(run, tasks, restart, drop), Is.Null);
        StateRules.CheckTasks(run.State);
    }

    private static string? Try(Simulation run, TaskDefinition[] tasks, string[]? restart = null, string[]? drop = null) => Send(run, Definition(tasks), null, restart, drop);

    private static string? Send(Simulation run, PipelineDefinition next, ImmutableSortedDictionary<string, JsonElement>? values = null, string[]? restart = null, string[]? drop = null) => run.Send(
        new MigrateRun(new DefinitionHash($"d{run.Events.Count}"), new PipelineGraph(next), "ann", "mended")
        {
            Params = values ?? ImmutableSortedDictionary<string, JsonElement>.Empty,
            Restart = [.. (restart ?? []).Select(Name)],
            Drop = [.. (drop ?? []).Select(Name)],
        }).Refusal;

    /// <summary>The events alone make the state, through their JSON.</summary>
    private static void CheckReplay(Simulation run)
    {
        var reread = run.Events.Select(change => OrcJson.FromElement<RunEvent>(OrcJson.ToElement(change))).ToArray();
        var graphs = run.Graphs;
        Assert.That(Simulation.Describe(RunFold.Replay(graphs[0].Graph, reread, hash => graphs.Single(one => one.Hash == hash).Graph)), Is.EqualTo(Simulation.Describe(run.State)));
        Assert.That(run.State.Sequence, Is.EqualTo(run.Events.Count));
    }
}
