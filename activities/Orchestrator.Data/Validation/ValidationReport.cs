using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Activities;

namespace Orchestrator.Data.Validation;

/// <summary>What a validation found, in the forms that people and tools read.</summary>
internal sealed record ValidationReport
{
    public required DatasetRef Dataset { get; init; }

    /// <summary>In the order of the rules.</summary>
    public required IReadOnlyList<RuleResult> Results { get; init; }

    public IReadOnlyList<RuleResult> Errors => [.. Results.Where(result => !result.Passed && result.Rule.Severity == Severity.Error)];

    public IReadOnlyList<RuleResult> Warnings => [.. Results.Where(result => !result.Passed && result.Rule.Severity == Severity.Warn)];

    public bool Passed => Errors.Count == 0;

    /// <summary><c>rule churn in {"no","yes"}: 12 of 5000 rows (0.24 %), e.g. row 17: "maybe"</c>.</summary>
    public static string Describe(RuleResult result)
    {
        var text = new StringBuilder($"rule {result.Rule.Text}: ");
        if (result.Disobeyed is { } bad)
        {
            text.Append(CultureInfo.InvariantCulture, $"{bad} of {result.Judged} rows ({Percent(result.Rate)})");
            if (result.Examples is [var first, ..])
            {
                text.Append(CultureInfo.InvariantCulture, $", e.g. row {first.Row}: {Values(first)}");
            }
        }
        else
        {
            text.Append(result.Note ?? (result.Passed ? "holds" : "does not hold"));
        }

        return text.ToString();
    }

    /// <summary>The log of the attempt: each rule, and the examples of those that are broken.</summary>
    public IEnumerable<(LogSeverity Severity, string Text)> Lines()
    {
        foreach (var result in Results.Where(result => result.Passed))
        {
            var tolerated = result.Disobeyed > 0 ? $" ({result.Disobeyed} of {result.Judged} disobey, which is tolerated)" : "";
            yield return (LogSeverity.Info, $"holds: {result.Rule.Text}{tolerated}");
        }

        foreach (var result in Warnings.Concat(Errors))
        {
            var severity = result.Rule.Severity == Severity.Error ? LogSeverity.Error : LogSeverity.Warning;
            yield return (severity, Describe(result));
            foreach (var row in result.Examples)
            {
                yield return (severity, $"  row {row.Row}: {Values(row)}");
            }
        }
    }

    /// <summary>Great Expectations' result, so that tools which read one read ours.</summary>
    public JsonObject ToJson() => new()
    {
        ["success"] = Passed,
        ["results"] = new JsonArray([.. Results.Select(ToJson)]),
        ["statistics"] = new JsonObject
        {
            ["evaluated_expectations"] = Results.Count,
            ["successful_expectations"] = Results.Count(result => result.Passed),
            ["unsuccessful_expectations"] = Results.Count(result => !result.Passed),
            ["success_percent"] = Results.Count == 0 ? null : 100.0 * Results.Count(result => result.Passed) / Results.Count,
        },
        ["suite_name"] = Dataset.Name,
        ["meta"] = new JsonObject { ["dataset"] = Dataset.Name, ["version"] = Dataset.Version, ["part"] = Dataset.Part, ["rows"] = Dataset.Rows },
    };

    /// <summary>The examples as a table that any program opens: which rule, which row, and the row itself.</summary>
    public string FailedRowsCsv()
    {
        var text = new StringBuilder();
        Append(["rule", "row", .. Dataset.Columns.Select(column => column.Name)]);
        foreach (var result in Results)
        {
            foreach (var row in result.Examples)
            {
                Append([result.Rule.Text, row.Row.ToString(CultureInfo.InvariantCulture), .. row.All]);
            }
        }

        return text.ToString();

        void Append(IEnumerable<string?> fields) => text.AppendJoin(',', fields.Select(Quoted)).Append('\n');

        static string Quoted(string? field) => field is null ? "" : field.AsSpan().ContainsAny(",\"\r\n") || field.Length == 0 ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
    }

    internal static string Values(FailedRow row) => string.Join(", ", row.Shown.Select(value => value is null ? "null" : $"\"{(value.Length > 80 ? value[..77] + "..." : value)}\""));

    internal static string Percent(double rate) => rate is > 0 and < 0.0001
        ? "below 0.01 %"
        : string.Create(CultureInfo.InvariantCulture, $"{100 * rate:0.##} %");

    private static JsonNode ToJson(RuleResult result)
    {
        var details = new JsonObject();
        if (result is { Disobeyed: { } bad, Judged: { } judged })
        {
            var missing = result.Elements - judged;
            details["element_count"] = result.Elements;
            details["unexpected_count"] = bad;
            details["unexpected_percent"] = Share(bad, judged);
            details["unexpected_percent_total"] = Share(bad, result.Elements);
            details["unexpected_percent_nonmissing"] = Share(bad, judged);
            details["missing_count"] = missing;
            details["missing_percent"] = Share(missing, result.Elements);
            details["partial_unexpected_list"] = new JsonArray([.. result.Examples.Select(row => Shown(row))]);
            details["partial_unexpected_index_list"] = new JsonArray([.. result.Examples.Select(row => JsonValue.Create(row.Row))]);
            details["partial_unexpected_counts"] = new JsonArray(
                [.. result.Examples.CountBy(Values).Select(pair => new JsonObject { ["value"] = pair.Key, ["count"] = pair.Value })]);
        }
        else
        {
            details["observed_value"] = result.Observed?.DeepClone();
        }

        return new JsonObject
        {
            ["success"] = result.Passed,
            ["expectation_config"] = new JsonObject { ["type"] = result.Rule.GxType, ["kwargs"] = Kwargs(result), ["meta"] = new JsonObject() },
            ["result"] = details,
            ["exception_info"] = new JsonObject { ["raised_exception"] = false, ["exception_traceback"] = null, ["exception_message"] = null },
            ["meta"] = new JsonObject { ["rule"] = result.Rule.Text, ["severity"] = result.Rule.Severity == Severity.Error ? "error" : "warn", ["note"] = result.Note },
        };
    }

    private static JsonNode Kwargs(RuleResult result)
    {
        var kwargs = result.Rule.Kwargs.DeepClone();
        if (result.Rule.Line.Mostly is { } mostly)
        {
            kwargs["mostly"] = mostly;
        }

        return kwargs;
    }

    private static JsonNode? Shown(FailedRow row) => row.Shown.Count == 1 ? row.Shown[0] : new JsonArray([.. row.Shown.Select(value => (JsonNode?)value)]);

    private static JsonNode? Share(long part, long whole) => whole == 0 ? null : 100.0 * part / whole;
}
