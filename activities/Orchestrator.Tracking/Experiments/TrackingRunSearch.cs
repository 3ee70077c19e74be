using System.Globalization;
using System.Text;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Tracking.Experiments;

/// <summary>
/// Makes the SQL of a filter. The only SQL that is not in a .sql file, because its conditions come and go; every value is a parameter,
/// and only conditions that are asked for are in the text, so that each finds its index.
/// </summary>
internal sealed class TrackingRunSearch
{
    private readonly StringBuilder conditions = new();
    private readonly Dictionary<string, object?> parameters = new(StringComparer.Ordinal);

    public static (SqlStatement Sql, IReadOnlyDictionary<string, object?> Parameters) For(TrackingRunFilter filter)
    {
        var search = new TrackingRunSearch();
        search.Where("e.name = {0}", filter.Experiment);
        search.Where("r.status = {0}", filter.Status?.ToString());
        search.Where("r.pipeline = {0}", filter.Pipeline);
        search.Where("r.pipeline_run = {0}", filter.PipelineRun?.Value);
        search.Where("r.task = {0}", filter.Task?.Value);
        search.Where("r.dataset_version = {0}", filter.DatasetVersion);
        search.Where("r.parent_id = {0}", filter.Parent);
        foreach (var condition in filter.Metrics)
        {
            search.Where(
                $"EXISTS (SELECT 1 FROM tracking_latest_metrics m WHERE m.run_id = r.id AND m.key = {{0}} AND m.is_nan = 0 AND m.value {Operator(condition.Comparison)} {{1}})",
                condition.Key,
                condition.Value);
        }

        foreach (var (key, value) in filter.Params)
        {
            search.Where("EXISTS (SELECT 1 FROM tracking_params p WHERE p.run_id = r.id AND p.key = {0} AND p.value = {1})", key, value);
        }

        foreach (var (key, value) in filter.Tags)
        {
            search.Where("EXISTS (SELECT 1 FROM tracking_tags t WHERE t.run_id = r.id AND t.key = {0} AND t.value = {1})", key, value);
        }

        return (search.Text(filter), search.parameters);
    }

    private SqlStatement Text(TrackingRunFilter filter)
    {
        var (join, order) = ("", "r.started_at DESC, r.id");
        if (filter.OrderByMetric is { } metric)
        {
            join = $"LEFT JOIN tracking_latest_metrics o ON o.run_id = r.id AND o.key = {Parameter(metric)}\n";
            // CASE and not NULLS LAST, which SQL Server does not have.
            order = $"CASE WHEN o.key IS NULL THEN 2 ELSE o.is_nan END, o.value {(filter.Ascending ? "ASC" : "DESC")}, {order}";
        }

        var limit = Parameter(Math.Clamp(filter.Limit, 1, 50_000));
        var offset = Parameter(Math.Max(filter.Offset, 0));
        return new SqlStatement($"""
            SELECT r.id, e.name AS experiment, r.name, r.status, r.started_at, r.ended_at, r.parent_id, r.pipeline, r.pipeline_run, r.task, r.map_index,
                   r.attempt_number, r.definition, r.git_commit, r.dataset_version, r.seed, r.environment
            FROM tracking_runs r
            JOIN tracking_experiments e ON e.id = r.experiment_id
            {join}WHERE 1 = 1{conditions}
            ORDER BY {order}
            LIMIT {limit} OFFSET {offset}
            """);
    }

    /// <summary>Adds a condition when its first value is set.</summary>
    private void Where(string condition, params object?[] values)
    {
        if (values[0] is not null)
        {
            conditions.Append("\n  AND ").AppendFormat(CultureInfo.InvariantCulture, condition, [.. values.Select(Parameter)]);
        }
    }

    private string Parameter(object? value)
    {
        var name = $"v{parameters.Count}";
        parameters.Add(name, value);
        return $"@{name}";
    }

    private static string Operator(MetricComparison comparison) => comparison switch
    {
        MetricComparison.Equal => "=",
        MetricComparison.NotEqual => "<>",
        MetricComparison.Less => "<",
        MetricComparison.AtMost => "<=",
        MetricComparison.Greater => ">",
        MetricComparison.AtLeast => ">=",
        _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "no such comparison"),
    };
}
