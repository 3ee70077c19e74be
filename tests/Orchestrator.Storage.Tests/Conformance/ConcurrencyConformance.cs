using Orchestrator.Core.Values;
using Orchestrator.Storage.Concurrency;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Runs that share a concurrency key: how many go on, in which order, and who makes room for whom.</summary>
public abstract class ConcurrencyConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    [Test]
    public async Task OfManyRunsAcceptedAtOnceAsManyGoOnAsMay()
    {
        var another = new EngineStores(await OpenAnotherAsync(), []);

        var created = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => AcceptAsync("eu", limit: 3, stores: i % 2 == 0 ? Stores : another)));

        Assert.That(created.Count(run => !run.IsQueued), Is.EqualTo(3));
        Assert.That(created.Where(run => run.IsQueued).Select(run => (run.Run.Status, run.Run.Sequence)), Is.All.EqualTo(("queued", 2L)));
        Assert.That((await HoldsAsync("eu")).Where(hold => hold.Permit is not null).Select(hold => hold.Permit), Is.EquivalentTo(new[] { 1, 2, 3 }));
        Assert.That((await Stores.Runs.ListEventsAsync(created.First(run => run.IsQueued).Run.Id, 0, 10, CancellationToken.None)).Select(change => change.Type), Is.EqualTo(new[] { "run-accepted", "run-queued" }));
    }

    [Test]
    public async Task FirstComeFirstServed()
    {
        var (first, second, third) = (await AcceptAsync("eu"), await AcceptAsync("eu"), await AcceptAsync("eu"));

        Assert.That(await AdmitAsync(third), Is.EqualTo(CommitOutcome.KeyHeld));
        await EndAsync(first);
        Assert.That(await AdmissibleAsync(), Is.EqualTo(new[] { second.Run.Id }));
        Assert.That(await AdmitAsync(third), Is.EqualTo(CommitOutcome.KeyHeld), "one that came before could go on");
        Assert.That(await AdmitAsync(second), Is.EqualTo(CommitOutcome.Committed));
        Assert.That(await AdmissibleAsync(), Is.Empty);
        await EndAsync(second);
        Assert.That(await AdmitAsync(third), Is.EqualTo(CommitOutcome.Committed));
        await EndAsync(third);
        Assert.That(await HoldsAsync("eu"), Is.Empty);
    }

    [Test]
    public async Task ARefusedAdmissionStoresNothing()
    {
        await AcceptAsync("eu");
        var second = await AcceptAsync("eu");

        await AdmitAsync(second);

        Assert.That((await Stores.Runs.FindAsync(second.Run.Id, CancellationToken.None))!, Is.EqualTo(second.Run).Using<RunInfo>((left, right) => left.Sequence == right.Sequence && left.Status == right.Status));
    }

    [Test]
    public async Task OtherKeysAreOtherQueues()
    {
        await AcceptAsync("eu");

        Assert.That((await AcceptAsync("us")).IsQueued, Is.False);
        Assert.That((await AcceptAsync(null)).IsQueued, Is.False);
    }

    /// <summary>Nothing that could go on waits behind something that cannot: nobody works on it, or it is paused.</summary>
    [TestCase("released")]
    [TestCase("expired")]
    [TestCase("paused")]
    public async Task OneThatCannotGoOnIsPassedAndKeepsItsPlace(string why)
    {
        var (first, second, third) = (await AcceptAsync("eu"), await AcceptAsync("eu", owner: "owner-2"), await AcceptAsync("eu"));
        switch (why)
        {
            case "released": await Stores.Runs.ReleaseAsync(second.Run.Id, 1, CancellationToken.None); break;
            case "expired": await Stores.Runs.RenewLeasesAsync("owner-2", Start, CancellationToken.None); break;
            default: await Stores.Runs.CommitAsync(Samples.Commit(second.Run, Samples.Event("run-paused")) with { Change = new RunChange { Status = "paused" } }, CancellationToken.None); break;
        }

        await EndAsync(first);

        Assert.That(await AdmissibleAsync(), Is.EqualTo(new[] { third.Run.Id }));
        Assert.That(await AdmitAsync(third), Is.EqualTo(CommitOutcome.Committed));
        Assert.That((await HoldsAsync("eu")).Select(hold => hold.RunId), Is.EqualTo(new[] { third.Run.Id, second.Run.Id }));
    }

    [Test]
    public async Task AHolderThatNobodyWorksOnStillHolds()
    {
        var first = await AcceptAsync("eu");
        await Stores.Runs.ReleaseAsync(first.Run.Id, 1, CancellationToken.None);

        Assert.That((await AcceptAsync("eu")).IsQueued);
    }

    [Test]
    public async Task OfThoseThatWaitOnlyTheNewestStaysWhenThatIsWanted()
    {
        var first = await AcceptAsync("eu", displaces: Displaced.Waiting);
        var second = await AcceptAsync("eu", displaces: Displaced.Waiting);
        var third = await AcceptAsync("eu", displaces: Displaced.Waiting);

        var asked = await Stores.Runs.ListRequestsOfRunAsync(second.Run.Id, CancellationToken.None);
        Assert.That(asked.Select(request => (request.Kind, request.By, request.Payload?.GetString())), Is.EqualTo(new[] { ("cancel", $"run {third.Run.Id}", "newer") }));
        Assert.That(await Stores.Runs.ListRequestsOfRunAsync(first.Run.Id, CancellationToken.None), Is.Empty);
        await EndAsync(first);
        Assert.That(await AdmitAsync(second), Is.EqualTo(CommitOutcome.KeyHeld), "it was asked to end");
        Assert.That(await AdmitAsync(third), Is.EqualTo(CommitOutcome.Committed));
    }

    [Test]
    public async Task TheOldestMakeRoomAndAreAskedOnce()
    {
        var first = await AcceptAsync("eu", 2, displaces: Displaced.Oldest);
        var second = await AcceptAsync("eu", 2, displaces: Displaced.Oldest);
        var third = await AcceptAsync("eu", 2, displaces: Displaced.Oldest);
        Assert.That((await AskedAsync(first), await AskedAsync(second), third.IsQueued), Is.EqualTo((1, 0, true)));

        var fourth = await AcceptAsync("eu", 2, displaces: Displaced.Oldest);

        Assert.That((await AskedAsync(first), await AskedAsync(second), await AskedAsync(third)), Is.EqualTo((1, 1, 0)));
        Assert.That((await HoldsAsync("eu")).Select(hold => hold.LeavingFor), Is.EqualTo(new RunId?[] { third.Run.Id, fourth.Run.Id, null, null }));
        await EndAsync(first);
        Assert.That(await AdmitAsync(third, 2), Is.EqualTo(CommitOutcome.Committed));
    }

    [Test]
    public async Task WhoWasAskedToEndAndHasNobodyIsFoundByTheOneThatWaits()
    {
        var first = await AcceptAsync("eu", displaces: Displaced.Oldest, owner: "owner-2");
        await AcceptAsync("eu", displaces: Displaced.Oldest);
        Assert.That(await DisplacedAsync(), Is.Empty);
        Assert.That(await DisplacedAsync("owner-2"), Is.EqualTo(new[] { first.Run.Id }), "its owner is known to be dead");

        await Stores.Runs.ReleaseAsync(first.Run.Id, 1, CancellationToken.None);

        Assert.That(await DisplacedAsync(), Is.EqualTo(new[] { first.Run.Id }));
    }

    [Test]
    public async Task WithoutALimitARunGoesOnBesideTheOthers()
    {
        await AcceptAsync("eu");
        var waiting = await AcceptAsync("eu");

        var beside = await AcceptAsync("eu", unbounded: true);

        Assert.That((waiting.IsQueued, beside.IsQueued), Is.EqualTo((true, false)));
        Assert.That((await HoldsAsync("eu")).Select(hold => hold.Permit), Is.EqualTo(new int?[] { 1, 2, null }));
    }

    [Test]
    public async Task TwoProcessesNeverLetInMoreThanMay()
    {
        var another = new EngineStores(await OpenAnotherAsync(), []);
        var first = await AcceptAsync("eu", 2);
        var second = await AcceptAsync("eu", 2);
        var waiting = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => AcceptAsync("eu", 2)));
        await EndAsync(first);
        await EndAsync(second);

        var answers = await Task.WhenAll(waiting.Select((run, i) => AdmitAsync(run, 2, i % 2 == 0 ? Stores : another)));

        Assert.That(answers.Count(answer => answer == CommitOutcome.Committed), Is.LessThanOrEqualTo(2));
        Assert.That((await HoldsAsync("eu")).Count(hold => hold.Permit is not null), Is.EqualTo(answers.Count(answer => answer == CommitOutcome.Committed)));
    }

    private Task<IReadOnlyList<KeyHold>> HoldsAsync(string key) => Stores.Concurrency.ListAsync(key, CancellationToken.None);

    private Task<IReadOnlyList<RunId>> AdmissibleAsync() => Stores.Concurrency.ListAdmissibleAsync("owner-1", Start, CancellationToken.None);

    private Task<IReadOnlyList<RunId>> DisplacedAsync(params string[] dead) => Stores.Concurrency.ListDisplacedAsync("owner-1", Start, dead, CancellationToken.None);

    private async Task<int> AskedAsync(CreatedRun run) => (await Stores.Runs.ListRequestsOfRunAsync(run.Run.Id, CancellationToken.None)).Count;

    private Task<CreatedRun> AcceptAsync(
        string? key, int limit = 1, Displaced displaces = Displaced.Nobody, string owner = "owner-1", bool unbounded = false, EngineStores? stores = null)
    {
        var run = Samples.Run(owner: Samples.Owner(owner));
        return (stores ?? Stores).Runs.CreateAsync(
            run with
            {
                Key = key is null ? null : new KeyEntry
                {
                    Permit = new PermitRequest { Key = key, Limit = limit, Unbounded = unbounded },
                    QueuedStatus = "queued",
                    QueuedEvents = [Samples.Event("run-accepted"), Samples.Event("run-queued")],
                    Displaces = displaces,
                    Request = new RunRequest { Id = $"ask-{run.Id}", RunId = run.Id, Kind = "cancel", By = $"run {run.Id}", At = Start, Payload = Samples.Json("\"newer\"") },
                },
            },
            CancellationToken.None);
    }

    private async Task<CommitOutcome> AdmitAsync(CreatedRun run, int limit = 1, EngineStores? stores = null) => (await (stores ?? Stores).Runs.CommitAsync(
        Samples.Commit(run.Run, Samples.Event("run-admitted")) with { Change = new RunChange { Status = "running" }, TakePermit = new PermitRequest { Key = "eu", Limit = limit } }, CancellationToken.None)).Outcome;

    private async Task EndAsync(CreatedRun run)
    {
        var now = await Stores.Runs.FindAsync(run.Run.Id, CancellationToken.None) ?? throw new InvalidOperationException("the run is gone");
        var answer = await Stores.Runs.CommitAsync(Samples.Commit(now, Samples.Event("run-ended")) with { Change = new RunChange { Status = "succeeded", EndedAt = Start } }, CancellationToken.None);
        Assert.That(answer.Outcome, Is.EqualTo(CommitOutcome.Committed));
    }
}
