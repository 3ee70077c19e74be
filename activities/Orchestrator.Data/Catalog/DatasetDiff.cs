using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Profiling;

namespace Orchestrator.Data.Catalog;

/// <summary>What is different between two versions of a dataset.</summary>
public sealed record DatasetDiff
{
    public required DatasetRef Before { get; init; }

    public required DatasetRef After { get; init; }

    public long RowsAdded => After.Rows - Before.Rows;

    /// <summary>Columns that only the later version has.</summary>
    public required IReadOnlyList<ColumnInfo> Added { get; init; }

    /// <summary>Columns that only the earlier version has.</summary>
    public required IReadOnlyList<ColumnInfo> Removed { get; init; }

    /// <summary>Columns of both, in the later one's order, whose type or profile differs.</summary>
    public required IReadOnlyList<ColumnDiff> Changed { get; init; }

    internal static DatasetDiff Of(DatasetRef before, DatasetProfile beforeProfile, DatasetRef after, DatasetProfile afterProfile)
    {
        var earlier = beforeProfile.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        return new DatasetDiff
        {
            Before = before,
            After = after,
            Added = [.. after.Columns.Where(column => before.Columns.All(other => other.Name != column.Name))],
            Removed = [.. before.Columns.Where(column => after.Columns.All(other => other.Name != column.Name))],
            Changed =
            [
                .. afterProfile.Columns
                    .Where(column => earlier.ContainsKey(column.Name))
                    .Select(column => new ColumnDiff { Name = column.Name, Before = earlier[column.Name], After = column })
                    .Where(diff => diff.Differs),
            ],
        };
    }
}

/// <summary>One column in two versions.</summary>
public sealed record ColumnDiff
{
    public required string Name { get; init; }

    public required ColumnProfile Before { get; init; }

    public required ColumnProfile After { get; init; }

    public bool TypeChanged => Before.Type != After.Type;

    /// <summary>Values that are among the most frequent ones of a column of few values now, and were not there before.</summary>
    public IReadOnlyList<string> NewValues => Before.Distinct <= Before.Top.Count
        ? [.. After.Top.Select(top => top.Value).Except(Before.Top.Select(top => top.Value))]
        : [];

    internal bool Differs =>
        TypeChanged
        || Before.Count != After.Count || Before.Nulls != After.Nulls || Before.Distinct != After.Distinct
        || Before.Min != After.Min || Before.Max != After.Max || Before.Mean != After.Mean || Before.StandardDeviation != After.StandardDeviation
        || !Before.Top.SequenceEqual(After.Top);
}
