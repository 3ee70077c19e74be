using Orchestrator.Core.Activities;

namespace Orchestrator.Data.Validation;

/// <summary>Rules as scripts write them: <c>Column("churn").NotNull().InSet("yes", "no")</c>, <c>RowCount(atLeast: 1000)</c>. Each gives the same <see cref="Expectation"/> as its JSON form.</summary>
[ScriptFunctions]
public static class ExpectationFunctions
{
    public static Expectation Column(string name) => new() { Column = name };

    public static Expectation RowCount(long? atLeast = null, long? atMost = null, long? exactly = null) =>
        new() { RowCount = Range(atLeast ?? exactly, atMost ?? exactly) };

    public static Expectation RowCountAsOther() => new() { RowCountAsOther = true };

    public static Expectation ColumnCount(long? atLeast = null, long? atMost = null, long? exactly = null) =>
        new() { ColumnCount = Range(atLeast ?? exactly, atMost ?? exactly) };

    /// <summary>The table has exactly these columns, in any order.</summary>
    public static Expectation Columns(params string[] names) => new() { Columns = names };

    public static Expectation ColumnsInOrder(params string[] names) => new() { ColumnsInOrder = names };

    public static Expectation UniqueTogether(params string[] columns) => new() { UniqueTogether = columns };

    public static Expectation UniqueWithinRow(params string[] columns) => new() { UniqueWithinRow = columns };

    /// <summary>Column <paramref name="a"/> is above column <paramref name="b"/> in each row.</summary>
    public static Expectation Greater(string a, string b, bool orEqual = false) =>
        new() { Greater = new ColumnPair { A = a, B = b, OrEqual = orEqual ? true : null } };

    /// <summary>Column <paramref name="a"/> is equal to column <paramref name="b"/> in each row.</summary>
    public static Expectation Equal(string a, string b) => new() { Equal = new ColumnPair { A = a, B = b } };

    public static Expectation PairInSet(string a, string b, params (Scalar A, Scalar B)[] values) =>
        new() { PairInSet = new PairSet { A = a, B = b, Values = [.. values.Select(pair => (IReadOnlyList<Scalar>)[pair.A, pair.B])] } };

    public static Expectation SumEquals(double total, params string[] columns) => new() { SumEquals = new ColumnSum { Columns = columns, Total = total } };

    /// <summary>Great Expectations' form: <c>Gx("expect_column_values_to_be_unique", ("column", "id"))</c>.</summary>
    public static Expectation Gx(string type, params (string Name, object Value)[] kwargs) =>
        new() { Type = type, Kwargs = kwargs.ToDictionary(pair => pair.Name, pair => Core.Values.OrcJson.ToElement(pair.Value)) };

    public static Expectation Exists(this Expectation rule) => rule with { Exists = true };

    /// <param name="types">number, integer, boolean, text, date, timestamp.</param>
    public static Expectation OfType(this Expectation rule, params string[] types) => rule with { OfType = types };

    public static Expectation NotNull(this Expectation rule) => rule with { NotNull = true };

    public static Expectation IsNull(this Expectation rule) => rule with { IsNull = true };

    public static Expectation Unique(this Expectation rule) => rule with { Unique = true };

    public static Expectation Finite(this Expectation rule) => rule with { Finite = true };

    public static Expectation InSet(this Expectation rule, params Scalar[] values) => rule with { InSet = values };

    public static Expectation NotInSet(this Expectation rule, params Scalar[] values) => rule with { NotInSet = values };

    /// <summary>From <paramref name="min"/> to <paramref name="max"/>, both included.</summary>
    public static Expectation Between(this Expectation rule, Scalar min, Scalar max) => rule with { Between = Range(min, max) };

    public static Expectation AtLeast(this Expectation rule, Scalar min) => rule with { Between = (rule.Between ?? new Bounds()) with { Min = min } };

    public static Expectation AtMost(this Expectation rule, Scalar max) => rule with { Between = (rule.Between ?? new Bounds()) with { Max = max } };

    public static Expectation Above(this Expectation rule, Scalar min) => rule with { Between = (rule.Between ?? new Bounds()) with { Min = min, ExclusiveMin = true } };

    public static Expectation Below(this Expectation rule, Scalar max) => rule with { Between = (rule.Between ?? new Bounds()) with { Max = max, ExclusiveMax = true } };

    public static Expectation Matches(this Expectation rule, string regex) => rule with { Matches = regex };

