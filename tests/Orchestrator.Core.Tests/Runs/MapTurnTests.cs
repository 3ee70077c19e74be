using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Items that do not run: earlier results, conditions that are false, programs that find nothing to do.</summary>
public sealed class MapTurnTests
{
    private static readonly ImmutableDictionary<string, JsonElement> NoOutputs = ImmutableDictionary<string, JsonElement>.Empty;

    [Test]
    public void AnItemWithAnEarlierResultHasEndedWithThePage()
    {
        var run = Mapped(new IssueItems(new ExpandTask(0, 0, 0), [Work(), Work(), Work()], Complete: true) { Reused = Earlier(1) });

        Assert.That(run.Events.OfType<TaskReused>().Single(), Has.Property(nameof(TaskReused.Item)).EqualTo(1));
        Assert.That(run.State.Items[new TaskKey(0, 1)].Word, Is.EqualTo("cached"));
        Assert.That(((Mapping)run.State.Tasks[0]).Ended, Is.EqualTo(1));
        Assert.That(RunMachine.Effects(run.State).OfType<DispatchWork>().Select(work => work.Key.Item), Is.EqualTo(new[] { 0, 2 }));
        Finish(run, 0);
        Finish(run, 2);
        Assert.That(((Ended)run.State.Tasks[0]).Outputs["n"].GetRawText(), Is.EqualTo("[0,10,2]"));
    }

    [Test]
    public void AMapWhoseItemsAreAllCachedEndsWithoutAnAttempt()
    {
        var run = Mapped(new IssueItems(new ExpandTask(0, 0, 0), [Work(), Work()], Complete: true) { Reused = Earlier(0, 1) });

        Assert.That(run.Started, Is.Empty);
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(((Ended)run.State.Tasks[0]).Outputs["n"].GetRawText(), Is.EqualTo("[0,10]"));
    }

    [Test]
    public void AfterAPageOfCachedItemsTheNextOneIsAskedFor()
    {
        var run = Mapped(new IssueItems(new ExpandTask(0, 0, 0), [Work(), Work()], Complete: false) { Reused = Earlier(0, 1) });

        Assert.That(RunMachine.Effects(run.State).OfType<ExpandTask>().Single(), Is.EqualTo(new ExpandTask(0, 2, 2)));
        run.Send(new IssueItems(new ExpandTask(0, 2, 2), [Work()], Complete: true) { Reused = Earlier(0) });
        Assert.That(run.State.Items[new TaskKey(0, 2)].Word, Is.EqualTo("cached"), "the place in a page is counted from the items before it");
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public void TheEventsFoldToTheSameState()
    {
        var run = Mapped(new IssueItems(new ExpandTask(0, 0, 0), [Work(), Work(), Work()], Complete: true) { Reused = Earlier(1), Skipped = ImmutableSortedDictionary<int, string>.Empty.Add(2, "no") });
        Finish(run, 0);

        var replayed = RunFold.Replay(run.State.Graph, run.Events.Select(change => OrcJson.FromElement<RunEvent>(OrcJson.ToElement(change))));

        Assert.That(replayed.Items.OrderBy(item => item.Key).Select(item => item.Value.Word), Is.EqualTo(new[] { "succeeded", "cached", "skipped" }));
        Assert.That(replayed.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(((Ended)replayed.Tasks[0]).Outputs["n"].GetRawText(), Is.EqualTo("[0,10,null]"), "what was skipped has left nothing in its place");
    }

    [Test]
    public void AnAttemptThatFindsNothingToDoSkipsItsTaskAndWhatComesAfterIt()
    {
        var run = new Simulation(new PipelineDefinition { Name = "test", Tasks = [Simulation.Task("load", attempts: 3), Simulation.Task("after", needs: ["load"])] }, [Fate.Succeed, Fate.Succeed], seed: 1);
        run.Accept();
        run.Send(new QueueWork(new TaskKey(0), Work()));
        run.Send(new StartAttempt(new TaskKey(0), new AttemptId("a")));

        Assert.That(run.Send(new SkipAttempt(new AttemptId("a"), "nothing new")).Refusal, Is.Null);

        Assert.That(run.State.InFlight, Is.Empty);
        Assert.That(((Ended)run.State.Tasks[0]).Reason, Is.EqualTo("nothing new"));
        Assert.That(((Ended)run.State.Tasks[1]).Outcome, Is.EqualTo(TaskOutcome.Skipped));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Succeeded), "it is no failure, and no retry follows");
        Assert.That(run.Send(new SkipAttempt(new AttemptId("a"), "again")).Refusal, Is.Not.Null);
    }

