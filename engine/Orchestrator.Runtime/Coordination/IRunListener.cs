using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Coordination;

/// <summary>Hears of a run that this process is working on. Called on the run's own turn, in order; must be quick and must not throw.</summary>
public interface IRunListener
{
    /// <summary>This process works on the run from now on. Comes before all else.</summary>
    void OnBegin(RunId run, RunState state)
    {
    }

    /// <summary>Events were committed.</summary>
    /// <param name="state">The state after them.</param>
    void OnEvents(RunState state, IReadOnlyList<RunEvent> events);

    /// <summary>The run waits: for attempts, for a time, or for somebody.</summary>
    /// <param name="state">The state it waits in.</param>
    /// <param name="looking">True: some task's condition, inputs or items are being looked at, so more will come by itself.</param>
    void OnWaiting(RunState state, bool looking)
    {
    }

    /// <summary>Who hears of a child run of this run, while this process works on it; null: nobody.</summary>
    IRunListener? ForChild(RunId child) => null;

    /// <summary>An attempt said how far it is. Called from any thread.</summary>
    void OnProgress(TaskKey key, double? fraction, string? message);

    /// <summary>Hears nothing.</summary>
    static IRunListener None { get; } = new Nobody();

    private sealed class Nobody : IRunListener
    {
        public void OnEvents(RunState state, IReadOnlyList<RunEvent> events)
        {
        }

        public void OnProgress(TaskKey key, double? fraction, string? message)
        {
        }
    }
}
