using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Tests.Ownership;

internal enum Act
{
    /// <summary>Time goes on; a lease lasts two of these.</summary>
    Tick,
    Claim,

    /// <summary>A heartbeat: the lease is extended, or the owner learns that it is no longer one.</summary>
    Renew,
    Release,

    /// <summary>The process is killed; what it had started goes with it.</summary>
    Die,

    /// <summary>The new owner gives up the attempts of the old one.</summary>
    Reap,
    Start,
    Complete,
    Fail,
    Cancel,
}

/// <param name="Process">0 or 1; 0 for a tick.</param>
internal readonly record struct Move(Act Act, int Process);

/// <summary>Two processes that both want to drive one run of one task, and a store between them. A process acts on what it knows, however old that is.</summary>
internal sealed class OwnersWorld(IOwnerStore store)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Process[] processes = [new("a"), new("b")];
    private int ticks;
    private int attempts;

    public static PipelineDefinition Pipeline { get; } = new()
    {
        Name = "owned",
        Tasks = [new TaskDefinition { Name = new TaskName("work"), Uses = "test.fail", Retry = new RetryPolicy { Attempts = 2, Delay = TimeSpan.Zero, Jitter = Jitter.None } }],
    };

    private static PipelineGraph Graph { get; } = new(Pipeline);

    /// <summary>The events up to where the task is ready.</summary>
    public static ImmutableArray<RunEvent> First { get; } = MakeFirst();

    private DateTimeOffset Now => Start.AddSeconds(ticks);

    private DateTimeOffset LeaseEnd => Now.AddSeconds(2);

    /// <summary>Does what a move says. Null: it makes no sense here.</summary>
    public async Task<string?> StepAsync(Move move)
    {
        if (move.Act == Act.Tick)
        {
            ticks++;
            return "tick";
        }

        var process = processes[move.Process];
        return (move.Act, process.State) switch
        {
            (Act.Claim, null) => await ClaimAsync(process),
            (Act.Claim, _) or (_, null) => null,
            (Act.Die, _) => process.Forget("died"),
            (Act.Renew, _) => await store.RenewAsync(process.Name, LeaseEnd) ? "renewed" : process.Forget("lost"),
            (Act.Release, _) => await store.ReleaseAsync(process.Epoch) ? process.Forget("released") : process.Forget("lost"),
            (Act.Reap, { } state) => state.InFlight.Keys.Where(attempt => !process.Working.Contains(attempt)).Select(attempt => (AttemptId?)attempt).FirstOrDefault() is { } orphan
                ? await SendAsync(process, new LoseAttempt(orphan, Lost, AtOnce: true))
                : null,
            (Act.Start, { } state) => await StartAsync(process, state),
            (Act.Complete, _) => process.Working.Count > 0 ? await SendAsync(process, new CompleteAttempt(process.Working.First(), ImmutableDictionary<string, JsonElement>.Empty)) : null,
            (Act.Fail, _) => process.Working.Count > 0 ? await SendAsync(process, new RejectAttempt(process.Working.First(), Lost with { Retryable = true }, 0)) : null,
            (Act.Cancel, _) => await SendAsync(process, new CancelRun("ann")),
            _ => throw new ArgumentOutOfRangeException(nameof(move), move, "not a move"),
        };
    }

    /// <summary>What is the same in two worlds has the same future.</summary>
    public async Task<string> KeyAsync() =>
        $"{await store.DescribeAsync()} | {ticks} | {string.Join(" | ", processes.Select(process => $"{process.Epoch} {process.State?.Sequence} {string.Join(',', process.Working)}"))} | {string.Join(' ', (await store.LoadAsync()).Select(change => change.GetType().Name))}";

    /// <summary>What must hold whatever happened.</summary>
    public async Task CheckAsync()
    {
        var events = await store.LoadAsync();
        var ends = events.Where(change => change is AttemptSucceeded or AttemptFailed or AttemptLost).Cast<TaskEvent>().ToArray();
        Assert.That(events.OfType<AttemptSucceeded>().Count(), Is.LessThanOrEqualTo(1), "a task succeeded twice");
        Assert.That(events.OfType<RunEnded>().Count(), Is.LessThanOrEqualTo(1), "a run ended twice");
        Assert.That(events.SkipWhile(change => change is not AttemptSucceeded).OfType<AttemptStarted>(), Is.Empty, "an attempt was started after the task had succeeded");
        Assert.That(events.OfType<AttemptStarted>().Count() - ends.Length, Is.LessThanOrEqualTo(1), "two attempts of one task are under way");
        Assert.That(RunFold.Replay(Graph, events).Sequence, Is.EqualTo(events.Length));
    }

    private static Core.Activities.Failure Lost { get; } = new() { Code = "ORC5999", Kind = Core.Activities.FailureKind.Work, Message = "lost" };

    private static ImmutableArray<RunEvent> MakeFirst()
    {
        var accepted = RunMachine.Decide(RunState.Empty(new PipelineGraph(Pipeline)), new AcceptRun(new DefinitionHash("d"), ImmutableSortedDictionary<string, JsonElement>.Empty), Start);
        var ready = RunMachine.Decide(accepted.State, new QueueWork(new TaskKey(0), new TaskWork { Uses = "test.fail", Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty }), Start);
        return [.. accepted.Events, .. ready.Events];
    }

    private async Task<string> ClaimAsync(Process process)
    {
        if (await store.ClaimAsync(process.Name, Now, LeaseEnd) is not { } epoch)
        {
            return "held";
        }

        process.Epoch = epoch;
        process.State = RunFold.Replay(Graph, await store.LoadAsync());
        return "claimed";
    }

    private async Task<string?> StartAsync(Process process, RunState state)
    {
        // A retry that is due is part of the start here, so that paths stay short.
        if (RunMachine.Decide(state, new AdvanceTime(), Now) is { Events.IsEmpty: false } due)
        {
            return await CommitAsync(process, due);
        }

        if (state.Queues.IsEmpty)
        {
            return null;
        }

        var attempt = new AttemptId($"attempt-{++attempts}");
        var outcome = await SendAsync(process, new StartAttempt(new TaskKey(0), attempt));
        if (outcome == "committed")
        {
            process.Working.Add(attempt);
        }

        return outcome;
    }

    private async Task<string> SendAsync(Process process, RunCommand command)
    {
        var decision = RunMachine.Decide(process.State!, command, Now);
        if (command is CompleteAttempt or RejectAttempt)
        {
            process.Working.Remove(process.Working.First());
        }

        return decision.Refusal is null ? await CommitAsync(process, decision) : "refused";
    }

    private async Task<string> CommitAsync(Process process, Decision decision)
    {
        if (!await store.CommitAsync(process.Name, process.Epoch, process.State!, decision.State, decision.Events, Now))
        {
            return process.Forget("lost");
        }

        process.State = decision.State;
        return "committed";
    }

    private sealed class Process(string name)
    {
        public string Name => name;

        public long Epoch { get; set; }

        public RunState? State { get; set; }

        public SortedSet<AttemptId> Working { get; } = new(Comparer<AttemptId>.Create((left, right) => string.CompareOrdinal(left.Value, right.Value)));

        public string Forget(string why)
        {
            State = null;
            Epoch = 0;
            Working.Clear();
            return why;
        }
    }
}
