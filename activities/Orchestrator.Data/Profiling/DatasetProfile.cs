using Orchestrator.Assets.Datasets;

namespace Orchestrator.Data.Profiling;

/// <summary>What a dataset's columns hold, in numbers.</summary>
public sealed record DatasetProfile
{
    public required long Rows { get; init; }

    /// <summary>In the table's order.</summary>
    public required IReadOnlyList<ColumnProfile> Columns { get; init; }
}

/// <summary>One column in numbers. What does not apply to its type is absent.</summary>
public sealed record ColumnProfile
{
    public required string Name { get; init; }

    public required ColumnType Type { get; init; }

    /// <summary>Values that are neither null nor NaN.</summary>
    public required long Count { get; init; }

    /// <summary>Nulls, without NaN.</summary>
    public required long Nulls { get; init; }

    /// <summary>NaN values; absent when there are none.</summary>
    public long? NaNs { get; init; }

    /// <summary>Infinite values; absent when there are none. Mean, deviation, quantiles and histogram leave them out.</summary>
    public long? Infinities { get; init; }

    public required long Distinct { get; init; }

    /// <summary>True for large tables: <see cref="Distinct"/> is a HyperLogLog estimate and quantiles are estimates too.</summary>
    public bool? Estimated { get; init; }

    /// <summary>The smallest value as text: of texts by code point.</summary>
    public string? Min { get; init; }

    public string? Max { get; init; }

    public double? Mean { get; init; }

    /// <summary>The sample standard deviation (n − 1).</summary>
    public double? StandardDeviation { get; init; }

    public long? Zeros { get; init; }

    /// <summary>The quantiles of <see cref="Profiler.Shares"/>, in that order: 5, 25, 50, 75 and 95 %.</summary>
    public IReadOnlyList<double>? Quantiles { get; init; }

    /// <summary>The most frequent values, at most ten, the most frequent first.</summary>
    public IReadOnlyList<ValueCount> Top { get; init; } = [];

    public Histogram? Histogram { get; init; }
}

/// <summary>A value as text and how often it appears.</summary>
public sealed record ValueCount
{
    public required string Value { get; init; }

    public required long Count { get; init; }
}

/// <summary>Counts of finite values in bins of equal width between the smallest and the largest; the last bin has both its ends.</summary>
public sealed record Histogram
{
    public required double From { get; init; }

    public required double To { get; init; }

    public required IReadOnlyList<long> Counts { get; init; }
}
