using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Testing.Pipelines;

namespace Orchestrator.Testing.Tests;

/// <summary>What the harness itself promises.</summary>
public sealed class PipelineTestTests
{
    [Test]
    public async Task RetriesWaitByTheTestsClockAndTakeNoRealTime()
    {
        var real = Stopwatch.StartNew();
        var run = await Of(Work("work") with { Retry = new RetryPolicy { Attempts = 4, Backoff = BackoffKind.Exponential, Delay = TimeSpan.FromHours(1), Max = TimeSpan.FromHours(3), Jitter = Jitter.None } })
            .Fake("work").Fail("work", 1, 2, 3).RunAsync();

        Assert.That(run["work"].Starts, Is.EqualTo(new[] { 0, 1, 3, 6 }.Select(hours => TimeSpan.FromHours(hours))));
        Assert.That(run.Elapsed, Is.EqualTo(TimeSpan.FromHours(6)));
        Assert.That(real.Elapsed, Is.LessThan(TimeSpan.FromMinutes(1)), "six hours must not be waited for");
    }

    [Test]
    public async Task AFakeThatHangsRunsIntoTheTimeoutOfItsTask()
    {
        var run = await Of(Work("work") with { Timeout = TimeSpan.FromMinutes(30) }).Fake("work", async call =>
        {
            await call.HangAsync();
            return null;
        }).RunAsync();

        Assert.That(run["work"].Failure?.Code, Is.EqualTo("ORC5201"), run.ToString());
        Assert.That(run.Elapsed, Is.EqualTo(TimeSpan.FromMinutes(30)));
    }

    [Test]
    public async Task FakesThatTakeTimeRunSideBySide()
    {
        var run = await Of(Work("long"), Work("short"), Work("last", "long", "short"))
            .Fake("long", call => WorkFor(call, 60)).Fake("short", call => WorkFor(call, 10)).Fake("last").RunAsync();

        Assert.That(run.Elapsed, Is.EqualTo(TimeSpan.FromMinutes(60)));
        Assert.That(run["last"].Starts, Is.EqualTo(new[] { TimeSpan.FromMinutes(60) }));
    }

    [Test]
    public async Task TheRunsOwnLimitIsOneForAllLanes()
    {
        var command = Work("command") with { Uses = "exec.command", With = System.Collections.Immutable.ImmutableSortedDictionary<string, JsonElement>.Empty.Add("command", OrcJson.ToElement("true")) };
        var run = await PipelineTest.Of(new PipelineDefinition { Name = "test", Parallel = 1, Tasks = [Work("inline"), command] }).With(typeof(PipelineTestTests).Assembly)
            .Fake("inline", call => WorkFor(call, 10)).Fake("command", call => WorkFor(call, 10)).RunAsync();

        Assert.That(run.Elapsed, Is.EqualTo(TimeSpan.FromMinutes(20)), run.ToString());
    }

    [Test]
    public async Task RealActivitiesWorkAndWaitByTheTestsClockToo()
    {
        var run = await Of(Work("wait", uses: "sample.wait", with: ("hours", 8)), Work("double", uses: "sample.double", with: ("number", 21)))
            .Real("wait").Real("double").RunAsync();

        Assert.That(run.Status, Is.EqualTo(RunStatus.Succeeded), run.ToString());
        Assert.That(run.Elapsed, Is.EqualTo(TimeSpan.FromHours(8)));
        Assert.That(run["double"].Output<int>("twice"), Is.EqualTo(42));
    }

    [Test]
    public async Task AMappedActivityIsFakedAsAWholeOrReallySpreads()
    {
        var spread = Work("spread", uses: "sample.spread", with: ("count", 5));
        var faked = await Of(spread).Fake("spread", _ => new { total = 7 }).RunAsync();
        var real = await Of(spread).Real("spread").Fake("sample.double", call => new { twice = 100 * call.Input<int>("number") }).RunAsync();

        Assert.That(faked["spread"].Output<int>("total"), Is.EqualTo(7));
        Assert.That(faked["spread"].Items, Is.Empty);
        Assert.That(real["spread"].Items, Has.Count.EqualTo(5), real.ToString());
        Assert.That(real["spread"].Output<int>("total"), Is.EqualTo(1000));
    }

