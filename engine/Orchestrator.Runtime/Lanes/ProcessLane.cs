using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Processes;
using Orchestrator.Runtime.Workers;

namespace Orchestrator.Runtime.Lanes;

/// <summary>Runs attempts in pooled worker processes: a crash or a kill there ends the attempt, never the engine.</summary>
internal sealed class ProcessLane(OrcHome home, WorkerPool pool, MemoryGuard memory, TimeProvider time, LaneOptions options) : ILane
{
    // A worker may die between two attempts; that is nobody's failure. Two in a row are a sign of something wrong with the machine.
    private const int MaxHandOvers = 3;

    public Lane Kind => Lane.Process;

    public void Foresee() => pool.Foresee();

    public async Task<AttemptResult> RunAsync(AttemptRequest request, IAttemptObserver observer, CancellationToken stop, CancellationToken kill)
    {
        try
        {
            var work = home.WorkFolderOf(request.Attempt.Id);
            var result = await HandOverAsync(request, observer, work, stop, kill);
            FileNames.TryDeleteFolder(work);
            return result;
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or ObjectDisposedException)
        {
            // While it waited for a worker, or the pool is closing because the program ends.
            return new AttemptResult.Cancelled();
        }
        catch (ActivityException notStarted)
        {
            return new AttemptResult.Failed(notStarted.Failure);
        }
    }

    private async Task<AttemptResult> HandOverAsync(AttemptRequest request, IAttemptObserver observer, string work, CancellationToken stop, CancellationToken kill)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, kill);
        for (var handOver = 1; ; handOver++)
        {
            var worker = await pool.AcquireAsync(either.Token);
            var used = 0L;
            using var watch = memory.Watch(MemoryLimit(request), bytes =>
            {
                Volatile.Write(ref used, bytes);
                worker.Kill();
            });
            watch.Add(worker.Id);
            try
            {
                var begun = true;
                var result = await TimeLimit.RunAsync(
                    request.Timeout,
                    options.TimeoutGrace,
                    time,
                    async (stop, kill) =>
                    {
                        var end = await worker.ExecuteAsync(Message(request, work), new WorkerExecution(request, observer, options.Facts), stop, kill);
                        begun = end is not null;
                        return end ?? new AttemptResult.Failed(RuntimeErrors.WorkerDied("before it began the attempt", []));
                    },
                    stop,
                    kill);
                if (Volatile.Read(ref used) is > 0 and var bytes && MemoryLimit(request) is { } limit && result is not AttemptResult.Succeeded)
                {
                    return new AttemptResult.Failed(RuntimeErrors.MemoryExceeded(bytes, limit, request.Log.Tail)) { Facts = result.Facts };
                }

                if (begun || handOver == MaxHandOvers)
                {
                    return result;
                }
            }
            finally
            {
                pool.Release(worker);
            }
        }
    }

    private long? MemoryLimit(AttemptRequest request) => request.Limits?.MemoryInBytes ?? options.MaxMemoryBytes;

    private ExecuteMessage Message(AttemptRequest request, string work) => new()
    {
        Attempt = request.Attempt,
        Uses = request.Activity.Type,
        Class = request.Activity.ClassType.AssemblyQualifiedName,
        Inputs = request.Inputs,
        BaseDirectory = request.BaseDirectory,
        WorkingDirectory = work,
        Items = request.Items,
        MaxOutputBytes = (int?)request.Limits?.OutputInBytes ?? options.MaxOutputBytes,
        Secrets = request.Revealed.Values,
        MissingSecrets = request.Revealed.Failures,
    };
}
