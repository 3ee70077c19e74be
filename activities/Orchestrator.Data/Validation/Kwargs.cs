using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Data.Validation;

/// <summary>An argument of a Great Expectations rule is missing or of the wrong form.</summary>
internal sealed class KwargException(string argument, string message) : Exception(message)
{
    public string Argument { get; } = argument;
}

/// <summary>The arguments of one Great Expectations rule; remembers which were read, so that none is silently dropped.</summary>
internal sealed class Kwargs(IReadOnlyDictionary<string, JsonElement> values)
{
    // What suites carry for GX's own machinery and what says nothing about the data.
    private readonly HashSet<string> read = ["batch_id", "result_format", "catch_exceptions", "include_config", "parse_strings_as_datetimes"];

    public IEnumerable<string> Unread() => values.Where(pair => pair.Value.ValueKind != JsonValueKind.Null && !read.Contains(pair.Key)).Select(pair => pair.Key);

    public Expectation Column() => new() { Column = Text("column") };

    public T Ignoring<T>(string argument, T value)
    {
        read.Add(argument);
        return value;
    }

    public string Text(string argument) => Take<string>(argument);

    public double Number(string argument) => Take<double>(argument);

    public double? OptionalNumber(string argument) => Has(argument) ? Take<double>(argument) : null;

    public bool? Flag(string argument) => Has(argument) ? Take<bool>(argument) : null;

    public IReadOnlyList<string> Texts(string argument) => Take<IReadOnlyList<string>>(argument);

    public IReadOnlyList<Scalar> Set() => Take<IReadOnlyList<Scalar>>("value_set");

    public Bounds Range() => new()
    {
        Min = Has("min_value") ? Take<Scalar>("min_value") : default(Scalar?),
        Max = Has("max_value") ? Take<Scalar>("max_value") : default(Scalar?),
        ExclusiveMin = Flag("strict_min") == true ? true : null,
        ExclusiveMax = Flag("strict_max") == true ? true : null,
    };

    public Bounds Exactly()
    {
        var value = Take<Scalar>("value");
        return new Bounds { Min = value, Max = value };
    }

    public ColumnPair Pair(bool? orEqual) => new() { A = Text("column_A"), B = Text("column_B"), OrEqual = orEqual == true ? true : null };

    public PairSet PairSet() => new() { A = Text("column_A"), B = Text("column_B"), Values = Take<IReadOnlyList<IReadOnlyList<Scalar>>>("value_pairs_set") };

    public IReadOnlyList<QuantileBounds> Quantiles()
    {
        var ranges = Take<JsonElement>("quantile_ranges");
        try
        {
            var at = OrcJson.FromElement<IReadOnlyList<double>>(ranges.GetProperty("quantiles"));
            var bounds = OrcJson.FromElement<IReadOnlyList<IReadOnlyList<Scalar?>>>(ranges.GetProperty("value_ranges"));
            return [.. at.Zip(bounds, (q, range) => new QuantileBounds { At = q, Min = range[0], Max = range[1] })];
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or ArgumentOutOfRangeException or InvalidOperationException)
        {
            throw new KwargException("quantile_ranges", "must be { \"quantiles\": [0.5, …], \"value_ranges\": [[low, high], …] }");
        }
    }

    public Divergence Partition()
    {
        var partition = Take<JsonElement>("partition_object");
        foreach (var hold in new[] { "tail_weight_holdout", "internal_weight_holdout" })
        {
            if (OptionalNumber(hold) is not null and not 0)
            {
                throw new KwargException(hold, "is not read here; give every value or bin a weight instead");
            }
        }

        try
        {
            return new Divergence
            {
                Below = Number("threshold"),
                Values = partition.TryGetProperty("values", out var values) ? OrcJson.FromElement<IReadOnlyList<Scalar>>(values) : null,
                Bins = partition.TryGetProperty("bins", out var bins) ? OrcJson.FromElement<IReadOnlyList<double>>(bins) : null,
                Weights = OrcJson.FromElement<IReadOnlyList<double>>(partition.GetProperty("weights")),
            };
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new KwargException("partition_object", "must be { \"values\": […], \"weights\": […] } or { \"bins\": […], \"weights\": […] }");
        }
    }

    public Severity? Severity() => !Has("severity") ? null : Text("severity") is "warning" or "info" or "warn" ? Validation.Severity.Warn : Validation.Severity.Error;

    private bool Has(string argument)
    {
        read.Add(argument);
        return values.TryGetValue(argument, out var value) && value.ValueKind != JsonValueKind.Null;
    }

    private T Take<T>(string argument)
    {
        if (!Has(argument))
        {
            throw new KwargException(argument, "is missing");
        }

        try
        {
            return OrcJson.FromElement<T>(values[argument]);
        }
        catch (JsonException)
        {
            throw new KwargException(argument, $"has the wrong form: {values[argument].GetRawText()}");
        }
    }
}
