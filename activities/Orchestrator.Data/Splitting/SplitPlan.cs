using Orchestrator.Assets.Datasets;

namespace Orchestrator.Data.Splitting;

/// <summary>By what a row finds its part.</summary>
internal enum SplitStrategy
{
    Unknown = 0,
    Random,
    Stratified,
    Time,
    Group,
}

/// <summary>A part and the share of rows it is to have.</summary>
internal sealed record SplitPart(string Name, double Fraction);

/// <summary>A split whose inputs make sense for its dataset. What they ask of the rows' values is seen when the rows are.</summary>
internal sealed record SplitPlan
{
    public const string TrainName = "train";
    public const string TestName = "test";
    public const string ValidationName = "validation";

    public required SplitStrategy Strategy { get; init; }

    /// <summary>The column of the strategy; null for a random split.</summary>
    public required ColumnInfo? Column { get; init; }

    public required long Seed { get; init; }

    public required long Rows { get; init; }

    /// <summary>In the order in which rows are given out: test, validation if asked, and train, which gets the rest.</summary>
    public required IReadOnlyList<SplitPart> Parts { get; init; }

    public static SplitPlan Check(DatasetRef dataset, double test, double? validation, string? stratifyBy, string? timeColumn, string? groupBy, long seed)
    {
        (string Input, string? Column, SplitStrategy Strategy)[] asked =
            [("stratifyBy", stratifyBy, SplitStrategy.Stratified), ("timeColumn", timeColumn, SplitStrategy.Time), ("groupBy", groupBy, SplitStrategy.Group)];
        var set = asked.Where(one => one.Column is not null).ToArray();
        if (set.Length > 1)
        {
            throw DataErrors.SplitStrategies(set.Select(one => one.Input));
        }

        if (!(test > 0) || validation is { } share && !(share > 0) || !(test + (validation ?? 0) < 1))
        {
            throw DataErrors.SplitFractions(test, validation ?? 0);
        }

        ColumnInfo? column = null;
        if (set is [var (input, name, _)])
        {
            column = dataset.Columns.FirstOrDefault(known => known.Name == name)
                ?? throw DataErrors.SplitColumnMissing(input, name ?? "", dataset.Columns.Select(known => known.Name));
        }

        if (timeColumn is not null && column is { Type: ColumnType.Text or ColumnType.Boolean })
        {
            throw DataErrors.SplitTimeType(column.Name, column.Type.ToString().ToLowerInvariant());
        }

        List<SplitPart> parts = [new(TestName, test)];
        if (validation is { } wanted)
        {
            parts.Add(new SplitPart(ValidationName, wanted));
        }

        parts.Add(new SplitPart(TrainName, 1 - test - (validation ?? 0)));
        return new SplitPlan { Strategy = set is [var one] ? one.Strategy : SplitStrategy.Random, Column = column, Seed = seed, Rows = dataset.Rows, Parts = parts };
    }

    /// <summary>How many of n rows each part gets: test and validation rounded to the nearest row, train the rest.</summary>
    public long[] Quotas(long rows)
    {
        var quotas = Parts.Select(part => (long)Math.Round(rows * part.Fraction, MidpointRounding.AwayFromZero)).ToArray();
        quotas[^1] = rows - quotas[..^1].Sum();
        for (var i = 0; i < quotas.Length; i++)
        {
            if (quotas[i] <= 0)
            {
                throw DataErrors.SplitPartEmpty(Parts[i].Name, rows, Parts[i].Fraction);
            }
        }

        return quotas;
    }
}
