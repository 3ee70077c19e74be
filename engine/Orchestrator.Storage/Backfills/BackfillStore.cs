using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Backfills;

internal sealed class BackfillStore(OrcDatabase database) : IBackfillStore
{
    internal static SqlTexts Sql { get; } = SqlTexts.Load(typeof(BackfillStore).Assembly, "", "backfills");

    private static readonly SqlStatement InsertItem = Sql["insert_item"];

    public Task AddAsync(BackfillInfo backfill, IReadOnlyList<BackfillItem> items, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            await session.ExecuteAsync(Sql["insert_backfill"], backfill, token);
            await session.ExecuteRowsAsync(InsertItem, items.Select(item => new object?[] { backfill.Id, item.Position, item.LogicalDate, item.IntervalStart, item.Action, item.Why }), token);
            await AlsoAsync(also, session, token);
        },
        cancellation);

    public Task<BackfillInfo?> FindAsync(string id, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.FindAsync<BackfillInfo>(Sql["find_backfill"], new { id }, token), cancellation);

    public Task<IReadOnlyList<BackfillInfo>> FindByPrefixAsync(string prefix, CancellationToken cancellation) => QueryAsync<BackfillInfo>("find_backfills_by_prefix", new { prefix }, cancellation);

    public Task<IReadOnlyList<BackfillInfo>> ListAsync(BackfillFilter filter, CancellationToken cancellation) => QueryAsync<BackfillInfo>(
        "list_backfills",
        new
        {
            pipeline = filter.Pipeline,
            status = filter.Status,
            projects = filter.Projects is null ? null : JsonSerializer.Serialize(filter.Projects, OrcJson.Options),
            usual = Pipelines.PipelineRegistration.DefaultProject,
            after = filter.After,
            limit = filter.Limit,
        },
        cancellation);

    public Task<IReadOnlyList<string>> ListRunningAsync(CancellationToken cancellation) => QueryAsync<string>("list_running", new { }, cancellation);

    public Task<IReadOnlyList<BackfillItem>> ListItemsAsync(string id, CancellationToken cancellation) => ListItemsAsync(id, 0, int.MaxValue, cancellation);

    public Task<IReadOnlyList<BackfillItem>> ListItemsAsync(string id, int after, int limit, CancellationToken cancellation) => QueryAsync<BackfillItem>("list_items", new { id, after, limit }, cancellation);

    public Task<IReadOnlyList<BackfillCount>> CountItemsAsync(string id, CancellationToken cancellation) => QueryAsync<BackfillCount>("count_items", new { id }, cancellation);

    public Task<IReadOnlyList<BackfillItem>> ListNextAsync(string id, int limit, CancellationToken cancellation) => QueryAsync<BackfillItem>("list_next", new { id, limit }, cancellation);

    public Task<IReadOnlyList<RunId>> ListUnfinishedAsync(string id, CancellationToken cancellation) => QueryAsync<RunId>("list_unfinished", new { id }, cancellation);

    public Task<bool> SetStatusAsync(string id, string status, IReadOnlyList<string> from, DateTimeOffset now, CancellationToken cancellation) => SetStatusAsync(id, status, from, now, null, cancellation);

    public Task<bool> SetStatusAsync(string id, string status, IReadOnlyList<string> from, DateTimeOffset now, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation) =>
        ChangeAsync("set_status", new { id, status, from = JsonSerializer.Serialize(from, OrcJson.Options), now }, also, cancellation);

    public Task<bool> FinishAsync(string id, DateTimeOffset now, CancellationToken cancellation) => ChangeAsync("finish", new { id, now }, null, cancellation);

    public Task<int> RetryAsync(string id, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            var again = await session.ExecuteAsync(Sql["retry_items"], new { id }, token);
            if (again > 0)
            {
                await session.ExecuteAsync(Sql["reopen"], new { id }, token);
                await AlsoAsync(also, session, token);
            }

            return again;
        },
        cancellation);

    private Task<IReadOnlyList<T>> QueryAsync<T>(string statement, object args, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<T>(Sql[statement], args, token), cancellation);

    private Task<bool> ChangeAsync(string statement, object args, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            if (await session.ExecuteAsync(Sql[statement], args, token) == 0)
            {
                return false;
            }

            await AlsoAsync(also, session, token);
            return true;
        },
        cancellation);

    private static Task AlsoAsync(Func<IWriteSession, CancellationToken, Task>? also, IWriteSession session, CancellationToken cancellation) => also?.Invoke(session, cancellation) ?? Task.CompletedTask;
}
