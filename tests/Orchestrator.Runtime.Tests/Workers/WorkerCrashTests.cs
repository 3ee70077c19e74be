using System.Diagnostics;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Tests.Hosting;

namespace Orchestrator.Runtime.Tests.Workers;

[TestFixture]
public sealed class WorkerCrashTests
{
    private TemporaryHome folder = null!;
    private TestEngine engine = null!;

    [SetUp]
    public void Start()
    {
        folder = new TemporaryHome();
        engine = new TestEngine(folder.Home);
    }

    [TearDown]
    public async Task End()
    {
        await engine.DisposeAsync();
        folder.Dispose();
    }

    [TestCase("segv", "SIGSEGV")]
    [TestCase("failfast", "SIGABRT")]
    [TestCase("exit", "exit code 7")]
    [TestCase("kill", "SIGKILL")]
    [TestCase("overflow", "SIGABRT")]
    [TestCase("background", "SIGABRT")]
    public async Task AWorkerThatDiesFailsItsAttemptAndTheNextAttemptRuns(string how, string reason)
    {
        var crash = engine.Start(new CrashActivity { How = how });

        var failure = await crash.FailureAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(failure.Code, Is.EqualTo("ORC5210"));
            Assert.That(failure.Kind, Is.EqualTo(FailureKind.Infrastructure));
            Assert.That(failure.Retryable, Is.True);
            Assert.That(failure.Message, Does.Contain(reason));
            Assert.That(failure.Details, Is.Not.Empty);
            Assert.That((await crash.EndAsync()).Facts.Select(fact => fact.Kind), Is.EqualTo(new[] { "test.note" }), "facts of a failed attempt are kept");
            Assert.That(await crash.LogTextAsync(), Does.Contain("about to crash").And.Contain("last words"));
        }

        var outputs = await engine.Start(new EchoActivity { Text = "still here" }).OutputsAsync();
        Assert.That(outputs["echo"].GetString(), Is.EqualTo("still here"));
    }

    [Test]
    public async Task AnExceptionFailsTheAttemptWithItsStackInTheLogOnly()
    {
        var attempt = engine.Start(new CrashActivity { How = "throw" });

        var failure = await attempt.FailureAsync();

        Assert.That(failure.Code, Is.EqualTo("ORC5202"));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Unexpected));
        Assert.That(failure.Message, Does.Contain("thrown: throw").And.Not.Contain("   at "));
        Assert.That(await attempt.LogTextAsync(), Does.Contain("at Orchestrator.Runtime.Tests.Hosting.CrashActivity"));
    }

    [Test]
    public async Task AWorkerKilledBetweenTwoAttemptsIsReplacedWithoutAFailure()
    {
        await engine.Start(new EchoActivity { Text = "one" }).OutputsAsync();
        using (var worker = Process.GetProcessById(engine.Pool.ProcessIds.Single()))
        {
            worker.Kill();
        }

        // At once: the engine may not have noticed yet.
        var outputs = await engine.Start(new EchoActivity { Text = "two" }).OutputsAsync();

        Assert.That(outputs["echo"].GetString(), Is.EqualTo("two"));
    }

    [Test]
    public async Task AWorkerKilledFromOutsideFailsItsAttempt()
    {
        var attempt = engine.Start(new EndlessActivity());
        var worker = int.Parse(await attempt.Progress.NextAsync());

        Process.GetProcessById(worker).Kill();

        Assert.That((await attempt.FailureAsync()).Message, Does.Contain("SIGKILL"));
    }

    [Test]
    public async Task AnEndlessLoopThatIgnoresStopEndsByKill()
    {
        var attempt = engine.Start(new EndlessActivity());
        var worker = await attempt.Progress.NextAsync();

        await attempt.Stop.CancelAsync();
        Assert.That(attempt.Result.IsCompleted, Is.False);
        await attempt.Kill.CancelAsync();

        Assert.That(await attempt.EndAsync(), Is.InstanceOf<AttemptResult.Cancelled>());
        Assert.That(Living.Lives(worker), Is.False);
    }

    [Test]
    public async Task WhatAnAttemptStartedDiesWithItsWorker()
    {
        var attempt = engine.Start(new SpawnActivity());
        var orphan = await attempt.Progress.NextAsync();
        Assert.That(Living.Lives(orphan), Is.True);

        await attempt.Kill.CancelAsync();
        await attempt.EndAsync();

        await Living.GoneAsync(orphan, "the program that the attempt started");
    }

    [Test]
    public async Task AStoppedWorkerIsFoundSilentAndKilled()
    {
        await engine.DisposeAsync();
        engine = new TestEngine(folder.Home, workers =>
        {
            workers.PingInterval = TimeSpan.FromMilliseconds(20);
            workers.SilenceLimit = TimeSpan.FromMilliseconds(400);
        });
        var attempt = engine.Start(new PatientActivity());
        var worker = await attempt.Progress.NextAsync();

        using (var stop = Process.Start("/bin/kill", ["-STOP", worker]))
        {
            await stop.WaitForExitAsync();
        }

        var failure = await attempt.FailureAsync();
        Assert.That(failure.Code, Is.EqualTo("ORC5211"));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Infrastructure));
        Assert.That(Living.Lives(worker), Is.False);
    }

    [Test]
    public async Task KillNineOfTheEngineLeavesNoProcessBehind()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, "engine", Path.Combine(folder.Path, "other"), "victim"])
        {
            RedirectStandardOutput = true,
        };
        using var victim = Process.Start(start)!;
        var line = await victim.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        var ids = line!.Split(' ');
        Assert.That(ids, Has.Length.EqualTo(3));
        Assert.That(ids.All(Living.Lives), Is.True, line);

        victim.Kill(entireProcessTree: false);
        await victim.WaitForExitAsync();

        await Living.GoneAsync(ids[0], "the worker");
        await Living.GoneAsync(ids[1], "what the worker started");
        await Living.GoneAsync(ids[2], "what the command started");
    }

    [Test]
    public async Task AWorkerProgramThatNeverSaysHelloIsNotWaitedForForever()
    {
        await engine.DisposeAsync();
        engine = new TestEngine(folder.Home, workers =>
        {
            workers.Arguments = [typeof(Program).Assembly.Location, "mute"];
            workers.StartTimeout = TimeSpan.FromSeconds(1);
        });

        var failure = await engine.Start(new EchoActivity { Text = "x" }).FailureAsync();

        Assert.That(failure.Code, Is.EqualTo("ORC5212"));
        Assert.That(engine.Pool.ProcessIds, Is.Empty);
    }

    [Test]
    public async Task AWorkerProgramThatDoesNotExistIsAFailureWithWords()
    {
        await engine.DisposeAsync();
        engine = new TestEngine(folder.Home, workers => workers.FileName = "/no/such/program");

        var failure = await engine.Start(new EchoActivity { Text = "x" }).FailureAsync();

        Assert.That(failure.Code, Is.EqualTo("ORC5212"));
        Assert.That(string.Join("\n", failure.Details), Does.Contain("/no/such/program"));
    }

    [Test]
    public async Task AWorkerProgramThatEndsAtOnceShowsWhatItPrinted()
    {
        await engine.DisposeAsync();
        engine = new TestEngine(folder.Home, workers =>
        {
            workers.FileName = "/bin/sh";
            workers.Arguments = ["-c", "echo no runtime here >&2; exit 3"];
        });

        var failure = await engine.Start(new EchoActivity { Text = "x" }).FailureAsync();

        Assert.That(failure.Message, Does.Contain("exit code 3"));
        Assert.That(failure.Details, Is.EqualTo(new[] { "no runtime here" }));
    }
}
