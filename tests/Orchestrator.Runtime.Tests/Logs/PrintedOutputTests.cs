using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Logs;
using Orchestrator.Runtime.Tests.Hosting;

namespace Orchestrator.Runtime.Tests.Logs;

[TestFixture]
public sealed class PrintedOutputTests
{
    private TemporaryHome folder = null!;

    [SetUp]
    public void Start() => folder = new TemporaryHome();

    [TearDown]
    public void End() => folder.Dispose();

    [Test]
    public async Task WhatAWorkerPrintsIsInTheLogOfItsAttemptWhenTheAttemptEnds()
    {
        await using var engine = new TestEngine(folder.Home);
        for (var round = 0; round < 5; round++)
        {
            var attempt = engine.Start(new PrintActivity { Lines = 100 });
            await attempt.OutputsAsync();

            var text = await attempt.LogTextAsync();
            Assert.That(text, Does.Contain("before").And.Contain("line 99 xxx").And.Contain("no newline at the end").And.Contain("from C").And.Contain("to standard error"));
            Assert.That(text, Does.Not.Contain("orc-attempt-ended"));
        }
    }

    [Test]
    public async Task TwoHundredMegabytesOfOutputDoNoHarm()
    {
        await using var engine = new TestEngine(folder.Home, logs: options => options.MaxBytes = 1 << 20);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var attempt = engine.Start(new PrintActivity { Lines = 2_000, Length = 100_000 });
        await attempt.OutputsAsync();

        var text = await attempt.LogTextAsync();
        Assert.That(new FileInfo(engine.Logs.PathOf(LogKey.Of(attempt.Info))).Length, Is.LessThan(3 << 20));
        Assert.That(text, Does.Contain("reached its limit").And.Contain("messages were dropped").And.Contain("to standard error"));
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(50 << 20), "nothing of it is kept in memory");
    }

    [Test]
    public async Task ALogIsFollowedWhileItsAttemptRunsInAWorker()
    {
        await using var engine = new TestEngine(folder.Home);
        var attempt = engine.Start(new PatientActivity { Then = "finish" });
        await using var lines = engine.Logs.FollowAsync(LogKey.Of(attempt.Info), attempt.Result).GetAsyncEnumerator();
        await attempt.Progress.NextAsync();
        attempt.Log.Write(LogSeverity.Info, "from the engine while it runs");

        Assert.That(await lines.MoveNextAsync(), Is.True);
        Assert.That(attempt.Result.IsCompleted, Is.False);
        await attempt.Stop.CancelAsync();
        Assert.That(await lines.MoveNextAsync(), Is.True);

        Assert.That(lines.Current.Text, Is.EqualTo("finishing all the same"));
        Assert.That(await lines.MoveNextAsync(), Is.False);
    }
}
