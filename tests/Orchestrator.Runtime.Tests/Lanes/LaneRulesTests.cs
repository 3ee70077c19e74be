using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Tests.Hosting;

namespace Orchestrator.Runtime.Tests.Lanes;

/// <summary>What every lane promises; each test runs in the engine's process and in a worker.</summary>
[TestFixture(Lane.Inline)]
[TestFixture(Lane.Process)]
[TestFixture(Lane.Command)]
public sealed class LaneRulesTests(Lane lane)
{
    private TemporaryHome folder = null!;
    private TestEngine engine = null!;

    [OneTimeSetUp]
    public void Start()
    {
        folder = new TemporaryHome();
        engine = new TestEngine(folder.Home, lanes: options => options.TimeoutGrace = options.ProgramGrace = TimeSpan.FromMilliseconds(200));
    }

    [OneTimeTearDown]
    public async Task End()
    {
        await engine.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task OutputsOfASuccessAreGivenBack()
    {
        var outputs = await engine.Start(new OutputsActivity { How = "right" }, lane).OutputsAsync();

        Assert.That(outputs.Keys, Is.EqualTo(new[] { "number" }));
        Assert.That(outputs["number"].GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public async Task AMissingOutputIsAFailureThatNamesIt()
    {
        var failure = await engine.Start(new OutputsActivity { How = "nothing" }, lane).FailureAsync();

        Assert.That(failure.Code, Is.EqualTo("ORC5205"));
        Assert.That(failure.Message, Is.EqualTo("activity test.outputs ended without setting its output \"number\""));
    }

    [Test]
    public async Task AnOutputThatIsTooLargeIsAFailureThatSaysWhatToDo()
    {
        var failure = await engine.Start(new OutputsActivity { How = "large" }, lane).FailureAsync();

        Assert.That(failure.Code, Is.EqualTo("ORC5206"));
        Assert.That(failure.Message, Does.Contain("\"text\"").And.Contain("307,202").And.Contain("262,144"));
        Assert.That(failure.Help, Does.Contain("artifact"));
    }

    [Test]
    public async Task AnActivitysOwnFailureComesThroughAsItIs()
    {
        var failure = await engine.Start(new OutputsActivity { How = "refuse" }, lane).FailureAsync();

        Assert.That(OrcJson.ToElement(failure).GetRawText(), Is.EqualTo(OrcJson.ToElement(
            new Failure { Code = "ORC9999", Kind = FailureKind.Work, Message = "the data is not good", Help = "Get better data." }).GetRawText()));
    }

    [Test]
    public async Task AnExceptionIsAnUnexpectedFailureWithItsStackInTheLog()
    {
        var attempt = engine.Start(new OutputsActivity { How = "bug" }, lane);

        Assert.That((await attempt.FailureAsync()).Message, Is.EqualTo("unexpected error: a bug (InvalidOperationException)"));
        Assert.That(await attempt.LogTextAsync(), Does.Contain("TestActivities.cs:line"));
    }

    [Test]
    public async Task AWrongInputIsAFailureOfTheWork()
    {
        var inputs = new Dictionary<string, JsonElement> { ["how"] = OrcJson.ToElement(5) };

        var failure = await engine.Start(ActivityDescriptor.Of(typeof(OutputsActivity)), inputs, lane).FailureAsync();

        Assert.That(failure.Code, Is.EqualTo("ORC5001"));
    }

    [Test]
    public async Task TheWorkingFolderIsEmptyAndGoneAfterwards()
    {
        var outputs = await engine.Start(new OutputsActivity { How = "folder" }, lane).OutputsAsync();

        Assert.That(outputs["number"].GetInt32(), Is.EqualTo(1));
        Assert.That(Directory.Exists(outputs["text"].GetString()), Is.False);
    }

    [TestCase("cancel")]
    [TestCase("throw")]
    public async Task AnAttemptThatIsAskedToStopEndsAsCancelled(string then)
    {
        var attempt = engine.Start(new PatientActivity { Then = then }, lane);
        await attempt.Progress.NextAsync();

        await attempt.Stop.CancelAsync();

        Assert.That(await attempt.EndAsync(), Is.InstanceOf<AttemptResult.Cancelled>());
    }

    [Test]
    public async Task AnAttemptThatIsAskedToStopMayFinish()
    {
        var attempt = engine.Start(new PatientActivity { Then = "finish" }, lane);
        await attempt.Progress.NextAsync();

        await attempt.Stop.CancelAsync();

        Assert.That(await attempt.EndAsync(), Is.InstanceOf<AttemptResult.Succeeded>());
    }

    [Test]
    public async Task ATimeoutIsAFailureOfItsOwnKind()
    {
        var failure = await engine.Start(new PatientActivity(), lane, timeout: TimeSpan.FromMilliseconds(50)).FailureAsync();

        Assert.That(failure.Code, Is.EqualTo("ORC5201"));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Timeout));
        Assert.That(failure.Message, Is.EqualTo("the attempt took longer than its timeout of 50ms"));
    }
}

/// <summary>Where lanes differ.</summary>
[TestFixture]
public sealed class LaneDifferencesTests
{
    private TemporaryHome folder = null!;

    [SetUp]
    public void Start() => folder = new TemporaryHome();

    [TearDown]
    public void End() => folder.Dispose();

