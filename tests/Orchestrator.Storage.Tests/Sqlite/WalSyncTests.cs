using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Tests.Sqlite;

/// <summary>When a write is on the disk, and what happens when it cannot get there.</summary>
public sealed class WalSyncTests
{
    private string folder = "";
    private long synced;
    private TaskCompletionSource sync = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string Log => Path.Combine(folder, "orc.db-wal");

    [SetUp]
    public void MakeFolder()
    {
        folder = Directory.CreateTempSubdirectory("orc-sync-").FullName;
        synced = 0;
        sync = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task AnswersAWriteWhenAllOfTheLogUpToItIsOnTheDisk()
    {
        await using var database = await OpenAsync(TimeSpan.FromHours(1));
        for (var i = 0; i < 20; i++)
        {
            await WriteAsync(database, Durability.Synced);

            Assert.That(Volatile.Read(ref synced), Is.EqualTo(new FileInfo(Log).Length));
        }
    }

    [Test]
    public async Task ADeferredWriteIsAnsweredBeforeAndIsOnTheDiskWithTheNextSyncedOne()
    {
        await using var database = await OpenAsync(TimeSpan.FromHours(1));
        await WriteAsync(database, Durability.Deferred);
        Assert.That(Volatile.Read(ref synced), Is.Zero);

        await WriteAsync(database, Durability.Synced);

        Assert.That(Volatile.Read(ref synced), Is.EqualTo(new FileInfo(Log).Length));
    }

    [Test]
    public async Task ADeferredWriteIsOnTheDiskSoonAlsoWhenNothingFollows()
    {
        await using var database = await OpenAsync(TimeSpan.FromMilliseconds(20));
        await WriteAsync(database, Durability.Deferred);

        await sync.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(Volatile.Read(ref synced), Is.EqualTo(new FileInfo(Log).Length));
    }

    [Test]
    public async Task ClosingSyncsWhatIsLeft()
    {
        await using (var database = await OpenAsync(TimeSpan.FromHours(1)))
        {
            await WriteAsync(database, Durability.Deferred);
        }

        Assert.That(Volatile.Read(ref synced), Is.Positive);
    }

    [Test]
    public async Task AFailedSyncFailsItsWritesAndAllThatFollow()
    {
        var database = await OpenAsync(TimeSpan.FromHours(1));
        File.Delete(Log);

        Assert.That(async () => await WriteAsync(database, Durability.Synced), Throws.InstanceOf<StorageException>().With.Property(nameof(StorageException.Kind)).EqualTo(StorageErrorKind.Io));
        Assert.That(async () => await WriteAsync(database, Durability.Deferred), Throws.InstanceOf<StorageException>().With.Message.Contains("could not be synced"));
        await database.DisposeAsync();
    }

    [TestCase(null, 20)]
    [TestCase("", 20)]
    [TestCase("full", 0)]
    [TestCase("0", 0)]
    [TestCase("5", 5)]
    public void ReadsTheSetting(string? setting, int milliseconds) =>
        Assert.That(DatabaseOptions.SyncWithinOf(setting), Is.EqualTo(TimeSpan.FromMilliseconds(milliseconds)));

    [TestCase("none")]
    [TestCase("-1")]
    [TestCase("20ms")]
    [TestCase("10001")]
    public void RefusesAnotherSetting(string setting) => Assert.That(
        () => DatabaseOptions.SyncWithinOf(setting), Throws.InstanceOf<StorageException>().With.Message.Contains($"ORC_SYNC is \"{setting}\""));

    private Task<OrcDatabase> OpenAsync(TimeSpan within) => OrcDatabase.OpenAsync($"sqlite:{Path.Combine(folder, "orc.db")}", new DatabaseOptions
    {
        SyncWithin = within,
        OnSynced = length =>
        {
            Volatile.Write(ref synced, length);
            sync.TrySetResult();
        },
    });

    private static Task<int> WriteAsync(OrcDatabase database, Durability durability) => database.WriteAsync(
        async (session, token) =>
        {
            await session.ExecuteAsync("CREATE TABLE IF NOT EXISTS things (at INTEGER)", null, token);
            return await session.ExecuteAsync("INSERT INTO things (at) VALUES (1)", null, token);
        },
        durability,
        CancellationToken.None);
}
