using System.Collections.Concurrent;
using System.Runtime;

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
}

/// <summary>Runs a script on a thread of its own, which is stopped when its time is up, whatever it does: an endless loop asks no token.</summary>
internal static class ScriptThread
{
    /// <summary>How long a stopped script may need to leave its finally blocks.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static async Task<ScriptEnd> RunAsync(Func<Task<object?>> script, TimeSpan limit, TimeProvider time, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        var ended = new TaskCompletionSource<ScriptEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
        var token = stop.Token;
        // 16 MB, as deep as the compiler itself allows expressions to nest.
        var thread = new Thread(() => ended.SetResult(Run(script, token)), 16 * 1024 * 1024) { IsBackground = true, Name = "script" };
        thread.Start();
        ScriptEnd end;
        try
        {
            end = await ended.Task.WaitAsync(limit + Grace, time, cancellation);
        }
        catch (TimeoutException)
        {
            return new ScriptEnd.OutOfTime(null);
        }

        cancellation.ThrowIfCancellationRequested();
        return end;
    }

    private static ScriptEnd Run(Func<Task<object?>> script, CancellationToken token)
    {
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
