using System.Globalization;
using System.Text;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Tracking.Experiments;

/// <summary>Which of the runs that meet a filter a query is about, when they are sorted by a metric.</summary>
internal enum MetricSegment
{
    Unknown = 0,

    /// <summary>All, sorted by their start.</summary>
    ByStart,

    /// <summary>Those that have a number in the metric.</summary>
    Numbers,

    /// <summary>Those that have NaN in it.</summary>
    NotNumbers,

    /// <summary>Those that lack it.</summary>
    Missing,
}

/// <summary>
/// Makes the SQL of a filter. The only SQL that is not in a .sql file, because its conditions come and go; every value is a parameter.
/// </summary>
/// <remarks>
/// Sorting by a metric goes segment by segment, since each is in the order of an index and stops at the limit; one query with the three cases
/// in its ORDER BY reads and sorts all runs. CROSS JOIN keeps SQLite's planner from beginning at the other end.
/// </remarks>
internal sealed class TrackingRunSearch
{
    private const string Columns = """
        SELECT r.id, e.name AS experiment, r.name, r.status, r.started_at, r.ended_at, r.parent_id, r.pipeline, r.pipeline_run, r.task, r.map_index,
               r.attempt_number, r.definition, r.git_commit, r.dataset_version, r.seed, r.environment
        """;

    private readonly Dialect dialect;
    private readonly StringBuilder conditions = new();
    private readonly Dictionary<string, object?> parameters = new(StringComparer.Ordinal);
    private readonly string from;
    private readonly string order;

    /// <param name="dialect">Whose SQL it becomes: where a page begins, and whether values can be looked up whole, differs.</param>
    /// <param name="filter">Its experiment stands in <paramref name="experiment"/> as an id.</param>
    /// <param name="experiment">Null: all.</param>
    /// <param name="segment">Anything but <see cref="MetricSegment.ByStart"/> needs <see cref="TrackingRunFilter.OrderByMetric"/>.</param>
    public TrackingRunSearch(Dialect dialect, TrackingRunFilter filter, long? experiment, MetricSegment segment)
    {
        this.dialect = dialect;
        (from, order) = ("tracking_runs r", "r.started_at DESC, r.id");
        switch (segment)
        {
            case MetricSegment.Numbers or MetricSegment.NotNumbers:
                from = "tracking_latest_metrics o CROSS JOIN tracking_runs r";
                order = $"o.value {(filter.Ascending ? "ASC" : "DESC")}, {order}";
                Where($"r.id = o.run_id AND o.{Key} = {{0}} AND o.is_nan = {(segment == MetricSegment.NotNumbers ? 1 : 0)}", filter.OrderByMetric);
                break;
            case MetricSegment.Missing:
                Where($"NOT EXISTS (SELECT 1 FROM tracking_latest_metrics o WHERE o.run_id = r.id AND o.{Key} = {{0}})", filter.OrderByMetric);
                break;
        }

        Where("r.experiment_id = {0}", experiment);
        AddConditions(filter);
    }

    public IReadOnlyDictionary<string, object?> Parameters => parameters;

    public SqlStatement Rows(int limit, int offset) => new($"""
        {Columns}
        FROM {from}
        CROSS JOIN tracking_experiments e
        WHERE e.id = r.experiment_id{conditions}
        ORDER BY {order}
        {Page(limit.ToString(CultureInfo.InvariantCulture), offset.ToString(CultureInfo.InvariantCulture))}
        """);

    public SqlStatement Count() => new($"SELECT COUNT(*) FROM {from} WHERE 1 = 1{conditions}");

    private string Key => dialect == Dialect.SqlServer ? "[key]" : "key";

    private string Page(string limit, string offset) =>
        dialect == Dialect.SqlServer ? $"OFFSET {offset} ROWS FETCH NEXT {limit} ROWS ONLY" : $"LIMIT {limit} OFFSET {offset}";

    /// <summary>A value that may be longer than an index takes: on servers its beginning leads through the index, and the whole decides.</summary>
    private string SameValue(string table) => dialect switch
    {
        Dialect.PostgreSql => $"left({table}.value, 200) = left({{1}}::text, 200) AND {table}.value = {{1}}",
        Dialect.SqlServer => $"{table}.value_start = CAST(LEFT({{1}}, 200) AS nvarchar(200)) AND {table}.value = {{1}}",
        _ => $"{table}.value = {{1}}",
    };

    private void AddConditions(TrackingRunFilter filter)
    {
        Where("r.status = {0}", filter.Status?.ToString());
        Where("r.pipeline = {0}", filter.Pipeline);
        Where("r.pipeline_run = {0}", filter.PipelineRun?.Value);
        Where("r.task = {0}", filter.Task?.Value);
        Where("r.dataset_version = {0}", filter.DatasetVersion);
        Where("r.parent_id = {0}", filter.Parent);
        foreach (var condition in filter.Metrics)
        {
            Where(
                $"r.id IN (SELECT m.run_id FROM tracking_latest_metrics m WHERE m.{Key} = {{0}} AND m.is_nan = 0 AND m.value {Operator(condition.Comparison)} {{1}})",
                condition.Key,
                condition.Value);
        }

        foreach (var (key, value) in filter.Params)
        {
            Where($"r.id IN (SELECT p.run_id FROM tracking_params p WHERE p.{Key} = {{0}} AND {SameValue("p")})", key, value);
        }

        foreach (var (key, value) in filter.Tags)
        {
            Where($"r.id IN (SELECT t.run_id FROM tracking_tags t WHERE t.{Key} = {{0}} AND {SameValue("t")})", key, value);
        }
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
