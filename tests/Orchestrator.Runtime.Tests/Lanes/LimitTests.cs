using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Tests.Hosting;
using Orchestrator.Runtime.Tests.Processes;

namespace Orchestrator.Runtime.Tests.Lanes;

/// <summary>What one attempt may use up, and what the others do meanwhile.</summary>
[TestFixture]
public sealed class LimitTests
{
    private TemporaryHome folder = null!;

    [SetUp]
    public void Start() => folder = new TemporaryHome();

    [TearDown]
    public void End() => folder.Dispose();

    [TestCase(Lane.Process)]
    [TestCase(Lane.Command)]
    [Platform("Linux", Reason = "memory is looked up in /proc")]
    public async Task AnAttemptThatEatsMemoryIsKilledAndTheNextOneRuns(Lane lane)
    {
        await using var engine = new TestEngine(folder.Home, lanes: options => options.MemoryInterval = TimeSpan.FromMilliseconds(10));
        Activity eater = lane == Lane.Process ? new EatActivity() : new ScriptActivity { Script = "while true; do x=$x$(head -c 4000000 /dev/zero | tr '\\0' x); done" };

        var failure = await engine.Start(eater, lane, limits: new TaskLimits { MemoryInBytes = 300 << 20 }).FailureAsync();

        Assert.That(failure.Code, Is.EqualTo("ORC5209"));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Work));
        Assert.That(failure.Message, Does.Contain("its limit is 300 MiB"));
        await engine.Start(new EchoActivity { Text = "still here" }).OutputsAsync();
    }

    [Test]
    public async Task TheMachinesOwnLimitHoldsWhereATaskSaysNothing()
    {
        await using var engine = new TestEngine(folder.Home, lanes: options =>
        {
            options.MaxMemoryBytes = 300 << 20;
            options.MemoryInterval = TimeSpan.FromMilliseconds(10);
        });

        Assert.That((await engine.Start(new EatActivity()).FailureAsync()).Code, Is.EqualTo("ORC5209"));
    }

    [TestCase(Lane.Inline)]
    [TestCase(Lane.Process)]
    public async Task TooManyFactsFailTheAttempt(Lane lane)
    {
        await using var engine = new TestEngine(folder.Home, lanes: options => options.Facts = new FactLimits(Count: 3));

        var result = await engine.Start(new FactsActivity { Count = 4 }, lane).EndAsync();

        Assert.That((result as AttemptResult.Failed)?.Failure.Code, Is.EqualTo("ORC5208"));
        Assert.That(result.Facts, Has.Count.EqualTo(3));
        Assert.That((await engine.Start(new FactsActivity { Count = 3 }, lane).EndAsync()).Facts, Has.Count.EqualTo(3));
    }

    [TestCase(Lane.Inline)]
    [TestCase(Lane.Process)]
    public async Task FactsThatAreTooLargeTogetherFailTheAttempt(Lane lane)
    {
        var one = (await new TestEngine(folder.Home).Start(new FactsActivity { Count = 1 }, lane).EndAsync()).Facts.Single();
        var size = one.Value.GetRawText().Length;
        await using var engine = new TestEngine(folder.Home, lanes: options => options.Facts = new FactLimits(Bytes: size * 2));

        var result = await engine.Start(new FactsActivity { Count = 3 }, lane).EndAsync();

        Assert.That((result as AttemptResult.Failed)?.Failure.Code, Is.EqualTo("ORC5215"));
        Assert.That(result.Facts, Has.Count.EqualTo(2), "what came before is kept");
        Assert.That((await engine.Start(new FactsActivity { Count = 2 }, lane).EndAsync()).Facts, Has.Count.EqualTo(2));
    }

    [TestCase(Lane.Inline)]
    [TestCase(Lane.Process)]
    public async Task ATaskMaySayHowLargeAnOutputMayBe(Lane lane)
    {
        await using var engine = new TestEngine(folder.Home);

        await engine.Start(new OutputsActivity { How = "large" }, lane, limits: new TaskLimits { OutputInBytes = 1 << 20 }).EndAsync();
        var failure = await engine.Start(new OutputsActivity { How = "large" }, lane, limits: new TaskLimits { OutputInBytes = 100_000 }).FailureAsync();

        Assert.That(failure.Code, Is.EqualTo("ORC5206"));
        Assert.That(failure.Message, Does.Contain("100,000"));
    }

    [Test]
    public async Task AProgramThatPrintsWithoutEndFillsNoDiskAndItsLogHasHeadAndTail()
    {
        await using var engine = new TestEngine(folder.Home, logs: options => options.MaxBytes = 100_000);
        var attempt = engine.Start(new ScriptActivity { Script = "exec 1>&2; echo first; (yes 0123456789abcdef0123456789abcdef 2>/dev/null | head -n 2000000); head -c 100000 /dev/urandom; echo; echo last" }, Lane.Command);

        await attempt.OutputsAsync();

        var log = await attempt.LogTextAsync();
        Assert.That(log, Does.StartWith("first").And.EndWith("last"));
        Assert.That(new FileInfo(engine.Logs.PathOf(Orchestrator.Runtime.Logs.LogKey.Of(attempt.Info))).Length, Is.LessThan(1_000_000));
    }
}

[Activity("test.eat", Title = "Eat", Summary = "Takes more and more memory.", Lane = Lane.Process)]
public sealed class EatActivity : Activity
{
    protected override async Task ExecuteAsync(ActivityContext context)
    {
        var eaten = new List<byte[]>();
        while (!context.Cancellation.IsCancellationRequested)
        {
            var more = new byte[16 << 20];
            Array.Fill(more, (byte)1);
            eaten.Add(more);
            await Task.Delay(5, context.Cancellation);
        }
    }
}

[Activity("test.facts", Title = "Facts", Summary = "Leaves facts.")]
public sealed class FactsActivity : Activity
{
    public required Input<int> Count { get; set; }

    protected override Task ExecuteAsync(ActivityContext context)
    {
        for (var i = 0; i < Count.Value; i++)
        {
            context.Record(new NoteFact { Text = $"{i}" });
        }

        return Task.CompletedTask;
    }
}
