using System.Globalization;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.Servers;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Copying;

/// <summary>A table that was copied.</summary>
public sealed record CopiedTable
{
    public required string Name { get; init; }

    public required long Rows { get; init; }

    /// <summary>Over all rows in any order; the same for source and target, or the copy would have been undone.</summary>
    public required string Checksum { get; init; }
}

/// <summary>
/// Moves everything that a SQLite database holds to an empty database on a server: one snapshot of the source, one transaction of the target, so it is there whole or not at all.
/// Every table is read back before the commit and compared by count and checksum.
/// </summary>
public static class DatabaseCopy
{
    /// <summary>Looks before anything is opened, which would make a file that is not there.</summary>
    /// <exception cref="StorageException">The source is not a SQLite file, or the target is one.</exception>
    public static void CheckDirection(string source, string target)
    {
        if (DatabaseUrl.Parse(source) is not { Dialect: Dialect.Sqlite } || DatabaseUrl.Parse(target) is { Dialect: Dialect.Sqlite })
        {
            throw StorageErrors.CopyDirection(DatabaseUrl.Parse(source).ForPeople, DatabaseUrl.Parse(target).ForPeople);
        }
    }

    /// <param name="source">Of SQLite, with all of <paramref name="sets"/> applied. It is not changed.</param>
    /// <param name="target">On a server, with the same sets applied and no rows.</param>
    /// <param name="sets">Whose tables are copied, parents before those that refer to them.</param>
    /// <param name="now">Who holds a lease beyond this is at work, and what it writes after the snapshot would be lost.</param>
    /// <param name="copied">Called after each table.</param>
    /// <param name="cancellation">Undoes everything.</param>
    /// <exception cref="StorageException">The target has rows, a run is being worked on, or the two do not agree; nothing is changed.</exception>
    public static async Task<IReadOnlyList<CopiedTable>> RunAsync(
        OrcDatabase source, OrcDatabase target, IReadOnlyList<MigrationSet> sets, DateTimeOffset now, Action<CopiedTable> copied, CancellationToken cancellation)
    {
        if (source is not SqliteDatabase || target is not ServerDatabase server)
        {
            throw StorageErrors.CopyDirection(source.DisplayName, target.DisplayName);
        }

        return await source.ReadAsync(
            async (session, token) =>
            {
                await RefuseWorkAsync(session, source.DisplayName, now, token);
                var tables = TablesOf(sets);
                await using var link = new ServerTransaction(server.Server, System.Data.IsolationLevel.ReadCommitted);
                var writing = new ServerSession(server.Server, link, new RowStatements(server.Server), Timeout.InfiniteTimeSpan, eager: true);
                try
                {
                    await writing.ExecuteAsync(server.Server.LockForMigrations, cancellation: token);
                    var shapes = await new TableShapes(session, writing, server.Server).FindAsync(tables, token);
                    await RefuseRowsAsync(writing, server, shapes, token);
                    var done = new List<CopiedTable>();
                    foreach (var shape in shapes)
                    {
                        done.Add(await new TableCopy(session, writing, server.Server, link, shape).RunAsync(token));
                        copied(done[^1]);
                    }

                    await link.CommitAsync();
                    return done;
                }
                catch (Exception error) when (error is System.Data.Common.DbException or IOException or TimeoutException)
                {
                    throw server.Server.Explain(error, "copy", TimeSpan.Zero).Explanation;
                }
            },
            cancellation);
    }

    /// <summary>In the order in which migrations make them, which is an order in which parents come first.</summary>
    private static List<string> TablesOf(IReadOnlyList<MigrationSet> sets) =>
        [.. sets.SelectMany(set => set.For(Dialect.Sqlite)).SelectMany(step => CreatedTables.In(step.Text))];

    private static async Task RefuseWorkAsync(IReadSession session, string source, DateTimeOffset now, CancellationToken cancellation)
    {
        var working = await session.FindAsync<string>("SELECT id FROM runs WHERE ended_at IS NULL AND owner IS NOT NULL AND lease_until > @now ORDER BY id LIMIT 1", new { now }, cancellation);
        if (working is not null)
        {
            throw StorageErrors.CopyWhileWorking(source, working);
        }
    }

    private static async Task RefuseRowsAsync(ServerSession writing, ServerDatabase target, IReadOnlyList<TableShape> shapes, CancellationToken cancellation)
    {
        foreach (var shape in shapes)
        {
            if (await writing.FindAsync<long>($"SELECT COUNT(*) FROM {target.Server.Quote(shape.Name)}", cancellation: cancellation) is var rows and > 0)
            {
                throw StorageErrors.CopyTargetNotEmpty(target.DisplayName, shape.Name, rows.ToString(CultureInfo.InvariantCulture));
            }
        }
    }
}
