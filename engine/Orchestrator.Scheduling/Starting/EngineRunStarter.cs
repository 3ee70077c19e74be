using System.Collections.Concurrent;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Scheduling.Starting;

/// <summary>Runs by an engine of this process. Left, it asks their attempts to stop and leaves the runs to be resumed by whoever comes next.</summary>
/// <param name="engine">Not disposed here.</param>
/// <param name="listener">Who hears of a run; null: nobody.</param>
public sealed class EngineRunStarter(Engine engine, Func<IRunListener>? listener = null) : IRunStarter, IAsyncDisposable
{
    private readonly ConcurrentDictionary<RunId, RunHandle> going = new();

    public async Task<StartedRun> StartAsync(RunStart start, CancellationToken cancellation) => Follow(await engine.StartAsync(start, Listener(), cancellation));

    public async Task TakeUpAsync(RunId run, CancellationToken cancellation)
    {
        try
        {
            Follow(await engine.ResumeAsync(run, Listener(), cancellation));
        }
        catch (ActivityException taken) when (taken.Failure.Code is "ORC5240" or "ORC5241" or "ORC5242")
        {
            // It has ended, or another process works on it.
        }
    }

    /// <summary>The runs that this process works on.</summary>
    public IReadOnlyCollection<RunHandle> Going => [.. going.Values];

    public async ValueTask DisposeAsync()
    {
        foreach (var run in going.Values)
        {
            run.Interrupt();
        }

        foreach (var run in going.Values)
        {
            await ((Task)run.Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private StartedRun Follow(RunHandle run)
    {
        going[run.Id] = run;
        return new StartedRun(run.Id, EndAsync(run));
    }

    private async Task EndAsync(RunHandle run)
    {
        // How it ended is stored with the run; a run that was lost to another process is that one's.
        await ((Task)run.Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        going.TryRemove(run.Id, out _);
    }

    private IRunListener Listener() => listener?.Invoke() ?? IRunListener.None;
}
