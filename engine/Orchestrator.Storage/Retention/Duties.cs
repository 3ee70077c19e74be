using System.Text.Json;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Retention;

/// <summary>Work that one process at a time does for all that share a database. Whoever has it says so again and again; one that falls silent loses it.</summary>
public sealed class Duties(OrcDatabase database)
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(Duties).Assembly, "Retention", "retention");

    /// <param name="name">Of the work.</param>
    /// <param name="owner">Who asks: no two processes have the same.</param>
    /// <param name="now">The time.</param>
    /// <param name="until">When it is free again, should nothing be heard of the owner.</param>
    /// <param name="anyTime">Also when it is not due yet.</param>
    /// <param name="dead">An owner that is known to be gone; null: none.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>False: another one has it, or it is not due.</returns>
    public Task<bool> TakeAsync(string name, string owner, DateTimeOffset now, DateTimeOffset until, bool anyTime, string? dead, CancellationToken cancellation) => WriteAsync(
        async (session, token) => await session.ExecuteAsync(Sql["take_duty"], new { name, owner, now, until, due = anyTime ? DateTimeOffset.MaxValue : now, dead = dead ?? "" }, token) > 0, cancellation);

    /// <returns>False: it is somebody else's by now.</returns>
    public Task<bool> RenewAsync(string name, string owner, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation) =>
        WriteAsync(async (session, token) => await session.ExecuteAsync(Sql["renew_duty"], new { name, owner, now, until }, token) > 0, cancellation);

    public Task EndAsync(string name, string owner, DateTimeOffset now, DateTimeOffset next, JsonElement? report, CancellationToken cancellation) =>
        WriteAsync((session, token) => session.ExecuteAsync(Sql["end_duty"], new { name, owner, now, next, report }, token), cancellation);

    public Task<IReadOnlyList<DutyInfo>> ListAsync(CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<DutyInfo>(Sql["list_duties"], null, token), cancellation);

    private Task<T> WriteAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, CancellationToken cancellation) => database.WriteGuardedAsync(operation, settle: null, cancellation);
}

/// <summary>How a duty stands.</summary>
public sealed record DutyInfo
{
    public required string Name { get; init; }

    public required string Owner { get; init; }

    public required DateTimeOffset LeaseUntil { get; init; }

    public required DateTimeOffset BeganAt { get; init; }

    /// <summary>When it last came to its end; null: never.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    public required DateTimeOffset NextAt { get; init; }

    public JsonElement? Report { get; init; }
}