    [Test]
    public async Task LostAttemptsUseTheirOwnAllowance()
    {
        var run = await Of(Work("work")).Fake("work").Lose("work", 1, 2).RunAsync();

        Assert.That(run["work"].Outcome, Is.EqualTo(TaskOutcome.Succeeded));
        Assert.That(run["work"].Attempts, Is.EqualTo(3));
    }

    [Test]
    public async Task ARunThatOnlySomebodyCanGoOnWithSaysWhatItWaitsFor()
    {
        var held = await Of(Work("first"), Work("second", "first")).FakeOthers().After("first", new PauseRun("ann")).RunAsync();
        Assert.That(held.Status, Is.EqualTo(RunStatus.Paused));
        Assert.That(held.Waiting.Single().Kind, Is.EqualTo(WaitKind.Paused));

        var resumed = await Of(Work("first"), Work("second", "first")).FakeOthers().After("first", new PauseRun("ann")).WhenWaiting(new ResumeRun("bob")).RunAsync();
        Assert.That(resumed.Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public async Task CancellingStopsAFakeThatHangs()
    {
        var run = await Of(Work("quick"), Work("stuck")).Fake("quick").Fake("stuck", async call =>
        {
            await call.HangAsync();
            return null;
        }).After("quick", new CancelRun("ann")).RunAsync();

        Assert.That(run.Status, Is.EqualTo(RunStatus.Cancelled), run.ToString());
        Assert.That(run["stuck"].Outcome, Is.EqualTo(TaskOutcome.Cancelled));
    }

    [Test]
    public async Task AFakeThatBreaksThePromiseOfItsActivityFailsItsTask()
    {
        var unknown = await Of(Work("work")).Fake("work", _ => new { thrice = 3 }).RunAsync();
        var wrong = await Of(Work("work")).Fake("work", _ => new { twice = "two" }).RunAsync();

        Assert.That(unknown["work"].Failure?.Message, Does.Contain("thrice"));
        Assert.That(wrong["work"].Failure?.Message, Does.Contain("twice"));
    }

    [Test]
    public void ATestThatForgetsOrMisspellsATaskIsTold()
    {
        Assert.That(async () => await Of(Work("work")).RunAsync(), Throws.TypeOf<PipelineTestException>().With.Message.Contains("nothing stands in for \"work\" (sample.double)"));
        Assert.That(async () => await Of(Work("work")).FakeOthers().Fake("wrok").RunAsync(), Throws.TypeOf<PipelineTestException>().With.Message.Contains("no task \"wrok\""));
        Assert.That(async () => await PipelineTest.OfJson("{ \"name\": \"x\", \"tasks\": { \"a\": { \"uses\": \"no.such\" } } }").RunAsync(), Throws.TypeOf<PipelineTestException>().With.Message.Contains("no.such"));
        Assert.That(async () => await Of(Work("work")).FakeOthers().After("work", new ResumeRun("ann")).RunAsync(), Throws.TypeOf<PipelineTestException>().With.Message.Contains("refused ResumeRun"));
    }

    [Test]
    public async Task SkippedTasksAreLeftOutAsOnTheCommandLine()
    {
        var run = await Of(Work("first"), Work("second", "first")).FakeOthers().Skip("first").RunAsync();

        Assert.That(run["first"].Outcome, Is.EqualTo(TaskOutcome.Skipped));
        Assert.That(run["second"].Outcome, Is.EqualTo(TaskOutcome.Skipped));
    }

    private static async Task<object?> WorkFor(FakeCall call, int minutes)
    {
        await call.WorkAsync(TimeSpan.FromMinutes(minutes));
        return null;
    }

    private static PipelineTest Of(params TaskDefinition[] tasks) =>
        PipelineTest.Of(new PipelineDefinition { Name = "test", Tasks = [.. tasks] }).With(typeof(PipelineTestTests).Assembly);

    private static TaskDefinition Work(string name, params string[] needs) => Work(name, "sample.double", ("number", 1)) with { Needs = [.. needs.Select(need => new TaskName(need))] };

    private static TaskDefinition Work(string name, string uses, (string Name, int Value) with) => new()
    {
        Name = new TaskName(name),
        Uses = uses,
        With = System.Collections.Immutable.ImmutableSortedDictionary<string, JsonElement>.Empty.Add(with.Name, OrcJson.ToElement(with.Value)),
    };
}
