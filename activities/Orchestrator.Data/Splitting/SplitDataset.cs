using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Data.Querying;

namespace Orchestrator.Data.Splitting;

/// <summary>
/// Puts each row of a dataset into exactly one part: at random, stratified by a class, by time (the latest rows are the test), or by group (a group is in one part).
/// The same dataset, inputs and seed give the same parts, on every machine.
/// </summary>
[Activity("data.split", Title = "Split dataset", Summary = "Splits a dataset into train and test, and validation if asked, with no row in two parts.", Lane = Lane.Process)]
public sealed class SplitDataset : Activity
{
    [Input(Help = "The dataset to split.")]
    public required Input<DatasetRef> Dataset { get; set; }

    [Input(Help = "The share of rows for the test part.", Minimum = 0, Maximum = 1)]
    public Input<double> TestFraction { get; set; } = 0.2;

    [Input(Help = "The share of rows for a validation part; without it there is none.", Minimum = 0, Maximum = 1)]
    public Input<double>? ValidationFraction { get; set; }

    [Input(Help = "Each value of this column keeps its share in every part.", Hint = "column")]
    public Input<string>? StratifyBy { get; set; }

    [Input(Help = "The latest rows by this column are the test part, those before them validation. Rows of one time stay together.", Hint = "column")]
    public Input<string>? TimeColumn { get; set; }

    [Input(Help = "All rows of one value of this column are in one part: a customer, a patient.", Hint = "column")]
    public Input<string>? GroupBy { get; set; }

    [Input(Help = "Another seed gives another random split.")]
    public Input<long> Seed { get; set; } = 0;

    [Output(Help = "The rows to learn from.")]
    public Output<DatasetRef> Train { get; } = new();

    [Output(Help = "The rows to judge with.")]
    public Output<DatasetRef> Test { get; } = new();

    [Output(Help = "The rows to choose with; set when validationFraction is.")]
    public Output<DatasetRef?> Validation { get; } = new();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(ActivityContext context)
    {
        var dataset = Dataset.Value;
        var plan = SplitPlan.Check(dataset, TestFraction.Value, ValidationFraction?.Value, StratifyBy?.Value, TimeColumn?.Value, GroupBy?.Value, Seed.Value);
        var parquet = context.Artifacts.PathOf(dataset.Data);
        using var duck = DuckSession.Open(context.WorkingDirectory, DuckSession.FoldersOf(parquet), threads: 1);
        var counts = await new SplitQuery(duck, parquet, plan).AssignAsync(context.Cancellation);
        foreach (var (part, index) in plan.Parts.Select((part, index) => (part, index)))
        {
            context.Progress((double)index / plan.Parts.Count, part.Name);
            var version = await StoreAsync(context, duck, dataset, parquet, part, index, counts[index]);
            context.Log(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{part.Name}: {version.Rows} rows ({100.0 * version.Rows / dataset.Rows:0.##} %)"));
            SetPart(context, part, version);
        }
    }

    private static async Task<DatasetRef> StoreAsync(ActivityContext context, DuckSession duck, DatasetRef dataset, string parquet, SplitPart part, int index, long rows)
    {
        var file = Path.Combine(context.WorkingDirectory, $"{dataset.Name}-{part.Name}.parquet");
        await duck.ExecuteAsync(
            $"COPY (SELECT t.* EXCLUDE (file_row_number) FROM {Sql.Rows(parquet)} AS t JOIN parts USING (file_row_number) WHERE \"orc$part\" = {index} ORDER BY file_row_number) TO {Sql.Text(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)",
            context.Cancellation);
        var data = await context.Artifacts.AddFileAsync(file, Path.GetFileName(file), "application/vnd.apache.parquet", context.Cancellation);
        return dataset with { Part = part.Name, Data = data, Rows = rows };
    }

    private void SetPart(ActivityContext context, SplitPart part, DatasetRef version)
    {
        if (part.Name == SplitPlan.ValidationName)
        {
            context.Set(Validation, version);
        }
        else
        {
            context.Set(part.Name == SplitPlan.TestName ? Test : Train, version);
        }
    }
}
