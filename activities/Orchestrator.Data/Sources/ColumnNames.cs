namespace Orchestrator.Data.Sources;

/// <summary>Column names must tell columns apart, also to those who do not look at case.</summary>
internal static class ColumnNames
{
    /// <summary>The name that DuckDB gives the position of a row.</summary>
    private const string Reserved = "file_row_number";

    public static void Check(string path, IReadOnlyList<string> names)
    {
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Equals(Reserved, StringComparison.OrdinalIgnoreCase))
            {
                throw DataErrors.ReservedColumn(path, names[i]);
            }

            if (!seen.TryAdd(names[i], i))
            {
                throw DataErrors.DuplicateColumn(path, names[i], seen[names[i]] + 1, i + 1, names[seen[names[i]]]);
            }
        }
    }
}