    [Test]
    public async Task AnEndlessAttemptInAWorkerIsKilledAfterItsTimeoutAndGrace()
    {
        await using var engine = new TestEngine(folder.Home, lanes: options => options.TimeoutGrace = TimeSpan.FromMilliseconds(100));
        // Long enough for a busy machine to bring a worker up: the test is about the end of an attempt that has begun.
        var attempt = engine.Start(new EndlessActivity(), timeout: TimeSpan.FromSeconds(5));
        var worker = await attempt.Progress.NextAsync();

        Assert.That((await attempt.FailureAsync()).Code, Is.EqualTo("ORC5201"));
        Assert.That(Living.Lives(worker), Is.False);
    }

    [Test]
    public async Task TheInlineLaneGivesUpAnActivityThatIgnoresAKill()
    {
        await using var engine = new TestEngine(folder.Home);
        using var release = new ManualResetEventSlim();
        StubbornActivity.Release = release;
        var attempt = engine.Start(new StubbornActivity(), Lane.Inline);
        await attempt.Progress.NextAsync();

        await attempt.Kill.CancelAsync();

        Assert.That(await attempt.EndAsync(), Is.InstanceOf<AttemptResult.Cancelled>());
        Assert.That(await attempt.LogTextAsync(), Does.Contain("was given up"));
        release.Set();
    }

    [TestCase(Lane.Inline)]
    [TestCase(Lane.Process)]
    public async Task ADiskThatRunsFullFailsTheAttemptWithWordsAndTheNextOneWorks(Lane lane)
    {
        await using var disk = await TinyDisk.MountAsync(folder.Path, "size=2m");
        await using var engine = new TestEngine(Path.Combine(disk.Path, "home"));

        var attempt = engine.Start(new FillActivity { Megabytes = 4 }, lane);

        var failure = await attempt.FailureAsync();
        Assert.That(failure.Code, Is.EqualTo("ORC5207"));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Infrastructure));
        await engine.Start(new FillActivity { Megabytes = 1 }, lane).OutputsAsync();
    }

    [Test]
    public async Task ALogThatHasNoRoomDoesNotFailItsAttempt()
    {
        await using var disk = await TinyDisk.MountAsync(folder.Path, "size=1m");
        await using var engine = new TestEngine(Path.Combine(disk.Path, "home"));

        await engine.Start(new PrintActivity { Lines = 1000, Length = 4000 }).OutputsAsync();
    }

    [Test]
    public async Task AProgramWithItsOrphansEndsWhenItsAttemptIsStopped()
    {
        await using var engine = new TestEngine(folder.Home);
        var attempt = engine.Start(new SleepCommand());
        var orphan = await attempt.Progress.NextAsync();

        await attempt.Stop.CancelAsync();

        Assert.That(await attempt.EndAsync(), Is.InstanceOf<AttemptResult.Cancelled>());
        await Living.GoneAsync(orphan, "what the program started");
    }

    [Test]
    public async Task AProgramThatIgnoresTheRequestToEndIsKilledAfterAGrace()
    {
        await using var engine = new TestEngine(folder.Home, lanes: options => options.ProgramGrace = TimeSpan.FromMilliseconds(100));
        var attempt = engine.Start(new SleepCommand { Deaf = true });
        var orphan = await attempt.Progress.NextAsync();

        await attempt.Stop.CancelAsync();

        Assert.That(await attempt.EndAsync(), Is.InstanceOf<AttemptResult.Cancelled>());
        await Living.GoneAsync(orphan, "what the program started");
    }

    [Test]
    public async Task AKillEndsAProgramAtOnce()
    {
        await using var engine = new TestEngine(folder.Home, lanes: options => options.ProgramGrace = TimeSpan.FromHours(1));
        var attempt = engine.Start(new SleepCommand { Deaf = true });
        var orphan = await attempt.Progress.NextAsync();

        await attempt.Kill.CancelAsync();

        Assert.That(await attempt.EndAsync(), Is.InstanceOf<AttemptResult.Cancelled>());
        await Living.GoneAsync(orphan, "what the program started");
    }

    [Test]
    public async Task WhatAProgramLeavesRunningEndsWithIt()
    {
        await using var engine = new TestEngine(folder.Home);
        var attempt = engine.Start(new LeaverCommand());
        var orphan = await attempt.Progress.NextAsync();

        await attempt.OutputsAsync();

        await Living.GoneAsync(orphan, "what the program left running");
    }
}

[Activity("test.stubborn", Title = "Stubborn", Summary = "Blocks a thread.")]
public sealed class StubbornActivity : Activity
{
    public static ManualResetEventSlim? Release { get; set; }

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Progress(null, "blocking");
        Release!.Wait();
        return Task.CompletedTask;
    }
}

[Activity("test.leave", Title = "Leave", Summary = "Runs a program that leaves another one running.", Lane = Lane.Command)]
public sealed class LeaverCommand : Activity
{
    protected override async Task ExecuteAsync(ActivityContext context)
    {
        var exit = await context.Port<IProgramRunner>().RunAsync(
            new ProgramRequest
            {
                FileName = "/bin/sh",
                Arguments = ["-c", "sleep 100000 >/dev/null 2>&1 & echo $!"],
                WorkingDirectory = context.BaseDirectory,
                OnOutput = line => context.Progress(null, line),
                OnError = context.Log,
            },
            context.Cancellation);
        Assert.That(exit.Code, Is.Zero);
    }
}

[Activity("test.fill", Title = "Fill", Summary = "Writes a file into its working folder.")]
public sealed class FillActivity : Activity
{
    public required Input<int> Megabytes { get; set; }

    protected override Task ExecuteAsync(ActivityContext context) =>
        File.WriteAllBytesAsync(Path.Combine(context.WorkingDirectory, "large.bin"), new byte[Megabytes.Value << 20], context.Cancellation);
}
