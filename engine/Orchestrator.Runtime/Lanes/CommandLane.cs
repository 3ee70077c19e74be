using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Processes;

namespace Orchestrator.Runtime.Lanes;

/// <summary>
/// Runs activities that start programs. The activity itself is light and runs in the engine's process; its programs run in sessions of their own, which are killed
/// whole when the attempt ends, however it ends.
/// </summary>
internal sealed class CommandLane(OrcHome home, IArtifactStore artifacts, IServiceProvider ports, MemoryGuard memory, TimeProvider time, LaneOptions options) : ILane
{
    private readonly LaneServices services = new()
    {
        LaneName = "command",
        Ports = ports,
        Artifacts = artifacts,
        Time = time,
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
        var sink = new EngineSink(request, observer, options.Facts);
        if (AttemptWork.TryMake(request, home, options, out var work) is { } failure)
        {
            return new AttemptResult.Failed(failure);
        }

        var limit = request.Limits?.MemoryInBytes ?? options.MaxMemoryBytes;
        var used = 0L;
        using var tooLarge = new CancellationTokenSource();
        using var killEither = CancellationTokenSource.CreateLinkedTokenSource(kill, tooLarge.Token);
        using var stopOrKill = CancellationTokenSource.CreateLinkedTokenSource(stop, killEither.Token);
        using var watch = memory.Watch(limit, bytes =>
        {
            Volatile.Write(ref used, bytes);
            tooLarge.Cancel();
        });
        var own = new ProgramPort(new ProgramRunner(options.ProgramGrace, time, watch, Path.GetDirectoryName(work.WorkingDirectory) ?? home.WorkFolder, killEither.Token));
        try
        {
            // A kill ends the programs, and with them the activity that waits for them.
            var result = await Task.Run(() => AttemptExecution.RunAsync(work, services, sink, own, stopOrKill.Token), CancellationToken.None);
            return sink.Close(Volatile.Read(ref used) is > 0 and var bytes && result is not AttemptResult.Succeeded
                ? new AttemptResult.Failed(RuntimeErrors.MemoryExceeded(bytes, limit ?? 0, request.Log.Tail))
                : result);
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
