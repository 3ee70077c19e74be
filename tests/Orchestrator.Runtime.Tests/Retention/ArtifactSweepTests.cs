using Microsoft.Extensions.Time.Testing;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Retention;
using Orchestrator.Runtime.Tests.Hosting;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Retention;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Tests.Retention;

/// <summary>Files that nothing refers to go, and no other: not one that is being written, nor one that somebody is about to refer to.</summary>
public sealed class ArtifactSweepTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    private TemporaryHome folder = null!;
    private OrcHome home = null!;
    private OrcDatabase database = null!;
    private EngineStores stores = null!;
    private ArtifactStore artifacts = null!;
    private FakeTimeProvider time = null!;
    private ArtifactSweep sweep = null!;

    [SetUp]
    public async Task StartAsync()
    {
        folder = new TemporaryHome();
        home = OrcHome.Open(folder.Home);
        database = await OrcDatabase.OpenAsync($"sqlite:{home.DatabasePath}", new DatabaseOptions { Migrations = [EngineStores.Migrations, RetentionStore.Migrations] });
        stores = new EngineStores(database, []);
        artifacts = new ArtifactStore(home);
        // Files are stamped by the system's clock.
        time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(1));
        sweep = new ArtifactSweep(home, new ArtifactReferences(database, []), new RetentionStore(database), time);
    }

    [TearDown]
    public async Task EndAsync()
    {
        await database.DisposeAsync();
        home.Dispose();
        folder.Dispose();
    }

    [Test]
    public async Task AFileThatNothingRefersToGoesAfterTheGrace()
    {
        var file = await artifacts.AddTextAsync("forgotten by a killed attempt", "a.txt");

        var first = await sweep.RunAsync(Grace, CancellationToken.None);
        Assert.That((first.Removed.Files, first.Waiting.Files, artifacts.Contains(file.Hash)), Is.EqualTo((0, 1, true)));
        Assert.That(first.Why, Does.Contain("the first time after"));

        time.Advance(Grace);
        var second = await sweep.RunAsync(Grace, CancellationToken.None);
        Assert.That((second.Removed, second.Waiting.Files, artifacts.Contains(file.Hash)), Is.EqualTo((new Amount(1, file.SizeInBytes), 0, false)));
        Assert.That(Directory.EnumerateFiles(home.ArtifactsFolder, "*", SearchOption.AllDirectories), Is.Empty);
    }

    [Test]
    public async Task AFileThatWasWrittenJustNowIsNotEvenListed()
    {
        var young = new ArtifactSweep(home, new ArtifactReferences(database, []), new RetentionStore(database), TimeProvider.System);
        await artifacts.AddTextAsync("young", "a.txt");

        var result = await young.RunAsync(Grace, CancellationToken.None);

        Assert.That((result.Waiting.Files, result.Why), Is.EqualTo((1, "they were written just now, perhaps by somebody who is about to refer to them")));
        Assert.That(await new ArtifactReferences(database, []).ListUnusedAsync(CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task AFileThatIsWrittenAgainStays()
    {
        var file = await artifacts.AddTextAsync("the same bytes", "a.txt");
        await sweep.RunAsync(Grace, CancellationToken.None);

        await artifacts.AddTextAsync("the same bytes", "b.txt");
        time.Advance(Grace);
        var result = await sweep.RunAsync(Grace, CancellationToken.None);

        Assert.That((result.Removed.Files, artifacts.Contains(file.Hash)), Is.EqualTo((0, true)), "somebody may be about to refer to it");
    }

    [Test]
    public async Task ARunThatGoesOnKeepsWhatWasUnusedSinceItBegan()
    {
        var file = await artifacts.AddTextAsync("written by an attempt that has not ended", "a.txt");
        var run = await RunAsync();
        time.Advance(TimeSpan.FromDays(3));
        await sweep.RunAsync(Grace, CancellationToken.None);
        time.Advance(TimeSpan.FromDays(3));

        var result = await sweep.RunAsync(Grace, CancellationToken.None);
        Assert.That((result.Removed.Files, result.Why), Is.EqualTo((0, $"run {run.Id}, which goes on, may be about to refer to them")));

        await stores.Runs.CommitAsync(new RunCommit { Run = run.Id, Epoch = run.Epoch, ExpectedSequence = run.Sequence, Now = time.GetUtcNow(), Change = new RunChange { Status = "failed", EndedAt = time.GetUtcNow() }, Events = [Event()] }, CancellationToken.None);
        Assert.That((await sweep.RunAsync(Grace, CancellationToken.None)).Removed.Files, Is.EqualTo(1));
        Assert.That(artifacts.Contains(file.Hash), Is.False);
    }

    [Test]
    public async Task WhatSomebodyWasAboutToRemoveWhoWasKilledIsLookedAtAgain()
    {
        var file = await artifacts.AddTextAsync("put aside", "a.txt");
        var trash = new ArtifactTrash(home);
        Assert.That(trash.TryPutAside(file.Hash, trash.Files().Single().ModifiedAt), Is.True);
        Assert.That(artifacts.Contains(file.Hash), Is.False);

        trash.PutBack();
        Assert.That(File.ReadAllText(artifacts.PathOf(file)), Is.EqualTo("put aside"));
    }

    [Test]
    public async Task OfAWriterAndASweeperThatMeetTheWriterFindsItsFile()
    {
        var trash = new ArtifactTrash(home);
        for (var i = 0; i < 500; i++)
        {
            var text = $"text {i}";
            var file = await artifacts.AddTextAsync(text, "a.txt");
            var listed = trash.Files().Single(one => one.Hash == file.Hash).ModifiedAt;
            using var both = new Barrier(2);

            var writing = Task.Run(async () =>
            {
                both.SignalAndWait();
                await artifacts.AddTextAsync(text, "a.txt");
            });
            var sweeping = Task.Run(() =>
            {
                both.SignalAndWait();
                if (trash.TryPutAside(file.Hash, listed))
                {
                    trash.Delete(file.Hash);
                }
            });
            await Task.WhenAll(writing, sweeping);

            Assert.That(File.ReadAllText(artifacts.PathOf(file)), Is.EqualTo(text), $"round {i}");
        }
    }

    [Test]
    public void AHomeThatIsUsedWithSeveralDatabasesKeepsItsFiles()
    {
        home.NoteDatabase(home.DatabasePath);
        Assert.That(ArtifactSweep.Forbidden(home, home.DatabasePath), Is.Null);
        home.NoteDatabase("postgres://db.example/orc");

        Assert.That(ArtifactSweep.Forbidden(home, home.DatabasePath), Does.Contain("postgres://db.example/orc").And.Contain(home.DatabasesPath));
        Assert.That(ArtifactSweep.Forbidden(home, "postgres://db.example/orc"), Does.Contain("orc.db"));
        File.Move(home.DatabasePath, home.DatabasePath + ".old");
        Assert.That(ArtifactSweep.Forbidden(home, "postgres://db.example/orc"), Is.Null, "the file is gone");
    }

    private async Task<RunInfo> RunAsync() => (await stores.Runs.CreateAsync(
        new NewRun
        {
            Id = new RunId("01M8GQM06F5S4HHF2SZ3DS4C66"),
            Definition = new StoredDefinition { Hash = new DefinitionHash(new string('d', 64)), Pipeline = "p", Json = "{}", SourceKind = "json", CreatedAt = time.GetUtcNow() },
            Status = "running",
            Params = System.Text.Json.JsonElement.Parse("{}"),
            BaseDirectory = "/",
            CreatedAt = time.GetUtcNow(),
            Events = [Event()],
        },
        CancellationToken.None)).Run;

    private NewEvent Event() => new() { Type = "run-accepted", Payload = """{"type":"run-accepted"}""", At = time.GetUtcNow() };
}
