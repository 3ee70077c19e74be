using System.Globalization;
using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Data.Querying;
using Orchestrator.Data.Sources;

namespace Orchestrator.Data.Validation;

/// <summary>Checks a dataset against rules; a broken rule of severity error fails the task, so nothing after it sees the data.</summary>
[Activity("data.validate", Title = "Validate dataset", Summary = "Checks every row against rules, in one pass, and stops the pipeline when they do not hold.", Lane = Lane.Process)]
public sealed class ValidateDataset : Activity
{
    [Input(Help = "The dataset to check.")]
    public required Input<DatasetRef> Dataset { get; set; }

    [Input(Help = "The rules, one line for each column or fact about the table.", Hint = "rules")]
    public InputList<Expectation>? Expect { get; set; }

    [Input(Help = "A Great Expectations suite file (JSON) whose rules apply too.", Hint = "path")]
    public Input<string>? Suite { get; set; }

    [Input(Help = "Another dataset, for rules that compare with one.")]
    public Input<DatasetRef>? Other { get; set; }

    [Input(Help = "How many offending rows to show of each broken rule.", Minimum = 0, Maximum = TableCheck.MostExamples)]
    public Input<int> Examples { get; set; } = TableCheck.MostExamples;

    [Input(Help = "True: broken rules do not fail the task; later tasks read the output passed.")]
    public Input<bool> KeepGoing { get; set; } = false;

    /// <summary>The dataset that was checked, unchanged. What refers to it runs only after the check.</summary>
    [Output(Help = "The dataset that was checked, unchanged.")]
    public Output<DatasetRef> Version { get; } = new();

    [Output(Help = "True when no rule of severity error is broken.")]
    public Output<bool> Passed { get; } = new();

    [Output(Help = "How many rules of severity error are broken.")]
    public Output<int> Failures { get; } = new();

    [Output(Help = "How many rules of severity warn are broken.")]
    public Output<int> Warnings { get; } = new();

    [Output(Help = "A page for people.")]
    public Output<ArtifactRef> Report { get; } = new();

    [Output(Help = "The result in Great Expectations' form.")]
    public Output<ArtifactRef> Result { get; } = new();

    /// <inheritdoc/>
    protected override async Task<string?> FingerprintAsync(FingerprintContext context) =>
        Suite is { } suite ? await SourceHash.TryComputeAsync(Path.GetFullPath(suite.Value, context.BaseDirectory), context.Cancellation) : null;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(ActivityContext context)
    {
        var dataset = Dataset.Value;
        var lines = Resolve(await ReadLinesAsync(context));
        var rules = new RuleCompiler(dataset.Columns, Other?.Value.Rows).Compile(lines);
        context.Log($"checking {rules.Count} rules on {dataset.Rows} rows of {dataset.Name}");

        var parquet = context.Artifacts.PathOf(dataset.Data);
        IReadOnlyList<RuleResult> results;
        try
        {
            using var duck = DuckSession.Open(context.WorkingDirectory, DuckSession.FoldersOf(parquet));
            results = await new TableCheck(duck, parquet, dataset.Columns).RunAsync(rules, Examples.Value, context.Cancellation);
        }
        catch (QueryException wrong)
        {
            throw DataErrors.QueryFailed(wrong.Message);
        }

        await FinishAsync(context, new ValidationReport { Dataset = dataset, Results = results });
    }

    private async Task FinishAsync(ActivityContext context, ValidationReport report)
    {
        foreach (var line in report.Lines())
        {
            context.Log(line.Severity, line.Text);
        }

        var cancellation = context.Cancellation;
        var result = await context.Artifacts.AddTextAsync(report.ToJson().ToJsonString(OrcJson.Indented), "validation.json", "application/json", cancellation);
        var page = await context.Artifacts.AddTextAsync(ValidationPage.Render(report), "validation.html", "text/html", cancellation);
        if (report.Results.Any(r => r.Examples.Count > 0))
        {
            await context.Artifacts.AddTextAsync(report.FailedRowsCsv(), "failed-rows.csv", "text/csv", cancellation);
        }

        context.Record(new ValidationFact { Dataset = report.Dataset, Passed = report.Passed, ErrorCount = report.Errors.Count, WarningCount = report.Warnings.Count, Result = result });
        if (!report.Passed && !KeepGoing.Value)
        {
            throw DataErrors.RulesBroken(report);
        }

        context.Set(Version, report.Dataset);
        context.Set(Passed, report.Passed);
        context.Set(Failures, report.Errors.Count);
        context.Set(Warnings, report.Warnings.Count);
        context.Set(Report, page);
        context.Set(Result, result);
    }

    private async Task<IReadOnlyList<Expectation>> ReadLinesAsync(ActivityContext context)
    {
        var lines = new List<Expectation>(Expect?.Value ?? []);
        if (Suite is { } suite)
        {
            var path = context.ResolvePath(suite.Value);
            try
            {
                lines.AddRange(GreatExpectations.ReadSuite(await File.ReadAllTextAsync(path, context.Cancellation)));
            }
            catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or JsonException)
            {
                throw DataErrors.SuiteUnreadable(path, wrong.Message);
            }
        }

        return lines.Count > 0 ? lines : throw DataErrors.NoRules();
    }

    // Definitions are checked before they run; rules that an expression or a suite file gave are first seen here.
    private static IReadOnlyList<Expectation> Resolve(IReadOnlyList<Expectation> lines)
    {
        var problems = lines
            .SelectMany((line, index) => line.Check().Select(problem => string.Create(CultureInfo.InvariantCulture, $"rule {index + 1}, {(problem.Path.Length > 0 ? problem.Path : "all of it")}: {problem.Message}")))
            .ToArray();
        return problems.Length > 0
            ? throw DataErrors.RulesWrong(problems)
            : [.. lines.Select(line => line.Type is null ? line : GreatExpectations.Read(line, []) ?? line)];
    }
}
