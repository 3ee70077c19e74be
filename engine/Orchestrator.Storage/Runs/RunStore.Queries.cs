using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Definitions;

namespace Orchestrator.Storage.Runs;

/// <summary>The side that only reads.</summary>
internal sealed partial class RunStore
{
    public Task<LoadedRun?> LoadAsync(RunId run, CancellationToken cancellation) => database.ReadAsync(
        async (session, token) =>
        {
            if (await FindAsync(session, run, token) is not { } info)
            {
                return null;
            }

            return new LoadedRun
            {
                Run = info,
                Definition = await DefinitionStore.FindAsync(session, info.Definition, token) ?? throw new InvalidOperationException($"the run {run} has no definition"),
                Events = await session.QueryAsync<StoredEvent>(Sql["list_events"], new { run, after = 0L, limit = -1L }, token),
            };
        },
        cancellation);

    public Task<StoredDefinition?> FindDefinitionAsync(DefinitionHash hash, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => DefinitionStore.FindAsync(session, hash, token), cancellation);

    public Task<RunInfo?> FindAsync(RunId run, CancellationToken cancellation) => database.ReadAsync((session, token) => FindAsync(session, run, token), cancellation);

    public Task<IReadOnlyList<RunInfo>> FindByPrefixAsync(string prefix, CancellationToken cancellation) =>
        QueryRunsAsync(Sql["find_runs_by_prefix"], new { prefix = prefix.ToUpperInvariant() }, cancellation);

    public Task<IReadOnlyList<RunInfo>> ListAsync(RunFilter filter, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(filter.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(filter.Limit, 1000);
        return QueryRunsAsync(
            Sql["list_runs"],
            new
            {
                pipeline = filter.Pipeline,
                projects = filter.Projects is null ? null : ToList(filter.Projects),
                usual = Pipelines.PipelineRegistration.DefaultProject,
                statuses = filter.Statuses.Count == 0 ? null : ToList(filter.Statuses),
                unfinished = filter.Unfinished ? 1 : 0,
                parent = filter.Parent,
                children = filter.Children ? 1 : 0,
                from = filter.CreatedFrom,
                before = filter.CreatedBefore,
                after = filter.After,
                limit = filter.Limit,
            },
            cancellation);
    }

    public Task<IReadOnlyList<TaskInfo>> ListTasksAsync(RunId run, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<TaskInfo>(Sql["list_tasks"], new { run }, token), cancellation);

    public Task<IReadOnlyList<TaskInfo>> ListWholeTasksAsync(RunId run, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<TaskInfo>(Sql["list_whole_tasks"], new { run }, token), cancellation);

    public Task<IReadOnlyList<ItemCount>> CountItemsAsync(RunId run, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<ItemCount>(Sql["count_items"], new { run }, token), cancellation);

    public Task<IReadOnlyList<TaskInfo>> ListItemsAsync(RunId run, ItemFilter filter, CancellationToken cancellation) => database.ReadAsync(
        (session, token) => session.QueryAsync<TaskInfo>(Sql["list_items"], new { run, task = filter.Task, statuses = filter.Statuses.Count == 0 ? null : ToList(filter.Statuses) }, token),
        cancellation);

    public Task<IReadOnlyList<AttemptRow>> ListAttemptsAsync(RunId run, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<AttemptRow>(Sql["list_attempts"], new { run }, token), cancellation);

    public Task<IReadOnlyList<StoredEvent>> ListEventsAsync(RunId run, long after, int limit, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<StoredEvent>(Sql["list_events"], new { run, after, limit = (long)limit }, token), cancellation);

    public Task<IReadOnlyList<RunOwner>> ListOwnersAsync(CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<RunOwner>(Sql["list_owners"], null, token), cancellation);

    public Task<IReadOnlyList<RunId>> ListClaimableAsync(DateTimeOffset now, IReadOnlyCollection<string> deadOwners, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<RunId>(Sql["list_claimable"], new { now, dead = ToList(deadOwners) }, token), cancellation);

    public Task<IReadOnlyList<RunRequest>> ListRequestsAsync(string owner, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<RunRequest>(Sql["list_requests"], new { owner }, token), cancellation);

    public Task<IReadOnlyList<RunRequest>> ListRequestsOfRunAsync(RunId run, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<RunRequest>(Sql["list_requests_of_run"], new { run }, token), cancellation);

    public Task<IReadOnlyList<OpenQuestion>> ListQuestionsAsync(CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<OpenQuestion>(Sql["list_questions"], null, token), cancellation);

    public Task<IReadOnlyList<OutboxMessage>> ListOutboxAsync(int limit, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<OutboxMessage>(Sql["list_outbox"], new { limit }, token), cancellation);

    private Task<IReadOnlyList<RunInfo>> QueryRunsAsync(SqlStatement sql, object args, CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<RunInfo>>(
        async (session, token) => [.. (await session.QueryAsync<RunRow>(sql, args, token)).Select(row => row.ToInfo())],
        cancellation);
}
