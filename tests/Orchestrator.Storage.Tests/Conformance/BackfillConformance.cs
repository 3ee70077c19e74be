using Orchestrator.Core.Values;
using Orchestrator.Storage.Backfills;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Plans over logical dates, and which item has which run.</summary>
public abstract class BackfillConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    private EngineStores? another;

    [SetUp]
    public void Forget() => another = null;

    [Test]
    public async Task APlanIsStoredAsItWasShown()
    {
        await AddAsync("B1", items: 2);
        await AddAsync("B2", items: 1, pipeline: "flights");

        var stored = await Stores.Backfills.FindAsync("B1", CancellationToken.None);
        Assert.That(stored, Is.EqualTo(Plan("B1", "churn", 2) with { Params = stored!.Params, Selection = stored.Selection }));
        Assert.That((stored.Params.GetRawText(), stored.Selection.GetRawText()), Is.EqualTo(("""{"size":3}""", """{"from":"2026-03-01"}""")));
        Assert.That(await IdsAsync(Stores.Backfills.ListAsync(new BackfillFilter(), CancellationToken.None)), Is.EqualTo(new[] { "B2", "B1" }));
        Assert.That(await IdsAsync(Stores.Backfills.ListAsync(new BackfillFilter { Pipeline = "churn" }, CancellationToken.None)), Is.EqualTo(new[] { "B1" }));
        Assert.That(await IdsAsync(Stores.Backfills.FindByPrefixAsync("B", CancellationToken.None)), Is.EqualTo(new[] { "B2", "B1" }));
        Assert.That(await IdsAsync(Stores.Backfills.FindByPrefixAsync("C", CancellationToken.None)), Is.Empty);
        Assert.That(await Stores.Backfills.ListItemsAsync("B1", CancellationToken.None), Is.EqualTo(new[] { Item(1), Item(2) }));
        Assert.That((await Stores.Backfills.ListNextAsync("B1", 1, CancellationToken.None)).Single(), Is.EqualTo(Item(1)));
    }

    [Test]
    public async Task ListsArePagedAndFilteredAndItemsAreCounted()
    {
        await AddAsync("B1", items: 3);
        await AddAsync("B2", items: 1, pipeline: "flights");
        await AddAsync("B3", items: 1);
        await SetAsync("B3", BackfillStatuses.Running, BackfillStatuses.Planned);
        await StartAtOnceAsync("B3", [1]);

        Assert.That(await IdsAsync(Stores.Backfills.ListAsync(new BackfillFilter { Limit = 2 }, CancellationToken.None)), Is.EqualTo(new[] { "B3", "B2" }));
        Assert.That(await IdsAsync(Stores.Backfills.ListAsync(new BackfillFilter { After = "B2" }, CancellationToken.None)), Is.EqualTo(new[] { "B1" }));
        Assert.That(await IdsAsync(Stores.Backfills.ListAsync(new BackfillFilter { Status = "running" }, CancellationToken.None)), Is.EqualTo(new[] { "B3" }));
        Assert.That(await IdsAsync(Stores.Backfills.ListAsync(new BackfillFilter { Projects = ["default"] }, CancellationToken.None)), Is.EqualTo(new[] { "B3", "B2", "B1" }));
        Assert.That(await IdsAsync(Stores.Backfills.ListAsync(new BackfillFilter { Projects = ["sales"] }, CancellationToken.None)), Is.Empty);
        Assert.That((await Stores.Backfills.ListItemsAsync("B1", 1, 1, CancellationToken.None)).Single().Position, Is.EqualTo(2));
        Assert.That((await Stores.Backfills.CountItemsAsync("B1", CancellationToken.None)).Select(one => (one.Action, one.State, one.Number)), Is.EqualTo(new[] { ("run", "open", 3L) }));
        Assert.That((await Stores.Backfills.CountItemsAsync("B3", CancellationToken.None)).Select(one => (one.Action, one.State, one.Number)), Is.EqualTo(new[] { ("run", "going", 1L) }));
    }

    [Test]
    public async Task AStatusIsChangedFromThoseThatItMayComeFrom()
    {
        await AddAsync("B1", items: 1);

        Assert.That(await SetAsync("B1", BackfillStatuses.Paused, BackfillStatuses.Running), Is.False);
        Assert.That(await SetAsync("B1", BackfillStatuses.Running, BackfillStatuses.Planned, BackfillStatuses.Paused), Is.True);
        Assert.That(await Stores.Backfills.ListRunningAsync(CancellationToken.None), Is.EqualTo(new[] { "B1" }));
        Assert.That(await SetAsync("B1", BackfillStatuses.Cancelled, BackfillStatuses.Running), Is.True);

        var ended = await Stores.Backfills.FindAsync("B1", CancellationToken.None);
        Assert.That((ended!.Status, ended.StartedAt, ended.EndedAt), Is.EqualTo((BackfillStatuses.Cancelled, Start, Start)));
    }

    /// <summary>Each of them finds that there is room, unless they take turns until their commits.</summary>
    [Test]
    public async Task NoMoreRunsGoOnAtOnceThanThePlanSays()
    {
        await AddAsync("B0", items: 1);
        Assert.That(await StartAtOnceAsync("B0", [1]), Is.Empty, "it does not run yet");
        foreach (var id in Enumerable.Range(1, 5).Select(i => $"B{i}"))
        {
            await AddAsync(id, items: 12);
            await SetAsync(id, BackfillStatuses.Running, BackfillStatuses.Planned);

            var started = await StartAtOnceAsync(id, Enumerable.Range(1, 12));

            Assert.That(started, Has.Count.EqualTo(2));
            Assert.That(await Stores.Backfills.ListUnfinishedAsync(id, CancellationToken.None), Is.EquivalentTo(started));
            await EndAsync(started[0], "succeeded");
            Assert.That(await StartAtOnceAsync(id, (await Stores.Backfills.ListNextAsync(id, 10, CancellationToken.None)).Select(item => item.Position)), Has.Count.EqualTo(1));
        }

        Assert.That(await Stores.Runs.ListAsync(new RunFilter { Limit = 20 }, CancellationToken.None), Has.Count.EqualTo(15), "no run but those");
    }

    [Test]
    public async Task OfManyThatStartAnItemOneRunIsAccepted()
    {
        await AddAsync("B1", items: 1);
        await SetAsync("B1", BackfillStatuses.Running, BackfillStatuses.Planned);

        var started = await StartAtOnceAsync("B1", Enumerable.Repeat(1, 8));

        Assert.That((await Stores.Backfills.ListItemsAsync("B1", CancellationToken.None)).Single().RunId, Is.EqualTo(started.Single()));
    }

    [Test]
    public async Task ABackfillIsDoneWhenNothingIsLeftAndARetryOpensItAgain()
    {
        await AddAsync("B1", items: 1);
        await SetAsync("B1", BackfillStatuses.Running, BackfillStatuses.Planned);
        Assert.That(await Stores.Backfills.FinishAsync("B1", Start, CancellationToken.None), Is.False, "an item has no run");
        var run = (await StartAtOnceAsync("B1", [1])).Single();
        Assert.That(await Stores.Backfills.FinishAsync("B1", Start, CancellationToken.None), Is.False, "its run goes on");
        await EndAsync(run, "failed");
        Assert.That(await Stores.Backfills.FinishAsync("B1", Start, CancellationToken.None), Is.True);
        Assert.That((await Stores.Backfills.ListItemsAsync("B1", CancellationToken.None)).Single().RunStatus, Is.EqualTo("failed"));

        Assert.That(await Stores.Backfills.RetryAsync("B1", null, CancellationToken.None), Is.EqualTo(1));

        var again = await Stores.Backfills.FindAsync("B1", CancellationToken.None);
        Assert.That((again!.Status, again.EndedAt), Is.EqualTo((BackfillStatuses.Running, (DateTimeOffset?)null)));
        Assert.That(await StartAtOnceAsync("B1", [1]), Is.Empty, "that was the first try");
        Assert.That(await StartAtOnceAsync("B1", [1], attempt: 2), Has.Count.EqualTo(1));
        Assert.That(await Stores.Backfills.RetryAsync("B1", null, CancellationToken.None), Is.Zero);
    }

    private static BackfillInfo Plan(string id, string pipeline, int parallel) => new()
    {
        Id = id,
        Pipeline = pipeline,
        Definition = Samples.Definition(pipeline).Hash,
        BaseDirectory = "/work",
        Params = Samples.Json("""{"size":3}"""),
        Selection = Samples.Json("""{"from":"2026-03-01"}"""),
        Parallel = parallel,
        Status = BackfillStatuses.Planned,
        CreatedAt = Start,
        CreatedBy = "ada",
    };

    private static BackfillItem Item(int position) =>
        new() { Position = position, LogicalDate = Start.AddDays(position), IntervalStart = Start.AddDays(position - 1), Action = "run", Why = "no run is for it" };

    private static async Task<string[]> IdsAsync(Task<IReadOnlyList<BackfillInfo>> backfills) => [.. (await backfills).Select(backfill => backfill.Id)];

    private async Task AddAsync(string id, int items, string pipeline = "churn")
    {
        await Stores.Runs.AddDefinitionAsync(Samples.Definition(pipeline), CancellationToken.None);
        await Stores.Backfills.AddAsync(Plan(id, pipeline, 2), [.. Enumerable.Range(1, items).Select(Item)], null, CancellationToken.None);
    }

    private Task<bool> SetAsync(string id, string status, params string[] from) => Stores.Backfills.SetStatusAsync(id, status, from, Start, CancellationToken.None);

    /// <summary>Over two connections, as two processes would. Answers the runs that were accepted.</summary>
    private async Task<IReadOnlyList<RunId>> StartAtOnceAsync(string id, IEnumerable<int> positions, int attempt = 1)
    {
        another ??= new EngineStores(await OpenAnotherAsync(), []);
        var started = await Task.WhenAll(positions.Select((position, i) => Task.Run(async () =>
        {
            var run = Samples.Run(owner: Samples.Owner()) with { Cause = new BackfillCause(id, position, attempt) };
            try
            {
                await (i % 2 == 0 ? Stores : another).Runs.CreateAsync(run, CancellationToken.None);
                return run.Id;
            }
            catch (RunRefusedException)
            {
                return (RunId?)null;
            }
        })));
        return [.. started.OfType<RunId>()];
    }

    private async Task EndAsync(RunId id, string status)
    {
        var run = await Stores.Runs.FindAsync(id, CancellationToken.None);
        var result = await Stores.Runs.CommitAsync(Samples.Commit(run!) with { Change = new RunChange { Status = status, EndedAt = Start.AddMinutes(1) } }, CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(CommitOutcome.Committed));
    }
}
