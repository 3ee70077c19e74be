namespace Orchestrator.Data.Sources;

/// <summary>What a source file is.</summary>
internal enum SourceFormat
{
    Unknown = 0,
    Csv,
    Tsv,
    Parquet,
    JsonLines,
}

/// <summary>How a person says a source is to be read; everything unset is found out or has the usual value.</summary>
internal sealed record SourceOptions
{
    /// <summary>Null: by the file's ending.</summary>
    public SourceFormat? Format { get; init; }

    /// <summary>Null: tab for TSV; for CSV whichever of , ; | and tab is most frequent in the header.</summary>
    public string? Delimiter { get; init; }

    public string Encoding { get; init; } = "utf-8";

    /// <summary>Texts that mean a missing value, besides nothing at all.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];
}

/// <summary>A source whose every row has been looked at once: what DuckDB must find in it.</summary>
internal sealed record SourceTable
{
    public required string Path { get; init; }

    public required FileStamp Stamp { get; init; }

    public required IReadOnlyList<Assets.Datasets.ColumnInfo> Columns { get; init; }

    public required long Rows { get; init; }

    /// <summary>A SELECT that yields the rows in file order, each column in the SQL type of its <see cref="Assets.Datasets.ColumnType"/>.</summary>
    public required string Select { get; init; }

    /// <summary>The files that <see cref="Select"/> reads.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>What a person should know about how it was read.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>Enough of a file's state to see that it changed.</summary>
internal readonly record struct FileStamp(long Length, DateTime Written)
{
    public static FileStamp Of(string path)
    {
        var file = new FileInfo(path);
        return new FileStamp(file.Length, file.LastWriteTimeUtc);
    }
}
