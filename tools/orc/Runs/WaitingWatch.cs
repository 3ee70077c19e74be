using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Cli.Runs;

/// <summary>Sees when a run has nothing left to do but to wait for people or for other runs, and leaves it then if that is wanted.</summary>
internal sealed class WaitingWatch(IRunListener inner) : IRunListener
{
    private readonly Lock gate = new();
    private RunState? last;
    private IFollowedRun? leave;

    /// <summary>True when somebody must answer before anything happens.</summary>
    public static bool IsOnlyWaiting(RunState state) => IsQueued(state)
        || (state is { IsEnded: false, Queues.IsEmpty: true, InFlight.IsEmpty: true, ToPrepare.IsEmpty: true, ToExpand.IsEmpty: true }
        && !state.Due.Keys.Any(due => due.Kind == TimerKind.Retry)
        && state.Tasks.Values.Any(task => task is Suspended));

    /// <summary>True when other runs must end before anything happens.</summary>
    private static bool IsQueued(RunState state) => state is { IsEnded: false, Queued.Key.Overlap: not Overlap.Skip };

    /// <summary>Who holds the concurrency key of the run, as a sentence; null when it does not wait for one.</summary>
    public Task<string?> QueuedAsync(IRuns runs, IFollowedRun run)
    {
        lock (gate)
        {
            return last is { } state && IsQueued(state) ? runs.DescribeQueueAsync(run.Id, state, CancellationToken.None) : Task.FromResult<string?>(null);
        }
    }

    public void OnBegin(RunId run, RunState state) => inner.OnBegin(run, state);

    public void OnEvents(RunState state, IReadOnlyList<RunEvent> events)
    {
        inner.OnEvents(state, events);
        lock (gate)
        {
            last = state;
            Look();
        }
    }

    public void OnProgress(TaskKey key, double? fraction, string? message) => inner.OnProgress(key, fraction, message);

    /// <summary>From now on the run is left when it only waits. An answer that is stored already is heard first.</summary>
    public async Task LeaveWhenWaitingAsync(IFollowedRun run)
    {
        await run.SettleAsync();
        lock (gate)
        {
            leave = run;
            Look();
        }
    }

    private void Look()
    {
        if (leave is not null && last is { } state && IsOnlyWaiting(state))
        {
            leave.Interrupt();
        }
    }
}
