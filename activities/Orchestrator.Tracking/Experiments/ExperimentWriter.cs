using System.Text.Json;
using Orchestrator.Assets.Experiments;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Facts;

namespace Orchestrator.Tracking.Experiments;

/// <summary>
/// Stores what an attempt logged, inside the transaction that ends it. What cannot be stored as it is (a parameter written twice, an illegal name)
/// becomes a problem of the tracking run: throwing here would keep the attempt from ending at all.
/// </summary>
internal static class ExperimentWriter
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(ExperimentWriter).Assembly, "", "experiments");

    /// <summary>Makes the attempt a tracking run, once. Until it says otherwise its experiment has the pipeline's name.</summary>
    public static async Task EnsureRunAsync(IWriteSession session, FactContext context, string? experiment, CancellationToken cancellation)
    {
        var attempt = context.Attempt;
        var args = new
        {
            id = attempt.Id,
            experiment = experiment ?? attempt.Pipeline,
            name = experiment ?? attempt.Pipeline,
            now = context.Now,
            status = (context.Outcome == AttemptOutcome.Succeeded ? TrackingStatus.Finished : TrackingStatus.Failed).ToString(),
            started_at = context.StartedAt,
            ended_at = context.EndedAt,
            pipeline = attempt.Pipeline,
            pipeline_run = attempt.Run,
            task = attempt.Task,
            map_index = attempt.MapIndex,
            attempt_number = attempt.Number,
            definition = attempt.Definition,
            git_commit = attempt.GitCommit,
        };
        if (experiment is null && await session.FindAsync<KeyValueRow>(Sql["run_exists"], args, cancellation) is not null)
        {
            return;
        }

        await session.ExecuteAsync(Sql["add_experiment"], args, cancellation);
        if (await session.ExecuteAsync(Sql["add_run"], args, cancellation) > 0 && attempt.MapIndex is null)
        {
            await session.ExecuteAsync(Sql["adopt_items"], args, cancellation);
        }
    }

    public static async Task DescribeRunAsync(IWriteSession session, FactContext context, TrackingRunFact fact, CancellationToken cancellation)
    {
        var experiment = string.IsNullOrWhiteSpace(fact.Experiment) ? context.Attempt.Pipeline : fact.Experiment.Trim();
        await EnsureRunAsync(session, context, experiment, cancellation);
        var args = new
        {
            id = context.Attempt.Id,
            experiment,
            name = fact.Name,
            dataset_version = fact.DatasetVersion,
            seed = fact.Seed,
            environment = OrcJson.ToElement(fact.Environment),
        };
        await session.ExecuteAsync(Sql["describe_run"], args, cancellation);
    }

    public static Task AddParamAsync(IWriteSession session, FactContext context, ParamFact fact, CancellationToken cancellation) => GuardAsync(session, context, async () =>
    {
        TrackingNames.Check("parameter", fact.Key);
        var value = fact.Value.ValueKind == JsonValueKind.String ? fact.Value.GetString() ?? "" : fact.Value.GetRawText();
        TrackingNames.CheckLength("parameter", fact.Key, value, TrackingNames.LongestParam);
        var args = new { run_id = context.Attempt.Id, key = fact.Key, value };
        if (await session.ExecuteAsync(Sql["add_param"], args, cancellation) == 0
            && await session.FindAsync<string>(Sql["param_value"], args, cancellation) is { } before && before != value)
        {
            throw TrackingErrors.ParamChanged(fact.Key, before, value);
        }
    }, cancellation);

    public static async Task AddMetricsAsync(IWriteSession session, FactContext context, IReadOnlyList<MetricFact> facts, CancellationToken cancellation)
    {
        var points = new List<MetricFact>(facts.Count);
        foreach (var key in facts.GroupBy(fact => fact.Key, StringComparer.Ordinal))
        {
            await GuardAsync(session, context, () =>
            {
                TrackingNames.Check("metric", key.Key);
                points.AddRange(key);
                return Task.CompletedTask;
            }, cancellation);
        }

        var run = context.Attempt.Id.Value;
        await session.ExecuteRowsAsync(Sql["add_metric"], points.Select(point => RowOf(run, point)), cancellation);
        var latest = points.GroupBy(point => point.Key, StringComparer.Ordinal).Select(key => key.MaxBy(Recency) ?? key.First());
        await session.ExecuteRowsAsync(Sql["set_latest_metric"], latest.Select(point => RowOf(run, point)), cancellation);
    }

    public static Task SetTagAsync(IWriteSession session, FactContext context, TagFact fact, CancellationToken cancellation) => GuardAsync(session, context, async () =>
    {
        TrackingNames.Check("tag", fact.Key);
        TrackingNames.CheckLength("tag", fact.Key, fact.Value, TrackingNames.LongestTag);
        await session.ExecuteAsync(Sql["set_tag"], new { run_id = context.Attempt.Id, key = fact.Key, value = fact.Value }, cancellation);
    }, cancellation);

    public static Task SetArtifactAsync(IWriteSession session, FactContext context, RunArtifactFact fact, CancellationToken cancellation) => GuardAsync(session, context, async () =>
    {
        TrackingNames.Check("file", fact.Path);
        await session.ExecuteAsync(Sql["set_artifact"], new { run_id = context.Attempt.Id, path = fact.Path, artifact = OrcJson.ToElement(fact.Artifact) }, cancellation);
    }, cancellation);

    /// <summary>The order in which a later point takes the place of an earlier one; the same as the statement set_latest_metric has.</summary>
    private static (long Step, DateTimeOffset At, bool IsNumber, double Value) Recency(MetricFact point) => (point.Step, point.At, !double.IsNaN(point.Value), point.Value);

    private static object?[] RowOf(string run, MetricFact point) =>
        [run, point.Key, point.Step, point.At, double.IsNaN(point.Value) ? 0.0 : point.Value, double.IsNaN(point.Value) ? 1L : 0L];

    private static async Task GuardAsync(IWriteSession session, FactContext context, Func<Task> store, CancellationToken cancellation)
    {
        try
        {
            await store();
        }
        catch (ActivityException refused)
        {
            var message = refused.Failure is { Why: { } why } ? $"{refused.Failure.Message}: {why}" : refused.Failure.Message;
            await session.ExecuteAsync(Sql["add_problem"], new { run_id = context.Attempt.Id, code = refused.Failure.Code, message }, cancellation);
        }
    }
}
