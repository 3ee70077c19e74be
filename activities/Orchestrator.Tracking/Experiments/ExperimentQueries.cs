using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Tracking.Experiments;

/// <summary>Reads experiments and what their runs logged. Each answer is one consistent view.</summary>
public sealed class ExperimentQueries(OrcDatabase database)
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(ExperimentQueries).Assembly, "", "experiments");

    /// <summary>How many runs one query for parameters, metrics and tags covers: below every database's limit of parameters.</summary>
    private const int ChunkSize = 500;

    /// <summary>All experiments, by name.</summary>
    public Task<IReadOnlyList<ExperimentInfo>> ListExperimentsAsync(CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<ExperimentInfo>(Sql["list_experiments"], cancellation: token), cancellation);

    /// <summary>Tracking runs with their parameters, latest metrics and tags.</summary>
    /// <exception cref="ActivityException">The filter names an experiment that does not exist (ORC5508).</exception>
    public Task<IReadOnlyList<TrackingRunInfo>> ListRunsAsync(TrackingRunFilter filter, CancellationToken cancellation) => database.ReadAsync(
        async (session, token) =>
        {
            long? experiment = filter.Experiment is { } name ? await GetExperimentIdAsync(session, name, token) : null;
            return await CompleteAsync(session, await SearchAsync(session, filter, experiment, token), token);
        },
        cancellation);

    /// <summary>One tracking run with everything logged to it; null when there is none of that id.</summary>
    public Task<TrackingRunDetail?> FindRunAsync(string id, CancellationToken cancellation) => database.ReadAsync(
        async (session, token) =>
        {
            if (await session.FindAsync<TrackingRunRow>(Sql["find_run"], new { id }, token) is not { } row)
            {
                return null;
            }

            var runs = await CompleteAsync(session, [row], token);
            var artifacts = await session.QueryAsync<ArtifactRow>(Sql["artifacts_of"], new { id }, token);
            var problems = await session.QueryAsync<ProblemRow>(Sql["problems_of"], new { id }, token);
            return new TrackingRunDetail
            {
                Run = runs[0],
                Artifacts = [.. artifacts.Select(artifact => new TrackedArtifact(artifact.Path, OrcJson.FromElement<ArtifactRef>(artifact.Artifact)))],
                Problems = [.. problems.Select(problem => new TrackingProblem(problem.Code, problem.Message))],
            };
        },
        cancellation);

    /// <exception cref="ActivityException">There is no such tracking run (ORC5509).</exception>
    public async Task<TrackingRunDetail> GetRunAsync(string id, CancellationToken cancellation) =>
        await FindRunAsync(id, cancellation) ?? throw TrackingErrors.NoSuchTrackingRun(id);

    /// <summary>All points of a metric, by step, then time, then value.</summary>
    /// <exception cref="ActivityException">There is no such tracking run (ORC5509), or it has no such metric (ORC5510).</exception>
    public Task<IReadOnlyList<MetricPoint>> GetMetricHistoryAsync(string run, string key, CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<MetricPoint>>(
        async (session, token) =>
        {
            var points = await session.QueryAsync<MetricRow>(Sql["metric_history"], new { id = run, key }, token);
            if (points.Count > 0)
            {
                return [.. points.Select(point => new MetricPoint(point.Step, point.LoggedAt, point.Number))];
            }

            if (await session.FindAsync<TrackingRunRow>(Sql["find_run"], new { id = run }, token) is null)
            {
                throw TrackingErrors.NoSuchTrackingRun(run);
            }

            var known = await session.QueryAsync<MetricRow>(Sql["latest_metrics_of"], new { ids = new[] { run } }, token);
            throw TrackingErrors.NoSuchMetric(run, key, [.. known.Select(metric => metric.Key)]);
        },
        cancellation);

    /// <summary>Adds parameters, metrics and tags to rows, keeping their order.</summary>
    internal static async Task<IReadOnlyList<TrackingRunInfo>> CompleteAsync(IReadSession session, IReadOnlyList<TrackingRunRow> rows, CancellationToken cancellation)
    {
        var runs = new List<TrackingRunInfo>(rows.Count);
        foreach (var chunk in rows.Chunk(ChunkSize))
        {
            var args = new { ids = chunk.Select(row => row.Id).ToArray() };
            var parameters = (await session.QueryAsync<KeyValueRow>(Sql["params_of"], args, cancellation)).ToLookup(row => row.RunId);
            var metrics = (await session.QueryAsync<MetricRow>(Sql["latest_metrics_of"], args, cancellation)).ToLookup(row => row.RunId);
            var tags = (await session.QueryAsync<KeyValueRow>(Sql["tags_of"], args, cancellation)).ToLookup(row => row.RunId);
            runs.AddRange(chunk.Select(row => row.ToInfo(parameters[row.Id], metrics[row.Id], tags[row.Id])));
        }

        return runs;
    }

    /// <summary>The tracking runs of these ids that exist, by id.</summary>
    internal static async Task<IReadOnlyDictionary<string, TrackingRunInfo>> FindRunsAsync(IReadSession session, IEnumerable<string> ids, CancellationToken cancellation)
    {
        var rows = new List<TrackingRunRow>();
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
        {
            if (await session.FindAsync<TrackingRunRow>(Sql["find_run"], new { id }, cancellation) is { } row)
            {
                rows.Add(row);
            }
        }

        return (await CompleteAsync(session, rows, cancellation)).ToDictionary(run => run.Id, StringComparer.Ordinal);
    }

    private static async Task<IReadOnlyList<TrackingRunRow>> SearchAsync(IReadSession session, TrackingRunFilter filter, long? experiment, CancellationToken cancellation)
    {
        var rows = new List<TrackingRunRow>();
        var (wanted, skip) = (Math.Clamp(filter.Limit, 1, 50_000), Math.Max(filter.Offset, 0));
        MetricSegment[] segments = filter.OrderByMetric is null ? [MetricSegment.ByStart] : [MetricSegment.Numbers, MetricSegment.NotNumbers, MetricSegment.Missing];
        foreach (var segment in segments)
        {
            var search = new TrackingRunSearch(session.Dialect, filter, experiment, segment);
            var found = await session.QueryAsync<TrackingRunRow>(search.Rows(wanted - rows.Count, skip), search.Parameters, cancellation);
            rows.AddRange(found);
            if (rows.Count == wanted)
            {
                break;
            }

            // The segment has ended. What it had before its rows was skipped in it; the rest of the way to the offset lies in the next ones.
            skip = skip == 0 || found.Count > 0 ? 0 : skip - (int)Math.Min(skip, await session.FindAsync<long>(search.Count(), search.Parameters, cancellation));
        }

        return rows;
    }

    private static async Task<long> GetExperimentIdAsync(IReadSession session, string name, CancellationToken cancellation)
    {
        if (await session.FindAsync<long?>(Sql["find_experiment"], new { name }, cancellation) is { } id)
        {
            return id;
        }

        var known = await session.QueryAsync<ExperimentInfo>(Sql["list_experiments"], cancellation: cancellation);
        throw TrackingErrors.NoSuchExperiment(name, [.. known.Select(experiment => experiment.Name)]);
    }
}
