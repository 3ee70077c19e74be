using System.Data;
using System.Data.Common;
using DuckDB.NET.Data;
using Orchestrator.Core.Activities;

namespace Orchestrator.Data.Querying;

/// <summary>
/// One in-memory DuckDB for one piece of work: bounded memory and threads, spilling only into its own folder, no extension that is not built in,
/// no network, and no file outside the folders it was opened with.
/// </summary>
internal sealed class DuckSession : IDisposable
{
    /// <summary>Enough for ten million rows of a training table; above it DuckDB spills to disk.</summary>
    private const string MemoryLimit = "2GB";

    private readonly DuckDBConnection connection;

    private DuckSession(DuckDBConnection connection) => this.connection = connection;

    /// <param name="temporaryFolder">Where it may spill; exists.</param>
    /// <param name="folders">The only other folders it may read and write.</param>
    /// <param name="threads">1 where the order of work must not vary (writing Parquet), else 2.</param>
    public static DuckSession Open(string temporaryFolder, IEnumerable<string> folders, int threads = 2) => Open(temporaryFolder, folders, threads, beforeLock: "");

    /// <summary>A session that keeps a log of its queries, for tests that count them.</summary>
    internal static DuckSession OpenLogged(string temporaryFolder, IEnumerable<string> folders) => Open(temporaryFolder, folders, threads: 2, beforeLock: "CALL enable_logging('QueryLog');");

    private static DuckSession Open(string temporaryFolder, IEnumerable<string> folders, int threads, string beforeLock)
    {
        var spill = Directory.CreateDirectory(Path.Combine(temporaryFolder, "duckdb")).FullName;
        var connection = new DuckDBConnection(new DuckDBConnectionStringBuilder
        {
            ["Data Source"] = ":memory:",
            ["threads"] = threads,
            ["memory_limit"] = MemoryLimit,
            ["temp_directory"] = spill,
            ["autoinstall_known_extensions"] = "false",
            ["autoload_known_extensions"] = "false",
            ["allow_community_extensions"] = "false",
        }.ConnectionString);
        connection.Open();
        var session = new DuckSession(connection);
        var allowed = string.Join(", ", folders.Append(temporaryFolder).Distinct().Select(folder => Sql.Text(folder.EndsWith('/') ? folder : folder + "/")));
        session.Execute($"{beforeLock} SET allowed_directories = [{allowed}]; SET enable_external_access = false; SET TimeZone = 'UTC'; SET lock_configuration = true");
        return session;
    }

    /// <summary>The folders of some files, as links and as what they point to.</summary>
    public static IEnumerable<string> FoldersOf(params IEnumerable<string> files) => files
        .SelectMany(file => new[] { file, File.Exists(file) ? File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName : null })
        .OfType<string>()
        .Select(file => Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/");

    public Task ExecuteAsync(string sql, CancellationToken cancellation) => RunAsync(
        sql,
        command =>
        {
            command.ExecuteNonQuery();
            return true;
        },
        cancellation);

    /// <summary>All rows of a query. <paramref name="read"/> looks at the current row only.</summary>
    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> read, CancellationToken cancellation) => RunAsync(
        sql,
        command =>
        {
            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read())
            {
                rows.Add(read(reader));
            }

            return (IReadOnlyList<T>)rows;
        },
        cancellation);

    /// <summary>Streams a result through <paramref name="each"/> without keeping it; for tables that go to memory by column.</summary>
    public Task ReadAsync(string sql, Action<DuckDBDataReader> each, CancellationToken cancellation) => RunAsync(
        sql,
        command =>
        {
            command.UseStreamingMode = true;
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                each(reader);
            }

            return true;
        },
        cancellation);

    /// <summary>The columns and DuckDB types of a relation.</summary>
    public Task<IReadOnlyList<(string Name, string Type)>> DescribeAsync(string relation, CancellationToken cancellation) =>
        QueryAsync($"DESCRIBE SELECT * FROM {relation}", row => (row.GetString(0), row.GetString(1)), cancellation);

    public void Dispose() => connection.Dispose();

    private void Execute(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    // DuckDB answers on the calling thread; a thread of the pool keeps the caller's free and lets a cancellation interrupt the query.
    private Task<T> RunAsync<T>(string sql, Func<DuckDBCommand, T> run, CancellationToken cancellation) => Task.Run(
        () =>
        {
            using var command = (DuckDBCommand)connection.CreateCommand();
            command.CommandText = sql;
            using var interrupt = cancellation.Register(command.Cancel);
            try
            {
                return run(command);
            }
            catch (Exception interrupted) when (cancellation.IsCancellationRequested && interrupted is DuckDBException or OperationCanceledException)
            {
                throw new OperationCanceledException("The query was interrupted.", interrupted, cancellation);
            }
            catch (DuckDBException wrong) when (DataErrors.FromMachine(wrong) is { } known)
            {
                throw known;
            }
            catch (DuckDBException wrong)
            {
                throw new QueryException(wrong);
            }
        },
        cancellation);
}

/// <summary>DuckDB refused or broke off a query; callers that know what the file should be say it better.</summary>
internal sealed class QueryException(DuckDBException inner) : Exception(inner.Message, inner);
