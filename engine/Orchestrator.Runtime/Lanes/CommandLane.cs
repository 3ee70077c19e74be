using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Processes;

namespace Orchestrator.Runtime.Lanes;

/// <summary>
/// Runs activities that start programs. The activity itself is light and runs in the engine's process; its programs run in sessions of their own, which are killed
/// whole when the attempt ends, however it ends.
/// </summary>
internal sealed class CommandLane(OrcHome home, IArtifactStore artifacts, IServiceProvider ports, TimeProvider time, LaneOptions options) : ILane
{
    private readonly LaneServices services = new()
    {
        LaneName = "command",
        Ports = ports,
        Artifacts = artifacts,
        Time = time,
        MaxOutputBytes = options.MaxOutputBytes,
    };

    public Lane Kind => Lane.Command;

    public Task<AttemptResult> RunAsync(AttemptRequest request, IAttemptObserver observer, CancellationToken stop, CancellationToken kill) =>
        TimeLimit.RunAsync(
            request.Timeout,
            options.TimeoutGrace + options.ProgramGrace,
            time,
            (stop, kill) => RunUnlimitedAsync(request, observer, stop, kill),
            stop,
            kill);

    private async Task<AttemptResult> RunUnlimitedAsync(AttemptRequest request, IAttemptObserver observer, CancellationToken stop, CancellationToken kill)
    {
        var sink = new EngineSink(request, observer);
        if (AttemptWork.TryMake(request, home, out var work) is { } failure)
        {
            return new AttemptResult.Failed(failure);
        }

        using var stopOrKill = CancellationTokenSource.CreateLinkedTokenSource(stop, kill);
        var own = new ProgramPort(new ProgramRunner(options.ProgramGrace, time, kill));
        try
        {
            // A kill ends the programs, and with them the activity that waits for them.
            return sink.Close(await Task.Run(() => AttemptExecution.RunAsync(work, services, sink, own, stopOrKill.Token), CancellationToken.None));
        }
        finally
        {
            FileNames.TryDeleteFolder(work.WorkingDirectory);
        }
    }

    private sealed class ProgramPort(IProgramRunner runner) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(IProgramRunner) ? runner : null;
    }
}
