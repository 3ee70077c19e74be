using System.Globalization;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Training.Evaluation.Metrics;

namespace Orchestrator.Training.Evaluation;

/// <summary>The rows of a dataset whose true answer is known, ready to be predicted.</summary>
internal sealed record EvaluationRows
{
    /// <summary>Only rows with a usable label.</summary>
    public required Table Table { get; init; }

    /// <summary>Classification: for each row the index of its class in the model's signature. Regression: empty.</summary>
    public int[] Labels { get; init; } = [];

    /// <summary>Regression: for each row the true value. Classification: empty.</summary>
    public double[] Values { get; init; } = [];

    /// <summary>Rows left out since their label is empty.</summary>
    public required int WithoutLabel { get; init; }

    /// <summary>Rows left out since their label is a class that the model does not know.</summary>
    public int UnknownLabel { get; init; }

    /// <summary>Those classes, the frequent ones first, at most ten.</summary>
    public IReadOnlyList<string> UnknownClasses { get; init; } = [];

    public int LeftOut => WithoutLabel + UnknownLabel;

    /// <summary>Reads the columns that the models and the caller need.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="data">The dataset.</param>
    /// <param name="models">The models with a name for messages. The first one's label and classes count.</param>
    /// <param name="others">Columns that the caller needs besides, with the input that names them.</param>
    /// <exception cref="ActivityException">A column is missing (ORC5450, 5451, 5455), or no row is usable (ORC5452).</exception>
    public static async Task<EvaluationRows> LoadAsync(
        ActivityContext context, DatasetRef data, IReadOnlyList<(string Whose, ModelSignature Signature)> models, IEnumerable<(string Input, string Column)> others)
    {
        var wanted = new List<string> { models[0].Signature.Label };
        var present = data.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        if (!present.Contains(wanted[0]))
        {
            throw EvaluationErrors.NoLabel(data, wanted[0]);
        }

        foreach (var (whose, signature) in models)
        {
            string[] features = [.. signature.Features.Select(feature => feature.Name)];
            if (features.Where(feature => !present.Contains(feature)).ToArray() is { Length: > 0 } missing)
            {
                throw EvaluationErrors.NoFeature(data, whose, missing);
            }

            wanted.AddRange(features);
        }

        foreach (var (input, column) in others)
        {
            wanted.Add(present.Contains(column) ? column : throw EvaluationErrors.NoColumn(data, input, column));
        }

        var table = await context.Port<ITableReader>().ReadAsync(context.Artifacts.PathOf(data.Data), [.. wanted.Distinct()], context.Cancellation);
        var rows = Of(table, models[0].Signature);
        if (rows.Table.RowCount == 0)
        {
            throw EvaluationErrors.NoRows(data, wanted[0], rows);
        }

        rows.Warn(context, wanted[0]);
        return rows;
    }

    /// <summary>Keeps the rows whose label the model can be measured against.</summary>
    internal static EvaluationRows Of(Table table, ModelSignature signature)
    {
        var label = table.Find(signature.Label) ?? throw new ArgumentException($"The table has no column {signature.Label}.", nameof(table));
        return signature.Task == ModelTask.Regression ? OfValues(table, label) : OfClasses(table, label, signature.Classes);
    }

    private static EvaluationRows OfValues(Table table, TableColumn label)
    {
        // A label written as text is a number in quotes; what does not read as one is no answer.
        var values = label switch
        {
            NumberColumn numbers => numbers.Values,
            TextColumn texts => [.. texts.Values.Select(text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN)],
            _ => throw new ArgumentException($"A column of kind {label.GetType().Name}.", nameof(label)),
        };
        int[] kept = [.. Enumerable.Range(0, table.RowCount).Where(row => double.IsFinite(values[row]))];
        return new EvaluationRows
        {
            Table = table.Take(kept),
            Values = [.. kept.Select(row => values[row])],
            WithoutLabel = table.RowCount - kept.Length,
        };
    }

    private static EvaluationRows OfClasses(Table table, TableColumn label, IReadOnlyList<string> classes)
    {
        var index = new ClassIndex(classes);
        var kept = new List<int>();
        var labels = new List<int>();
        var unknown = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var row = 0; row < table.RowCount; row++)
        {
            if (ClassIndex.TextOf(label, row) is not { } text)
            {
                continue;
            }

            if (index.Find(label, row) is { } found)
            {
                kept.Add(row);
                labels.Add(found);
            }
            else
            {
                unknown[text] = unknown.GetValueOrDefault(text) + 1;
            }
        }

        var unknownRows = unknown.Values.Sum();
        return new EvaluationRows
        {
            Table = table.Take([.. kept]),
            Labels = [.. labels],
            UnknownLabel = unknownRows,
            UnknownClasses = [.. unknown.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(10).Select(pair => pair.Key)],
            WithoutLabel = table.RowCount - kept.Count - unknownRows,
        };
    }

    private void Warn(ActivityContext context, string label)
    {
        if (WithoutLabel > 0)
        {
            context.Log(LogSeverity.Warning, $"left out {Numbers.Rows(WithoutLabel)} without a value in \"{label}\"");
        }

        if (UnknownLabel > 0)
        {
            context.Log(LogSeverity.Warning, $"left out {Numbers.Rows(UnknownLabel)} whose \"{label}\" the model does not know: {string.Join(", ", UnknownClasses)}");
        }
    }
}

/// <summary>Finds a label's class, whether the table has it as text, number or truth value: class "1" is also the number 1, class "true" also the truth value.</summary>
internal sealed class ClassIndex
{
    private readonly Dictionary<string, int> byText = new(StringComparer.Ordinal);
    private readonly Dictionary<double, int> byNumber = [];

    public ClassIndex(IReadOnlyList<string> classes)
    {
        for (var k = 0; k < classes.Count; k++)
        {
            byText[classes[k]] = k;
            if (bool.TryParse(classes[k], out var truth))
            {
                byNumber.TryAdd(truth ? 1 : 0, k);
            }
            else if (double.TryParse(classes[k], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                byNumber.TryAdd(number, k);
            }
        }
    }

    /// <summary>The class of a row; null when the label is empty or of no known class.</summary>
    public int? Find(TableColumn label, int row) => label switch
    {
        TextColumn { Values: var texts } => texts[row] is { } text && byText.TryGetValue(text, out var k) ? k : null,
        NumberColumn { Values: var numbers } => !double.IsNaN(numbers[row]) && byNumber.TryGetValue(numbers[row], out var k) ? k : null,
        _ => null,
    };

    /// <summary>The label as text; null when it is empty.</summary>
    public static string? TextOf(TableColumn label, int row) => label switch
    {
        TextColumn { Values: var texts } => texts[row],
        NumberColumn { Type: ColumnType.Boolean, Values: var truths } => double.IsNaN(truths[row]) ? null : truths[row] != 0 ? "true" : "false",
        NumberColumn { Values: var numbers } => double.IsNaN(numbers[row]) ? null : numbers[row].ToString("R", CultureInfo.InvariantCulture),
        _ => null,
    };
}
