using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Homes;

namespace Orchestrator.Runtime.Lanes;

/// <summary>Runs attempts in the engine's process, where ports to the engine's own services are at hand.</summary>
/// <remarks>A thread cannot be killed. An activity that ignores both stop and kill goes on unheard: its result, facts and log lines are refused.</remarks>
internal sealed class InlineLane(OrcHome home, IArtifactStore artifacts, IServiceProvider ports, TimeProvider time, LaneOptions options) : ILane
{
    private readonly LaneServices services = new()
    {
        LaneName = "inline",
        Ports = ports,
        Artifacts = artifacts,
        Time = time,
    };

    public Lane Kind => Lane.Inline;

    public Task<AttemptResult> RunAsync(AttemptRequest request, IAttemptObserver observer, CancellationToken stop, CancellationToken kill) =>
        TimeLimit.RunAsync(request.Timeout, options.TimeoutGrace, time, (stop, kill) => RunUnlimitedAsync(request, observer, stop, kill), stop, kill);

    private async Task<AttemptResult> RunUnlimitedAsync(AttemptRequest request, IAttemptObserver observer, CancellationToken stop, CancellationToken kill)
    {
        var sink = new EngineSink(request, observer, options.Facts);
        if (AttemptWork.TryMake(request, home, options, out var work) is { } failure)
        {
            return new AttemptResult.Failed(failure);
        }

        // On the pool, so that an activity which blocks before its first await does not hold up whoever started it.
        var execution = Task.Run(() => AttemptExecution.RunAsync(work, services, sink, ownPorts: null, stop), CancellationToken.None);
        try
        {
            return sink.Close(await execution.WaitAsync(kill));
        }
        catch (OperationCanceledException)
        {
            request.Log.Write(LogSeverity.Warning, "the activity did not stop when asked and was given up; what it still does is not recorded");
            return sink.Close(new AttemptResult.Cancelled());
        }
        finally
        {
            // Looked at after the end, so that a folder which is made in the last moment is found.
            if (work.FolderMade)
            {
                FileNames.TryDeleteFolder(work.WorkingDirectory);
            }
        }
    }
}