    [Test]
    public void AMapIsSkippedOnlyWhenAllItsItemsAre()
    {
        var skipped = ImmutableSortedDictionary<int, string>.Empty.Add(0, "its condition is false: item > 3");
        var one = Mapped(new IssueItems(new ExpandTask(0, 0, 0), [Work(), Work()], Complete: true) { Skipped = skipped });
        Finish(one, 1);
        var all = Mapped(new IssueItems(new ExpandTask(0, 0, 0), [Work()], Complete: true) { Skipped = skipped });

        Assert.That(((Ended)one.State.Tasks[0]).Outputs["n"].GetRawText(), Is.EqualTo("[null,1]"));
        Assert.That(((Ended)all.State.Tasks[0]).Reason, Is.EqualTo("all 1 items were skipped; the first: its condition is false: item > 3"));
        Assert.That(all.State.Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public void AMapOverNothingHasItsOutputsAsEmptyLists()
    {
        var run = Mapped(new IssueItems(new ExpandTask(0, 0, 0), [], Complete: true));

        Assert.That(((Ended)run.State.Tasks[0]).Outputs["n"].GetRawText(), Is.EqualTo("[]"));
    }

    [Test]
    public void OfManyItemsTheFirstOnesAreToldApartAndTheRestCounted()
    {
        var run = Mapped(new IssueItems(new ExpandTask(0, 0, 0), [.. Enumerable.Range(0, 300).Select(_ => Work())], Complete: true));
        Finish(run, 0);
        run.Send(new StartAttempt(new TaskKey(0, 5), new AttemptId("five")));

        var reasons = WaitReasons.Of(run.State).ToArray();

        Assert.That(reasons, Has.Length.EqualTo(1 + WaitReasons.MostItems));
        Assert.That(reasons[0].Message, Is.EqualTo("1 of 300 items have ended, 1 are running"));
        Assert.That(reasons.Skip(1).Select(reason => reason.Item), Is.EqualTo(Enumerable.Range(1, WaitReasons.MostItems)));
    }

    private static Simulation Mapped(IssueItems page)
    {
        var run = new Simulation(new PipelineDefinition { Name = "test", Tasks = [Simulation.Task("all")] }, [Fate.Succeed], seed: 1);
        run.Accept();
        run.Send(new QueueWork(new TaskKey(0), Work() with { Spread = Spread.List, Yields = ["n"] }));
        run.Send(page);
        return run;
    }

    private static ImmutableSortedDictionary<int, ReusedTask> Earlier(params int[] places) => places.ToImmutableSortedDictionary(
        place => place, place => new ReusedTask { From = new RunId("EARLIER"), Outputs = NoOutputs.Add("n", OrcJson.ToElement(place * 10)) });

    private static void Finish(Simulation run, int item)
    {
        run.Send(new StartAttempt(new TaskKey(0, item), new AttemptId($"i{item}")));
        Assert.That(run.Send(new CompleteAttempt(new AttemptId($"i{item}"), NoOutputs.Add("n", OrcJson.ToElement(item)))).Refusal, Is.Null);
    }

    private static TaskWork Work() => new() { Uses = "test.work", Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty };
}
