using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Activities;

namespace Orchestrator.Data.Validation;

/// <summary>How much a failed rule matters.</summary>
public enum Severity
{
    Unknown = 0,

    /// <summary>The task fails.</summary>
    Error,

    /// <summary>It is reported and nothing else.</summary>
    Warn,
}

/// <summary>
/// One line of <c>expect</c>: one or more rules about one column, about several, or about the table. In JSON
/// <c>{ "column": "churn", "notNull": true, "inSet": ["yes", "no"] }</c>; in a script <c>Column("churn").NotNull().InSet("yes", "no")</c>.
/// Great Expectations' form <c>{ "type": "expect_…", "kwargs": { … } }</c> is read as well.
/// </summary>
/// <remarks>
/// A value that is null or NaN is missing: rules about values say nothing about it, <see cref="NotNull"/> does. Infinities are values: outside every range with a
/// finite end on their side, and what <see cref="Finite"/> finds. Rates are of the rows whose value is not missing (for <see cref="NotNull"/>: of all rows).
/// </remarks>
public sealed partial record Expectation : ICheckedValue
{
    /// <summary>The column that the rules of this line are about.</summary>
    public string? Column { get; init; }

    /// <summary>The column is there.</summary>
    public bool? Exists { get; init; }

    /// <summary>The column's type is one of these: number, integer, boolean, text, date, timestamp. An integer is a number too.</summary>
    public IReadOnlyList<string>? OfType { get; init; }

    public bool? NotNull { get; init; }

    public bool? IsNull { get; init; }

    /// <summary>No value twice; every row of a repeated value counts.</summary>
    public bool? Unique { get; init; }

    /// <summary>Neither NaN nor infinite.</summary>
    public bool? Finite { get; init; }

    public IReadOnlyList<Scalar>? InSet { get; init; }

    public IReadOnlyList<Scalar>? NotInSet { get; init; }

    public Bounds? Between { get; init; }

    /// <summary>A regular expression (RE2) that is found in the text; anchor it with ^ and $ to match all of it.</summary>
    public string? Matches { get; init; }

    public string? NotMatches { get; init; }

    /// <summary>A strftime format: <c>%Y-%m-%d</c>.</summary>
    public string? DateFormat { get; init; }

    /// <summary>No value is below the one before it, in the table's order.</summary>
    public bool? Increasing { get; init; }

    /// <summary>No value is above the one before it.</summary>
    public bool? Decreasing { get; init; }

    /// <summary>With <see cref="Increasing"/> or <see cref="Decreasing"/>: equal neighbours fail too.</summary>
    public bool? Strictly { get; init; }

    /// <summary>How many characters a text has.</summary>
    public Bounds? Length { get; init; }

    /// <summary>Fewer standard deviations than this from the mean, on either side.</summary>
    public double? ZScoreBelow { get; init; }

    public Bounds? Min { get; init; }

    public Bounds? Max { get; init; }

    public Bounds? Mean { get; init; }

    public Bounds? Median { get; init; }

    /// <summary>The sample standard deviation (n − 1).</summary>
    public Bounds? StandardDeviation { get; init; }

    public Bounds? Sum { get; init; }

    public IReadOnlyList<QuantileBounds>? Quantiles { get; init; }

    /// <summary>No value outside this set appears; the same as <see cref="InSet"/> but judged on the set of values, so no tolerance applies.</summary>
    public IReadOnlyList<Scalar>? DistinctInSet { get; init; }

    /// <summary>Every value of this set appears.</summary>
    public IReadOnlyList<Scalar>? DistinctContains { get; init; }

    /// <summary>Exactly the values of this set appear.</summary>
    public IReadOnlyList<Scalar>? DistinctEquals { get; init; }

    public Bounds? DistinctCount { get; init; }

    /// <summary>Distinct values by values that are not missing, 0..1.</summary>
    public Bounds? DistinctRate { get; init; }

    public IReadOnlyList<Scalar>? MostCommonInSet { get; init; }

