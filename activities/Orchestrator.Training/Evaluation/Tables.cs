using Orchestrator.Assets.Datasets;

namespace Orchestrator.Training.Evaluation;

/// <summary>What evaluation does with tables; none of it changes the table that it was given.</summary>
internal static class Tables
{
    /// <summary>Some of the rows, in the given order. The table itself when that is all of them as they are.</summary>
    public static Table Take(this Table table, int[] rows) =>
        rows.Length == table.RowCount && rows.Select((row, place) => row == place).All(same => same)
            ? table
            : table with { RowCount = rows.Length, Columns = [.. table.Columns.Select(column => Take(column, rows))] };

    /// <summary>The table with one column's values in another row order.</summary>
    public static Table WithPermuted(this Table table, string name, int[] order) =>
        table with { Columns = [.. table.Columns.Select(column => column.Name == name ? Take(column, order) : column)] };

    private static TableColumn Take(TableColumn column, int[] rows) => column switch
    {
        NumberColumn numbers => numbers with { Values = [.. rows.Select(row => numbers.Values[row])] },
        TextColumn texts => texts with { Values = [.. rows.Select(row => texts.Values[row])] },
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.GetType().Name, "not a kind of column"),
    };
}
