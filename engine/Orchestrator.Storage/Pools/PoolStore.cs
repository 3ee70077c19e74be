using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.WakeUps;

namespace Orchestrator.Storage.Pools;

internal sealed class PoolStore(OrcDatabase database) : IPoolStore
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(PoolStore).Assembly, "", "pools");
    private static readonly SqlStatement TakeSlot = Sql["take_slot"];
    private static readonly SqlStatement FreeSlots = Sql["free_slots"];

    public Task SetAsync(string pool, int size, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return SetAndTellAsync(pool, size, cancellation);
    }

    private async Task SetAndTellAsync(string pool, int size, CancellationToken cancellation)
    {
        await database.WriteGuardedAsync((session, token) => session.ExecuteAsync(Sql["set_pool"], new { pool, size }, token), settle: null, cancellation);
        // Perhaps it has more room now.
        database.WakeUps.Tell(WakeUp.Pools);
    }

    public Task<IReadOnlyList<PoolInfo>> ListAsync(DateTimeOffset now, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<PoolInfo>(Sql["list_pools"], new { now }, token), cancellation);

    public Task<IReadOnlyList<SlotHolder>> ListHoldersAsync(string pool, DateTimeOffset now, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<SlotHolder>(Sql["list_holders"], new { pool, now }, token), cancellation);

    public Task<PoolView> LookAsync(DateTimeOffset now, CancellationToken cancellation) => database.ReadAsync(
        async (session, token) => new PoolView(
            await session.QueryAsync<PoolInfo>(Sql["list_pools"], new { now }, token),
            await session.QueryAsync<PoolWaiter>(Sql["list_line"], new { now }, token)),
        cancellation);

    public Task StandInLineAsync(PoolWaiter waiter, CancellationToken cancellation) => database.WriteGuardedAsync(
        (session, token) => session.ExecuteAsync(Sql["stand_in_line"], new { pool = waiter.Pool, runId = waiter.RunId, slots = waiter.Slots, priority = waiter.Priority, since = waiter.Since, expiresAt = waiter.ExpiresAt }, token),
        Durability.Deferred,
        settle: null,
        cancellation);

    public Task LeaveLineAsync(string pool, RunId run, DateTimeOffset now, CancellationToken cancellation) => database.WriteGuardedAsync(
        (session, token) => session.ExecuteAsync(Sql["leave_line"], new { pool, runId = run, now }, token),
        Durability.Deferred,
        settle: null,
        cancellation);

    /// <summary>Inside the commit of a run: takes all slots that are asked for.</summary>
    /// <returns>The first pool without room; null when all were taken.</returns>
    public static async Task<string?> TakeAsync(IWriteSession session, IReadOnlyList<SlotRequest> wishes, DateTimeOffset now, CancellationToken cancellation)
    {
        var refused = await session.ExecuteRowsAsync(
            TakeSlot,
            wishes.Select(wish => new object?[] { wish.Pool, wish.AttemptId, wish.Weight, wish.Owner, wish.ExpiresAt, now }),
            cancellation);
        if (refused.Count == 0)
        {
            return null;
        }

        var pool = wishes[refused[0]].Pool;
        return await session.FindAsync<int>(Sql["has_pool"], new { pool }, cancellation) > 0 ? pool : throw StorageErrors.UnknownPool(pool);
    }

    /// <summary>Inside the commit of a run.</summary>
    public static Task FreeAsync(IWriteSession session, IReadOnlyList<AttemptId> attempts, CancellationToken cancellation) =>
        session.ExecuteRowsAsync(FreeSlots, attempts.Select(attempt => new object?[] { attempt }), cancellation);

    public static Task<int> RenewAsync(IWriteSession session, string owner, DateTimeOffset until, CancellationToken cancellation) =>
        session.ExecuteAsync(Sql["renew_slots"], new { owner, until }, cancellation);
}
