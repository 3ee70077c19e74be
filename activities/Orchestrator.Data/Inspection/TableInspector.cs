using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Profiling;
using Orchestrator.Data.Querying;
using Orchestrator.Data.Sources;
using Orchestrator.Data.Tables;

namespace Orchestrator.Data.Inspection;

/// <summary>Looks at a table that nobody has described yet.</summary>
public static class TableInspector
{
    /// <summary>Reads the whole file and proposes a label, a task, rules and columns to leave out.</summary>
    /// <param name="path">A CSV, TSV, Parquet or JSON lines file.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="Core.Activities.ActivityException">The file is no table that can be read; the codes of <c>data.snapshot</c>.</exception>
    public static async Task<TableInspection> InspectAsync(string path, CancellationToken cancellation)
    {
        using var scratch = new ScratchFolder();
        var source = await SourceReader.ReadAsync(Path.GetFullPath(path), new SourceOptions(), scratch.Path, cancellation);
        var parquet = Path.Combine(scratch.Path, "table.parquet");
        await SourceReader.WriteParquetAsync(source, parquet, scratch.Path, cancellation);
        using var duck = DuckSession.Open(scratch.Path, DuckSession.FoldersOf(parquet));
        var profile = await Profiler.ProfileAsync(duck, parquet, source.Columns, source.Rows, cancellation);
        return Inspect(source.Path, profile, source.Notes);
    }

    internal static TableInspection Inspect(string path, DatasetProfile profile, IReadOnlyList<string> notes)
    {
        var leaveOut = profile.Columns.Select(column => LeaveOut(column, profile.Rows)).OfType<LeftOut>().ToArray();
        var label = Labels.Propose(profile, leaveOut.Select(left => left.Column).ToHashSet());
        return new TableInspection
        {
            Path = path,
            Rows = profile.Rows,
            Columns = [.. profile.Columns.Select(column => new ColumnInspection { Name = column.Name, Type = column.Type, Profile = column })],
            Label = label,
            Rules = ProposedRules.For(profile, leaveOut.Select(left => left.Column).ToHashSet(), label?.Column),
            LeaveOut = leaveOut,
            Notes = notes,
        };
    }

    private static LeftOut? LeaveOut(ColumnProfile column, long rows)
    {
        if (column.Count == 0)
        {
            return new LeftOut(column.Name, "it has no value");
        }

        if (column.Distinct == 1)
        {
            return new LeftOut(column.Name, column.Nulls == 0 ? "it has the same value in every row" : "it has one value only");
        }

        // A key says which row it is and nothing about it; a model would learn the rows by heart.
        var unique = column.Distinct >= 0.98 * column.Count && column.Count >= 0.98 * rows && rows >= 20;
        return (unique, column.Type) switch
        {
            (true, ColumnType.Text) => new LeftOut(column.Name, "nearly every row has a text of its own, like a key or a name"),
            (true, ColumnType.Integer) when LooksLikeKey(column, rows) => new LeftOut(column.Name, "nearly every row has a whole number of its own, like a key"),
            _ => null,
        };
    }

    private static bool LooksLikeKey(ColumnProfile column, long rows)
    {
        var name = column.Name.ToLowerInvariant();
        var named = name is "id" or "index" or "key" or "row" or "rownum" or "column_1" || name.EndsWith("id", StringComparison.Ordinal) || name.EndsWith("_key", StringComparison.Ordinal) || name.EndsWith("_no", StringComparison.Ordinal);
        var counts = long.TryParse(column.Min, out var min) && long.TryParse(column.Max, out var max) && max - min < 2 * rows;
        return named || counts;
    }
}
