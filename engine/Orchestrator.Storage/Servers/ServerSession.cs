using System.Data;
using System.Data.Common;
using Dapper;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Servers;

/// <summary>
/// One operation on a server. Statements for rows are collected and sent together, with the beginning of the transaction, when somebody asks for rows or the operation
/// ends: a step of a run is one round trip and its commit another, and no lock is held in between by anybody who thinks.
/// </summary>
/// <param name="statements">The cache of prepared texts; null: the session only reads.</param>
/// <param name="eager">Send at once and know every answer: after a guess was wrong.</param>
internal sealed class ServerSession(ServerDialect dialect, ServerTransaction link, RowStatements? statements, TimeSpan busyTimeout, bool eager) : IWriteSession
{
    /// <summary>How many statements go in one message: enough that the way does not count, few enough that one message stays small.</summary>
    private const int Most = 500;

    private readonly List<Collected> collected = [];
    private bool closed;

    public Dialect Dialect => dialect.Dialect;

    /// <summary>The first error of the server. A transaction that had one can only be undone.</summary>
    public ServerTrouble? Trouble { get; private set; }

    public async Task<IReadOnlyList<T>> QueryAsync<T>(SqlStatement sql, object? args = null, CancellationToken cancellation = default) =>
        await RunAsync(sql, args, async command => (await link.Connection.QueryAsync<T>(command)).AsList(), cancellation);

    public Task<T?> FindAsync<T>(SqlStatement sql, object? args = null, CancellationToken cancellation = default) =>
        RunAsync(sql, args, command => link.Connection.QueryFirstOrDefaultAsync<T?>(command), cancellation);

    public Task<int> ExecuteAsync(SqlStatement sql, object? args = null, CancellationToken cancellation = default) =>
        RunAsync(sql, args, command => link.Connection.ExecuteAsync(command), cancellation);

    public async Task<IReadOnlyList<int>> ExecuteRowsAsync(SqlStatement sql, IEnumerable<object?[]> rows, CancellationToken cancellation = default)
    {
        Enter(cancellation);
        var statement = (statements ?? throw new InvalidOperationException("a read session cannot write")).Get(sql);
        var answer = new PendingRows();
        collected.Add(new Collected(statement, [.. rows.Select(row => Array.ConvertAll(row, ToColumn))], answer));
        if (eager)
        {
            await SendAsync(cancellation);
        }

        return answer;
    }

    /// <summary>Sends what was collected and not sent.</summary>
    /// <exception cref="AssumptionFailedException">The operation relied on an answer that is another one.</exception>
    public async Task SendAsync(CancellationToken cancellation)
    {
        if (collected.Count == 0)
        {
            return;
        }

        var sent = collected.ToList();
        collected.Clear();
        var changed = new int[sent.Count][];
        var statement = "";
        try
        {
            await link.BeginAsync(cancellation);
            var batch = new List<(int Command, int Row, int Statement)>();
            var message = NewBatch();
            for (var i = 0; i < sent.Count; i++)
            {
                changed[i] = new int[sent[i].Rows.Length];
                for (var row = 0; row < sent[i].Rows.Length; row++)
                {
                    statement = sent[i].Statement.Name;
                    AddTo(message, sent[i].Statement, sent[i].Rows[row]);
                    batch.Add((message.BatchCommands.Count - 1, row, i));
                    if (message.BatchCommands.Count >= Most)
                    {
                        await RunAsync(message, batch, changed, cancellation);
                        message = NewBatch();
                    }
                }
            }

            await RunAsync(message, batch, changed, cancellation);
        }
        catch (Exception error) when (error is DbException or IOException or TimeoutException)
        {
            var explanation = Remember(error, NameOf(error, sent) ?? statement, cancellation);
            // A rule that is broken after a wrong guess is the guess's doing: a step that is refused runs into the events that are there already.
            throw Trouble?.Kind is TroubleKind.Lasting or TroubleKind.Duplicate && sent.Any(one => one.Answer.WasAssumed) ? new AssumptionFailedException() : explanation;
        }

        var asAssumed = true;
        for (var i = 0; i < sent.Count; i++)
        {
            asAssumed &= sent[i].Answer.Settle([.. Enumerable.Range(0, changed[i].Length).Where(row => changed[i][row] == 0)]);
        }

        if (!asAssumed)
        {
            throw new AssumptionFailedException();
        }
    }

