using System.Collections.Concurrent;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Runs;
using static Orchestrator.Runtime.Tests.Coordination.EngineHarness;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>What an engine does for a process that serves: starts that may come twice, and leaving without losing work.</summary>
public sealed class ServingTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private static PipelineDefinition Held(string gate) => Pipeline(Task("first", "test.gate", ("gate", gate)), Task("second", "test.double", ("number", "${tasks.first.number}")));

    [Test]
    public async Task AStartThatComesTwiceIsOneRunAndItsEntryIsWrittenOnce()
    {
        await using var harness = await EngineHarness.CreateAsync();
        var written = 0;
        var wish = harness.Wish(Held("open")) with
        {
            IdempotencyKey = "monday",
            Also = (session, token) =>
            {
                written++;
                return session.ExecuteAsync("INSERT INTO pools (name, size) VALUES ('beside', 1)", cancellation: token);
            },
        };
        GatedNumber.Open("open");

        var first = await harness.Engine.SubmitAsync(wish, new Ear(), CancellationToken.None);
        var second = await harness.Engine.SubmitAsync(wish, new Ear(), CancellationToken.None);

        Assert.That((first.IsNew, second.IsNew, second.Handle), Is.EqualTo((true, false, (RunHandle?)null)));
        Assert.That(second.Run.Id, Is.EqualTo(first.Run.Id));
        Assert.That(written, Is.EqualTo(1));
        Assert.That((await first.Handle!.Completion).Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public async Task DrainingLetsAttemptsEndStartsNothingMoreAndGivesTheRunBack()
    {
        await using var harness = await EngineHarness.CreateAsync();
        var ear = new Ear();
        var handle = await harness.StartAsync(Held("drain"), ear);
        await ear.WaitForAsync(change => change is AttemptStarted);

        var draining = harness.Engine.DrainAsync(Long, Long, CancellationToken.None);
        Assert.That(draining.IsCompleted, Is.False);
        GatedNumber.Open("drain");
        await draining;

        var state = await handle.Completion;
        Assert.That((state[new TaskName("first")].Word, state[new TaskName("second")] is Ended), Is.EqualTo(("succeeded", false)));
        Assert.That((await harness.Stores.Runs.FindAsync(handle.Id, CancellationToken.None))?.Owner, Is.Null);
        await using var next = harness.CreateEngine();
        Assert.That(await next.ListUnownedAsync(CancellationToken.None), Is.EqualTo(new[] { handle.Id }));
        Assert.That((await (await next.ResumeAsync(handle.Id, new Ear(), CancellationToken.None)).Completion).Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(GatedNumber.Times("drain"), Is.EqualTo(1), "what has ended does not run again");
    }

    [Test]
    public async Task WhoIsInAHurryHasAttemptsAskedToStop()
    {
        await using var harness = await EngineHarness.CreateAsync();
        var ear = new Ear();
        var handle = await harness.StartAsync(Pipeline(Task("wait", "test.wait")), ear);
        await ear.WaitForAsync(change => change is AttemptStarted);
        using var hurry = new CancellationTokenSource();
        var draining = harness.Engine.DrainAsync(Long, Long, hurry.Token);

        await hurry.CancelAsync();
        await draining;

        Assert.That((await handle.Completion).IsEnded, Is.False);
        Assert.That(harness.Engine.ActiveRuns, Is.Zero);
    }

    [Test]
    public async Task WhatIsStartedWhileDrainingIsAcceptedAndLeftToTheNext()
    {
        await using var harness = await EngineHarness.CreateAsync();
        await harness.Engine.DrainAsync(Long, Long, CancellationToken.None);

        var handle = await harness.StartAsync(Held("later"));

        Assert.That((await handle.Completion).IsEnded, Is.False);
        Assert.That(GatedNumber.Times("later"), Is.Zero);
        Assert.That(await harness.Engine.ListUnownedAsync(CancellationToken.None), Is.EqualTo(new[] { handle.Id }));
    }

    [Test]
    public async Task ARequestAndWhatGoesWithItAreStoredTogether()
    {
        await using var harness = await EngineHarness.CreateAsync();
        var handle = await harness.StartAsync(Held("request"));
        var request = new RunRequest { Id = "r1", RunId = handle.Id, Kind = "pause", By = "ann", At = DateTimeOffset.UnixEpoch };

        Assert.That(
            async () => await harness.Stores.Runs.AddRequestAsync(request, (_, _) => throw new InvalidOperationException("no"), CancellationToken.None), Throws.InvalidOperationException);

        Assert.That(await harness.Stores.Runs.ListRequestsOfRunAsync(handle.Id, CancellationToken.None), Is.Empty);
        handle.Interrupt();
        GatedNumber.Open("request");
        await handle.Completion;
    }
}

/// <summary>Yields a number when its gate is open.</summary>
[Activity("test.gate", Title = "Gate", Summary = "Waits at a gate.", Kind = ActivityKind.Effect)]
internal sealed class GatedNumber : Activity
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Gates = new();
    private static readonly ConcurrentDictionary<string, int> Passed = new();

    [Input(Help = "The gate.")]
    public required Input<string> Gate { get; set; }

    [Output(Help = "A number.")]
    public Output<long> Number { get; } = new();

    public static void Open(string gate) => Find(gate).TrySetResult();

    public static int Times(string gate) => Passed.GetValueOrDefault(gate);

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        await Find(Gate.Value).Task.WaitAsync(context.Cancellation);
        Passed.AddOrUpdate(Gate.Value, 1, (_, times) => times + 1);
        context.Set(Number, 21);
    }

    private static TaskCompletionSource Find(string gate) => Gates.GetOrAdd(gate, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
