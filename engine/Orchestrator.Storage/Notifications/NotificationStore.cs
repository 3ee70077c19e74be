using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Notifications;

/// <summary>
/// Messages to channels. What happened is in the outbox, written by the transaction that made it true; a look at it closes it and stores the notices that follow from it in one transaction; a sender
/// claims a message for a while, sends it, and says what became of it. Several programs may do all of it on one database.
/// </summary>
public sealed class NotificationStore(OrcDatabase database)
{
    /// <summary>A message with so many notices takes no more, and another one begins.</summary>
    public const int MostNotices = 500;

    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(NotificationStore).Assembly, "", "notifications");

    /// <summary>What happened that nobody has looked at yet, oldest first. Causes of kinds that this version does not know are left to one that does.</summary>
    public Task<IReadOnlyList<OutboxMessage>> ListCausesAsync(int limit, CancellationToken cancellation) =>
        QueryAsync<OutboxMessage>("list_causes", new { kinds = JsonSerializer.Serialize(Causes.All, OrcJson.Options), limit }, cancellation);

    /// <summary>Closes a cause and stores what follows from it, together.</summary>
    /// <returns>False: somebody else has; nothing is stored.</returns>
    public Task<bool> PlanAsync(long cause, IReadOnlyList<NewNotice> notices, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        // Made here, so that an operation that is run again makes the same.
        var prepared = notices.Select(notice => (Notice: notice, Id: Ids.New(time))).ToArray();
        return database.WriteAsync(
            async (session, token) =>
            {
                if (await session.ExecuteAsync(Sql["take_cause"], new { sequence = cause, now }, token) == 0)
                {
                    return false;
                }

                foreach (var (notice, id) in prepared)
                {
                    await AddAsync(session, notice, id, now, token);
                }

                return true;
            },
            cancellation);
    }

    /// <summary>Stores a notice without a cause.</summary>
    /// <returns>The message that has it; null: the channel has one with this key.</returns>
    public Task<string?> AddAsync(NewNotice notice, TimeProvider time, CancellationToken cancellation)
    {
        var (id, now) = (Ids.New(time), time.GetUtcNow());
        return database.WriteAsync((session, token) => AddAsync(session, notice, id, now, token), cancellation);
    }

    /// <summary>Messages that are due and that nobody sends, the one that has waited longest at first.</summary>
    public Task<IReadOnlyList<NotificationInfo>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation) => QueryAsync<NotificationInfo>("list_due", new { now, limit }, cancellation);

    /// <summary>When the next message is due; null: there is none.</summary>
    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellation) => database.ReadAsync(
        async (session, token) => await session.FindAsync<long?>(Sql["next_due"], null, token) is { } at ? TypeConversions.FromMicroseconds(at) : (DateTimeOffset?)null, cancellation);

    /// <summary>Takes a due message to send it: it is nobody else's until the lease is over, and gathers no more.</summary>
    /// <returns>As it is claimed; null: somebody else was faster.</returns>
    public async Task<NotificationInfo?> ClaimAsync(NotificationInfo due, string owner, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation) => await database.WriteGuardedAsync(
        async (session, token) => await session.ExecuteAsync(Sql["claim_notification"], new { id = due.Id, attempts = due.Attempts, owner, now, until }, token) > 0
            ? await session.FindAsync<NotificationInfo>(Sql["find_notification"], new { id = due.Id }, token)
            : null,
        settle: null,
        cancellation);

    /// <summary>Puts a due message off, which uses up no attempt. It goes on gathering if it did.</summary>
    public Task<bool> HoldAsync(NotificationInfo due, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation) =>
        ChangeAsync("hold_notification", new { id = due.Id, attempts = due.Attempts, now, until }, cancellation);

    /// <summary>Says what became of the attempt that a claim began.</summary>
    /// <returns>False: the lease was over, and somebody else has claimed the message since; nothing is changed.</returns>
    public Task<bool> SettleAsync(NotificationInfo claimed, NotificationOutcome outcome, CancellationToken cancellation) => ChangeAsync(
        "settle_notification",
        new { id = claimed.Id, attempts = claimed.Attempts, owner = claimed.LeaseOwner, status = outcome.Status, dueAt = outcome.DueAt ?? claimed.DueAt, error = outcome.Error, endedAt = outcome.EndedAt },
        cancellation);

    public Task<NotificationInfo?> FindAsync(string id, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.FindAsync<NotificationInfo>(Sql["find_notification"], new { id }, token), cancellation);

    /// <summary>At most ten, newest first.</summary>
    public Task<IReadOnlyList<NotificationInfo>> FindByPrefixAsync(string prefix, CancellationToken cancellation) =>
        QueryAsync<NotificationInfo>("find_notifications_by_prefix", new { prefix, limit = 10 }, cancellation);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<NotificationInfo>> ListAsync(NotificationFilter filter, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(filter.Limit, 1);
        var statuses = filter.Statuses is null ? null : JsonSerializer.Serialize(filter.Statuses, OrcJson.Options);
        return QueryAsync<NotificationInfo>("list_notifications", new { channel = filter.Channel, statuses, before = filter.Before, limit = filter.Limit }, cancellation);
    }

    /// <summary>What a message tells of, in order.</summary>
    public Task<IReadOnlyList<NoticeInfo>> ListNoticesAsync(string id, int limit, CancellationToken cancellation) => QueryAsync<NoticeInfo>("list_notices", new { id, limit }, cancellation);

    private static async Task<string?> AddAsync(IWriteSession session, NewNotice notice, string id, DateTimeOffset now, CancellationToken cancellation)
    {
        var place = new { channel = notice.Channel, @event = notice.Event, key = notice.Key, now, most = MostNotices };
        if (await session.FindAsync<long>(Sql["has_notice"], place, cancellation) > 0)
        {
            return null;
        }

        var gathering = notice.Gathers ? await session.FindAsync<string>(Sql["find_gathering"], place, cancellation) : null;
        if (gathering is null || await session.ExecuteAsync(Sql["join_gathering"], new { id = gathering }, cancellation) == 0)
        {
            gathering = id;
            if (notice.Gathers)
            {
                await session.ExecuteAsync(Sql["end_gathering"], place, cancellation);
            }

            await session.ExecuteAsync(
                Sql["insert_notification"],
                new
                {
                    id,
                    channel = notice.Channel,
                    @event = notice.Event,
                    urgent = notice.Urgent,
                    status = notice.Gathers ? NotificationStatuses.Gathering : NotificationStatuses.Waiting,
                    now,
                    dueAt = notice.DueAt,
                },
                cancellation);
        }

        await session.ExecuteAsync(Sql["insert_notice"], new { id = gathering, key = notice.Key, payload = notice.Payload, at = now }, cancellation);
        return gathering;
    }

    private Task<IReadOnlyList<T>> QueryAsync<T>(string statement, object args, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<T>(Sql[statement], args, token), cancellation);

    private Task<bool> ChangeAsync(string statement, object args, CancellationToken cancellation) =>
        database.WriteGuardedAsync(async (session, token) => await session.ExecuteAsync(Sql[statement], args, token) > 0, settle: null, cancellation);
}
