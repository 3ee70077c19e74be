using System.Data;
using System.Data.Common;
using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Faults;

namespace Orchestrator.Storage.Servers;

/// <summary>
/// Runs write operations in transactions of their own, and again when that is safe: when the server undid the transaction because of others, and when the connection was
/// lost before the commit. When the answer of a commit was lost, the database is asked what became of it, and only what is not there is done again.
/// </summary>
internal sealed partial class ServerWrites : IAsyncDisposable
{
    /// <summary>How many guarded operations of this process run at once; more wait.</summary>
    private const int MostGuarded = 12;

    /// <summary>A program that runs for years leaves no more old receipts than this.</summary>
    private const int ForgetEvery = 50_000;

    private static readonly SqlTexts Receipts = SqlTexts.Load(typeof(ServerWrites).Assembly, "Servers", "receipts");
    private static readonly AsyncLocal<ServerWrites?> Current = new();

    private readonly ServerDialect dialect;
    private readonly RowStatements statements;
    private readonly TimeProvider time;
    private readonly TimeSpan busyTimeout;
    private readonly ILogger logger;
    private readonly SemaphoreSlim guarded = new(MostGuarded, MostGuarded);
    private readonly SemaphoreSlim whole = new(1, 1);
    private long receipts;
    private volatile bool closed;

    public ServerWrites(ServerDialect dialect, DatabaseOptions options)
    {
        this.dialect = dialect;
        statements = new RowStatements(dialect);
        time = options.Time;
        busyTimeout = options.BusyTimeout;
        logger = options.Logger;
    }

