using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Scheduling.Starting;

/// <summary>Accepts the runs that triggers and backfills ask for, and works on them. Whoever hosts the scheduler says how.</summary>
public interface IRunStarter
{
    /// <summary>Accepts a run; it is never lost from then on.</summary>
    /// <exception cref="Orchestrator.Storage.Runs.RunRefusedException">Its cause has a run already, or may not have one now.</exception>
    /// <exception cref="Core.Activities.ActivityException">The run cannot be accepted as it is asked for.</exception>
    Task<StartedRun> StartAsync(RunStart start, CancellationToken cancellation);

    /// <summary>Goes on with a run that nobody works on. Does nothing when somebody does, or when it has ended.</summary>
    Task TakeUpAsync(RunId run, CancellationToken cancellation);
}

/// <summary>A run that was accepted.</summary>
/// <param name="Id">Which.</param>
/// <param name="Completion">Ends when this process works on it no more. Never fails.</param>
public sealed record StartedRun(RunId Id, Task Completion);
