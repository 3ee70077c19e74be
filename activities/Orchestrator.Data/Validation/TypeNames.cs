using System.Collections.Frozen;
using Orchestrator.Assets.Datasets;

namespace Orchestrator.Data.Validation;

/// <summary>The names of column types in rules: our own, and those that suites written for pandas, Spark or SQL use.</summary>
internal static class TypeNames
{
    private static readonly FrozenDictionary<string, ColumnType> Known = new Dictionary<string, ColumnType>(StringComparer.OrdinalIgnoreCase)
    {
        ["number"] = ColumnType.Number, ["integer"] = ColumnType.Integer, ["boolean"] = ColumnType.Boolean, ["text"] = ColumnType.Text,
        ["date"] = ColumnType.Date, ["timestamp"] = ColumnType.Timestamp,
        ["float"] = ColumnType.Number, ["float32"] = ColumnType.Number, ["float64"] = ColumnType.Number, ["double"] = ColumnType.Number, ["DoubleType"] = ColumnType.Number,
        ["FloatType"] = ColumnType.Number, ["DOUBLE PRECISION"] = ColumnType.Number, ["real"] = ColumnType.Number, ["numeric"] = ColumnType.Number, ["decimal"] = ColumnType.Number,
        ["int"] = ColumnType.Integer, ["int32"] = ColumnType.Integer, ["int64"] = ColumnType.Integer, ["bigint"] = ColumnType.Integer, ["smallint"] = ColumnType.Integer,
        ["IntegerType"] = ColumnType.Integer, ["LongType"] = ColumnType.Integer,
        ["bool"] = ColumnType.Boolean, ["BooleanType"] = ColumnType.Boolean,
        ["str"] = ColumnType.Text, ["string"] = ColumnType.Text, ["object"] = ColumnType.Text, ["varchar"] = ColumnType.Text, ["StringType"] = ColumnType.Text,
        ["DateType"] = ColumnType.Date,
        ["datetime"] = ColumnType.Timestamp, ["datetime64"] = ColumnType.Timestamp, ["datetime64[ns]"] = ColumnType.Timestamp, ["TimestampType"] = ColumnType.Timestamp,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static IReadOnlyList<string> Own { get; } = ["number", "integer", "boolean", "text", "date", "timestamp"];

    public static ColumnType? Find(string name) => Known.TryGetValue(name, out var type) ? type : null;

    public static string Of(ColumnType type) => type.ToString().ToLowerInvariant();
}
