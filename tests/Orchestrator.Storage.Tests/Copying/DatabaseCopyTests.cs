using Orchestrator.Core.Values;
using Orchestrator.Storage.Copying;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.Secrets;
using Orchestrator.Storage.Tests.Conformance;
using Orchestrator.Storage.Tests.Sqlite;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Storage.Tests.Copying;

/// <summary>A home's file moves to a server, whole or not at all.</summary>
[TestFixture]
internal sealed class DatabaseCopyTests
{
    private static readonly IReadOnlyList<MigrationSet> Sets = [EngineStores.Migrations, SecretStore.Migrations];

    private readonly SqliteProvider files = new();
    private string from = "";
    private string to = "";
    private OrcDatabase source = null!;
    private OrcDatabase target = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        (from, to) = (files.CreateUrl(), PostgreSqlServer.Instance.CreateUrl());
        source = await OrcDatabase.OpenAsync(from, new DatabaseOptions { Migrations = Sets });
        target = await OrcDatabase.OpenAsync(to, new DatabaseOptions { Migrations = Sets });
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await source.DisposeAsync();
        await target.DisposeAsync();
        files.Remove(from);
        PostgreSqlServer.Instance.Remove(to);
    }

    [Test]
    public async Task EverythingIsThereAfterwardsAndNumbersGoOn()
    {
        var run = await FillAsync(events: 5000);
        var said = new List<CopiedTable>();

        var tables = await CopyAsync(said.Add);

        Assert.That(said, Is.EqualTo(tables));
        Assert.That(tables.Single(table => table.Name == "run_events").Rows, Is.EqualTo(5001));
        var copied = await new EngineStores(target, []).Runs.LoadAsync(run, CancellationToken.None);
        var original = await new EngineStores(source, []).Runs.LoadAsync(run, CancellationToken.None);
        Assert.That(OrcJson.ToElement(copied).GetRawText(), Is.EqualTo(OrcJson.ToElement(original).GetRawText()));
        Assert.That((await new SecretStore(target).FindAsync("key", CancellationToken.None))!.Sealed, Is.EqualTo(new byte[] { 0, 1, 255 }));
        var store = new EngineStores(target, []).Runs;
        var another = (await store.CreateAsync(Samples.Run(owner: Samples.Owner()), CancellationToken.None)).Run;
        await store.CommitAsync(Samples.Commit(another) with { Outbox = [new NewOutboxMessage { Kind = "two", Payload = Samples.Json("2") }] }, CancellationToken.None);
        Assert.That((await store.ListOutboxAsync(10, CancellationToken.None)).Select(message => message.Kind), Is.EqualTo(new[] { "one", "two" }), "the next number is after the copied ones");
    }

    [Test]
    public async Task ATargetWithRowsIsRefusedAndStaysAsItIs()
    {
        await FillAsync(events: 1);
        await new EngineStores(target, []).Pools.SetAsync("gpu", 1, CancellationToken.None);

        Assert.That(() => CopyAsync(_ => { }), Throws.TypeOf<StorageException>().With.Property(nameof(StorageException.Code)).EqualTo("ORC5170").And.Message.Contains("pools"));
        Assert.That(await new EngineStores(target, []).Runs.ListAsync(new RunFilter(), CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task ACopyThatEndsBeforeItsTimeLeavesNothing()
    {
        await FillAsync(events: 10);
        using var stop = new CancellationTokenSource();

        Assert.That(
            () => DatabaseCopy.RunAsync(source, target, Sets, Samples.Start.AddYears(1), table => stop.Cancel(), stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await target.ReadAsync((session, token) => session.FindAsync<int>("SELECT COUNT(*) FROM definitions", null, token), CancellationToken.None), Is.Zero);
        Assert.That(await CopyAsync(_ => { }), Is.Not.Empty, "and may be begun again");
    }

    [Test]
    public async Task ARunThatIsWorkedOnIsNotCutInTwo()
    {
        await new EngineStores(source, []).Runs.CreateAsync(Samples.Run(owner: Samples.Owner()), CancellationToken.None);

        Assert.That(
            () => DatabaseCopy.RunAsync(source, target, Sets, Samples.Start, _ => { }, CancellationToken.None),
            Throws.TypeOf<StorageException>().With.Property(nameof(StorageException.Code)).EqualTo("ORC5171"));
    }

    [Test]
    public void AServerIsNotCopiedToAFile() => Assert.That(
        () => DatabaseCopy.RunAsync(target, source, Sets, Samples.Start, _ => { }, CancellationToken.None),
        Throws.TypeOf<StorageException>().With.Property(nameof(StorageException.Code)).EqualTo("ORC5169"));

    [TestCase("sqlite:/tmp/a.db", "sqlite:/tmp/b.db")]
    [TestCase("postgres://orc:s3cr3t@db.example/a", "postgres://orc:s3cr3t@db.example/b")]
    public void AWrongDirectionIsSaidBeforeAnythingIsOpened(string from, string to) => Assert.That(
        () => DatabaseCopy.CheckDirection(from, to),
        Throws.TypeOf<StorageException>().With.Property(nameof(StorageException.Code)).EqualTo("ORC5169").And.Message.Not.Contains("s3cr3t"));

    private Task<IReadOnlyList<CopiedTable>> CopyAsync(Action<CopiedTable> copied) =>
        DatabaseCopy.RunAsync(source, target, Sets, Samples.Start.AddYears(1), copied, CancellationToken.None);

    private async Task<RunId> FillAsync(int events)
    {
        var stores = new EngineStores(source, []);
        var run = (await stores.Runs.CreateAsync(Samples.Run(owner: Samples.Owner()), CancellationToken.None)).Run;
        await stores.Pools.SetAsync("gpu", 3, CancellationToken.None);
        var attempt = Samples.Attempt();
        await stores.Runs.CommitAsync(
            Samples.Commit(run, [.. Enumerable.Range(0, events).Select(i => Samples.Event($"e{i}"))]) with
            {
                Attempts = [attempt],
                Tasks = [Samples.Task("running", attempt) with { Progress = 0.1 + 0.2, Label = "ü𝄞" }],
                Outbox = [new NewOutboxMessage { Kind = "one", Payload = Samples.Json("1") }],
            },
            CancellationToken.None);
        await new SecretStore(source).PutAsync("key", [0, 1, 255], Samples.Start, CancellationToken.None);
        return run.Id;
    }
}
