using System.Globalization;
using Orchestrator.Assets.Datasets;

namespace Orchestrator.Data.Querying;

/// <summary>Spells names and values in DuckDB's SQL, so that nothing a user wrote is ever read as SQL.</summary>
internal static class Sql
{
    public static string Name(string column) => $"\"{column.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Text(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    public static string Number(double value) => value switch
    {
        double.NaN => "'NaN'::DOUBLE",
        double.PositiveInfinity => "'Infinity'::DOUBLE",
        double.NegativeInfinity => "'-Infinity'::DOUBLE",
        _ => value.ToString("R", CultureInfo.InvariantCulture) + "::DOUBLE",
    };

    public static string Number(long value) => value == long.MinValue
        ? "(-9223372036854775807 - 1)"
        : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The one SQL type in which each <see cref="ColumnType"/> is stored.</summary>
    public static string TypeOf(ColumnType type) => type switch
    {
        ColumnType.Integer => "BIGINT",
        ColumnType.Number => "DOUBLE",
        ColumnType.Boolean => "BOOLEAN",
        ColumnType.Date => "DATE",
        ColumnType.Timestamp => "TIMESTAMP",
        ColumnType.Text => "VARCHAR",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a type that is stored"),
    };

    /// <summary>The rows of a dataset's Parquet file, with their position from 0 as <c>file_row_number</c>.</summary>
    public static string Rows(string parquet) => $"read_parquet({Text(parquet)}, file_row_number = true)";
}