    public static Expectation NotMatches(this Expectation rule, string regex) => rule with { NotMatches = regex };

    public static Expectation DateFormat(this Expectation rule, string format) => rule with { DateFormat = format };

    public static Expectation Increasing(this Expectation rule, bool strictly = false) => rule with { Increasing = true, Strictly = strictly ? true : rule.Strictly };

    public static Expectation Decreasing(this Expectation rule, bool strictly = false) => rule with { Decreasing = true, Strictly = strictly ? true : rule.Strictly };

    public static Expectation Length(this Expectation rule, long? atLeast = null, long? atMost = null, long? exactly = null) =>
        rule with { Length = Range(atLeast ?? exactly, atMost ?? exactly) };

    public static Expectation ZScoreBelow(this Expectation rule, double deviations) => rule with { ZScoreBelow = deviations };

    public static Expectation Min(this Expectation rule, Scalar? atLeast = null, Scalar? atMost = null) => rule with { Min = Range(atLeast, atMost) };

    public static Expectation Max(this Expectation rule, Scalar? atLeast = null, Scalar? atMost = null) => rule with { Max = Range(atLeast, atMost) };

    public static Expectation Mean(this Expectation rule, double? atLeast = null, double? atMost = null) => rule with { Mean = Range(atLeast, atMost) };

    public static Expectation Median(this Expectation rule, double? atLeast = null, double? atMost = null) => rule with { Median = Range(atLeast, atMost) };

    public static Expectation StandardDeviation(this Expectation rule, double? atLeast = null, double? atMost = null) =>
        rule with { StandardDeviation = Range(atLeast, atMost) };

    public static Expectation Sum(this Expectation rule, double? atLeast = null, double? atMost = null) => rule with { Sum = Range(atLeast, atMost) };

    /// <summary>Adds bounds for one quantile: <c>.Quantile(0.95, atMost: 300)</c>.</summary>
    public static Expectation Quantile(this Expectation rule, double at, double? atLeast = null, double? atMost = null) =>
        rule with { Quantiles = [.. rule.Quantiles ?? [], new QuantileBounds { At = at, Min = atLeast, Max = atMost }] };

    public static Expectation DistinctInSet(this Expectation rule, params Scalar[] values) => rule with { DistinctInSet = values };

    public static Expectation DistinctContains(this Expectation rule, params Scalar[] values) => rule with { DistinctContains = values };

    public static Expectation DistinctEquals(this Expectation rule, params Scalar[] values) => rule with { DistinctEquals = values };

    public static Expectation DistinctCount(this Expectation rule, long? atLeast = null, long? atMost = null, long? exactly = null) =>
        rule with { DistinctCount = Range(atLeast ?? exactly, atMost ?? exactly) };

    public static Expectation DistinctRate(this Expectation rule, double? atLeast = null, double? atMost = null) => rule with { DistinctRate = Range(atLeast, atMost) };

    public static Expectation MostCommonInSet(this Expectation rule, params Scalar[] values) => rule with { MostCommonInSet = values };

    /// <summary>Divergence of the column's values from expected weights: <c>.DivergenceBelow(0.1, ("yes", 0.14), ("no", 0.86))</c>.</summary>
    public static Expectation DivergenceBelow(this Expectation rule, double below, params (Scalar Value, double Weight)[] expected) => rule with
    {
        Divergence = new Divergence { Below = below, Values = [.. expected.Select(e => e.Value)], Weights = [.. expected.Select(e => e.Weight)] },
    };

    /// <summary>At least this share of the values must obey, 0..1.</summary>
    public static Expectation Mostly(this Expectation rule, double share) => rule with { Mostly = share };

    public static Expectation MaxCount(this Expectation rule, long count) => rule with { MaxCount = count };

    public static Expectation MaxRate(this Expectation rule, double rate) => rule with { MaxRate = rate };

    /// <summary>A failure is reported and does not fail the task.</summary>
    public static Expectation Warn(this Expectation rule) => rule with { Severity = Validation.Severity.Warn };

    private static Bounds Range(Scalar? min, Scalar? max) => new() { Min = min, Max = max };

    private static Bounds Range(long? min, long? max) => new() { Min = min is { } low ? new Scalar(low) : default(Scalar?), Max = max is { } high ? new Scalar(high) : default(Scalar?) };

    private static Bounds Range(double? min, double? max) => new() { Min = min is { } low ? new Scalar(low) : default(Scalar?), Max = max is { } high ? new Scalar(high) : default(Scalar?) };
}
