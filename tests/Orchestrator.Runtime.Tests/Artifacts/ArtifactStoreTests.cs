using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Tests.Hosting;

namespace Orchestrator.Runtime.Tests.Artifacts;

[TestFixture]
public sealed class ArtifactStoreTests
{
    private const string HelloHash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    private TemporaryHome folder = null!;
    private OrcHome home = null!;
    private ArtifactStore store = null!;

    [SetUp]
    public void Start()
    {
        folder = new TemporaryHome();
        home = OrcHome.Open(folder.Home);
        store = new ArtifactStore(home);
    }

    [TearDown]
    public void End()
    {
        home.Dispose();
        folder.Dispose();
    }

    [Test]
    public async Task AddText_IsStoredUnderItsHash()
    {
        var artifact = await store.AddTextAsync("hello", "note.txt");

        Assert.That(artifact, Is.EqualTo(new ArtifactRef { Hash = HelloHash, SizeInBytes = 5, Name = "note.txt", MediaType = "text/plain" }));
        Assert.That(store.PathOf(artifact), Is.EqualTo(Path.Combine(home.ArtifactsFolder, "2c", HelloHash[2..])));
        Assert.That(File.ReadAllText(store.PathOf(artifact)), Is.EqualTo("hello"));
        Assert.That(await store.VerifyAsync(artifact.Hash), Is.True);
        Assert.That(store.Hashes(), Is.EqualTo(new[] { HelloHash }));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(store.PathOf(artifact)), Is.EqualTo(UnixFileMode.UserRead));
        }
    }

    [Test]
    public async Task AddFile_KeepsTheSourceAndTakesItsName()
    {
        var source = Path.Combine(folder.Path, "table.parquet");
        await File.WriteAllBytesAsync(source, new byte[300_000]);

        var artifact = await store.AddFileAsync(source);

        Assert.That(artifact.Name, Is.EqualTo("table.parquet"));
        Assert.That(artifact.MediaType, Is.EqualTo("application/vnd.apache.parquet"));
        Assert.That(artifact.SizeInBytes, Is.EqualTo(300_000));
        Assert.That(File.Exists(source), Is.True);
    }

    [Test]
    public async Task Add_AnEmptyFile_IsAnArtifactToo()
    {
        var artifact = await store.AddTextAsync("", "empty.unknown-ending");

        Assert.That(artifact.SizeInBytes, Is.Zero);
        Assert.That(artifact.MediaType, Is.EqualTo("application/octet-stream"));
        Assert.That(store.PathOf(artifact), Does.Exist);
    }

    [Test]
    public async Task Add_TheSameBytesFromManyThreads_IsOneFileAndNoRest()
    {
        var text = new string('x', 1_000_000);

        var artifacts = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => store.AddTextAsync(text, $"{i % 2}.txt"))));

        Assert.That(artifacts.Select(artifact => artifact.Hash).Distinct().Count(), Is.EqualTo(1));
        Assert.That(Directory.GetFiles(home.ArtifactsFolder, "*", SearchOption.AllDirectories), Has.Length.EqualTo(1));
        Assert.That(await store.VerifyAsync(artifacts[0].Hash), Is.True);
    }

    [Test]
    public async Task Add_WhatIsThereButDamaged_RepairsIt()
    {
        var artifact = await store.AddTextAsync("hello", "a.txt");
        var path = store.PathOf(artifact);
        File.SetAttributes(path, FileAttributes.Normal);
        File.Delete(path);
        await File.WriteAllTextAsync(path, "hel");

        Assert.That(Failing(() => store.PathOf(artifact)).Code, Is.EqualTo("ORC5102"));
        await store.AddTextAsync("hello", "a.txt");

        Assert.That(await File.ReadAllTextAsync(store.PathOf(artifact)), Is.EqualTo("hello"));
    }

    [Test]
    public async Task Verify_OtherBytesOfTheSameLength_IsDamage()
    {
        var artifact = await store.AddTextAsync("hello", "a.txt");
        var path = store.PathOf(artifact);
        File.Delete(path);
        await File.WriteAllTextAsync(path, "hallo");

        var failure = Assert.ThrowsAsync<ActivityException>(() => store.VerifyAsync(artifact.Hash))!.Failure;

        Assert.That(failure.Code, Is.EqualTo("ORC5102"));
        Assert.That(failure.Help, Does.Contain(path));
    }

    [Test]
    public async Task Verify_Unknown_IsFalse() => Assert.That(await store.VerifyAsync(HelloHash), Is.False);

    [Test]
    public void PathOf_Unknown_SaysWhichFileIsMissing()
    {
        var failure = Failing(() => store.PathOf(new ArtifactRef { Hash = HelloHash, Name = "model.zip", SizeInBytes = 5, MediaType = "x/y" }));

        Assert.That(failure.Code, Is.EqualTo("ORC5101"));
        Assert.That(failure.Message, Does.Contain("model.zip"));
    }

    [TestCase("../../../../../../../../etc/passwd")]
    [TestCase("")]
    [TestCase("2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824")]
    public void PathOf_NotAHash_IsRefused(string hash) =>
        Assert.That(Failing(() => store.PathOf(new ArtifactRef { Hash = hash, Name = "x", SizeInBytes = 5, MediaType = "x/y" })).Code, Is.EqualTo("ORC5106"));

    [Test]
    public void AddFile_NoSuchFile_IsTheTasksFault()
    {
        var failure = Assert.ThrowsAsync<ActivityException>(() => store.AddFileAsync(Path.Combine(folder.Path, "none.csv")))!.Failure;

        Assert.That(failure.Code, Is.EqualTo("ORC5104"));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Work));
    }

    [Test]
    public void AddFile_AFolder_IsTheTasksFault() =>
        Assert.That(Assert.ThrowsAsync<ActivityException>(() => store.AddFileAsync(folder.Path))!.Failure.Code, Is.EqualTo("ORC5104"));

    [Test]
    public void Add_Cancelled_LeavesNothing()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.That(() => store.AddTextAsync("text", "a.txt", cancellation: cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFileSystemEntries(home.ArtifactsFolder), Is.Empty);
    }

    [Test]
    public async Task Add_OnAFullDisk_IsATypedFailureAndLeavesNothing()
    {
        await using var disk = await TinyDisk.MountAsync(folder.Path, "size=1m");
        using var small = OrcHome.Open(Path.Combine(disk.Path, "home"));
        var tiny = new ArtifactStore(small);
        var kept = await tiny.AddTextAsync("small", "small.txt");

        var failure = Assert.ThrowsAsync<ActivityException>(() => tiny.AddTextAsync(new string('x', 4 << 20), "large.txt"))!.Failure;

        Assert.That(failure.Code, Is.EqualTo("ORC5103"));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Infrastructure));
        Assert.That(failure.Message, Does.Contain("large.txt"));
        Assert.That(tiny.Hashes(), Is.EqualTo(new[] { kept.Hash }));
        Assert.That(Directory.GetFiles(small.ArtifactsFolder), Is.Empty, "the half-written file is gone");
        Assert.That((await tiny.AddTextAsync("again", "again.txt")).SizeInBytes, Is.EqualTo(5), "and its room is free again");
    }

    [Test]
    public async Task Open_OnAReadOnlyFileSystem_IsRefusedWithWords()
    {
        await using var disk = await TinyDisk.MountAsync(folder.Path, "ro");

        var failure = Failing(() => OrcHome.Open(Path.Combine(disk.Path, "home")));

        Assert.That(failure.Code, Is.EqualTo("ORC5112"));
        Assert.That(failure.Message, Does.Contain("Read-only file system"));
    }

    private static Failure Failing(Action action) => Assert.Throws<ActivityException>(action)!.Failure;
}
