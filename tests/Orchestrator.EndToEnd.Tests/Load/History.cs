using Microsoft.Data.Sqlite;

namespace Orchestrator.EndToEnd.Tests.Load;

/// <summary>Makes a long history of one run.</summary>
internal static class History
{
    /// <summary>Copies the one run with its tasks and events, under identifiers that are older; every five thousandth failed, and there are twenty pipelines.</summary>
    public static async Task MultiplyAsync(string path, int runs)
    {
        await using var database = new SqliteConnection($"Data Source={path};Pooling=False");
        await database.OpenAsync();
        foreach (var table in new[] { "runs", "tasks", "run_events" })
        {
            var columns = new List<string>();
            using (var info = database.CreateCommand())
            {
                info.CommandText = $"SELECT name FROM pragma_table_info('{table}')";
                using var reader = await info.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                {
                    columns.Add(reader.GetString(0));
                }
            }

            using var copy = database.CreateCommand();
            copy.CommandText = $"""
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {runs})
                INSERT INTO {table} ({string.Join(", ", columns)})
                SELECT {string.Join(", ", columns.Select(column => Value(table, column)))} FROM n CROSS JOIN (SELECT * FROM {table}) AS one ORDER BY n.i
                """;
            await copy.ExecuteNonQueryAsync();
        }
    }

    private static string Value(string table, string column) => (table, column) switch
    {
        ("runs", "id") or (_, "run_id") => "'01H8AAAAAAAAAAAAAA' || printf('%08d', n.i)",
        ("runs", "pipeline") => "'p' || (n.i % 20)",
        ("runs", "status") => "CASE WHEN n.i % 5000 = 7 THEN 'failed' ELSE one.status END",
        _ => $"one.{column}",
    };
}
