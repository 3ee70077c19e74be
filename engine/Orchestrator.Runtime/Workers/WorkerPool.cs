using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Processes;
using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Runtime.Workers;

/// <summary>
/// Worker processes, started when they are first needed and kept warm. The most recently used one is taken first, so that the others grow idle and go. While attempts
/// come, one more than is busy is kept, so that a start is seldom waited for.
/// </summary>
public sealed class WorkerPool : IAsyncDisposable
{
    private static readonly TimeSpan FarewellPatience = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly List<WorkerProcess> all = [];
    private readonly Stack<WorkerProcess> idle = new();
    private readonly OrcHome home;
    private readonly WorkerPoolOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly SemaphoreSlim slots;
    private readonly CancellationTokenSource closing = new();
    private readonly int unansweredLimit;
    private WorkerListener? listener;
    private Task watching = Task.CompletedTask;
    private Task foreseen = Task.CompletedTask;
    private bool foreseenIsPromised;
    private int count;

    public WorkerPool(OrcHome home, WorkerPoolOptions options, TimeProvider time, ILogger<WorkerPool>? logger = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxWorkers, 1);
        this.home = home;
        this.options = options;
        this.time = time;
        this.logger = logger ?? (ILogger)NullLogger.Instance;
        slots = new SemaphoreSlim(options.MaxWorkers, options.MaxWorkers);
        unansweredLimit = Math.Max(1, (int)Math.Ceiling(options.SilenceLimit / options.PingInterval));
    }

    /// <summary>Process ids of the workers that live now.</summary>
    public IReadOnlyList<int> ProcessIds
    {
        get
        {
            lock (gate)
            {
                return [.. all.Where(worker => !worker.Ended.IsCompleted).Select(worker => worker.Id)];
            }
        }
    }

    /// <summary>Starts one worker in the background when none is there, so that the attempt that comes does not wait for it. Returns at once.</summary>
    public void Foresee()
    {
        lock (gate)
        {
            if (!all.Any(worker => !worker.Ended.IsCompleted))
            {
                StartSpareInLock();
            }
        }
    }

    /// <summary>Starts workers before they are needed, up to a number and to the pool's limit, and waits until they are ready.</summary>
    /// <exception cref="ActivityException">One could not be started (ORC5212).</exception>
    public async Task WarmUpAsync(int workers, CancellationToken cancellation)
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, Math.Min(workers, options.MaxWorkers)).Select(_ => AcquireAsync(cancellation)));
        foreach (var worker in taken)
        {
            Release(worker);
        }
    }

    /// <summary>Takes a worker for one attempt; waits when all are busy.</summary>
    /// <exception cref="ActivityException">None could be started (ORC5212).</exception>
    internal async Task<WorkerProcess> AcquireAsync(CancellationToken cancellation)
    {
        await slots.WaitAsync(cancellation);
        try
        {
            var taken = TakeIdle() ?? await TakeForeseenAsync(cancellation) ?? await StartAsync(cancellation);
            KeepSpare();
            return taken;
        }
        catch
        {
            slots.Release();
            throw;
        }
    }

    /// <summary>Gives a worker back; one that is used up is let go.</summary>
    internal void Release(WorkerProcess worker)
    {
        if (worker.IsUsable && !worker.KnowsSecrets && worker.Attempts < options.MaxAttempts && worker.ResidentBytes <= options.MaxIdleBytes && !closing.IsCancellationRequested)
        {
            worker.IdleSince = time.GetTimestamp();
            lock (gate)
            {
                idle.Push(worker);
            }
        }
        else
        {
            worker.Retire();
        }

        slots.Release();
        if (worker.IsLeaving)
        {
            KeepSpare();
        }
    }

    /// <summary>Ends all workers. Attempts still in them end as cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        await watching;
        await foreseen;
        List<WorkerProcess> workers;
        lock (gate)
        {
            workers = [.. all];
            idle.Clear();
        }

        workers.ForEach(worker => worker.Retire());
        try
        {
            await Task.WhenAll(workers.Select(worker => worker.Ended)).WaitAsync(FarewellPatience, time);
        }
        catch (TimeoutException)
        {
            workers.ForEach(worker => worker.Kill());
            await Task.WhenAll(workers.Select(worker => worker.Ended));
        }

        if (listener is not null)
        {
            await listener.DisposeAsync();
        }
    }

    /// <summary>Starts a worker in the background when none is free and one more may live; the attempt that has just got its worker does not wait for it.</summary>
    private void KeepSpare()
    {
        lock (gate)
        {
            if (options.KeepSpare && LacksSpareInLock())
            {
                StartSpareInLock();
            }
        }
    }

    private bool LacksSpareInLock() => idle.Count == 0 && all.Count(worker => !worker.IsLeaving) < options.MaxWorkers;

    private void StartSpareInLock()
    {
        if (foreseen.IsCompleted && !closing.IsCancellationRequested)
        {
            foreseenIsPromised = false;
            foreseen = Task.Run(WarmUpQuietlyAsync);
        }
    }

    private async Task WarmUpQuietlyAsync()
    {
        try
        {
            await slots.WaitAsync(closing.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            // Attempts may have had the slots until now, and started the workers that there may be.
            bool lacking;
            lock (gate)
            {
                lacking = LacksSpareInLock();
            }

            if (lacking)
            {
                Release(await StartAsync(closing.Token));
            }
            else
            {
                slots.Release();
            }
        }
        catch (Exception notNow) when (notNow is ActivityException or OperationCanceledException or ObjectDisposedException)
        {
            // The attempt that needs a worker meets the same and tells it.
            slots.Release();
        }
    }

    /// <summary>A worker that was foreseen and is still starting goes to the first attempt that comes; it is nearer to its end than another start would be.</summary>
    private async Task<WorkerProcess?> TakeForeseenAsync(CancellationToken cancellation)
    {
        Task starting;
        lock (gate)
        {
            if (foreseen.IsCompleted || foreseenIsPromised)
            {
                return null;
            }

            foreseenIsPromised = true;
            starting = foreseen;
        }

        await starting.WaitAsync(cancellation);
        return TakeIdle();
    }

    private WorkerProcess? TakeIdle()
    {
        lock (gate)
        {
            while (idle.TryPop(out var worker))
            {
                if (worker.IsUsable)
                {
                    return worker;
                }
            }
        }

        return null;
    }

    private async Task<WorkerProcess> StartAsync(CancellationToken cancellation)
    {
        var mark = ProcessMark.New();
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var socket = EnsureListening();
        var number = Interlocked.Increment(ref count);
        WorkerProcess worker;
        try
        {
            worker = new WorkerProcess(number, token, mark, StartProcess(number, token, mark, socket.Path), time, logger);
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException)
        {
            throw new ActivityException(RuntimeErrors.WorkerNotStarted(error.Message, []), error);
        }

        lock (gate)
        {
            all.RemoveAll(gone => gone.Ended.IsCompleted);
            all.Add(worker);
        }

        socket.Expect(worker);
        return await ReadyAsync(worker, cancellation);
    }

    private async Task<WorkerProcess> ReadyAsync(WorkerProcess worker, CancellationToken cancellation)
    {
        try
        {
            return await worker.WaitReadyAsync(options.StartTimeout, cancellation) is { } failure
                ? throw new ActivityException(failure)
                : worker;
        }
        catch (OperationCanceledException)
        {
            worker.Kill();
            throw;
        }
    }

    private WorkerListener EnsureListening()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closing.IsCancellationRequested, this);
            if (listener is null)
            {
                listener = WorkerListener.Start(home, time);
                watching = WatchAsync();
            }

            return listener;
        }
    }

    /// <summary>Asks all workers for signs of life and lets go those that nobody has needed for long.</summary>
    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(options.PingInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(closing.Token))
            {
                WorkerProcess[] workers;
                lock (gate)
                {
                    workers = [.. all];
                }

                foreach (var worker in workers)
                {
                    worker.Ping(unansweredLimit);
                }

                RetireIdle();
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private void RetireIdle()
    {
        List<WorkerProcess> leaving;
        lock (gate)
        {
            // The stack lists the most recently used first; pushing it back needs the oldest first.
            leaving = [.. idle.Where(worker => time.GetElapsedTime(worker.IdleSince) > options.IdleLimit)];
            if (leaving.Count == 0)
            {
                return;
            }

            var staying = idle.Except(leaving).Reverse().ToList();
            idle.Clear();
            staying.ForEach(idle.Push);
        }

        leaving.ForEach(worker => worker.Retire());
    }

    private Process StartProcess(int number, string token, string mark, string socketPath)
    {
        var (program, leading) = Program();
        var (fileName, wrapping) = OwnSession.Wrap(program);
        var arguments = new WorkerArguments { Home = home.Folder, Socket = socketPath, Id = number };
        var info = new ProcessStartInfo(fileName, [.. wrapping, .. leading, .. arguments.ToArguments()])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        foreach (var (name, value) in options.Environment)
        {
            info.Environment[name] = value;
        }

        EnvironmentSecrets.RemoveFrom(info.Environment);
        info.Environment[ProcessMark.Variable] = mark;
        info.Environment[WorkerArguments.TokenVariable] = token;
        return Process.Start(info) ?? throw new InvalidOperationException("The system started no process.");
    }

    /// <summary>This very program. Started as <c>dotnet orc.dll</c> the process is dotnet, which needs the path of the assembly again.</summary>
    private (string FileName, IReadOnlyList<string> Leading) Program()
    {
        if (options.FileName is { } given)
        {
            return (given, options.Arguments);
        }

        var own = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown; set WorkerPoolOptions.FileName.");
        return Path.GetFileNameWithoutExtension(own).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? (own, [Environment.GetCommandLineArgs()[0], .. options.Arguments])
            : (own, options.Arguments);
    }
}
