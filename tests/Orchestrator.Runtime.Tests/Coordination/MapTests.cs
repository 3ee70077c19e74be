using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Runs;
using static Orchestrator.Runtime.Tests.Coordination.EngineHarness;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>Maps over lists and over several lists, and the earlier results of single items.</summary>
[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class MapTests(string dialect)
{
    private EngineHarness harness = null!;

    [SetUp]
    public async Task StartAsync() => harness = await EngineHarness.OnAsync(dialect, new SumKeeper());

    [TearDown]
    public async Task EndAsync() => await harness.DisposeAsync();

    [Test]
    public async Task EveryCombinationIsAnItemWithItsLabel()
    {
        var state = await harness.RunAsync(Pipeline(Product("${item.left}", "${item.right * 10 + index}", ("left", "[1, 2]"), ("right", "${params.right}"))), ("right", new[] { 3, 4 }));

        Assert.That(Outputs(state, "all"), Is.EqualTo("[31,42,34,45]"));
        Assert.That(Items(state).Select(item => item.Label), Is.EqualTo(new[] { "left=1 right=3", "left=1 right=4", "left=2 right=3", "left=2 right=4" }));
    }

    [Test]
    public async Task ZippedListsGoTogether()
    {
        var task = Product("${item.left}", "${item.right}", ("left", "[1, 2]"), ("right", "[10, 20]"));

        Assert.That(Outputs(await harness.RunAsync(Pipeline(task with { Map = task.Map! with { Combine = MapCombination.Zip } })), "all"), Is.EqualTo("[11,22]"));
    }

    [TestCase("[1]", "params.right", MapCombination.Product, "ORC5236", """list "right" of the map, params.right, is 7 and not a list""")]
    [TestCase("[1, 2, 3]", "[1]", MapCombination.Zip, "ORC5237", "the lists of the map are not equally long: 3 left × 1 right")]
    [TestCase("Array.from({ length: 1000 }, (_, i) => i)", "Array.from({ length: 1001 }, (_, i) => i)", MapCombination.Product, "ORC5234", "the map (1,000 left × 1,001 right) has 1,001,000 items; a task is mapped over at most 1,000,000")]
    public async Task ListsThatMakeNoItemsAreToldBeforeAnythingRuns(string left, string right, MapCombination combine, string code, string message)
    {
        var task = Product("${item.left}", "${item.right}", ("left", left), ("right", right));
        var state = await harness.RunAsync(Pipeline(task with { Map = task.Map! with { Combine = combine } }), ("right", 7));

        var failure = ((Ended)state[new TaskName("all")]).Failure!;
        Assert.That(failure.Code, Is.EqualTo(code));
        Assert.That(failure.Message, Is.EqualTo(message));
        Assert.That(state.Items, Is.Empty);
    }

    [Test]
    public async Task OfAMillionItemsAPageIsMadeAndTheListsAreStored()
    {
        const string Thousand = "Array.from({ length: 1000 }, (_, i) => i)";
        var task = new TaskDefinition
        {
            Name = new TaskName("all"),
            Uses = "test.wait",
            Map = new MapDefinition { Lists = [new("a", Thousand), new("b", Thousand)], Parallel = 2 },
        };
        var ear = new Ear();
        var handle = await harness.StartAsync(Pipeline(task), ear);
        Assert.That(await ear.WaitForAsync(change => change is AttemptStarted { Item: 1 }));

        var rows = await harness.Stores.Runs.CountItemsAsync(handle.Id, CancellationToken.None);
        var events = (await harness.Stores.Runs.LoadAsync(handle.Id, CancellationToken.None))!.Events;

        Assert.That(rows.Sum(row => row.Count), Is.EqualTo(MapPages.Size));
        Assert.That(events.Single(change => change.Type == "task-prepared").Payload, Has.Length.LessThan(20_000));
        handle.Interrupt();
        await handle.Completion;
    }

    [Test]
    public async Task ChangingOneElementRunsOneItem()
    {
        await harness.RunAsync(Pipeline(Mapped("params.list")), ("list", new[] { 1, 2, 3, 4 }));

        var (id, state) = await RunAsync(Pipeline(Mapped("params.list")), ("list", new[] { 1, 2, 9, 4 }));

        Assert.That(Words(state), Is.EqualTo("cached cached succeeded cached"));
        Assert.That(Outputs(state, "all"), Is.EqualTo("[1,2,9,4]"));
        Assert.That(AddNumbers.Times[$"{id}/all"], Is.EqualTo(1));
        var counts = await harness.Stores.Runs.CountItemsAsync(id, CancellationToken.None);
        Assert.That(counts.Select(count => $"{count.Count} {count.Status}"), Is.EqualTo(new[] { "3 cached", "1 succeeded" }));
        var cached = await harness.Stores.Runs.ListItemsAsync(id, new ItemFilter { Task = new TaskName("all"), Statuses = ["cached"] }, CancellationToken.None);
        Assert.That(cached.Select(item => item.MapIndex), Is.EqualTo(new[] { 0, 1, 3 }));
        Assert.That(cached.Select(item => item.CachedFrom), Is.All.Not.Null);
    }

    [Test]
    public async Task AnItemStandsInForATaskWithTheSameInputs()
    {
        await harness.RunAsync(Pipeline(Mapped("[5]")));

        var state = await harness.RunAsync(Pipeline(Task("one", "test.add", ("left", 5))));

        Assert.That(state[new TaskName("one")].Word, Is.EqualTo("cached"), "the key is made of the same parts");
    }

    [TestCase(CacheMode.Never, "succeeded succeeded")]
    [TestCase(CacheMode.Refresh, "succeeded succeeded")]
    [TestCase(CacheMode.Auto, "cached cached")]
    public async Task TheModeOfTheTaskIsThatOfItsItems(CacheMode mode, string words)
    {
        var pipeline = Pipeline(Mapped("[1, 2]") with { Cache = new CachePolicy { Mode = mode } });
        await harness.RunAsync(pipeline);

        Assert.That(Words(await harness.RunAsync(pipeline)), Is.EqualTo(words));
    }

    [Test]
    public async Task WhoeverStartsARunMayWantNewItems()
    {
        var pipeline = Pipeline(Mapped("[1, 2]"));
        await harness.RunAsync(pipeline);

        var handle = await harness.Engine.StartAsync(harness.Wish(pipeline) with { Refresh = [new TaskName("all")] }, new Ear(), CancellationToken.None);

        Assert.That(Words(await handle.Completion), Is.EqualTo("succeeded succeeded"));
    }

    [Test]
    public async Task ResultsOfItemsGetTooOld()
    {
        var pipeline = Pipeline(Mapped("[1, 2]") with { Cache = new CachePolicy { Expires = TimeSpan.FromHours(1) } });
        await harness.RunAsync(pipeline);
        Assert.That(Words(await harness.RunAsync(pipeline)), Is.EqualTo("cached cached"));
        await harness.RestartAsync(later: TimeSpan.FromHours(2));

        Assert.That(Words(await harness.RunAsync(pipeline)), Is.EqualTo("succeeded succeeded"));
    }

    [Test]
    public async Task ItemsThatSpreadOverPagesAreAllCached()
    {
        var pipeline = Pipeline(Mapped("Array.from({ length: 600 }, (_, i) => i)"));
        await harness.RunAsync(pipeline);

        var state = await harness.RunAsync(pipeline);

        Assert.That(Items(state).Select(item => item.Word).Distinct(), Is.EqualTo(new[] { "cached" }));
        Assert.That(((Ended)state[new TaskName("all")]).Outputs["sum"].GetArrayLength(), Is.EqualTo(600));
    }

    [Test]
    public async Task AConditionAboutTheItemSkipsSingleItems()
    {
        var state = await harness.RunAsync(Pipeline(Mapped("[1, 2, 3]") with { When = "item !== 2" }));

        Assert.That(Words(state), Is.EqualTo("succeeded skipped succeeded"));
        Assert.That(Outputs(state, "all"), Is.EqualTo("[1,null,3]"));
    }

    [Test]
    public async Task AMapOverNothingYieldsEmptyLists()
    {
        var state = await harness.RunAsync(Pipeline(Mapped("[]"), Task("after", "test.add", ("left", "${tasks.all.sum.length}"))));

        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(Outputs(state, "all"), Is.EqualTo("[]"));
    }

    [Test]
    public async Task APlanCountsItemsAndThoseThatAreCached()
    {
        await harness.RunAsync(Pipeline(Product("${item.left}", "${item.right}", ("left", "[1, 2]"), ("right", "[10]"))));

        var plan = await harness.Engine.PlanAsync(harness.Wish(Pipeline(Product("${item.left}", "${item.right}", ("left", "[1, 2]"), ("right", "[10, 20]")))), CancellationToken.None);

        Assert.That(plan.Single().Why, Is.EqualTo("once for each of 4 items (2 left × 2 right); 2 of 4 cached"));
    }

    [Test]
    public async Task WhyItemsRanIsToldOneByOne()
    {
        var (earlier, _) = await RunAsync(Pipeline(Mapped("params.list")), ("list", new[] { 1, 2 }));
        var (id, state) = await RunAsync(Pipeline(Mapped("params.list")), ("list", new[] { 1, 7 }));

        Assert.That((await AskAsync(id, state, null)).Why, Is.EqualTo("1 of 2 items cached"));
        Assert.That((await AskAsync(id, state, 0)).Outcome, Is.EqualTo("hit"));
        var missed = await AskAsync(id, state, 1);
        Assert.That(missed.Outcome, Is.EqualTo("miss"));
        Assert.That(missed.Why, Is.EqualTo($"since run {earlier}: input left was 2 and is 7"));
        Assert.That(missed.Parts!.Inputs["left"].GetInt32(), Is.EqualTo(7));
        Assert.That((await AskAsync(id, state, 2)).Why, Is.EqualTo("it has 2 items, from 0 to 1"));
    }

    [Test]
    public async Task AResultOfOnePipelineIsKeptFromOthers()
    {
        var policy = new CachePolicy { Scope = CacheScope.Pipeline };
        var pipeline = Pipeline(Task("one", "test.add", ("left", 3)) with { Cache = policy });
        await harness.RunAsync(pipeline);

        Assert.That((await harness.RunAsync(pipeline))[new TaskName("one")].Word, Is.EqualTo("cached"));
        Assert.That((await harness.RunAsync(pipeline with { Name = "other" }))[new TaskName("one")].Word, Is.EqualTo("succeeded"));
        var (id, state) = await RunAsync(Pipeline(Task("one", "test.add", ("left", 3))));
        Assert.That(state[new TaskName("one")].Word, Is.EqualTo("succeeded"), "what was kept for one pipeline is not there for all");
        Assert.That((await AskAsync(id, state, null, "one")).Why, Does.EndWith("its result was kept for pipeline test only and is looked for among those for every pipeline of the home"));
    }

    [Test]
    public async Task VariablesThatTheAuthorNamesArePartOfTheKey()
    {
        var pipeline = Pipeline(Task("one", "test.add", ("left", 3)) with { Cache = new CachePolicy { Environment = ["TEST_CACHE_VARIABLE"] } });
        try
        {
            await harness.RunAsync(pipeline);
            Assert.That((await harness.RunAsync(pipeline))[new TaskName("one")].Word, Is.EqualTo("cached"));
            Environment.SetEnvironmentVariable("TEST_CACHE_VARIABLE", "7");

            var (id, state) = await RunAsync(pipeline);

            Assert.That(state[new TaskName("one")].Word, Is.EqualTo("succeeded"));
            Assert.That((await AskAsync(id, state, null, "one")).Why, Does.EndWith("variable TEST_CACHE_VARIABLE was not set and is \"7\""));
        }
        finally
        {
            Environment.SetEnvironmentVariable("TEST_CACHE_VARIABLE", null);
        }
    }

    private async Task<CacheAnswer> AskAsync(RunId id, RunState state, int? item, string task = "all")
    {
        var loaded = (await harness.Stores.Runs.LoadAsync(id, CancellationToken.None))!;
        return await harness.Inquiry.ExplainAsync(loaded.Run, state, [.. loaded.Events.Select(RunEvents.Read)], new TaskName(task), item, CancellationToken.None);
    }

    private async Task<(RunId Id, RunState State)> RunAsync(PipelineDefinition pipeline, params (string Name, object Value)[] parameters)
    {
        var handle = await harness.StartAsync(pipeline, null, parameters);
        return (handle.Id, await handle.Completion);
    }

    private static TaskDefinition Mapped(string over) => Task("all", "test.add", ("left", "${item}")) with { Map = new MapDefinition { Over = over } };

    private static TaskDefinition Product(string left, string right, params (string Name, string Over)[] lists) =>
        Task("all", "test.add", ("left", left), ("right", right)) with { Map = new MapDefinition { Lists = [.. lists.Select(list => new MapList(list.Name, list.Over))] } };

    private static IEnumerable<TaskState> Items(RunState state) => state.Items.OrderBy(item => item.Key).Select(item => item.Value);

    private static string Words(RunState state) => string.Join(' ', Items(state).Select(item => item.Word));

    private static string Outputs(RunState state, string task) => ((Ended)state[new TaskName(task)]).Outputs["sum"].GetRawText();
}
