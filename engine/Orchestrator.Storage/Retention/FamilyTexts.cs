using System.Globalization;
using Orchestrator.Storage.Copying;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.Servers;

namespace Orchestrator.Storage.Retention;

/// <summary>
/// Searches every text of the tables of activity families for hashes of artifacts. A file stays as long as any of them speaks of it: a family that forgets to say what it refers to, or is
/// written later, loses nothing.
/// </summary>
internal static class FamilyTexts
{
    /// <summary>Sets whose tables hold no artifacts, or are asked one by one because runs come and go in them.</summary>
    private static readonly string[] OfTheEngine = ["engine", "secrets", "audit", "access", "watching", "retention"];

    public static async Task<IReadOnlyList<(string Table, string Column)>> ListAsync(IReadSession session, OrcDatabase database, IReadOnlyList<MigrationSet> sets, CancellationToken cancellation)
    {
        var tables = sets.Where(set => !OfTheEngine.Contains(set.Name)).SelectMany(set => set.For(session.Dialect)).SelectMany(step => CreatedTables.In(step.Text)).ToArray();
        if (database is ServerDatabase server)
        {
            var columns = await session.QueryAsync<ColumnRow>(server.Server.ListColumns, null, cancellation);
            return [.. columns.Where(column => column.Kind == nameof(ColumnKind.Text) && tables.Contains(column.Table)).Select(column => (server.Server.Quote(column.Table), server.Server.Quote(column.Column)))];
        }

        var found = new List<(string, string)>();
        foreach (var table in tables)
        {
            var columns = await session.QueryAsync<string>("SELECT name FROM pragma_table_info(@table) WHERE type = 'TEXT'", new { table }, cancellation);
            found.AddRange(columns.Select(column => ($"\"{table}\"", $"\"{column}\"")));
        }

        return found;
    }

    /// <summary>Texts shorter than a hash are not even sent.</summary>
    public static Task<IReadOnlyList<string>> ReadAsync(IReadSession session, string table, string column, CancellationToken cancellation) =>
        session.QueryAsync<string>(string.Create(CultureInfo.InvariantCulture, $"SELECT {column} FROM {table} WHERE {column} LIKE '{new string('_', 64)}%'"), null, cancellation);

    private sealed class ColumnRow
    {
        public required string Table { get; init; }

        public required string Column { get; init; }

        public required string Kind { get; init; }
    }
}
