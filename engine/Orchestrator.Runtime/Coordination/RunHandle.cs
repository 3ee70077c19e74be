using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Coordination;

/// <summary>A run that this process is working on.</summary>
public sealed class RunHandle
{
    private readonly RunCoordinator coordinator;

    internal RunHandle(RunId id, RunCoordinator coordinator, Task<RunState> completion)
    {
        Id = id;
        this.coordinator = coordinator;
        Completion = completion;
    }

    public RunId Id { get; }

    /// <summary>Ends with the run's last state: ended, or not ended when the run was interrupted.</summary>
    public Task<RunState> Completion { get; }

    /// <summary>Asks all attempts to stop and leaves the run to be resumed later.</summary>
    public void Interrupt() => coordinator.Interrupt();

    /// <summary>Starts nothing more, lets what is under way come to its end, and leaves the run to be resumed later.</summary>
    public void Drain() => coordinator.Drain();

    /// <summary>After <see cref="Interrupt"/>: does not wait for the attempts any longer.</summary>
    public void Kill() => coordinator.Kill();

    /// <summary>Sends a command. Answers why it was refused, or null.</summary>
    public Task<string?> SendAsync(RunCommand command) => coordinator.SendAsync(command);
}
