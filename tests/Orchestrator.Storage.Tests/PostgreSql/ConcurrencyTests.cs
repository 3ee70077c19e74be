using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.Tests.Conformance;
using Orchestrator.Storage.WakeUps;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Storage.Tests.PostgreSql;

/// <summary>Two programs on one server: conflicts, lost connections, calls, and versions side by side.</summary>
[TestFixture]
internal sealed class ConcurrencyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private string url = "";
    private OrcDatabase first = null!;
    private OrcDatabase second = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        url = PostgreSqlServer.Instance.CreateUrl();
        first = await OpenOneAsync();
        second = await OpenOneAsync();
        await first.WriteAsync(
            (session, token) => session.ExecuteAsync("CREATE TABLE counters (id bigint PRIMARY KEY, n bigint NOT NULL); INSERT INTO counters VALUES (1, 0), (2, 0)", null, token), CancellationToken.None);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await first.DisposeAsync();
        await second.DisposeAsync();
        PostgreSqlServer.Instance.Remove(url);
    }

    [Test]
    public async Task OperationsThatReadAndThenWriteBehaveAsIfAlone()
    {
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() => (i % 2 == 0 ? first : second).WriteAsync(
            async (session, token) =>
            {
                var n = await session.FindAsync<long>("SELECT n FROM counters WHERE id = 1", null, token);
                await session.ExecuteAsync("UPDATE counters SET n = @next WHERE id = 1", new { next = n + 1 }, token);
            },
            CancellationToken.None))));

        Assert.That(await CountAsync(1), Is.EqualTo(60));
    }

    [Test]
    public async Task OfADeadlockOneIsUndoneAndRunAgain()
    {
        var (here, there) = (new TaskCompletionSource(), new TaskCompletionSource());
        await Task.WhenAll(CrossAsync(first, 1, 2, here, there.Task), CrossAsync(second, 2, 1, there, here.Task));

        Assert.That((await CountAsync(1), await CountAsync(2)), Is.EqualTo((2, 2)));

        static Task<int> CrossAsync(OrcDatabase database, int from, int to, TaskCompletionSource mine, Task other) => database.WriteGuardedAsync(
            async (session, token) =>
            {
                await session.ExecuteAsync("UPDATE counters SET n = n + 1 WHERE id = @from", new { from }, token);
                // Both hold a row before either asks for the other's; only the first time.
                mine.TrySetResult();
                await other;
                return await session.ExecuteAsync("UPDATE counters SET n = n + 1 WHERE id = @to", new { to }, token);
            },
            settle: null,
            CancellationToken.None);
    }

    [Test]
    public async Task AProgramThatIsStoppedInTheMiddleOfATransactionHoldsNobodyUpAndLosesNothing()
    {
        await using var stopped = await OrcDatabase.OpenAsync($"{url}&options=-c%20idle_in_transaction_session_timeout%3D300ms", new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        var (holds, wakes) = (new TaskCompletionSource(), new TaskCompletionSource());
        var late = stopped.WriteGuardedAsync(
            async (session, token) =>
            {
                var changed = await session.ExecuteAsync("UPDATE counters SET n = n * 10 + 2 WHERE id = 1", null, token);
                holds.TrySetResult();
                await wakes.Task;
                return changed;
            },
            settle: null,
            CancellationToken.None);
        await holds.Task;

        // Waits for the row until the server has ended the other's transaction.
        await second.WriteGuardedAsync((session, token) => session.ExecuteAsync("UPDATE counters SET n = n * 10 + 1 WHERE id = 1", null, token), settle: null, CancellationToken.None);
        wakes.SetResult();

        Assert.That(await late, Is.EqualTo(1));
        Assert.That(await CountAsync(1), Is.EqualTo(12), "undone, and done again after the other");
    }

    [Test]
    public async Task ConnectionsThatTheServerEndsAreMadeAgainAndNothingIsLostOrDoubled()
    {
        var writes = Enumerable.Range(0, 200).Select(i => Task.Run(() => first.WriteGuardedAsync(
            (session, token) => session.ExecuteAsync("UPDATE counters SET n = n + 1 WHERE id = 2", null, token), settle: null, CancellationToken.None))).ToList();
        for (var i = 0; i < 5; i++)
        {
            await Task.WhenAny(writes);
            PostgreSqlServer.Instance.Run("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'orc'");
        }

        await Task.WhenAll(writes);
        Assert.That(await CountAsync(2), Is.EqualTo(200));
    }

    [Test]
    public async Task ARequestOfOneProgramWakesTheOtherAtOnce()
    {
        var stores = new EngineStores(first, []);
        var run = (await stores.Runs.CreateAsync(Samples.Run(owner: Samples.Owner()), CancellationToken.None)).Run;
        var calls = new SemaphoreSlim(0);
        using var listening = second.WakeUps.Listen(WakeUp.Requests, () => calls.Release());
        // The first call says that listening has begun.
        Assert.That(await calls.WaitAsync(Patience), "nobody listens");

        await stores.Runs.AddRequestAsync(new RunRequest { Id = "r1", RunId = run.Id, Kind = "cancel", By = "me", At = Samples.Start }, CancellationToken.None);

        Assert.That(await calls.WaitAsync(Patience), "the call did not come");
        Assert.That(second.WakeUps.LookAgain(inVain: 1), Is.GreaterThan(TimeSpan.FromSeconds(1)), "who is called need not look often");
    }

    [Test]
    public async Task OwnCallsAreHeardOnceAndAListenerWhoseConnectionEndedListensAgain()
    {
        var calls = new SemaphoreSlim(0);
        using var listening = first.WakeUps.Listen(WakeUp.Pools, () => calls.Release());
        Assert.That(await calls.WaitAsync(Patience), "nobody listens");

        await new EngineStores(first, []).Pools.SetAsync("own", 1, CancellationToken.None);
        Assert.That(calls.CurrentCount, Is.EqualTo(1), "without the way over the server");
        Assert.That(await calls.WaitAsync(Patience));
        // Calls come in order: had the own one come back, it would be here before the other's.
        await new EngineStores(second, []).Pools.SetAsync("mark", 1, CancellationToken.None);
        Assert.That(await calls.WaitAsync(Patience), "the other's call did not come");
        Assert.That(calls.CurrentCount, Is.Zero, "the own call came back");
        PostgreSqlServer.Instance.Run("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'orc'");
        Assert.That(await calls.WaitAsync(Patience), "after a lost connection everybody is called once");
        await new EngineStores(second, []).Pools.SetAsync("other", 1, CancellationToken.None);

        Assert.That(await calls.WaitAsync(Patience), "the other's call did not come");
    }

    [Test]
    public async Task TheVersionBeforeGoesOnWorkingWhileTheNextOneChangesTheSchema()
    {
        var old = MigrationSet.FromTexts("things", ("0001_things.sql", "CREATE TABLE things (id bigint PRIMARY KEY);"));
        var next = MigrationSet.FromTexts("things", ("0001_things.sql", "CREATE TABLE things (id bigint PRIMARY KEY);"), ("0002_note.sql", "ALTER TABLE things ADD COLUMN note text NULL;"));
        await first.MigrateAsync([old], CancellationToken.None);
        var insert = new SqlStatement("INSERT INTO things (id) VALUES (@p0)");
        Task WriteAsync(OrcDatabase database, int id) => database.WriteAsync((session, token) => session.ExecuteRowsAsync(insert, [[id]], token), CancellationToken.None);
        await WriteAsync(first, 1);
        await WriteAsync(first, 2);

        await second.MigrateAsync([next], CancellationToken.None);
        await WriteAsync(first, 3);
        await WriteAsync(second, 4);

        Assert.That(await first.ReadAsync((session, token) => session.QueryAsync<long>("SELECT id FROM things ORDER BY id", null, token), CancellationToken.None), Is.EqualTo(new[] { 1, 2, 3, 4 }));
        Assert.That((await OrcDatabase.ListMigrationsAsync(url, [old], CancellationToken.None)).Single(step => step.Number == 2).IsKnown, Is.False);
    }

    [Test]
    public async Task AZeroByteInATextIsReplacedAndFailsNothing()
    {
        var stores = new EngineStores(first, []);
        var run = (await stores.Runs.CreateAsync(Samples.Run(owner: Samples.Owner()), CancellationToken.None)).Run;

        var answer = await stores.Runs.CommitAsync(Samples.Commit(run) with { Tasks = [Samples.Task("running") with { Label = "a\0b\ud800" }] }, CancellationToken.None);

        Assert.That(answer.Outcome, Is.EqualTo(CommitOutcome.Committed));
        Assert.That((await stores.Runs.ListTasksAsync(run.Id, CancellationToken.None)).Single().Label, Is.EqualTo("a\u2400b\ufffd"));
    }

    [TestCase("postgres://postgres@127.0.0.1:1/postgres", "ORC5160")]
    [TestCase("postgres://postgres@127.0.0.1:PORT/nowhere", "ORC5162")]
    [TestCase("postgres://postgres@127.0.0.1:PORT/postgres?search_path=nowhere", "ORC5164")]
    [TestCase("postgres://nobody@127.0.0.1:PORT/postgres", "ORC5161")]
    public void WhatCannotBeOpenedIsSaidAtOnceAndWithAHelp(string wrong, string code)
    {
        var error = Assert.ThrowsAsync<StorageException>(() => OrcDatabase.OpenAsync(wrong.Replace("PORT", $"{PostgreSqlServer.Instance.Port}", StringComparison.Ordinal)));

        Assert.That((error!.Kind, error.Code, error.Help), Is.EqualTo((StorageErrorKind.CannotOpen, code, error.Help)));
        Assert.That(error.Help, Is.Not.Empty);
    }

    private Task<OrcDatabase> OpenOneAsync() => OrcDatabase.OpenAsync(url, new DatabaseOptions { Migrations = [EngineStores.Migrations] });

    private Task<int> CountAsync(int id) => second.ReadAsync((session, token) => session.FindAsync<int>("SELECT n FROM counters WHERE id = @id", new { id }, token), CancellationToken.None);
}
