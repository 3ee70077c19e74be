using System.Globalization;
using Orchestrator.Assets.Datasets;

namespace Orchestrator.Training.Features;

/// <summary>The labels of a table, checked: class indices, or numbers.</summary>
internal sealed record Labels
{
    /// <summary>Classification: the classes, of two the positive one second. Regression: empty.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Classification: an index into <see cref="Classes"/>. Regression: the number.</summary>
    public required double[] Values { get; init; }
}

/// <summary>Reads label columns and refuses those nothing can be learned from.</summary>
internal static class LabelReader
{
    /// <summary>More classes than this are taken for a mistake: an identifier, a measurement.</summary>
    public const int MostClasses = 100;

    /// <summary>Reads texts, booleans and whole numbers as classes: texts in alphabetical order, numbers by size, false before true.</summary>
    /// <param name="column">The label.</param>
    /// <param name="positive">With two classes, the one to put second; null: leave the order.</param>
    /// <exception cref="Core.Activities.ActivityException">ORC5402 to 5408.</exception>
    public static Labels ReadClasses(TableColumn column, string? positive)
    {
        CheckNoMissing(column);
        var (classes, values) = column switch
        {
            TextColumn texts => ReadTexts(texts),
            NumberColumn { Type: ColumnType.Boolean or ColumnType.Integer or ColumnType.Number } numbers => ReadNumbers(numbers),
            _ => throw TrainingErrors.LabelNoClasses(column.Name, column.Type),
        };
        if (classes.Count == 1)
        {
            throw TrainingErrors.OneClass(column.Name, classes[0], values.Length);
        }

        CheckEnoughOfEach(column.Name, classes, values);
        return positive is null ? new Labels { Classes = classes, Values = values } : WithPositive(column.Name, classes, values, positive);
    }

    /// <exception cref="Core.Activities.ActivityException">The label is no number, is missing or infinite in a row, or never varies.</exception>
    public static Labels ReadNumbersToPredict(TableColumn column)
    {
        if (column is not NumberColumn { Type: ColumnType.Number or ColumnType.Integer } numbers)
        {
            throw TrainingErrors.LabelNoNumber(column.Name, column.Type);
        }

        CheckNoMissing(column);
        return Array.TrueForAll(numbers.Values, value => value == numbers.Values[0])
            ? throw TrainingErrors.OneClass(column.Name, numbers.Values[0].ToString("R", CultureInfo.InvariantCulture), numbers.Values.Length)
            : new Labels { Values = numbers.Values };
    }

    private static void CheckNoMissing(TableColumn column)
    {
        var missing = column switch
        {
            TextColumn texts => texts.Values.Count(text => text is null),
            NumberColumn numbers => numbers.Values.Count(double.IsNaN),
            _ => 0,
        };
        if (missing > 0)
        {
            throw TrainingErrors.LabelMissingValues(column.Name, missing);
        }
    }

    private static (IReadOnlyList<string> Classes, double[] Values) ReadTexts(TextColumn column)
    {
        var distinct = column.Values.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        CheckCount(column.Name, distinct.Count, column.Values.Length, text: true);
        var index = distinct.Index().ToDictionary(pair => pair.Item, pair => (double)pair.Index, StringComparer.Ordinal);
        return (distinct, [.. column.Values.Select(text => index[text ?? ""])]);
    }

    private static (IReadOnlyList<string> Classes, double[] Values) ReadNumbers(NumberColumn column)
    {
        var distinct = column.Values.Distinct().Order().ToList();
        if (column.Type == ColumnType.Number && distinct.Exists(value => value != Math.Floor(value)))
        {
            throw TrainingErrors.LabelContinuous(column.Name, distinct.Count);
        }

        CheckCount(column.Name, distinct.Count, column.Values.Length, text: false);
        var index = distinct.Index().ToDictionary(pair => pair.Item, pair => (double)pair.Index);
        return ([.. distinct.Select(value => NameOf(value, column.Type))], [.. column.Values.Select(value => index[value])]);
    }

    private static string NameOf(double value, ColumnType type) =>
        type == ColumnType.Boolean ? value != 0 ? "true" : "false" : value.ToString("R", CultureInfo.InvariantCulture);

    private static void CheckCount(string label, int classes, int rows, bool text)
    {
        if (classes > MostClasses)
        {
            throw TrainingErrors.TooManyClasses(label, classes, rows, text);
        }
    }

    private static void CheckEnoughOfEach(string label, IReadOnlyList<string> classes, double[] values)
    {
        var counts = new int[classes.Count];
        foreach (var value in values)
        {
            counts[(int)value]++;
        }

        if (Array.FindIndex(counts, count => count < 2) is var rare and >= 0)
        {
            throw TrainingErrors.RareClass(label, classes[rare]);
        }
    }

    private static Labels WithPositive(string label, IReadOnlyList<string> classes, double[] values, string positive)
    {
        var index = classes.ToList().IndexOf(positive);
        if (index < 0 || classes.Count != 2)
        {
            throw TrainingErrors.NoSuchPositive(label, positive, classes);
        }

        return index == 1
            ? new Labels { Classes = classes, Values = values }
            : new Labels { Classes = [classes[1], classes[0]], Values = [.. values.Select(value => 1 - value)] };
    }
}
