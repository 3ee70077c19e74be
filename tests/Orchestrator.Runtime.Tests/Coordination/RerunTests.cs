using System.Collections.Immutable;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using static Orchestrator.Runtime.Tests.Coordination.EngineHarness;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>New runs that take results over from earlier ones, and plans of runs that nobody starts.</summary>
[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class RerunTests(string dialect)
{
    private static readonly PipelineDefinition Chain = Pipeline(
        Task("first", "test.add", ("left", 4)),
        Task("second", "test.add", ("left", "${params.x}"), ("right", "${tasks.first.sum}")),
        Task("third", "test.add", ("left", "${tasks.second.sum}")),
        Task("aside", "test.add", ("left", 100)));

    private EngineHarness harness = null!;

    [SetUp]
    public async Task StartAsync() => harness = await EngineHarness.OnAsync(dialect, new SumKeeper());

    [TearDown]
    public async Task EndAsync() => await harness.DisposeAsync();

    [Test]
    public async Task FromATaskItAndAllAfterItRunAgainAlthoughTheirResultsAreCached()
    {
        var (id, earlier) = await RunAsync(Chain, ("x", 1));
        var rerun = Rerun.From(new PipelineGraph(Chain), earlier, id, new TaskName("second"), ImmutableHashSet<string>.Empty);

        var state = await StartAsync(rerun, Chain, ("x", 1));

        Assert.That(rerun.Reused.Keys, Is.EqualTo(new[] { "aside", "first" }));
        Assert.That(Words(state), Is.EqualTo("first cached, second succeeded, third cached, aside cached"), "third has the inputs it had, so its own result stands in");
    }

    [Test]
    public async Task AChangedParameterRunsTheTasksThatReadItAndAllAfterThem()
    {
        var (id, earlier) = await RunAsync(Chain, ("x", 1));
        var rerun = Rerun.OfFailed(new PipelineGraph(Chain), earlier, id, ImmutableHashSet.Create("x"));

        var state = await StartAsync(rerun, Chain, ("x", 2));

        Assert.That(Words(state), Is.EqualTo("first cached, second succeeded, third succeeded, aside cached"));
        Assert.That(((Ended)state[new TaskName("third")]).Outputs["sum"].GetInt32(), Is.EqualTo(6));
    }

    [Test]
    public async Task OneTaskAloneRunsAgainAndNothingElseDoes()
    {
        var pipeline = Pipeline(Task("first", "test.add", ("left", 4)), Task("fails", "test.fail", ("times", 9)), Task("after", "test.add", ("left", "${tasks.fails.attempt}")));
        var (id, earlier) = await RunAsync(pipeline);
        var rerun = Rerun.Only(new PipelineGraph(pipeline), earlier, id, new TaskName("first"));

        var state = await StartAsync(rerun, pipeline);

        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(Words(state), Is.EqualTo("first succeeded, fails skipped, after skipped"));
    }

    [Test]
    public async Task OneTaskOfASubPipelineAloneRunsAgainAndItsPipelineYieldsAnew()
    {
        var inner = Pipeline(Task("one", "test.add", ("left", 1)), Task("two", "test.add", ("left", "${tasks.one.sum}"))) with
        {
            Outputs = ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("sum", OrcJson.ToElement("${tasks.two.sum}"))]),
        };
        var pipeline = Pipeline(Task("sub", SubPipelineDefinition.Uses) with { Pipeline = new SubPipelineDefinition { Definition = inner } }, Task("after", "test.add", ("left", "${tasks.sub.sum}")));
        var (id, earlier) = await RunAsync(pipeline);

        var state = await StartAsync(Rerun.Only(new PipelineGraph(pipeline), earlier, id, new TaskName("sub/one")), pipeline);

        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(Words(state), Does.Contain("sub/one succeeded, sub/two cached").And.Contain("sub succeeded").And.Contain("after cached"));
        Assert.Throws<ActivityException>(() => Rerun.Only(new PipelineGraph(pipeline), earlier, id, new TaskName("sub/.begin")), "nobody wrote a task of this name");
    }

    [Test]
    public async Task ATaskWhoseUpstreamFailedHasNothingToStartFrom()
    {
        var pipeline = Pipeline(Task("fails", "test.fail", ("times", 9)), Task("after", "test.add", ("left", "${tasks.fails.attempt}")));
        var (id, earlier) = await RunAsync(pipeline);

        var refusal = Assert.Throws<ActivityException>(() => Rerun.From(new PipelineGraph(pipeline), earlier, id, new TaskName("after"), ImmutableHashSet<string>.Empty))!.Failure;

        Assert.That(refusal.Code, Is.EqualTo("ORC5245"));
        Assert.That(refusal.Message, Does.StartWith("fails before \"after\" has no result"));
    }

    [Test]
    public async Task ANewerDefinitionKeepsWhatIsTheSameActivityByTheSameName()
    {
        var (id, earlier) = await RunAsync(Chain, ("x", 1));
        var newer = Pipeline(Task("first", "test.fail", ("times", 0)), Task("second", "test.add", ("left", 5)), Task("fourth", "test.add", ("left", "${tasks.second.sum}")));

        var rerun = Rerun.OfFailed(new PipelineGraph(newer), earlier, id, ImmutableHashSet<string>.Empty);

        Assert.That(rerun.Reused.Keys, Is.EqualTo(new[] { "second" }));
        Assert.Throws<ActivityException>(() => Rerun.From(new PipelineGraph(newer), earlier, id, new TaskName("third"), ImmutableHashSet<string>.Empty));
    }

    [Test]
    public async Task APlanSaysWhatWouldRunAndWhyAndChangesNothing()
    {
        await RunAsync(Chain, ("x", 1));
        var before = await harness.Stores.Runs.ListAsync(new Storage.Runs.RunFilter(), CancellationToken.None);

        var plan = await harness.Engine.PlanAsync(harness.Wish(Chain, ("x", 2)), CancellationToken.None);

        Assert.That(plan.Select(line => $"{line.Task} {line.Step}: {line.Why.Replace(before[0].Id.Value, "R", StringComparison.Ordinal)}"), Is.EqualTo(new[]
        {
            "first Cached: the same activity with the same inputs succeeded in run R",
            "second Run: since run R: input left was 1 and is 2",
            "third Open: shows when second has ended",
            "aside Cached: the same activity with the same inputs succeeded in run R",
        }));
        Assert.That(await harness.Stores.Runs.ListAsync(new Storage.Runs.RunFilter(), CancellationToken.None), Has.Count.EqualTo(before.Count));
    }

    [Test]
    public async Task APlanKnowsConditionsFailuresAndTheirConsequences()
    {
        var pipeline = Pipeline(
            Task("no", "test.add", ("left", 1)) with { When = "params.x > 5" },
            Task("broken", "test.add", ("left", "${params.x.y.z}")),
            Task("behind", "test.add", ("left", "${tasks.broken.sum}")),
            Task("each", "test.add", ("left", "${item}")) with { Map = new MapDefinition { Over = "[1, 2, 3]" } },
            Task("effect", "test.fail", ("times", 0)));

        var plan = await harness.Engine.PlanAsync(harness.Wish(pipeline, ("x", 1)), CancellationToken.None);

        Assert.That(plan.Select(line => $"{line.Task} {line.Step}"), Is.EqualTo(new[] { "no Skipped", "broken Failed", "behind UpstreamFailed", "each Run", "effect Run" }));
        Assert.That(plan[3].Why, Is.EqualTo("once for each of 3 items"));
        Assert.That(plan[4].Why, Does.Contain("runs each time"));
    }

    private async Task<(RunId Id, RunState State)> RunAsync(PipelineDefinition pipeline, params (string Name, object Value)[] parameters)
    {
        var handle = await harness.StartAsync(pipeline, null, parameters);
        return (handle.Id, await handle.Completion);
    }

    private async Task<RunState> StartAsync(Rerun rerun, PipelineDefinition pipeline, params (string Name, object Value)[] parameters)
    {
        var start = harness.Wish(pipeline, parameters) with { Reused = rerun.Reused, Skip = rerun.Skip, Refresh = rerun.Refresh };
        return await (await harness.Engine.StartAsync(start, new Ear(), CancellationToken.None)).Completion;
    }

    private static string Words(RunState state) => string.Join(", ", state.Graph.Nodes.Select(node => $"{node.Definition.Name} {state.Tasks[node.Index].Word}"));
}
