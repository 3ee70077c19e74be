namespace Orchestrator.Runtime.Coordination;

/// <summary>Work that goes on beside a loop and is waited for before the loop's owner leaves. Holds nothing of what has ended.</summary>
internal sealed class WorkBeside
{
    private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? error;
    private int open = 1;

    /// <summary>Starts work and owns it.</summary>
    public void Add(Func<Task> work)
    {
        Interlocked.Increment(ref open);
        _ = RunAsync(work, here: false);
    }

    /// <summary>The same, for work that goes to another thread by itself before it does anything that takes time.</summary>
    public void AddHere(Func<Task> work)
    {
        Interlocked.Increment(ref open);
        _ = RunAsync(work, here: true);
    }

    /// <summary>Completes when all of it has ended; throws the first error that any of it threw. Nothing may be added after this.</summary>
    public async Task EndAsync()
    {
        CountDown();
        await over.Task;
        if (error is not null)
        {
            throw error;
        }
    }

    private async Task RunAsync(Func<Task> work, bool here)
    {
        if (!here)
        {
            await Task.Yield();
        }

        try
        {
            await work();
        }
#pragma warning disable CA1031 // Nobody awaits this task: what it throws is kept for the one who ends the whole.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref error, thrown, null);
        }
        finally
        {
            CountDown();
        }
    }

    private void CountDown()
    {
        if (Interlocked.Decrement(ref open) == 0)
        {
            over.TrySetResult();
        }
    }
}
