using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Data.Profiling;
using Orchestrator.Data.Querying;
using Orchestrator.Data.Sources;

namespace Orchestrator.Data.Versions;

/// <summary>Makes a version of a dataset from a file: the hash of its bytes is the version, its rows are kept as Parquet, its columns are profiled.</summary>
[Activity("data.snapshot", Title = "Snapshot dataset", Summary = "Turns a CSV, TSV, Parquet or JSON lines file into an immutable dataset version with schema, row count and profile.", Lane = Lane.Process)]
public sealed partial class SnapshotDataset : Activity
{
    [Input(Help = "The file: CSV, TSV, Parquet or JSON lines.", Hint = "path")]
    public required Input<string> Source { get; set; }

    [Input(Help = "The dataset's name; versions of one name form its history.")]
    public required Input<string> Name { get; set; }

    [Input(Help = "What the file is, when its ending does not say it.", Choices = ["csv", "tsv", "parquet", "jsonl"])]
    public Input<string>? Format { get; set; }

    [Input(Help = "What separates the fields of a CSV file. Default: whichever of , ; | and tab the header has most of.")]
    public Input<string>? Delimiter { get; set; }

    [Input(Help = "What the bytes of a text file mean.", Choices = ["utf-8", "latin1", "windows-1252", "utf-16", "utf-16le", "utf-16be"])]
    public Input<string> Encoding { get; set; } = "utf-8";

    [Input(Help = "Texts that mean a missing value in a CSV file, besides nothing at all: NA, ?")]
    public InputList<string>? Missing { get; set; }

    [Output(Help = "The dataset version.")]
    public Output<DatasetRef> Version { get; } = new();

    [Output(Help = "The number of rows.")]
    public Output<long> Rows { get; } = new();

    [Output(Help = "Counts, ranges, quantiles and frequent values of each column, as JSON.")]
    public Output<ArtifactRef> Profile { get; } = new();

    /// <summary>The hash of the source's bytes, so that a changed file is a changed input.</summary>
    protected override Task<string?> FingerprintAsync(FingerprintContext context) =>
        SourceHash.TryComputeAsync(Path.GetFullPath(Source.Value, context.BaseDirectory), context.Cancellation);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(ActivityContext context)
    {
        if (!DatasetName().IsMatch(Name.Value))
        {
            throw DataErrors.BadDatasetName(Name.Value);
        }

        var cancellation = context.Cancellation;
        var path = context.ResolvePath(Source.Value);
        context.Progress(0, "reading the source");
        var source = await SourceReader.ReadAsync(path, Options(), context.WorkingDirectory, cancellation);
        var version = await SourceHash.ComputeAsync(path, cancellation);

        context.Progress(0.4, $"storing {source.Rows} rows");
        var parquet = Path.Combine(context.WorkingDirectory, $"{Name.Value}.parquet");
        await SourceReader.WriteParquetAsync(source, parquet, context.WorkingDirectory, cancellation);
        var data = await context.Artifacts.AddFileAsync(parquet, $"{Name.Value}.parquet", "application/vnd.apache.parquet", cancellation);

        context.Progress(0.7, $"profiling {source.Columns.Count} columns");
        var profile = await ProfileAsync(context, parquet, source);
        var dataset = new DatasetRef { Name = Name.Value, Version = version, Data = data, Rows = source.Rows, Columns = source.Columns };
        context.Record(new DatasetVersionFact { Dataset = dataset, Source = Source.Value, Profile = profile });
        Tell(context, source, dataset);
        context.Set(Version, dataset);
        context.Set(Rows, source.Rows);
        context.Set(Profile, profile);
    }

    private SourceOptions Options() => new()
    {
        Format = Format?.Value switch
        {
            null => null,
            "csv" => SourceFormat.Csv,
            "tsv" => SourceFormat.Tsv,
            "parquet" => SourceFormat.Parquet,
            "jsonl" => SourceFormat.JsonLines,
            var other => throw DataErrors.UnknownFormat(other),
        },
        Delimiter = Delimiter?.Value,
        Encoding = Encoding.Value,
        Missing = Missing?.Value ?? [],
    };

    private static async Task<ArtifactRef> ProfileAsync(ActivityContext context, string parquet, SourceTable source)
    {
        using var duck = DuckSession.Open(context.WorkingDirectory, DuckSession.FoldersOf(parquet));
        var profile = await Profiler.ProfileAsync(duck, parquet, source.Columns, source.Rows, context.Cancellation);
        var json = System.Text.Json.JsonSerializer.Serialize(profile, OrcJson.Indented);
        return await context.Artifacts.AddTextAsync(json, "profile.json", "application/json", context.Cancellation);
    }

    private static void Tell(ActivityContext context, SourceTable source, DatasetRef dataset)
    {
        context.Log(string.Create(CultureInfo.InvariantCulture, $"{dataset.Name} version {dataset.Version[..12]}: {dataset.Rows} rows, {dataset.Columns.Count} columns"));
        foreach (var group in dataset.Columns.GroupBy(column => column.Type).OrderBy(group => group.Key))
        {
            context.Log($"  {group.Key.ToString().ToLowerInvariant()}: {string.Join(", ", group.Select(column => column.Name))}");
        }

        foreach (var note in source.Notes)
        {
            context.Log(LogSeverity.Warning, note);
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$", RegexOptions.CultureInvariant)]
    private static partial Regex DatasetName();
}
