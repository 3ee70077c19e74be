using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Training.Features;

namespace Orchestrator.Training.Fitting;

/// <summary>The rows to learn from, read and checked.</summary>
internal sealed record TrainingData
{
    public required Table Table { get; init; }

    public required Labels Labels { get; init; }

    /// <summary>The feature columns, in the table's order.</summary>
    public required IReadOnlyList<TableColumn> Features { get; init; }

    /// <summary>Fewer rows than this teach nothing that holds.</summary>
    public const int FewestRows = 20;

    /// <exception cref="ActivityException">A column is not there, the label cannot be learned, a value is infinite, or there are too few rows.</exception>
    public static async Task<TrainingData> ReadAsync(TrainingRequest request, ActivityContext context)
    {
        var features = ChooseFeatures(request);
        var path = context.Artifacts.PathOf(request.Data.Data);
        var table = await context.Port<ITableReader>().ReadAsync(path, [.. features, request.Label], context.Cancellation);
        if (table.RowCount < FewestRows)
        {
            throw TrainingErrors.TooFewRows(table.RowCount, FewestRows);
        }

        CheckFinite(table);
        var label = table.Find(request.Label) ?? throw TrainingErrors.LabelNotThere(request.Label, request.Data);
        return new TrainingData
        {
            Table = table,
            Labels = request.Task == ModelTask.Regression ? LabelReader.ReadNumbersToPredict(label) : LabelReader.ReadClasses(label, request.Positive),
            Features = [.. table.Columns.Where(column => column.Name != request.Label)],
        };
    }

    /// <summary>Refuses infinite numbers, and those that become infinite as the 32 bit numbers that trainers use.</summary>
    public static void CheckFinite(Table table)
    {
        foreach (var column in table.Columns.OfType<NumberColumn>())
        {
            var values = column.Values;
            var first = Array.FindIndex(values, IsTooLarge);
            if (first >= 0)
            {
                throw TrainingErrors.Infinite(column.Name, values.Count(IsTooLarge), first, double.IsInfinity(values[first]));
            }
        }

        static bool IsTooLarge(double value) => Math.Abs(value) > float.MaxValue;
    }

    private static List<string> ChooseFeatures(TrainingRequest request)
    {
        var columns = request.Data.Columns.Select(column => column.Name).ToList();
        if (!columns.Contains(request.Label))
        {
            throw TrainingErrors.LabelNotThere(request.Label, request.Data);
        }

        foreach (var name in (request.Features ?? []).Concat(request.Exclude).Where(name => !columns.Contains(name)))
        {
            throw TrainingErrors.ColumnNotThere(name, request.Data, request.Exclude.Contains(name) ? "exclude" : "features");
        }

        if (request.Features?.Contains(request.Label) == true)
        {
            throw TrainingErrors.LabelIsFeature(request.Label);
        }

        var wanted = request.Features?.ToHashSet(StringComparer.Ordinal);
        var features = columns.Where(name => name != request.Label && wanted?.Contains(name) != false && !request.Exclude.Contains(name)).ToList();
        return features.Count > 0 ? features : throw TrainingErrors.NoFeature([]);
    }
}
