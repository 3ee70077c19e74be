using System.Globalization;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;

namespace Orchestrator.Deployment.Prediction;

/// <summary>
/// Makes a table that was read from a file into the one that a model takes. The reader guesses types from what the file happens to hold, so a small
/// file may give a column of codes as integers or an empty column as text; what can be read as the learned type is.
/// </summary>
internal static class TableFit
{
    /// <exception cref="Core.Activities.ActivityException">The columns do not fit the signature (ORC5557).</exception>
    public static FittedTable Fit(Table table, ModelSignature signature, string model)
    {
        var problems = new FitProblems();
        var names = table.Columns.Select(column => column.Name).ToList();
        var columns = new List<TableColumn>(signature.Features.Count);
        foreach (var feature in signature.Features)
        {
            if (table.Find(feature.Name) is { } column)
            {
                columns.Add(Convert(column, feature, problems));
            }
            else
            {
                problems.Missing(feature, names, signature);
            }
        }

        problems.ThrowIfAny(model);
        return new FittedTable(table with { Columns = columns }, FitProblems.NotesAbout(names, signature));
    }

    private static TableColumn Convert(TableColumn column, ColumnInfo feature, FitProblems problems) => (column, feature.Type) switch
    {
        (TextColumn, ColumnType.Text) => column,
        (NumberColumn numbers, ColumnType.Text) => new TextColumn { Name = feature.Name, Type = feature.Type, Values = Array.ConvertAll(numbers.Values, number => TextOf(number, numbers.Type)) },
        (TextColumn texts, _) => new NumberColumn { Name = feature.Name, Type = feature.Type, Values = NumbersOf(texts, feature, problems) },
        (NumberColumn numbers, _) => new NumberColumn { Name = feature.Name, Type = feature.Type, Values = Checked(numbers, feature, problems) },
        _ => throw new ArgumentOutOfRangeException(nameof(column), column, "neither numbers nor texts"),
    };

    private static string? TextOf(double value, ColumnType type) => (value, type) switch
    {
        (double.NaN, _) => null,
        (_, ColumnType.Boolean) => value == 0 ? "false" : "true",
        (_, ColumnType.Date) => DateTimeOffset.UnixEpoch.AddSeconds(value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        (_, ColumnType.Timestamp) => DateTimeOffset.UnixEpoch.AddSeconds(value).ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static double[] NumbersOf(TextColumn texts, ColumnInfo feature, FitProblems problems)
    {
        var numbers = new double[texts.Values.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!TryRead(texts.Values[i], feature.Type, out numbers[i]))
            {
                problems.Mistyped(feature, i, $"\"{texts.Values[i]}\"");
            }
        }

        return numbers;
    }

    private static bool TryRead(string? text, ColumnType type, out double number)
    {
        number = double.NaN;
        if (string.IsNullOrWhiteSpace(text))
        {
            return true;
        }

        switch (type)
        {
            case ColumnType.Date or ColumnType.Timestamp:
                return Instants.TryParse(text.Trim(), out number);
            case ColumnType.Boolean when bool.TryParse(text, out var truth):
                number = truth ? 1 : 0;
                return true;
            default:
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && (type != ColumnType.Boolean || number is 0 or 1);
        }
    }

    private static double[] Checked(NumberColumn numbers, ColumnInfo feature, FitProblems problems)
    {
        var instantWanted = feature.Type is ColumnType.Date or ColumnType.Timestamp;
        var instantGiven = numbers.Type is ColumnType.Date or ColumnType.Timestamp;
        if (instantWanted != instantGiven && Array.FindIndex(numbers.Values, value => !double.IsNaN(value)) is var first and >= 0)
        {
            problems.Mistyped(feature, first, TextOf(numbers.Values[first], numbers.Type) ?? "missing");
        }
        else if (feature.Type == ColumnType.Boolean && Array.FindIndex(numbers.Values, value => value is not (0 or 1 or double.NaN)) is var wrong and >= 0)
        {
            problems.Mistyped(feature, wrong, numbers.Values[wrong].ToString("R", CultureInfo.InvariantCulture));
        }

        return numbers.Values;
    }
}
