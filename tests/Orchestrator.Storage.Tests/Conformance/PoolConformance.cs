using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Pools;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Slots are leases that runs share.</summary>
public abstract class PoolConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    [SetUp]
    public Task CreatePoolAsync() => Stores.Pools.SetAsync("gpu", 3, CancellationToken.None);

    [Test]
    public async Task OfManyRunsAtOnceAsManyGetSlotsAsThereAre()
    {
        var another = new EngineStores(await OpenAnotherAsync(), []);
        var runs = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => CreateAsync()));

        var answers = await Task.WhenAll(runs.Select((run, i) => (i % 2 == 0 ? Stores : another).Runs.CommitAsync(
            Samples.Commit(run, Samples.Event("started")) with { TakeSlots = [Wish($"attempt-{i}")] }, CancellationToken.None)));

        Assert.That(answers.Count(answer => answer.Outcome == CommitOutcome.Committed), Is.EqualTo(3));
        Assert.That(answers.Where(answer => answer.Outcome == CommitOutcome.PoolFull).Select(answer => answer.Pool), Is.EqualTo(Enumerable.Repeat("gpu", 9)));
        var events = await Task.WhenAll(runs.Select(run => Stores.Runs.ListEventsAsync(run.Id, 0, 10, CancellationToken.None)));
        Assert.That(events.Count(list => list.Count == 2), Is.EqualTo(3), "a refused commit stores none of its events");
        Assert.That(await UsedAsync(), Is.EqualTo(3));
    }

    [Test]
    public async Task SlotsAreFreedInTheStepThatEndsTheAttemptAndTakenByTheNextInTheSameStep()
    {
        var run = await CreateAsync();
        run = await CommittedAsync(Samples.Commit(run) with { TakeSlots = [Wish("a", 2), Wish("b")] });

        Assert.That((await Stores.Runs.CommitAsync(Samples.Commit(run) with { TakeSlots = [Wish("c")] }, CancellationToken.None)).Outcome, Is.EqualTo(CommitOutcome.PoolFull));
        await CommittedAsync(Samples.Commit(run) with { FreeSlots = [new AttemptId("a")], TakeSlots = [Wish("c", 2)] });
        Assert.That(await UsedAsync(), Is.EqualTo(3));
    }

    [Test]
    public async Task SlotsOfAnOwnerThatStoppedRenewingCountNoMore()
    {
        var run = await CreateAsync();
        await CommittedAsync(Samples.Commit(run) with { TakeSlots = [Wish("a", 3)] });
        var late = Start.AddSeconds(30);

        Assert.That(await UsedAsync(late.AddTicks(-10)), Is.EqualTo(3));
        Assert.That(await UsedAsync(late), Is.Zero);
        await Stores.Runs.RenewLeasesAsync("owner-1", Start.AddMinutes(5), CancellationToken.None);
        Assert.That(await UsedAsync(late), Is.EqualTo(3));
    }

    [Test]
    public async Task TheLineOfAPoolIsByPriorityAndAgeAndForgetsTheDead()
    {
        await Stores.Pools.SetAsync("cpu", 1, CancellationToken.None);
        await StandAsync("late", since: 3);
        await StandAsync("early", since: 1);
        await StandAsync("urgent", since: 4, priority: 5);
        await StandAsync("elsewhere", since: 0, pool: "cpu");

        Assert.That(await LineAsync(), Is.EqualTo(new[] { "elsewhere", "urgent", "early", "late" }));
        await StandAsync("early", since: 9);
        Assert.That(await LineAsync(), Is.EqualTo(new[] { "elsewhere", "urgent", "late", "early" }), "one place for each run");
        await Stores.Pools.LeaveLineAsync("gpu", new RunId("urgent"), Start, CancellationToken.None);
        Assert.That(await LineAsync(), Is.EqualTo(new[] { "elsewhere", "late", "early" }));
        Assert.That(await LineAsync(Start.AddSeconds(3)), Is.Empty, "a place counts until its expiry");
    }

    private Task StandAsync(string run, int since, int priority = 0, string pool = "gpu") => Stores.Pools.StandInLineAsync(
        new PoolWaiter { Pool = pool, RunId = new RunId(run), Slots = 1, Priority = priority, Since = Start.AddSeconds(since), ExpiresAt = Start.AddSeconds(3) }, CancellationToken.None);

    private async Task<string[]> LineAsync(DateTimeOffset? now = null) => [.. (await Stores.Pools.LookAsync(now ?? Start, CancellationToken.None)).Line.Select(waiter => waiter.RunId.Value)];

    [Test]
    public async Task WhoHoldsSlotsIsKnownByRunAndTask()
    {
        var run = await CreateAsync();
        var attempt = Samples.Attempt();
        await CommittedAsync(Samples.Commit(run, Samples.Event("started")) with { Attempts = [attempt], Tasks = [Samples.Task("running", attempt)], TakeSlots = [Wish(attempt.Id.Value, 2), Wish("zz-of-nobody")] });

        Assert.That(
            (await Stores.Pools.ListHoldersAsync("gpu", Start, CancellationToken.None)).Select(holder => (holder.AttemptId.Value, holder.Weight, holder.RunId, holder.Task)),
            Is.EqualTo(new[] { (attempt.Id.Value, 2, (RunId?)run.Id, attempt.Task), ("zz-of-nobody", 1, null, null) }));
        Assert.That(await Stores.Pools.ListHoldersAsync("gpu", Start.AddSeconds(30), CancellationToken.None), Is.Empty, "a lease that has expired holds nothing");
    }

    [Test]
    public async Task TakingAgainWithTheSameAttemptCountsOnce()
    {
        var run = await CreateAsync();
        run = await CommittedAsync(Samples.Commit(run) with { TakeSlots = [Wish("a", 2)] });
        await CommittedAsync(Samples.Commit(run) with { TakeSlots = [Wish("a", 3)] });

        Assert.That(await UsedAsync(), Is.EqualTo(3));
    }

    [Test]
    public async Task ASmallerPoolTakesNothingAwayAndLetsNobodyIn()
    {
        var run = await CreateAsync();
        run = await CommittedAsync(Samples.Commit(run) with { TakeSlots = [Wish("a", 2)] });
        await Stores.Pools.SetAsync("gpu", 1, CancellationToken.None);

        Assert.That(await Stores.Pools.ListAsync(Start, CancellationToken.None), Is.EqualTo(new[] { new PoolInfo { Name = "gpu", Size = 1, Used = 2 } }));
        Assert.That((await Stores.Runs.CommitAsync(Samples.Commit(run) with { TakeSlots = [Wish("b")] }, CancellationToken.None)).Outcome, Is.EqualTo(CommitOutcome.PoolFull));
    }

    [Test]
    public async Task CommitAsync_UnknownPool_IsRefusedWithItsName()
    {
        var run = await CreateAsync();

        Assert.That(
            async () => await Stores.Runs.CommitAsync(Samples.Commit(run) with { TakeSlots = [Wish("a") with { Pool = "tpu" }] }, CancellationToken.None),
            Throws.TypeOf<StorageException>().With.Property(nameof(StorageException.Code)).EqualTo("ORC5142").And.Message.Contains("\"tpu\""));
    }

    [Test]
    public async Task WhoHasSlotsIsKnownByRunAndTask()
    {
        var run = await CreateAsync();
        var attempt = Samples.Attempt() with { Task = new TaskName("train"), MapIndex = 4 };
        await CommittedAsync(Samples.Commit(run) with
        {
            Attempts = [attempt], Tasks = [Samples.Task("running", attempt) with { StartedAt = Start }], TakeSlots = [Wish(attempt.Id.Value, 2)],
        });

        Assert.That(
            await Stores.Pools.ListHoldersAsync("gpu", Start, CancellationToken.None),
            Is.EqualTo(new[] { new SlotHolder { AttemptId = attempt.Id, Weight = 2, ExpiresAt = Start.AddSeconds(30), RunId = run.Id, Task = new TaskName("train"), MapIndex = 4 } }));
        Assert.That(await Stores.Pools.ListHoldersAsync("gpu", Start.AddMinutes(1), CancellationToken.None), Is.Empty);
    }

    private static SlotRequest Wish(string attempt, int weight = 1) =>
        new() { Pool = "gpu", AttemptId = new AttemptId(attempt), Weight = weight, Owner = "owner-1", ExpiresAt = Start.AddSeconds(30) };

    private async Task<RunInfo> CreateAsync() => (await Stores.Runs.CreateAsync(Samples.Run(owner: Samples.Owner()), CancellationToken.None)).Run;

    private async Task<int> UsedAsync(DateTimeOffset? now = null) => (await Stores.Pools.ListAsync(now ?? Start, CancellationToken.None)).Single().Used;

    private async Task<RunInfo> CommittedAsync(RunCommit commit)
    {
        Assert.That((await Stores.Runs.CommitAsync(commit, CancellationToken.None)).Outcome, Is.EqualTo(CommitOutcome.Committed));
        return await Stores.Runs.FindAsync(commit.Run, CancellationToken.None) ?? throw new InvalidOperationException("the run is gone");
    }
}
