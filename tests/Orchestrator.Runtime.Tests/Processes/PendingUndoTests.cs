using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Processes;
using Orchestrator.Runtime.Tests.Hosting;

namespace Orchestrator.Runtime.Tests.Processes;

[TestFixture]
[Platform(Exclude = "Win", Reason = "the programs here are those of Unix")]
public sealed class PendingUndoTests
{
    private TemporaryHome folder = null!;

    [SetUp]
    public void Start() => folder = new TemporaryHome();

    [TearDown]
    public void End() => folder.Dispose();

    [Test]
    public void WhatAKilledEngineHasNotTakenBackTheNextOneDoes()
    {
        using var home = OrcHome.Open(folder.Home);
        var sign = Path.Combine(folder.Path, "undone");
        var dead = Directory.CreateDirectory(Path.Combine(home.WorkFolder, "4194303-1-1")).FullName;
        File.WriteAllText(dead + ".lock", "");
        PendingUndo.WriteDown(new ProgramUndo("/usr/bin/touch", [sign]), dead);
        File.WriteAllText(Path.Combine(dead, "half.undo.json"), "{\"fileN");

        home.CleanLeftovers();

        Assert.That(File.Exists(sign), Is.True);
        Assert.That(Directory.Exists(dead), Is.False);
    }

    [Test]
    public async Task WhatWasTakenBackIsNotWrittenDownAnyMore()
    {
        var sign = Path.Combine(folder.Path, "undone");

        await PendingUndo.WriteDown(new ProgramUndo("/usr/bin/touch", [sign]), folder.Path).RunAsync(TimeProvider.System);

        Assert.That(Directory.GetFiles(folder.Path), Is.EqualTo(new[] { sign }));
    }
}
