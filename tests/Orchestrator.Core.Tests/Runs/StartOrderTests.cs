using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Which of the ready work starts, and that nothing of it waits for what cannot.</summary>
public sealed class StartOrderTests
{
    [Test]
    public void TheMostUrgentComesFirstWhateverItsLaneAndPool()
    {
        var run = Ready(null, Simulation.Task("late"), Simulation.Task("pooled") with { Pool = "gpu", Priority = 5 }, Simulation.Task("early") with { Priority = 9 }, Simulation.Task("as-late") with { Pool = "gpu" });

        Assert.That(Offered(run.State, _ => Answer.Start), Is.EqualTo(new[] { "early", "pooled", "late", "as-late" }));
        Assert.That(RunMachine.Effects(run.State).OfType<DispatchWork>().Select(work => run.State.NameOf(work.Key).Value), Is.EqualTo(new[] { "early", "pooled", "late", "as-late" }));
    }

    [Test]
    public void WhatIsPassedTakesNoneOfTheRunsOwnLimit()
    {
        var run = Ready(1, Simulation.Task("large") with { Pool = "gpu", Priority = 9 }, Simulation.Task("small") with { Pool = "gpu" }, Simulation.Task("free"));

        Assert.That(Offered(run.State, name => name == "large" ? Answer.Pass : Answer.Start), Is.EqualTo(new[] { "large", "small" }));
        Assert.That(Offered(run.State, name => name == "large" ? Answer.Close : Answer.Start), Is.EqualTo(new[] { "large", "free" }), "nothing more of a closed line");
    }

    [Test]
    public void WhatIsPassedTakesNoneOfItsMapsLimit()
    {
        var run = new Simulation(new PipelineDefinition { Name = "test", Tasks = [Simulation.Task("spread") with { Map = new MapDefinition { Over = "[1,2,3]", Parallel = 1 } }] }, [Fate.Succeed], 1);
        run.Accept();
        run.Send(new QueueWork(new TaskKey(0), Work(Spread.List)));
        run.Send(new IssueItems(new ExpandTask(0, 0, 0), [Work(), Work(), Work()], Complete: true));

        var order = new StartOrder(run.State);
        Assert.That(order.TryNext(out _, out var first), Is.True);
        order.Pass();
        Assert.That(order.TryNext(out _, out var second), Is.True);
        Assert.That((first!.Key.Item, second!.Key.Item), Is.EqualTo((0, 1)));
        Assert.That(order.TryNext(out _, out _), Is.False, "one at a time");
    }

    [Test]
    public void APausedRunStartsNothing()
    {
        var run = Ready(null, Simulation.Task("work"));
        run.Send(new PauseRun("ann"));

        Assert.That(new StartOrder(run.State).TryNext(out _, out _), Is.False);
    }

    [Test]
    public void NothingIsPassedThatWasNotOffered() => Assert.That(() => new StartOrder(Ready(null, Simulation.Task("work")).State).Pass(), Throws.InvalidOperationException);

    private enum Answer
    {
        Start,
        Pass,
        Close,
    }

    private static List<string> Offered(RunState state, Func<string, Answer> answer)
    {
        var (order, names) = (new StartOrder(state), new List<string>());
        while (order.TryNext(out _, out var work))
        {
            var name = state.NameOf(work.Key).Value;
            names.Add(name);
            switch (answer(name))
            {
                case Answer.Pass: order.Pass(); break;
                case Answer.Close: order.Close(); break;
                default: break;
            }
        }

        return names;
    }

    /// <summary>A run whose tasks are all ready.</summary>
    private static Simulation Ready(int? parallel, params TaskDefinition[] tasks)
    {
        var run = new Simulation(new PipelineDefinition { Name = "test", Parallel = parallel, Tasks = [.. tasks] }, [.. tasks.Select(_ => Fate.Succeed)], 1);
        run.Accept();
        foreach (var task in Enumerable.Range(0, tasks.Length))
        {
            run.Send(new QueueWork(new TaskKey(task), Work()));
        }

        return run;
    }

    private static TaskWork Work(Spread spread = Spread.None) =>
        new() { Uses = "test.work", Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty, Spread = spread };
}
