using System.Diagnostics;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Tests.Hosting;

namespace Orchestrator.Runtime.Tests.Workers;

[TestFixture]
public sealed class WorkerPoolTests
{
    private TemporaryHome folder = null!;

    [SetUp]
    public void Start() => folder = new TemporaryHome();

    [TearDown]
    public void End() => folder.Dispose();

    [Test]
    public async Task APoolThatIsToldEarlyHasAWorkerWhenTheAttemptComes()
    {
        await using var engine = new TestEngine(folder.Home);
        engine.Lane(Lane.Process).Foresee();
        engine.Lane(Lane.Process).Foresee();

        for (var i = 0; i < 6000 && engine.Pool.ProcessIds.Count == 0; i++)
        {
            await Task.Delay(10);
        }

        var outputs = await engine.Start(new EchoActivity { Text = "x" }).OutputsAsync();
        Assert.That(engine.Pool.ProcessIds, Is.EqualTo(new[] { outputs["processId"].GetInt32() }), "one worker, and the attempt ran in it");
    }

    [Test]
    public async Task AfterEachHandOverAnotherWorkerIsStartedWhileThereIsRoom()
    {
        await using var engine = new TestEngine(folder.Home, workers => workers.KeepSpare = true);

        var first = engine.Start(new PatientActivity());
        await first.Progress.NextAsync();
        var both = await TwoWorkersAsync(engine);
        var second = await engine.Start(new EchoActivity { Text = "x" }).OutputsAsync();
        Assert.That(both, Does.Contain(second["processId"].GetInt32()), "the second attempt found a worker that was started for it");
        Assert.That(engine.Pool.ProcessIds, Is.EquivalentTo(both), "no more workers than the pool allows");

        // A worker that leaves is replaced too.
        await first.Kill.CancelAsync();
        await first.Result;
        Assert.That((await engine.Start(new EchoActivity { Text = "y" }).OutputsAsync())["processId"].GetInt32(), Is.EqualTo(second["processId"].GetInt32()));
        Assert.That(await TwoWorkersAsync(engine), Is.Not.EquivalentTo(both));
    }

    private static async Task<IReadOnlyList<int>> TwoWorkersAsync(TestEngine engine)
    {
        for (var i = 0; i < 6000 && engine.Pool.ProcessIds.Count < 2; i++)
        {
            await Task.Delay(10);
        }

        return engine.Pool.ProcessIds;
    }

    [Test]
    public async Task AWarmWorkerServesAttemptAfterAttempt()
    {
        await using var engine = new TestEngine(folder.Home);

        var watch = Stopwatch.StartNew();
        var first = await engine.Start(new EchoActivity { Text = "ä\n€" }).OutputsAsync();
        var cold = watch.Elapsed;
        for (var i = 0; i < 50; i++)
        {
            await engine.Start(new EchoActivity { Text = "warming" }).OutputsAsync();
        }

        watch.Restart();
        const int Count = 200;
        for (var i = 0; i < Count; i++)
        {
            var outputs = await engine.Start(new EchoActivity { Text = "warm" }).OutputsAsync();
            Assert.That(outputs["processId"].GetInt32(), Is.EqualTo(first["processId"].GetInt32()));
        }

        TestContext.Out.WriteLine($"cold {cold.TotalMilliseconds:F0} ms, warm {watch.Elapsed.TotalMilliseconds / Count:F2} ms per attempt");
        Assert.That(first["echo"].GetString(), Is.EqualTo("ä\n€"));
        Assert.That(first.ContainsKey("nothing"), Is.False);
    }

    [Test]
    public async Task NoMoreWorkersLiveThanThePoolAllows()
    {
        await using var engine = new TestEngine(folder.Home);

        var attempts = Enumerable.Range(0, 20).Select(i => engine.Start(new EchoActivity { Text = $"{i}" })).ToList();
        var ids = new HashSet<int>();
        foreach (var attempt in attempts)
        {
            ids.Add((await attempt.OutputsAsync())["processId"].GetInt32());
        }

        Assert.That(ids, Has.Count.LessThanOrEqualTo(2));
    }

