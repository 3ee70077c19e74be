using System.Globalization;
using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Values;

namespace Orchestrator.Deployment.Prediction;

/// <summary>Rows as a person or a program writes them, <c>{ "age": 41, "plan": "basic" }</c> or a list of these, made into the table that a model takes.</summary>
internal static class JsonRows
{
    private static readonly JsonDocumentOptions Reading = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };

    /// <summary>Reads and checks the rows. All that does not fit is told at once.</summary>
    /// <exception cref="Core.Activities.ActivityException">Not JSON of that form (ORC5556), no rows (ORC5559), or not the columns of the signature (ORC5557).</exception>
    public static FittedTable Read(string json, ModelSignature signature, string model)
    {
        using var document = Parse(json);
        var rows = RowsOf(document.RootElement);
        if (rows.Count == 0)
        {
            throw DeploymentErrors.NoRows("the list");
        }

        var problems = new FitProblems();
        var names = rows.SelectMany(row => row.EnumerateObject().Select(member => member.Name)).Distinct(StringComparer.Ordinal).ToList();
        foreach (var feature in signature.Features.Where(feature => !names.Contains(feature.Name)))
        {
            problems.Missing(feature, names, signature);
        }

        var columns = signature.Features.Where(feature => names.Contains(feature.Name)).Select(feature => ReadColumn(rows, feature, problems)).ToList();
        problems.ThrowIfAny(model);
        return new FittedTable(new Table { RowCount = rows.Count, Columns = columns }, FitProblems.NotesAbout(names, signature));
    }

    private static JsonDocument Parse(string json)
    {
        try
        {
            return JsonDocument.Parse(json, Reading);
        }
        catch (JsonException wrong)
        {
            var place = wrong.LineNumber is { } line ? $"line {line + 1}, byte {wrong.BytePositionInLine + 1}" : null;
            var message = wrong.Message.Split(" LineNumber:")[0].TrimEnd();
            throw DeploymentErrors.BadRow(json.Trim().Length == 0 ? "it is empty" : message, place);
        }
    }

    private static List<JsonElement> RowsOf(JsonElement root)
    {
        List<JsonElement> rows = root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()] : [root];
        var wrong = rows.FindIndex(row => row.ValueKind != JsonValueKind.Object);
        return wrong < 0
            ? rows
            : throw DeploymentErrors.BadRow($"{Shown(rows[wrong])} is not an object with a member per column", root.ValueKind == JsonValueKind.Array ? $"row {wrong + 1}" : null);
    }

    private static TableColumn ReadColumn(List<JsonElement> rows, ColumnInfo feature, FitProblems problems)
    {
        if (feature.Type == ColumnType.Text)
        {
            var texts = new string?[rows.Count];
            for (var i = 0; i < rows.Count; i++)
            {
                texts[i] = ReadText(rows[i], i, feature, problems);
            }

            return new TextColumn { Name = feature.Name, Type = feature.Type, Values = texts };
        }

        var numbers = new double[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            numbers[i] = ReadNumber(rows[i], i, feature, problems);
        }

        return new NumberColumn { Name = feature.Name, Type = feature.Type, Values = numbers };
    }

    private static string? ReadText(JsonElement row, int index, ColumnInfo feature, FitProblems problems)
    {
        if (!row.TryGetProperty(feature.Name, out var value))
        {
            problems.MissingInRow(feature, index);
            return null;
        }

        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
        {
            problems.Mistyped(feature, index, Shown(value), value.ValueKind == JsonValueKind.Number ? $"write \"{value.GetRawText()}\" in quotes" : null);
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    private static double ReadNumber(JsonElement row, int index, ColumnInfo feature, FitProblems problems)
    {
        if (!row.TryGetProperty(feature.Name, out var value))
        {
            problems.MissingInRow(feature, index);
            return double.NaN;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return double.NaN;
            case JsonValueKind.Number when feature.Type is ColumnType.Number or ColumnType.Integer && double.IsFinite(value.GetDouble()):
                return value.GetDouble();
            case JsonValueKind.Number when feature.Type is ColumnType.Boolean && value.GetDouble() is 0 or 1:
                return value.GetDouble();
            case JsonValueKind.True or JsonValueKind.False when feature.Type is ColumnType.Boolean:
                return value.GetBoolean() ? 1 : 0;
            case JsonValueKind.String when feature.Type is ColumnType.Date or ColumnType.Timestamp && Instants.TryParse(value.GetString(), out var seconds):
                return seconds;
        }

        var quoted = value.ValueKind == JsonValueKind.String && double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        problems.Mistyped(feature, index, Shown(value), quoted && feature.Type is ColumnType.Number or ColumnType.Integer ? $"write {value.GetString()} without quotes" : null);
        return double.NaN;
    }

    private static string Shown(JsonElement value) => value.GetRawText() is { Length: > 40 } text ? $"{text[..37]}..." : value.GetRawText();
}