    /// <summary>
    /// An operation that reads, thinks and writes as if it were alone: SERIALIZABLE. One of this process at a time, since two of them would only undo each other.
    /// </summary>
    public Task<T> WriteWholeAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, CancellationToken cancellation) =>
        TakeTurnAsync(whole, new Write<T>(operation, IsolationLevel.Serializable, Settle: null), cancellation);

    /// <summary>An operation each of whose changes is one conditional statement, which sees and locks what is current: READ COMMITTED, many at a time.</summary>
    public Task<T> WriteGuardedAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, Settlement<T>? settle, CancellationToken cancellation) =>
        TakeTurnAsync(guarded, new Write<T>(operation, IsolationLevel.ReadCommitted, settle), cancellation);

    /// <summary>Deletes the receipts of days gone by. Those of the last day stay, although nobody asks after a minute: clocks of machines differ.</summary>
    public Task ForgetReceiptsAsync(CancellationToken cancellation) => WriteGuardedAsync(
        (session, token) => session.ExecuteAsync(Receipts["forget_receipts"], new { before = time.GetUtcNow().AddDays(-1) }, token),
        settle: (_, _) => Task.FromResult((true, 0)),
        cancellation);

    /// <summary>Waits for all that was accepted.</summary>
    public async ValueTask DisposeAsync()
    {
        if (closed)
        {
            return;
        }

        closed = true;
        await whole.WaitAsync();
        for (var i = 0; i < MostGuarded; i++)
        {
            await guarded.WaitAsync();
        }
    }

    private async Task<T> TakeTurnAsync<T>(SemaphoreSlim turn, Write<T> write, CancellationToken cancellation)
    {
        if (Current.Value == this)
        {
            throw new InvalidOperationException("a write was started inside a write operation, which would wait for itself: use the operation's session");
        }

        ObjectDisposedException.ThrowIf(closed, typeof(OrcDatabase));
        await turn.WaitAsync(cancellation);
        T answer;
        try
        {
            answer = await RunAsync(write, cancellation);
        }
        finally
        {
            turn.Release();
        }

        if (write.Settle is null && Interlocked.Increment(ref receipts) % ForgetEvery == 0 && !closed)
        {
            await ForgetReceiptsAsync(cancellation);
        }

        return answer;
    }

    /// <summary>What it sets for the operation ends with it: the caller's next write does not see it.</summary>
    private async Task<T> RunAsync<T>(Write<T> write, CancellationToken cancellation)
    {
        Current.Value = this;
        var started = Stopwatch.GetTimestamp();
        var (eager, duplicates) = (false, 0);
        for (var failures = 0; ;)
        {
            var session = new Try<T>(this, write, eager);
            try
            {
                return await session.RunAsync(cancellation);
            }
            catch (AssumptionFailedException)
            {
                eager = true;
                continue;
            }
            catch (Exception) when (session.IsInDoubt
                || (session.Trouble is { Kind: TroubleKind.Conflict or TroubleKind.ConnectionLost } && Stopwatch.GetElapsedTime(started) < busyTimeout))
            {
                LogAgain(logger, session.Trouble?.Explanation.Message ?? "", ++failures);
            }
            catch (Exception) when (session.Trouble is { Kind: TroubleKind.Duplicate } && duplicates++ == 0)
            {
                LogAgain(logger, session.Trouble.Explanation.Message, failures);
            }
            catch (Exception error) when (session.Trouble is { } trouble && error is not OperationCanceledException and not StorageException)
            {
                // What the operation made of the database's error is not what its caller must hear.
                throw trouble.Explanation;
            }

            if (session.IsInDoubt && await SettleAsync(session, write, started, cancellation) is (true, var stored))
            {
                return stored!; // What the operation answered before its commit, or what was found of it.
            }

            await BackOffAsync(failures, cancellation);
        }
    }

    /// <summary>Asks what became of a transaction whose commit was not answered.</summary>
    /// <returns>True and the answer: it is stored. False: it is not, and never will be.</returns>
    private async Task<(bool IsStored, T? Answer)> SettleAsync<T>(Try<T> lost, Write<T> write, long started, CancellationToken cancellation)
    {
        for (var failures = 1; ; failures++)
        {
            await BackOffAsync(failures, cancellation);
            await using var link = new ServerTransaction(dialect, IsolationLevel.ReadCommitted);
            var session = new ServerSession(dialect, link, statements, busyTimeout, eager: true);
            try
            {
                if (write.Settle is { } settle)
                {
                    return await settle(session, cancellation);
                }

                // Written, not read: a transaction that is still being committed holds the key, so this waits for its end.
                var ours = await session.ExecuteAsync(Receipts["claim_receipt"], new { id = lost.Receipt, at = time.GetUtcNow() }, cancellation);
                await link.CommitAsync();
                return (ours == 0, lost.Answer);
            }
            catch (Exception) when (session.Trouble is { Kind: TroubleKind.Conflict or TroubleKind.ConnectionLost } || link.IsCommitUnderWay)
            {
                if (Stopwatch.GetElapsedTime(started) >= busyTimeout)
                {
                    throw StorageErrors.InDoubt(dialect.DisplayName, busyTimeout, session.Trouble?.Explanation);
                }
            }
        }
    }

    /// <summary>A random wait below a bound that doubles: those who undid each other must not meet again.</summary>
    private static Task BackOffAsync(int failures, CancellationToken cancellation)
    {
        var bound = Math.Min(1000, 4 << Math.Min(failures, 8));
        return Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(bound) + 1), TimeProvider.System, cancellation);
    }

    [LoggerMessage(5102, LogLevel.Information, "A write is tried again (failure {Count}): {Reason}")]
    private static partial void LogAgain(ILogger logger, string reason, int count);

    private sealed record Write<T>(Func<IWriteSession, CancellationToken, Task<T>> Operation, IsolationLevel Isolation, Settlement<T>? Settle);

    /// <summary>One try of a write.</summary>
    private sealed class Try<T>(ServerWrites writes, Write<T> write, bool eager)
    {
        public ServerTrouble? Trouble { get; private set; }

        public bool IsInDoubt { get; private set; }

        public string Receipt { get; } = Guid.NewGuid().ToString("N");

        public T? Answer { get; private set; }

        public async Task<T> RunAsync(CancellationToken cancellation)
        {
            await using var link = new ServerTransaction(writes.dialect, write.Isolation);
            var session = new ServerSession(writes.dialect, link, writes.statements, writes.busyTimeout, eager);
            try
            {
                FaultPoints.Reached("write-begun");
                Answer = await write.Operation(session, cancellation);
                if (write.Settle is null)
                {
                    _ = await session.ExecuteRowsAsync(Receipts["insert_receipt"], [[Receipt, writes.time.GetUtcNow()]], cancellation);
                }

                await session.SendAsync(cancellation);
                FaultPoints.Reached("write-done");
                await link.CommitAsync();
                FaultPoints.Reached("write-committed");
                return Answer;
            }
            catch (Exception error) when (session.Trouble is not null || error is DbException or IOException or TimeoutException)
            {
                Trouble = session.Trouble ?? writes.dialect.Explain(error, "commit", writes.busyTimeout);
                // An answer to the commit that is a refusal is an answer.
                IsInDoubt = link.IsCommitUnderWay && Trouble.Kind == TroubleKind.ConnectionLost;
                throw session.Trouble is null ? Trouble.Explanation : error;
            }
            finally
            {
                session.Close();
            }
        }
    }
}

/// <summary>Looks in the database whether an operation whose commit was not answered is stored, and what its answer was.</summary>
/// <param name="session">What it writes is undone. It must wait for the lost transaction, should that be still on its way: touch a row that it changed.</param>
internal delegate Task<(bool IsStored, T? Answer)> Settlement<T>(IWriteSession session, CancellationToken cancellation);