    [Test]
    public async Task AnAttemptThatWaitsForAWorkerCanBeCancelled()
    {
        await using var engine = new TestEngine(folder.Home, workers => workers.MaxWorkers = 1);
        var first = engine.Start(new PatientActivity());
        await first.Progress.NextAsync();
        var second = engine.Start(new EchoActivity { Text = "waits" });

        await second.Stop.CancelAsync();

        Assert.That(await second.EndAsync(), Is.InstanceOf<AttemptResult.Cancelled>());
        await first.Stop.CancelAsync();
        Assert.That(await first.EndAsync(), Is.InstanceOf<AttemptResult.Cancelled>());
    }

    [Test]
    public async Task AWorkerIsReplacedAfterItsNumberOfAttempts()
    {
        await using var engine = new TestEngine(folder.Home, workers => workers.MaxAttempts = 2);
        var ids = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            ids.Add((await engine.Start(new EchoActivity { Text = "x" }).OutputsAsync())["processId"].GetInt32());
        }

        Assert.That(ids[1], Is.EqualTo(ids[0]));
        Assert.That(ids[2], Is.Not.EqualTo(ids[0]));
        Assert.That(ids[3], Is.EqualTo(ids[2]));
    }

    [Test]
    public async Task AWorkerWithTooMuchMemoryIsReplaced()
    {
        await using var engine = new TestEngine(folder.Home, workers => workers.MaxIdleBytes = 1);
        var first = (await engine.Start(new EchoActivity { Text = "x" }).OutputsAsync())["processId"].GetInt32();
        var second = (await engine.Start(new EchoActivity { Text = "x" }).OutputsAsync())["processId"].GetInt32();

        Assert.That(second, Is.Not.EqualTo(first));
        await Living.GoneAsync($"{first}", "the worker that had too much memory");
    }

    [Test]
    public async Task AWorkerThatNobodyNeedsGoes()
    {
        await using var engine = new TestEngine(folder.Home, workers =>
        {
            workers.IdleLimit = TimeSpan.FromMilliseconds(50);
            workers.PingInterval = TimeSpan.FromMilliseconds(20);
        });
        await engine.Pool.WarmUpAsync(5, CancellationToken.None);
        var ids = engine.Pool.ProcessIds;

        foreach (var id in ids)
        {
            await Living.GoneAsync($"{id}", "the idle worker");
        }

        Assert.That(ids, Has.Count.EqualTo(2), "warmed up to the pool's limit");
    }

    [Test]
    public async Task DisposingThePoolEndsWorkersAndCancelsTheirAttempts()
    {
        var engine = new TestEngine(folder.Home);
        var attempt = engine.Start(new EndlessActivity());
        var worker = await attempt.Progress.NextAsync();

        await engine.DisposeAsync();

        Assert.That(await attempt.EndAsync(), Is.InstanceOf<AttemptResult.Cancelled>());
        Assert.That(Living.Lives(worker), Is.False);
        Assert.That(Directory.GetFileSystemEntries(Path.Combine(folder.Home, "workers")), Is.Empty);
    }

    [Test]
    public async Task AHomeWithAVeryLongPathHasWorkersToo()
    {
        var home = Path.Combine(folder.Path, new string('a', 100), new string('b', 100));
        await using var engine = new TestEngine(home);

        Assert.That((await engine.Start(new EchoActivity { Text = "far" }).OutputsAsync())["echo"].GetString(), Is.EqualTo("far"));
    }

    [Test]
    public async Task HeartbeatsAreHeardWhileAnAttemptSpins()
    {
        await using var engine = new TestEngine(folder.Home, workers => workers.PingInterval = TimeSpan.FromMilliseconds(10));
        var attempt = engine.Start(new EndlessActivity());
        await attempt.Progress.NextAsync();
        while (Volatile.Read(ref attempt.Progress.Heartbeats) < 3)
        {
            await Task.Delay(5);
        }

        await attempt.Kill.CancelAsync();
        await attempt.EndAsync();
    }
}
