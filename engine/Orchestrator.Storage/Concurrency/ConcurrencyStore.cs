using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Concurrency;

internal sealed class ConcurrencyStore(OrcDatabase database) : IConcurrencyStore
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(ConcurrencyStore).Assembly, "", "concurrency");
    private static readonly SqlStatement LeaveKey = Sql["leave_key"];

    public Task<IReadOnlyList<KeyHold>> ListAsync(string key, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<KeyHold>(Sql["list_key"], new { name = key }, token), cancellation);

    public Task<IReadOnlyList<RunId>> ListAdmissibleAsync(string owner, DateTimeOffset now, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<RunId>(Sql["list_admissible"], new { owner, now }, token), cancellation);

    public Task<IReadOnlyList<RunId>> ListDisplacedAsync(string owner, DateTimeOffset now, IReadOnlyCollection<string> deadOwners, CancellationToken cancellation) => database.ReadAsync(
        (session, token) => session.QueryAsync<RunId>(Sql["list_displaced"], new { owner, now, dead = JsonSerializer.Serialize(deadOwners, OrcJson.Options) }, token), cancellation);

    /// <summary>Inside the commit that accepts a run, whose row is there.</summary>
    /// <returns>False: there is no permit, and the run was stored as one that waits.</returns>
    public static async Task<bool> EnterAsync(IWriteSession session, RunId run, KeyEntry entry, DateTimeOffset now, CancellationToken cancellation)
    {
        var name = entry.Permit.Key;
        await session.ExecuteAsync(Sql["enter_key"], new { run, name, limit = entry.Permit.Limit, now }, cancellation);
        if (await TakeAsync(session, run, entry.Permit, now, cancellation))
        {
            return true;
        }

        await session.ExecuteAsync(Sql["queue_run"], new { run, status = entry.QueuedStatus, sequence = entry.QueuedEvents.Count }, cancellation);
        if (entry is { Displaces: Displaced.Waiting or Displaced.Oldest, Request: { } request })
        {
            await session.ExecuteAsync(Sql[entry.Displaces == Displaced.Waiting ? "displace_waiting" : "displace_oldest"], new { run, name, limit = entry.Permit.Limit }, cancellation);
            await session.ExecuteAsync(
                Sql["ask_displaced"], new { run, name, request = request.Id, kind = request.Kind, payload = request.Payload, by = request.By, now }, cancellation);
        }

        return false;
    }

    /// <summary>Inside a commit of the run: false when there is no permit for it.</summary>
    public static async Task<bool> TakeAsync(IWriteSession session, RunId run, PermitRequest wish, DateTimeOffset now, CancellationToken cancellation) =>
        await session.ExecuteAsync(Sql["take_permit"], new { run, name = wish.Key, limit = wish.Limit, unbounded = wish.Unbounded ? 1 : 0, now }, cancellation) > 0;

    /// <summary>Inside the commit that ends the run.</summary>
    public static Task LeaveAsync(IWriteSession session, RunId run, CancellationToken cancellation) => session.ExecuteRowsAsync(LeaveKey, [[run]], cancellation);
}
