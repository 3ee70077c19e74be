using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.Tests.Conformance;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Storage.Tests.PostgreSql;

/// <summary>The connection is cut at a commit, before the server did it or after. In both cases it must be there once, and its caller must hear so.</summary>
[TestFixture]
internal sealed class LostAnswerTests
{
    private BreakingProxy proxy = null!;
    private string url = "";
    private OrcDatabase database = null!;
    private IRunStore runs = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        proxy = new BreakingProxy(PostgreSqlServer.Instance.Port);
        url = PostgreSqlServer.Instance.CreateUrl(proxy.Port);
        database = await OrcDatabase.OpenAsync(url, new DatabaseOptions { Migrations = [EngineStores.Migrations], BusyTimeout = TimeSpan.FromSeconds(20) });
        runs = new EngineStores(database, []).Runs;
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await database.DisposeAsync();
        proxy.Dispose();
        PostgreSqlServer.Instance.Remove(url);
    }

    [Test]
    public async Task AStepOfARunIsStoredOnceAndItsOwnerHearsThatItIs([Values(BreakAt.BeforeCommit, BreakAt.AfterCommit)] BreakAt when)
    {
        var run = (await runs.CreateAsync(Samples.Run(owner: Samples.Owner()), CancellationToken.None)).Run;
        proxy.BreakNext(when);

        var answer = await runs.CommitAsync(
            Samples.Commit(run, Samples.Event("a"), Samples.Event("b")) with { Outbox = [new NewOutboxMessage { Kind = "once", Payload = Samples.Json("1") }] }, CancellationToken.None);

        Assert.That(proxy.Broken, Is.EqualTo(1));
        Assert.That(answer.Outcome, Is.EqualTo(CommitOutcome.Committed));
        Assert.That((await runs.ListEventsAsync(run.Id, 0, 10, CancellationToken.None)).Select(one => one.Type), Is.EqualTo(new[] { "run-accepted", "a", "b" }));
        Assert.That(await runs.ListOutboxAsync(10, CancellationToken.None), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task AClaimWhoseAnswerWasLostIsStillTheClaimers([Values(BreakAt.BeforeCommit, BreakAt.AfterCommit)] BreakAt when)
    {
        var run = (await runs.CreateAsync(Samples.Run(), CancellationToken.None)).Run;
        proxy.BreakNext(when);

        var claim = await runs.ClaimAsync(new RunClaim { Run = run.Id, Owner = Samples.Owner(), Now = Samples.Start, LeaseUntil = Samples.Start.AddSeconds(30) }, CancellationToken.None);

        Assert.That(proxy.Broken, Is.EqualTo(1));
        Assert.That((claim.Outcome, claim.Run!.Epoch), Is.EqualTo((ClaimOutcome.Claimed, 1L)));
        Assert.That((await runs.FindAsync(run.Id, CancellationToken.None))!.Epoch, Is.EqualTo(1), "claimed once");
    }

    [Test]
    public async Task AnOperationOfAFamilyIsStoredOnce([Values(BreakAt.BeforeCommit, BreakAt.AfterCommit)] BreakAt when)
    {
        await database.WriteAsync((session, token) => session.ExecuteAsync("CREATE TABLE counters (n bigint NOT NULL)", null, token), CancellationToken.None);
        proxy.BreakNext(when);

        var n = await database.WriteAsync(
            async (session, token) =>
            {
                var count = await session.FindAsync<long>("SELECT COUNT(*) FROM counters", null, token);
                await session.ExecuteAsync("INSERT INTO counters (n) VALUES (@count)", new { count }, token);
                return count;
            },
            CancellationToken.None);

        Assert.That(proxy.Broken, Is.EqualTo(1));
        Assert.That(n, Is.Zero);
        Assert.That(await database.ReadAsync((session, token) => session.FindAsync<long>("SELECT COUNT(*) FROM counters", null, token), CancellationToken.None), Is.EqualTo(1));
    }
}
