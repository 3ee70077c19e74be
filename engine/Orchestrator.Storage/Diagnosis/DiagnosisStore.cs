using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Diagnosis;

/// <summary>How many of a kind, and since when.</summary>
public sealed record LateThings
{
    /// <summary>What has them, if that has a name.</summary>
    public string? Pool { get; init; }

    public required long Number { get; init; }

    public required DateTimeOffset Since { get; init; }
}

/// <summary>Decisions of one kind about one trigger.</summary>
public sealed record TickTrouble
{
    public required string Pipeline { get; init; }

    public required string Name { get; init; }

    public required string Decision { get; init; }

    public required long Number { get; init; }
}

/// <summary>Finds what has come to a halt.</summary>
public sealed class DiagnosisStore(OrcDatabase database)
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(DiagnosisStore).Assembly, "Diagnosis", "diagnosis");

    /// <summary>The clock of the database: of a file this machine's, of a server the server's.</summary>
    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellation) =>
        database.ReadAsync(async (session, token) => DateTimeOffset.UnixEpoch.AddTicks(await session.FindAsync<long>(Sql["clock"], null, token) * TimeSpan.TicksPerMicrosecond), cancellation);

    /// <summary>When the newest run was accepted; null: there is none.</summary>
    public Task<DateTimeOffset?> FindNewestRunAsync(CancellationToken cancellation) => database.ReadAsync((session, token) => session.FindAsync<DateTimeOffset?>(Sql["newest_run"], null, token), cancellation);

    /// <summary>Slots of pools whose holder has not been heard of in time.</summary>
    public Task<IReadOnlyList<LateThings>> ListLateSlotsAsync(DateTimeOffset now, CancellationToken cancellation) => QueryAsync<LateThings>("late_slots", new { now }, cancellation);

    /// <summary>Unfinished runs whose owner has not been heard of in time.</summary>
    public Task<IReadOnlyList<RunId>> ListLateLeasesAsync(DateTimeOffset now, CancellationToken cancellation) => QueryAsync<RunId>("late_leases", new { now }, cancellation);

    /// <summary>What happened before an instant, and nobody has looked whom to tell.</summary>
    public Task<LateThings?> FindOldOutboxAsync(DateTimeOffset before, CancellationToken cancellation) => FindAsync("old_outbox", new { before }, cancellation);

    /// <summary>Messages to people that were due before an instant, and nobody sends.</summary>
    public Task<LateThings?> FindLateNotificationsAsync(DateTimeOffset before, CancellationToken cancellation) => FindAsync("late_notifications", new { before }, cancellation);

    /// <summary>Messages that were given up since an instant.</summary>
    public Task<LateThings?> FindFailedNotificationsAsync(DateTimeOffset since, CancellationToken cancellation) => FindAsync("failed_notifications", new { since }, cancellation);

    /// <summary>Runs whose owner has not taken what it was asked before an instant.</summary>
    public Task<IReadOnlyList<RunId>> ListOldRequestsAsync(DateTimeOffset before, CancellationToken cancellation) => QueryAsync<RunId>("old_requests", new { before }, cancellation);

    /// <summary>Times and happenings that were missed or failed since an instant.</summary>
    public Task<IReadOnlyList<TickTrouble>> ListTroubledTicksAsync(DateTimeOffset since, CancellationToken cancellation) => QueryAsync<TickTrouble>("ticks_since", new { since }, cancellation);

    /// <summary>What was to be started before an instant, and nobody has.</summary>
    public Task<IReadOnlyList<TickTrouble>> ListLateTicksAsync(DateTimeOffset before, CancellationToken cancellation) => QueryAsync<TickTrouble>("late_ticks", new { before }, cancellation);

    private async Task<LateThings?> FindAsync(string statement, object args, CancellationToken cancellation) =>
        await QueryAsync<LateThings>(statement, args, cancellation) is [{ Number: > 0 } late] ? late : null;

    private Task<IReadOnlyList<T>> QueryAsync<T>(string statement, object args, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<T>(Sql[statement], args, token), cancellation);
}
