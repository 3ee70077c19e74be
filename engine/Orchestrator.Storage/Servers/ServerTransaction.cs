using System.Data;
using System.Data.Common;

namespace Orchestrator.Storage.Servers;

/// <summary>One transaction of one operation. The connection is taken from the pool with the first statement, so an operation that has nothing to say costs nothing.</summary>
internal sealed class ServerTransaction(ServerDialect dialect, IsolationLevel isolation) : IAsyncDisposable
{
    private DbConnection? connection;
    private DbTransaction? transaction;

    /// <summary>From here on a lost connection leaves it open whether the transaction was stored.</summary>
    public bool IsCommitUnderWay { get; private set; }

    public DbConnection Connection => connection ?? throw new InvalidOperationException("the transaction has not begun");

    public DbTransaction Transaction => transaction ?? throw new InvalidOperationException("the transaction has not begun");

    public async ValueTask BeginAsync(CancellationToken cancellation)
    {
        if (transaction is not null)
        {
            return;
        }

        connection ??= dialect.CreateConnection();
        await connection.OpenAsync(cancellation);
        transaction = await connection.BeginTransactionAsync(isolation, cancellation);
    }

    public async Task CommitAsync()
    {
        if (transaction is not null)
        {
            IsCommitUnderWay = true;
            // Never cancelled: whoever gives up now would not know what is stored.
            await transaction.CommitAsync(CancellationToken.None);
        }
    }

    /// <summary>Undoes what was not committed and gives the connection back.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (transaction is not null)
            {
                await transaction.DisposeAsync();
            }
        }
        catch (Exception error) when (error is DbException or InvalidOperationException or IOException)
        {
            // A broken connection cannot undo; the server does when it finds out.
        }

        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }
}
