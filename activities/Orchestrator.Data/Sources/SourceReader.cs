using Orchestrator.Data.Querying;

namespace Orchestrator.Data.Sources;

/// <summary>From a file as a person has it to rows whose every value is accounted for.</summary>
internal static class SourceReader
{
    /// <summary>Looks at the whole file once and answers how to read it. Memory is bounded whatever the file is.</summary>
    public static async Task<SourceTable> ReadAsync(string path, SourceOptions options, string workingDirectory, CancellationToken cancellation)
    {
        var stamp = SourceFiles.Check(path);
        var format = SourceFiles.FormatOf(path, options.Format);
        if (format != SourceFormat.Parquet && SourceFiles.Signature(path) is { } what)
        {
            throw DataErrors.UnknownEnding(path, what);
        }

        return format switch
        {
            SourceFormat.Parquet => await ParquetSource.ReadAsync(path, workingDirectory, cancellation),
            SourceFormat.JsonLines => await JsonLinesSource.ReadAsync(path, stamp, options, workingDirectory, cancellation),
            _ => await CsvSource.ReadAsync(path, stamp, format, options, workingDirectory, cancellation),
        };
    }

    /// <summary>
    /// Writes the rows as Parquet. On one thread and in file order, so that the same source gives the same bytes; and only if DuckDB found as many rows as the
    /// first look, and nobody wrote to the file meanwhile.
    /// </summary>
    public static async Task WriteParquetAsync(SourceTable source, string parquet, string workingDirectory, CancellationToken cancellation)
    {
        using var duck = DuckSession.Open(workingDirectory, DuckSession.FoldersOf([.. source.Files, parquet]), threads: 1);
        try
        {
            await duck.ExecuteAsync($"COPY ({source.Select}) TO {Sql.Text(parquet)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)", cancellation);
        }
        catch (QueryException wrong)
        {
            throw Changed(source) ? DataErrors.ChangedWhileRead(source.Path) : DataErrors.ReadDiffers(source.Path, wrong.Message.Split('\n')[0]);
        }

        var rows = (await duck.QueryAsync($"SELECT count(*) FROM read_parquet({Sql.Text(parquet)})", row => row.GetInt64(0), cancellation))[0];
        if (Changed(source))
        {
            throw DataErrors.ChangedWhileRead(source.Path);
        }

        if (rows != source.Rows)
        {
            throw DataErrors.ReadDiffers(source.Path, $"{source.Rows} rows at first, then {rows}");
        }
    }

    private static bool Changed(SourceTable source) => !File.Exists(source.Path) || FileStamp.Of(source.Path) != source.Stamp;
}
