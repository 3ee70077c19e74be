using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Tests.Hosting;

namespace Orchestrator.Runtime.Tests.Processes;

/// <summary>Whatever an attempt starts ends with it, also what has left its session and its parent.</summary>
[TestFixture]
[Platform("Linux", Reason = "sessions and /proc")]
public sealed class ProcessTreeTests
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

    [TestCase(Lane.Command, "setsid sleep 100000 >/dev/null 2>&1 & echo $!; wait", TestName = "ASessionOfItsOwnInTheCommandLane")]
    [TestCase(Lane.Command, "(setsid sh -c 'echo $$; (setsid sleep 100000 >/dev/null 2>&1 &); exec sleep 100000' &); sleep 100000", TestName = "AForkThatForksAgainInTheCommandLane")]
    [TestCase(Lane.Process, "setsid sleep 100000 >/dev/null 2>&1 & echo $!; wait", TestName = "ASessionOfItsOwnInAWorker")]
    [TestCase(Lane.Process, "(setsid sh -c 'echo $$; (setsid sleep 100000 >/dev/null 2>&1 &); exec sleep 100000' &); sleep 100000", TestName = "AForkThatForksAgainInAWorker")]
    public async Task IsKilledWithItsAttempt(Lane lane, string script)
    {
        var attempt = engine.Start(new ScriptActivity { Script = script, Inside = lane == Lane.Process }, lane);
        var runaway = await attempt.Progress.NextAsync();
        Assert.That(Living.Lives(runaway), Is.True);

        await attempt.Kill.CancelAsync();

        Assert.That(await attempt.EndAsync(), Is.InstanceOf<AttemptResult.Cancelled>());
        await Living.GoneAsync(runaway, "what left the session");
    }

    [Test]
    public async Task ADaemonThatAProgramLeavesBehindEndsWithTheProgram()
    {
        var attempt = engine.Start(new ScriptActivity { Script = "(setsid sleep 100000 >/dev/null 2>&1 & echo $!)" }, Lane.Command);
        var daemon = await attempt.Progress.NextAsync();

        await attempt.OutputsAsync();

        await Living.GoneAsync(daemon, "the daemon");
    }

    [Test]
    public async Task AnEngineThatStartsEndsWhatADeadOneHasLeft()
    {
        // As an engine that was killed leaves it: the mark names a process that does not exist.
        using var left = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sleep", ["100000"]) { Environment = { ["ORC_TREE"] = "4194303-1-1" } })!;
        using var ours = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sleep", ["100000"])
        {
            Environment = { ["ORC_TREE"] = Orchestrator.Runtime.Processes.ProcessMark.New() },
        })!;

        engine.Home.CleanLeftovers();

        await left.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(ours.HasExited, Is.False, "of an engine that lives");
        ours.Kill();
    }
}

[Activity("test.script", Title = "Script", Summary = "Runs a script of the shell; what it prints is progress.", Lane = Lane.Command)]
public sealed class ScriptActivity : Activity
{
    public required Input<string> Script { get; set; }

    /// <summary>True: as a child of the activity's own process, as a library would start one.</summary>
    public Input<bool> Inside { get; set; } = false;

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        if (!Inside.Value)
        {
            await context.Port<IProgramRunner>().RunAsync(
                new ProgramRequest
                {
                    FileName = "/bin/sh",
                    Arguments = ["-c", Script.Value],
                    WorkingDirectory = context.BaseDirectory,
                    OnOutput = line => context.Progress(null, line),
                    OnError = context.Log,
                },
                context.Cancellation);
            return;
        }

        using var child = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", Script.Value]) { RedirectStandardOutput = true })!;
        context.Progress(null, await child.StandardOutput.ReadLineAsync());
        await child.WaitForExitAsync();
    }
}