    /// <summary>With <see cref="MostCommonInSet"/>: several equally common values are fine when one of them is in the set.</summary>
    public bool? TiesOkay { get; init; }

    public Divergence? Divergence { get; init; }

    public Bounds? RowCount { get; init; }

    /// <summary>As many rows as the task's input <c>other</c>.</summary>
    public bool? RowCountAsOther { get; init; }

    public Bounds? ColumnCount { get; init; }

    /// <summary>The table's columns, in any order.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>With <see cref="Columns"/>: further columns are fine.</summary>
    public bool? OthersAllowed { get; init; }

    /// <summary>The table's columns, in this order.</summary>
    public IReadOnlyList<string>? ColumnsInOrder { get; init; }

    /// <summary>No two rows have the same values in these columns.</summary>
    public IReadOnlyList<string>? UniqueTogether { get; init; }

    /// <summary>Within each row, no value twice in these columns.</summary>
    public IReadOnlyList<string>? UniqueWithinRow { get; init; }

    /// <summary>A above b in each row.</summary>
    public ColumnPair? Greater { get; init; }

    /// <summary>A equal to b in each row.</summary>
    public ColumnPair? Equal { get; init; }

    public PairSet? PairInSet { get; init; }

    public ColumnSum? SumEquals { get; init; }

    /// <summary>The least share of values that must obey, 0..1. Default 1.</summary>
    public double? Mostly { get; init; }

    /// <summary>The most values that may disobey.</summary>
    public long? MaxCount { get; init; }

    /// <summary>The highest share of values that may disobey, 0..1.</summary>
    public double? MaxRate { get; init; }

    /// <summary>Default error.</summary>
    public Severity? Severity { get; init; }

    /// <summary>Great Expectations' name of a rule, <c>expect_column_values_to_be_between</c>, with <see cref="Kwargs"/>.</summary>
    public string? Type { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Kwargs { get; init; }

    /// <summary>Great Expectations' notes; kept and not read.</summary>
    public JsonElement? Meta { get; init; }

    /// <summary>Great Expectations' identifier; kept and not read.</summary>
    public string? Id { get; init; }

    /// <summary>Members that are no rule; each is a finding.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>The value below which a share <see cref="At"/> (0..1) of the values lies, with its bounds. Interpolated linearly.</summary>
public sealed record QuantileBounds
{
    public required double At { get; init; }

    public Scalar? Min { get; init; }

    public Scalar? Max { get; init; }
}

/// <summary>Kullback-Leibler divergence in nats of the column's distribution from an expected one: of <see cref="Values"/>, or of bins between <see cref="Bins"/>.</summary>
public sealed record Divergence
{
    public required double Below { get; init; }

    /// <summary>The values, one weight each.</summary>
    public IReadOnlyList<Scalar>? Values { get; init; }

    /// <summary>The edges of n bins, n + 1 rising numbers. The last bin has both its ends; values outside are a bin with weight zero.</summary>
    public IReadOnlyList<double>? Bins { get; init; }

    /// <summary>Weights; they need not sum to one.</summary>
    public required IReadOnlyList<double> Weights { get; init; }
}

/// <summary>Two columns of the same row.</summary>
public sealed record ColumnPair
{
    public required string A { get; init; }

    public required string B { get; init; }

    /// <summary>For <c>greater</c>: equal is fine too.</summary>
    public bool? OrEqual { get; init; }
}

/// <summary>Two columns and the pairs of values they may have.</summary>
public sealed record PairSet
{
    public required string A { get; init; }

    public required string B { get; init; }

    /// <summary>Pairs: two values each.</summary>
    public required IReadOnlyList<IReadOnlyList<Scalar>> Values { get; init; }
}

/// <summary>Several columns of the same row and what they add up to.</summary>
public sealed record ColumnSum
{
    public required IReadOnlyList<string> Columns { get; init; }

    public required double Total { get; init; }

    /// <summary>How far the sum may be off. Default 1e-9 of the total's size.</summary>
    public double? Tolerance { get; init; }
}
