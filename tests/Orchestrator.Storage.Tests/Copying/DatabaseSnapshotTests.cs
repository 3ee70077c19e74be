using Orchestrator.Core.Values;
using Orchestrator.Storage.Copying;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.Retention;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.Secrets;
using Orchestrator.Storage.Tests.Conformance;
using Orchestrator.Storage.Tests.PostgreSql;
using Orchestrator.Storage.Tests.Sqlite;

namespace Orchestrator.Storage.Tests.Copying;

/// <summary>What a database holds at one moment is in one SQLite file, whatever the database is, while others go on writing.</summary>
[TestFixture("sqlite")]
[TestFixture("postgres")]
internal sealed class DatabaseSnapshotTests(string dialect)
{
    private static readonly IReadOnlyList<MigrationSet> Sets = [EngineStores.Migrations, SecretStore.Migrations, RetentionStore.Migrations];

    private readonly DatabaseProvider provider = dialect == "sqlite" ? new SqliteProvider() : new PostgreSqlProvider();
    private string url = "";
    private string folder = "";
    private OrcDatabase source = null!;

    private string File => Path.Combine(folder, "orc.db");

    [SetUp]
    public async Task OpenAsync()
    {
        folder = Directory.CreateTempSubdirectory("orc-snapshot-").FullName;
        url = provider.CreateUrl();
        source = await OrcDatabase.OpenAsync(url, new DatabaseOptions { Migrations = Sets });
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await source.DisposeAsync();
        provider.Remove(url);
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public async Task EverythingIsInTheFile()
    {
        var run = await FillAsync();
        await new SecretStore(source).PutAsync("key", [0, 1, 255], Samples.Start, CancellationToken.None);

        var info = await DatabaseSnapshot.WriteAsync(source, File, Sets, CancellationToken.None);

        Assert.That((info.Source, Directory.EnumerateFiles(folder).Select(Path.GetFileName)), Is.EqualTo((source.DisplayName, new[] { "orc.db" })), "one file, without a log beside it");
        Assert.That(DatabaseSnapshot.Check(File), Is.Empty);
        await using var copy = await OrcDatabase.OpenAsync($"sqlite:{File}", new DatabaseOptions { Migrations = Sets });
        var copied = await new EngineStores(copy, []).Runs.LoadAsync(run, CancellationToken.None);
        var original = await new EngineStores(source, []).Runs.LoadAsync(run, CancellationToken.None);
        Assert.That(OrcJson.ToElement(copied).GetRawText(), Is.EqualTo(OrcJson.ToElement(original).GetRawText()));
        Assert.That((await new SecretStore(copy).FindAsync("key", CancellationToken.None))!.Sealed, Is.EqualTo(new byte[] { 0, 1, 255 }));
        var message = new NewOutboxMessage { Kind = "two", Payload = Samples.Json("2") };
        var another = (await new EngineStores(copy, []).Runs.CreateAsync(Samples.Run(owner: Samples.Owner()), CancellationToken.None)).Run;
        await new EngineStores(copy, []).Runs.CommitAsync(Samples.Commit(another) with { Outbox = [message] }, CancellationToken.None);
        Assert.That((await new EngineStores(copy, []).Runs.ListOutboxAsync(10, CancellationToken.None)).Select(one => one.Kind), Is.EqualTo(new[] { "one", "two" }), "the next number is after the copied ones");
    }

    [Test]
    public async Task WhileOthersWriteItIsOfOneMoment()
    {
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await FillAsync();
            }
        });
        for (var i = 0; i < 3; i++)
        {
            await FillAsync();
            await DatabaseSnapshot.WriteAsync(source, File, Sets, CancellationToken.None);
            await using (var copy = await OrcDatabase.OpenAsync($"sqlite:{File}", new DatabaseOptions { Migrations = Sets }))
            {
                // Each commit writes an event, a task and a message: of one that is in the file all are.
                var counts = await copy.ReadAsync(
                    (session, token) => session.QueryAsync<long>("SELECT COUNT(*) FROM run_events WHERE seq = 2 UNION ALL SELECT COUNT(*) FROM tasks UNION ALL SELECT COUNT(*) FROM outbox", null, token), CancellationToken.None);
                Assert.That(counts[0], Is.Positive.And.EqualTo(counts[1]).And.EqualTo(counts[2]));
            }

            foreach (var left in Directory.EnumerateFiles(folder))
            {
                System.IO.File.Delete(left);
            }
        }

        await stop.CancelAsync();
        await writing;
    }

    [Test]
    public async Task WhoHadSomethingInARestoredDatabaseHasLostIt()
    {
        var run = (await new EngineStores(source, []).Runs.CreateAsync(Samples.Run(owner: Samples.Owner()), CancellationToken.None)).Run;
        await DatabaseSnapshot.WriteAsync(source, File, Sets, CancellationToken.None);
        await using var copy = await OrcDatabase.OpenAsync($"sqlite:{File}", new DatabaseOptions { Migrations = Sets });

        Assert.That(await RestoredOwners.ForgetAsync(copy, CancellationToken.None), Is.EqualTo(new[] { run.Id.Value }));

        var runs = new EngineStores(copy, []).Runs;
        var late = await runs.CommitAsync(Samples.Commit(run, Samples.Event("late")), CancellationToken.None);
        Assert.That(late.Outcome, Is.Not.EqualTo(CommitOutcome.Committed), "the owner of before is refused");
        var claim = await runs.ClaimAsync(new RunClaim { Run = run.Id, Owner = Samples.Owner("new"), Now = Samples.Start, LeaseUntil = Samples.Start.AddSeconds(30), DeadOwners = [] }, CancellationToken.None);
        Assert.That(claim.Outcome, Is.EqualTo(ClaimOutcome.Claimed));
    }

    [Test]
    public async Task ADamagedFileIsFound()
    {
        await FillAsync();
        await DatabaseSnapshot.WriteAsync(source, File, Sets, CancellationToken.None);
        var bytes = await System.IO.File.ReadAllBytesAsync(File);
        Array.Fill(bytes, (byte)0xFF, bytes.Length - 8192, 8192);
        await System.IO.File.WriteAllBytesAsync(File, bytes);

        Assert.That(DatabaseSnapshot.Check(File), Is.Not.Empty);
    }

    private async Task<RunId> FillAsync()
    {
        var runs = new EngineStores(source, []).Runs;
        var run = (await runs.CreateAsync(Samples.Run(owner: Samples.Owner()), CancellationToken.None)).Run;
        var result = await runs.CommitAsync(
            Samples.Commit(run, Samples.Event("task-ready")) with { Tasks = [Samples.Task("running") with { Progress = 0.25 }], Outbox = [new NewOutboxMessage { Kind = "one", Payload = Samples.Json("1") }] }, CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(CommitOutcome.Committed));
        return run.Id;
    }
}
