using System.Collections.Concurrent;
using System.Runtime;
using Orchestrator.Dsl.Scripting.Authoring;

namespace Orchestrator.Dsl.Scripting.Evaluation;

/// <summary>How a script's run ended.</summary>
internal abstract record ScriptEnd
{
    private ScriptEnd()
    {
    }

    public sealed record Returned(object? Value) : ScriptEnd;

    public sealed record Threw(Exception Exception) : ScriptEnd;

    /// <param name="Where">Has the place in its stack trace; null when the script could not be stopped and goes on in the background.</param>
    public sealed record OutOfTime(Exception? Where) : ScriptEnd;

    /// <summary>It was stopped because it used more memory than it may.</summary>
    /// <param name="Where">As for <see cref="OutOfTime"/>.</param>
    public sealed record OutOfMemory(Exception? Where) : ScriptEnd;
}

/// <summary>Runs a script on a thread of its own, which is stopped when its time is up, whatever it does: an endless loop asks no token.</summary>
internal static class ScriptThread
{
    /// <summary>How long a stopped script may need to leave its finally blocks.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>As deep as the compiler itself allows expressions to nest; functions of the script get half of it.</summary>
    private const int StackBytes = 16 * 1024 * 1024;

    /// <summary>How often memory is looked at: a script that does nothing but fill it takes about a second for a GiB.</summary>
    private static readonly TimeSpan MemoryInterval = TimeSpan.FromMilliseconds(50);

    /// <param name="script">What is run.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="memory">By how many bytes the managed memory of the process may grow meanwhile: nobody else counts what one thread keeps.</param>
    /// <param name="time">Measures the limit.</param>
    /// <param name="cancellation">Stops the script.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static async Task<ScriptEnd> RunAsync(Func<Task<object?>> script, TimeSpan limit, long memory, TimeProvider time, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var full = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, full.Token, cancellation);
        var most = memory > long.MaxValue / 2 ? long.MaxValue : GC.GetTotalMemory(forceFullCollection: false) + memory;
        await using var watch = TimeProvider.System.CreateTimer(_ => Watch(full, most), null, MemoryInterval, MemoryInterval);
        var ended = new TaskCompletionSource<ScriptEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
        var token = stop.Token;
        var thread = new Thread(() => ended.SetResult(Run(script, token)), StackBytes) { IsBackground = true, Name = "script" };
        thread.Start();
        ScriptEnd end;
        try
        {
            end = await ended.Task.WaitAsync(limit + Grace, time, cancellation);
        }
        catch (TimeoutException)
        {
            end = new ScriptEnd.OutOfTime(null);
        }

        cancellation.ThrowIfCancellationRequested();
        return full.IsCancellationRequested && end is ScriptEnd.OutOfTime { Where: var where } ? new ScriptEnd.OutOfMemory(where) : end;
    }

    private static void Watch(CancellationTokenSource full, long most)
    {
        if (GC.GetTotalMemory(forceFullCollection: false) > most)
        {
            try
            {
                full.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The script has ended at this very moment.
            }
        }
    }

    private static ScriptEnd Run(Func<Task<object?>> script, CancellationToken token)
    {
        ScriptGuard.Allow(StackBytes / 2);
        using var pump = new Pump(token);
        SynchronizationContext.SetSynchronizationContext(pump);
        Exception? aborted = null;
        try
        {
#pragma warning disable SYSLIB0046 // Made for hosts of scripts like this one: code is aborted that holds nothing but its own pipeline.
            ControlledExecution.Run(() => pump.Run(script), token);
#pragma warning restore SYSLIB0046
        }
        catch (Exception e) when (e is OperationCanceledException or ThreadAbortException)
        {
            aborted = e;
        }

        return token.IsCancellationRequested && pump.End is not ScriptEnd.Returned
            ? new ScriptEnd.OutOfTime(pump.End is ScriptEnd.Threw { Exception: var where } ? where : aborted)
            : pump.End ?? new ScriptEnd.OutOfTime(aborted);
    }

    /// <summary>Keeps what follows an await in the script on the script's thread, so that it too can be stopped.</summary>
    private sealed class Pump(CancellationToken token) : SynchronizationContext, IDisposable
    {
        private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> queue = [];

        public ScriptEnd? End { get; private set; }

        public void Run(Func<Task<object?>> script)
        {
            // Its end closes the queue, which ends the loop below: nothing is left running unobserved.
            _ = KeepAsync(script);
            foreach (var (callback, state) in queue.GetConsumingEnumerable(token))
            {
                callback(state);
            }
        }

        public override void Post(SendOrPostCallback d, object? state)
        {
            if (!queue.IsAddingCompleted)
            {
                queue.Add((d, state), token);
            }
        }

        public void Dispose() => queue.Dispose();

        private async Task KeepAsync(Func<Task<object?>> script)
        {
            try
            {
                End = new ScriptEnd.Returned(await script());
            }
            catch (Exception e)
            {
                End = new ScriptEnd.Threw(e);
            }
            finally
            {
                queue.CompleteAdding();
            }
        }
    }
}
