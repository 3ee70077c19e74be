using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Tests.Hosting;

namespace Orchestrator.Runtime.Tests.Homes;

[TestFixture]
public sealed class OrcHomeTests
{
    private TemporaryHome folder = null!;

    [SetUp]
    public void Start() => folder = new TemporaryHome();

    [TearDown]
    public void End() => folder.Dispose();

    [Test]
    public void Open_NoFolder_MakesAPrivateOne()
    {
        using var home = OrcHome.Open(folder.Home);

        Assert.That(File.ReadAllText(Path.Combine(home.Folder, "home.json")), Is.EqualTo("{\"format\":1}\n"));
        Assert.That(Directory.Exists(home.ArtifactsFolder) && Directory.Exists(home.LogsFolder) && Directory.Exists(home.WorkFolder), Is.True);
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(home.Folder), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        }
    }

    [Test]
    public async Task Open_ManyAtOnce_AllWork()
    {
        var homes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => OrcHome.Open(folder.Home))));

        Assert.That(Directory.GetFiles(folder.Home).Select(Path.GetFileName), Is.EqualTo(new[] { "home.json" }));
        foreach (var home in homes)
        {
            home.Dispose();
        }
    }

    [Test]
    public void Open_MadeByANewerVersion_IsRefusedWithWords()
    {
        OrcHome.Open(folder.Home).Dispose();
        File.WriteAllText(Path.Combine(folder.Home, "home.json"), "{\"format\":2,\"new\":true}");

        var failure = Refusal(() => OrcHome.Open(folder.Home));

        Assert.That(failure.Code, Is.EqualTo("ORC5110"));
        Assert.That(failure.Message, Does.Contain("newer version").And.Contain("format 2"));
        Assert.That(Refusal(() => OrcHome.OpenExisting(folder.Home)).Code, Is.EqualTo("ORC5110"));
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("{\"format\":\"1\"}")]
    public void Open_DamagedMarker_SaysHowToRepairIt(string marker)
    {
        OrcHome.Open(folder.Home).Dispose();
        File.WriteAllText(Path.Combine(folder.Home, "home.json"), marker);

        var failure = Refusal(() => OrcHome.Open(folder.Home));

        Assert.That(failure.Code, Is.EqualTo("ORC5114"));
        Assert.That(failure.Help, Does.Contain("{\"format\":1}"));
    }

    [Test]
    public void Open_AFile_IsRefused()
    {
        File.WriteAllText(folder.Home, "not a folder");

        Assert.That(Refusal(() => OrcHome.Open(folder.Home)).Code, Is.EqualTo("ORC5111"));
        Assert.That(Refusal(() => OrcHome.Open(Path.Combine(folder.Home, "below"))).Code, Is.EqualTo("ORC5112"));
    }

    [Test]
    public void OpenExisting_NoHome_IsRefusedAndMakesNone()
    {
        Assert.That(Refusal(() => OrcHome.OpenExisting(folder.Home)).Code, Is.EqualTo("ORC5115"));
        Assert.That(Directory.Exists(folder.Home), Is.False);
    }

    [Test]
    public void CleanLeftovers_OfADeadProcess_GoAndThoseOfLiveOnesStay()
    {
        using var home = OrcHome.Open(folder.Home);
        var mine = home.WorkFolderOf(new AttemptId("live"));
        Directory.CreateDirectory(mine);
        var dead = Path.Combine(home.WorkFolder, "999999-1-1");
        Directory.CreateDirectory(Path.Combine(dead, "attempt"));
        File.WriteAllText(dead + ".lock", "");
        var draft = Path.Combine(home.ArtifactsFolder, ".999999-1-1.draft");
        File.WriteAllText(draft, "half");

        home.CleanLeftovers();

        Assert.That(Directory.Exists(dead) || File.Exists(dead + ".lock") || File.Exists(draft), Is.False);
        Assert.That(Directory.Exists(mine), Is.True);
    }

    [Test]
    public void CleanLeftovers_OfAProcessThatIsNotSeenButHoldsItsLock_Stay()
    {
        using var home = OrcHome.Open(folder.Home);
        var elsewhere = Path.Combine(home.WorkFolder, "999999-1-1");
        Directory.CreateDirectory(elsewhere);
        using (new FileStream(elsewhere + ".lock", FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            home.CleanLeftovers();
            Assert.That(Directory.Exists(elsewhere), Is.True);
        }

        home.CleanLeftovers();
        Assert.That(Directory.Exists(elsewhere), Is.False);
    }

    [Test]
    public void Dispose_RemovesTheWorkingFoldersOfThisProcess()
    {
        var home = OrcHome.Open(folder.Home);
        Directory.CreateDirectory(home.WorkFolderOf(new AttemptId("a")));

        home.Dispose();

        Assert.That(Directory.GetFileSystemEntries(home.WorkFolder), Is.Empty);
    }

    private static Failure Refusal(Action open) => Assert.Throws<ActivityException>(open)!.Failure;
}