    /// <summary>From now on the session refuses: its transaction has ended.</summary>
    public void Close() => closed = true;

    private static async Task RunAsync(DbBatch message, List<(int Command, int Row, int Statement)> places, int[][] changed, CancellationToken cancellation)
    {
        await using (message)
        {
            if (message.BatchCommands.Count == 0)
            {
                return;
            }

            await message.ExecuteNonQueryAsync(cancellation);
            foreach (var (command, row, statement) in places)
            {
                changed[statement][row] = Math.Max(0, message.BatchCommands[command].RecordsAffected);
            }

            places.Clear();
        }
    }

    private DbBatch NewBatch()
    {
        var batch = link.Connection.CreateBatch();
        batch.Transaction = link.Transaction;
        batch.Timeout = Seconds(busyTimeout);
        return batch;
    }

    private void AddTo(DbBatch batch, RowStatement statement, object?[] row)
    {
        foreach (var part in statement.Parts)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = part.Text;
            foreach (var position in part.Values)
            {
                if (position >= row.Length)
                {
                    throw new ArgumentException($"{row.Length} values for the parameters of \"{statement.Name}\", which has @p{position}", nameof(row));
                }

                command.Parameters.Add(dialect.CreateParameter(position, row[position], statement.KindOf(position, row[position])));
            }

            batch.BatchCommands.Add(command);
        }
    }

    private async Task<T> RunAsync<T>(SqlStatement sql, object? args, Func<CommandDefinition, Task<T>> run, CancellationToken cancellation)
    {
        Enter(cancellation);
        await SendAsync(cancellation);
        try
        {
            await link.BeginAsync(cancellation);
            return await run(new CommandDefinition(
                sql.For(Dialect), args is null ? null : Values(args), link.Transaction, commandTimeout: Seconds(busyTimeout), cancellationToken: cancellation));
        }
        catch (Exception error) when (error is DbException or IOException or TimeoutException)
        {
            throw Remember(error, sql.Name, cancellation);
        }
    }

    /// <summary>Texts are cleaned on their way; a list of objects is many executions and keeps Dapper's own way.</summary>
    private object Values(object args) => args is IEnumerable<object> ? args : new CleanParameters(args, dialect.Clean);

    private object? ToColumn(object? value) => TypeConversions.ToColumn(value) switch
    {
        string text => dialect.Clean(text),
        // No server keeps NaN in a way that all of them compare alike; SQLite stores null.
        double.NaN => null,
        var other => other,
    };

    private StorageException Remember(Exception error, string statement, CancellationToken cancellation)
    {
        // One of the drivers says "cancelled" with an error of the database.
        cancellation.ThrowIfCancellationRequested();
        Trouble ??= dialect.Explain(error, statement, busyTimeout);
        return Trouble.Explanation;
    }

    /// <summary>Which statement of a message failed, where the driver says so.</summary>
    private static string? NameOf(Exception error, List<Collected> sent) =>
        error is DbException { BatchCommand.CommandText: { } text } ? sent.Find(one => one.Statement.Parts.Any(part => part.Text == text))?.Statement.Name : null;

    private void Enter(CancellationToken cancellation)
    {
        if (closed)
        {
            throw new InvalidOperationException("the session's operation has ended; await every call inside the operation");
        }

        if (Trouble is not null)
        {
            throw Trouble.Explanation;
        }

        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>0, as drivers have it: without end.</summary>
    private static int Seconds(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? 0 : Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));

    private sealed record Collected(RowStatement Statement, object?[][] Rows, PendingRows Answer);

    private sealed class CleanParameters(object args, Func<string, string> clean) : SqlMapper.IDynamicParameters
    {
        public void AddParameters(IDbCommand command, SqlMapper.Identity identity)
        {
            SqlMapper.IDynamicParameters inner = new DynamicParameters(args);
            inner.AddParameters(command, identity);
            foreach (DbParameter parameter in command.Parameters)
            {
                if (parameter.Value is string text)
                {
                    parameter.Value = clean(text);
                }
            }
        }
    }
}
