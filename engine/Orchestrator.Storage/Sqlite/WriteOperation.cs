using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Sqlite;

/// <summary>Somebody's write on its way through the queue.</summary>
internal abstract class WriteOperation
{
    private const int Waiting = 0, Started = 1, Withdrawn = 2;

    private int state = Waiting;

    public required Durability Durability { get; init; }

    /// <summary>True once it is in a group. For the one who writes, and for its caller while that one writes.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Set when the operation itself failed; the others of its group go on.</summary>
    public Exception? Error { get; private set; }

    /// <summary>False: its caller gave up before it began.</summary>
    public bool TryStart() => Interlocked.CompareExchange(ref state, Started, Waiting) == Waiting;

    public bool TryWithdraw() => Interlocked.CompareExchange(ref state, Withdrawn, Waiting) == Waiting;

    public abstract Task RunAsync(IWriteSession session);

    /// <summary>The group is stored, as safely as the caller asked for: the caller gets the result, or the operation's own error. An operation that its caller withdrew has its answer already.</summary>
    public void Complete()
    {
        if (Volatile.Read(ref state) != Withdrawn)
        {
            Answer();
        }
    }

    /// <summary>Nothing of the group is stored.</summary>
    public void Fail(Exception error)
    {
        _ = TryStart();
        Error ??= error;
        Complete();
    }

    /// <summary>The operation failed and was undone; its caller hears of it with the group's commit.</summary>
    public void Refuse(Exception error) => Error = error;

    protected abstract void Answer();
}

/// <summary>With the result that its caller waits for.</summary>
internal sealed class WriteOperation<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, CancellationToken cancellation) : WriteOperation
{
    // Asynchronously: the code behind the caller's await must not run on the writer's time.
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;

    public async Task<T> WaitAsync()
    {
        if (!cancellation.CanBeCanceled)
        {
            return await completion.Task;
        }

        await using var registration = cancellation.Register(() =>
        {
            if (TryWithdraw())
            {
                completion.TrySetCanceled(cancellation);
            }
        });
        return await completion.Task;
    }

    public override async Task RunAsync(IWriteSession session) => result = await operation(session, cancellation);

    protected override void Answer()
    {
        switch (Error)
        {
            case null:
                completion.TrySetResult(result!); // Set by RunAsync, which has ended without an error; null only if T allows it.
                break;
            case OperationCanceledException cancelled:
                completion.TrySetCanceled(cancelled.CancellationToken);
                break;
            default:
                completion.TrySetException(Error);
                break;
        }
    }
}
