using System.Threading.Channels;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Concurrency;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>
/// Which of this process's runs wait for a concurrency key, and when it is worth trying again. The database decides; what is found here only keeps runs from asking in
/// vain. A permit that this process gives back is told at once, one of another process is found by looking again.
/// </summary>
/// <param name="keys">Who shares what.</param>
/// <param name="runs">The owners of unfinished runs.</param>
/// <param name="owner">This process.</param>
/// <param name="takeUp">Ends a run that was asked to end in favour of one of this process's, and that nobody works on.</param>
/// <param name="time">The clock.</param>
internal sealed class KeyWatch(IConcurrencyStore keys, IRunStore runs, string owner, Func<RunId, Task> takeUp, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<RunId, Action> waiting = [];

    // Several reasons to look are one look; and a timer that fires into a watch that is gone does no harm.
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource leaving = new();
    private Task watching = Task.CompletedTask;
    private ITimer? timer;

    /// <summary>Calls back once, when there may be a permit for the run. Called from any thread; must be quick.</summary>
    public void WaitFor(RunId run, Action room)
    {
        lock (gate)
        {
            if (leaving.IsCancellationRequested)
            {
                return;
            }

            waiting[run] = room;
            if (watching.IsCompleted)
            {
                watching = WatchAsync();
            }

            Arm();
        }

        // What the run asked others for may have to be done here, and a permit may have come free since it asked.
        signal.Writer.TryWrite(true);
    }

    /// <summary>The run waits no longer.</summary>
    public void Forget(RunId run)
    {
        lock (gate)
        {
            waiting.Remove(run);
        }
    }

    /// <summary>A permit was given back.</summary>
    public void Tell()
    {
        lock (gate)
        {
            if (waiting.Count == 0)
            {
                return;
            }
        }

        signal.Writer.TryWrite(true);
    }

    /// <summary>Who shares a key with a run, the run itself left out: those that go on, then those that wait.</summary>
    public async Task<IReadOnlyList<KeyHold>> OthersAsync(string key, RunId run, CancellationToken cancellation) =>
        [.. (await keys.ListAsync(key, cancellation)).Where(hold => hold.RunId != run)];

    public async ValueTask DisposeAsync()
    {
        Task last;
        lock (gate)
        {
            leaving.Cancel();
            timer?.Dispose();
            timer = null;
            waiting.Clear();
            last = watching;
        }

        await last;
        leaving.Dispose();
    }

    private void Arm()
    {
        timer?.Dispose();
        timer = waiting.Count == 0 || leaving.IsCancellationRequested ? null : time.CreateTimer(_ => signal.Writer.TryWrite(true), null, LookAgain, Timeout.InfiniteTimeSpan);
    }

    private async Task WatchAsync()
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                await signal.Reader.ReadAsync(leaving.Token);
                await LookAsync(leaving.Token);
                lock (gate)
                {
                    Arm();
                }
            }
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // The engine is being left.
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        try
        {
            foreach (var run in await keys.ListAdmissibleAsync(owner, time.GetUtcNow(), cancellation))
            {
                Action? room;
                lock (gate)
                {
                    waiting.Remove(run, out room);
                }

                room?.Invoke();
            }

            var dead = EngineOwners.Dead(await runs.ListOwnersAsync(cancellation));
            foreach (var run in await keys.ListDisplacedAsync(owner, time.GetUtcNow(), dead, cancellation))
            {
                await takeUp(run);
            }
        }
        catch (StorageException)
        {
            // A database that is away for a moment: the next look tries again.
        }
    }
}
