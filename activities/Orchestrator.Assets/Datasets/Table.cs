using Orchestrator.Core.Values;

namespace Orchestrator.Assets.Datasets;

/// <summary>A table in memory, by column. All columns have <see cref="RowCount"/> values.</summary>
public sealed record Table
{
    public required int RowCount { get; init; }

    public required IReadOnlyList<TableColumn> Columns { get; init; }

    public TableColumn? Find(string name) => Columns.FirstOrDefault(column => column.Name == name);
}

/// <summary>One column: either numbers or texts, by its type.</summary>
public abstract record TableColumn
{
    private protected TableColumn()
    {
    }

    public required string Name { get; init; }

    public required ColumnType Type { get; init; }
}

/// <summary>Numbers, integers and booleans (1 and 0); dates and timestamps as seconds since 1970-01-01 UTC.</summary>
public sealed record NumberColumn : TableColumn
{
    /// <summary>One per row; <see cref="double.NaN"/> where the value is missing. The table's own: do not write.</summary>
    public required double[] Values { get; init; }
}

/// <summary>Texts.</summary>
public sealed record TextColumn : TableColumn
{
    /// <summary>One per row; null where the value is missing. The table's own: do not write.</summary>
    public required string?[] Values { get; init; }
}

/// <summary>Reads the rows of datasets. A port that every lane has.</summary>
public interface ITableReader
{
    /// <summary>Reads a Parquet file, in its row order.</summary>
    /// <param name="path">The path of a <see cref="DatasetRef.Data"/> artifact.</param>
    /// <param name="columns">The columns to read, in this order; null: all.</param>
    /// <exception cref="Core.Activities.ActivityException">A column is not there, or the file is not readable.</exception>
    Task<Table> ReadAsync(string path, IReadOnlyList<string>? columns, CancellationToken cancellation);

    /// <summary>Reads a CSV, TSV, Parquet or JSON lines file as a person has it, by its ending.</summary>
    Task<Table> ReadSourceAsync(string path, CancellationToken cancellation);
}
