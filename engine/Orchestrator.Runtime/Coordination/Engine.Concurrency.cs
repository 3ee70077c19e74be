using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Coordination;

/// <content>Runs of others that end here, because a run of this process waits for their end.</content>
public sealed partial class Engine
{
    private readonly List<RunHandle> takenUp = [];

    /// <summary>Goes on with a run that was asked to end and that nobody works on: the request is stored, so going on is ending.</summary>
    private async Task TakeUpAsync(RunId run)
    {
        try
        {
            takenUp.Add(await ResumeAsync(run, new Nobody(), leaving.Token));
        }
        catch (ActivityException)
        {
            // It has ended, or another process was faster.
        }
    }

    /// <summary>What is still ending is left to whoever resumes it.</summary>
    private async Task LeaveTakenUpAsync()
    {
        foreach (var run in takenUp)
        {
            run.Interrupt();
            run.Kill();
            await ((Task)run.Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

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
