using System.Text;
using Microsoft.Data.Sqlite;
using NUnit.Framework.Constraints;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Tests.Sqlite;

/// <summary>Files and disks that are not as they should be: refused with words, and left as they are.</summary>
[TestFixture]
internal sealed class SqliteHardshipTests
{
    private readonly SqliteProvider provider = new();
    private string url = "";

    private string File => SqliteProvider.PathOf(url);

    [SetUp]
    public void CreateUrl() => url = provider.CreateUrl();

    [TearDown]
    public void Remove() => provider.Remove(url);

    [Test]
    public void OpenAsync_FileThatIsNoDatabase_IsRefusedAndLeftAsItIs()
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("this is not a database\n", 1000)));
        System.IO.File.WriteAllBytes(File, bytes);

        Assert.That(async () => await OpenAsync(), Refused("ORC5133", StorageErrorKind.Corrupted, File));
        Assert.That(System.IO.File.ReadAllBytes(File), Is.EqualTo(bytes));
    }

    [Test]
    public async Task OpenAsync_DamagedSchema_IsRefusedAndLeftAsItIs()
    {
        await (await OpenAsync()).DisposeAsync();
        var bytes = await System.IO.File.ReadAllBytesAsync(File);
        // The first page holds the schema; its header of 100 bytes stays, so that it still looks like a database.
        Array.Fill(bytes, (byte)0xA5, 100, 3996);
        await System.IO.File.WriteAllBytesAsync(File, bytes);

        Assert.That(async () => await OpenAsync(), Refused("ORC5133", StorageErrorKind.Corrupted, File));
        Assert.That(await System.IO.File.ReadAllBytesAsync(File), Is.EqualTo(bytes));
    }

    [Test]
    public async Task CheckAsync_DamagedPage_SaysSo()
    {
        await using (var database = await OpenAsync())
        {
            await database.WriteAsync(
                async (session, token) =>
                {
                    await session.ExecuteAsync("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)", null, token);
                    await session.ExecuteRowsAsync(new SqlStatement("INSERT INTO notes (text) VALUES (@p0)"), Enumerable.Range(0, 2000).Select(i => new object?[] { new string('x', 100) }), token);
                },
                CancellationToken.None);
        }

        var bytes = await System.IO.File.ReadAllBytesAsync(File);
        Array.Fill(bytes, (byte)0xFF, bytes.Length - 8192, 8192);
        await System.IO.File.WriteAllBytesAsync(File, bytes);

        await using var damaged = await OpenAsync();
        Assert.That(await damaged.CheckAsync(CancellationToken.None), Is.Not.Empty);
    }

    [Test]
    public async Task OpenAsync_DatabaseOfAnotherProgram_IsRefusedAndLeftAsItIs()
    {
        await using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE theirs (id INTEGER)";
            await command.ExecuteNonQueryAsync();
        }

        var bytes = await System.IO.File.ReadAllBytesAsync(File);
        Assert.That(async () => await OpenAsync(), Refused("ORC5143", StorageErrorKind.CannotOpen, File));
        Assert.That(await System.IO.File.ReadAllBytesAsync(File), Is.EqualTo(bytes));
    }

    [Test]
    public async Task OpenAsync_FormatOfANewerVersion_IsRefused()
    {
        await using (var database = await OpenAsync())
        {
            await database.WriteAsync((session, token) => session.ExecuteAsync("PRAGMA user_version = 2", null, token), CancellationToken.None);
        }

        Assert.That(async () => await OpenAsync(), Refused("ORC5132", StorageErrorKind.Newer, "its format is 2"));
    }

    [Test]
    public void OpenAsync_FileWhereTheFolderShouldBe_IsRefused()
    {
        System.IO.File.WriteAllText(File, "");

        Assert.That(async () => await OrcDatabase.OpenAsync($"{url}/below/orc.db"), Refused("ORC5137", StorageErrorKind.CannotOpen, File));
    }

    [Test]
    public void OpenAsync_FolderWhereTheFileShouldBe_IsRefused()
    {
        Directory.CreateDirectory(File);

        Assert.That(async () => await OpenAsync(), Refused("ORC5137", StorageErrorKind.CannotOpen, File));
    }

    [TestCase("orc.db")]
    [TestCase("oracle:Server=x;Password=secret")]
    [TestCase("mysql://u:secret@host/db")]
    [TestCase("sqlite:")]
    [TestCase("")]
    public void OpenAsync_UrlOfAnotherKind_IsRefusedWithoutItsPassword(string wrong)
    {
        var error = Assert.ThrowsAsync<StorageException>(() => OrcDatabase.OpenAsync(wrong));

        Assert.That(error!.Code, Is.EqualTo("ORC5130"));
        Assert.That(error.Message, Does.Not.Contain("secret"));
        Assert.That(error.Help, Does.Contain("sqlite:PATH"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task OpenAsync_FolderThatCannotBeWritten_IsRefused(bool exists)
    {
        using var mount = MountedFolder.Create(4096);
        var inside = $"sqlite:{mount.Path}/home/orc.db";
        if (exists)
        {
            await using var database = await OrcDatabase.OpenAsync(inside, new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        }

        mount.MakeReadOnly();

        Assert.That(async () => await OrcDatabase.OpenAsync(inside, new DatabaseOptions { Migrations = [EngineStores.Migrations] }), Refused("ORC5134", StorageErrorKind.ReadOnly, mount.Path));
    }

    [Test]
    public async Task AFullDiskFailsTheWriteKeepsWhatWasStoredAndWorksAgainWithRoom()
    {
        using var mount = MountedFolder.Create(2048);
        var filler = $"{mount.Path}/filler";
        await System.IO.File.WriteAllBytesAsync(filler, new byte[512 * 1024]);
        await using var database = await OrcDatabase.OpenAsync($"sqlite:{mount.Path}/orc.db");
        await database.WriteAsync((session, token) => session.ExecuteAsync("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)", null, token), CancellationToken.None);
        var insert = new SqlStatement("INSERT INTO notes (id, text) VALUES (@p0, @p1)");
        Task WriteAsync(int id) => database.WriteAsync((session, token) => session.ExecuteRowsAsync(insert, [[id, new string('x', 10_000)]], token), CancellationToken.None);

        var stored = 0;
        StorageException? full = null;
        while (full is null && stored < 1000)
        {
            try
            {
                await WriteAsync(stored);
                stored++;
            }
            catch (StorageException error)
            {
                full = error;
            }
        }

        Assert.That((full?.Code, full?.Kind), Is.EqualTo(("ORC5135", (StorageErrorKind?)StorageErrorKind.Full)), full?.Message);
        Assert.That(await CountAsync(), Is.EqualTo(stored));
        System.IO.File.Delete(filler);
        await WriteAsync(stored);
        Assert.That(await CountAsync(), Is.EqualTo(stored + 1));
        Assert.That(await database.CheckAsync(CancellationToken.None), Is.Empty);

        Task<int> CountAsync() => database.ReadAsync((session, token) => session.FindAsync<int>("SELECT COUNT(*) FROM notes", null, token), CancellationToken.None);
    }

    [Test]
    public void OpenAsync_NewDatabaseOnAFullDisk_SaysThatTheDiskIsFull()
    {
        using var mount = MountedFolder.Create(256);
        using (var filler = System.IO.File.OpenWrite($"{mount.Path}/filler"))
        {
            Assert.That(() => filler.Write(new byte[1024 * 1024]), Throws.InstanceOf<IOException>());
        }

        Assert.That(
            async () => await OrcDatabase.OpenAsync($"sqlite:{mount.Path}/orc.db", new DatabaseOptions { Migrations = [EngineStores.Migrations] }),
            Refused("ORC5135", StorageErrorKind.Full, mount.Path));
    }

    /// <summary>At the first tables, and when the log is folded into the file at the end.</summary>
    [TestCase(120)]
    [TestCase(200)]
    [TestCase(300)]
    [TestCase(400)]
    public async Task OpenAsync_DiskThatFillsUpWhileItIsMade_LeavesNothing(int kilobytes)
    {
        using var mount = MountedFolder.Create(kilobytes);
        var inside = $"sqlite:{mount.Path}/orc.db";

        Assert.That(
            async () => await OrcDatabase.OpenAsync(inside, new DatabaseOptions { Migrations = [EngineStores.Migrations] }),
            Refused("ORC5135", StorageErrorKind.Full, $"{mount.Path}/orc.db").Or.Property(nameof(StorageException.Code)).EqualTo("ORC5138"));

        Assert.That(Directory.EnumerateFileSystemEntries(mount.Path), Is.Empty);
        mount.Resize(8192);
        await using var database = await OrcDatabase.OpenAsync(inside, new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        Assert.That(await database.CheckAsync(CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task OpenAsync_ManyAtOnceWhereThereIsNone_AllHaveTheSame()
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OrcDatabase.OpenAsync(url, new DatabaseOptions { Migrations = [EngineStores.Migrations] })));
        for (var i = 0; i < opened.Length; i++)
        {
            await new EngineStores(opened[i], []).Pools.SetAsync($"p{i}", 1, CancellationToken.None);
        }

        Assert.That(await new EngineStores(opened[0], []).Pools.ListAsync(Conformance.Samples.Start, CancellationToken.None), Has.Count.EqualTo(opened.Length));
        foreach (var database in opened)
        {
            await database.DisposeAsync();
        }

        Assert.That(Directory.EnumerateFiles(Path.GetDirectoryName(File)!, $"{Path.GetFileName(File)}.*draft*"), Is.Empty);
    }

    [Test]
    public async Task OpenAsync_ReadOnly_ReadsAndRefusesToWrite()
    {
        using var mount = MountedFolder.Create(8192);
        var inside = $"sqlite:{mount.Path}/orc.db";
        await using (var database = await OrcDatabase.OpenAsync(inside, new DatabaseOptions { Migrations = [EngineStores.Migrations] }))
        {
            await new EngineStores(database, []).Pools.SetAsync("gpu", 2, CancellationToken.None);
        }

        mount.MakeReadOnly();
        await using var looked = await OrcDatabase.OpenAsync(inside, new DatabaseOptions { Migrations = [EngineStores.Migrations], ReadOnly = true });

        Assert.That(await new EngineStores(looked, []).Pools.ListAsync(Conformance.Samples.Start, CancellationToken.None), Has.Count.EqualTo(1));
        Assert.That(() => new EngineStores(looked, []).Pools.SetAsync("cpu", 2, CancellationToken.None), Throws.TypeOf<StorageException>().With.Property(nameof(StorageException.Code)).EqualTo("ORC5134"));
        Assert.That(await looked.CheckAsync(CancellationToken.None), Is.Empty);
        Assert.That(
            async () => await OrcDatabase.OpenAsync(inside, new DatabaseOptions { Migrations = [EngineStores.Migrations, Migrations.MigrationSet.FromTexts("later", ("0001_later.sql", "CREATE TABLE later (id INTEGER)"))], ReadOnly = true }),
            Refused("ORC6421", StorageErrorKind.ReadOnly, mount.Path));
    }

    [Test]
    public async Task OpenAsync_ReadOnlyWithALogThatCannotBeRead_SaysToCopyIt()
    {
        using var mount = MountedFolder.Create(8192);
        var inside = $"{mount.Path}/orc.db";
        await using (var database = await OrcDatabase.OpenAsync($"sqlite:{mount.Path}/live.db", new DatabaseOptions { Migrations = [EngineStores.Migrations] }))
        {
            await new EngineStores(database, []).Pools.SetAsync("gpu", 2, CancellationToken.None);
            // As a program leaves it that is killed, on a disk that comes back without its shared memory.
            System.IO.File.Copy($"{mount.Path}/live.db", inside);
            System.IO.File.Copy($"{mount.Path}/live.db-wal", $"{inside}-wal");
        }

        mount.MakeReadOnly();

        Assert.That(async () => await OrcDatabase.OpenAsync($"sqlite:{inside}", new DatabaseOptions { Migrations = [EngineStores.Migrations], ReadOnly = true }), Refused("ORC6420", StorageErrorKind.ReadOnly, inside));
    }

    [Test]
    public async Task WriteAsync_LockHeldByAnother_WaitsAndThenSaysSo()
    {
        await using var database = await OrcDatabase.OpenAsync(url, new DatabaseOptions { BusyTimeout = TimeSpan.FromMilliseconds(200) });
        await using var other = new SqliteConnection($"Data Source={File};Pooling=False");
        await other.OpenAsync();
        await using (await other.BeginTransactionAsync())
        {
            Assert.That(async () => await database.WriteAsync((_, _) => Task.CompletedTask, CancellationToken.None), Refused("ORC5136", StorageErrorKind.Busy, File));
        }

        await database.WriteAsync((_, _) => Task.CompletedTask, CancellationToken.None);
    }

    [Test]
    public async Task WriteAsync_LockFreedInTime_GoesThrough()
    {
        await using var database = await OpenAsync();
        await using var other = new SqliteConnection($"Data Source={File};Pooling=False");
        await other.OpenAsync();
        var transaction = await other.BeginTransactionAsync();
        var write = database.WriteAsync((session, token) => session.ExecuteAsync("CREATE TABLE notes (id INTEGER)", null, token), CancellationToken.None);
        await transaction.DisposeAsync();

        await write;
    }

    private static EmptyConstraint Refused(string code, StorageErrorKind kind, string words) => Throws.TypeOf<StorageException>()
        .With.Property(nameof(StorageException.Code)).EqualTo(code)
        .And.Property(nameof(StorageException.Kind)).EqualTo(kind)
        .And.Message.Contains(words)
        .And.Property(nameof(StorageException.Help)).Not.Empty;

    private Task<OrcDatabase> OpenAsync() => OrcDatabase.OpenAsync(url, new DatabaseOptions { Migrations = [EngineStores.Migrations] });
}
