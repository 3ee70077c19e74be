using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Faults;
using Orchestrator.Storage.Migrations;

namespace Orchestrator.Storage.Retention;

/// <summary>
/// What retention asks of the database and takes out of it. Every removal is a short transaction that asks again whether somebody refers to what goes; a removal that was interrupted is gone on
/// with by <see cref="ListCondemnedAsync"/>.
/// </summary>
public sealed class RetentionStore(OrcDatabase database)
{
    private const int Page = 20_000;

    /// <summary>Rows that one transaction may remove of one table: a writer that waits for it waits for milliseconds.</summary>
    private const int Chunk = 2000;

    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(RetentionStore).Assembly, "Retention", "retention");

    public static MigrationSet Migrations { get; } = MigrationSet.FromResources("retention", typeof(RetentionStore).Assembly, "Retention");

    /// <summary>All runs that have ended, the oldest first.</summary>
    /// <param name="contents">Also look which of them still have events and artifacts, which takes longer.</param>
    public async Task<IReadOnlyList<RunHead>> ListEndedAsync(bool contents, CancellationToken cancellation)
    {
        var all = new List<RunHead>();
        while (true)
        {
            var after = all.Count == 0 ? "" : all[^1].Id.Value;
            var page = await QueryAsync<RunHead>("list_ended", new { contents, after, limit = Page }, cancellation);
            all.AddRange(page);
            if (page.Count < Page)
            {
                return all;
            }
        }
    }

    public Task<IReadOnlyList<RunHead>> ListOpenAsync(CancellationToken cancellation) => QueryAsync<RunHead>("list_open", null, cancellation);

    /// <summary>Which runs took results of which others: from the cache, by being repeated, by a pin.</summary>
    public async Task<IReadOnlyList<RunReference>> ListReusesAsync(CancellationToken cancellation) =>
        [.. (await QueryAsync<ReferenceRow>("list_reuses", null, cancellation)).Select(row => new RunReference(row.Run, row.Target))];

    /// <summary>The runs of plans over dates: a plan that is taken up again must find what it has done.</summary>
    public async Task<IReadOnlyList<RunHold>> ListBackfillRunsAsync(CancellationToken cancellation) =>
        [.. (await QueryAsync<HoldRow>("list_backfill_runs", null, cancellation)).Select(row => new RunHold(row.Run, $"backfill {row.Subject} has it in its plan"))];

    /// <summary>What families refer to.</summary>
    public Task<IReadOnlyList<RunHold>> ListHoldsAsync(IEnumerable<IRunHolder> holders, CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<RunHold>>(
        async (session, token) =>
        {
            var holds = new List<RunHold>();
            foreach (var holder in holders)
            {
                holds.AddRange(await holder.ListAsync(session, token));
            }

            return holds;
        },
        cancellation);

    /// <summary>Plans that came to their end before an instant.</summary>
    public Task<IReadOnlyList<string>> ListOldBackfillsAsync(DateTimeOffset before, CancellationToken cancellation) => QueryAsync<string>("list_old_backfills", new { before }, cancellation);

    public Task<bool> RemoveBackfillAsync(string id, DateTimeOffset before, CancellationToken cancellation) => WriteAsync(
        async (session, token) =>
        {
            await session.ExecuteAsync(Sql["remove_backfill_items"], new { id, before }, token);
            return await session.ExecuteAsync(Sql["remove_backfill"], new { id, before }, token) > 0;
        },
        cancellation);

    /// <summary>Takes a run out: what is small in one transaction with the decision, what is large piece by piece after it.</summary>
    /// <returns>False: something refers to it by now, or it is gone already.</returns>
    public async Task<bool> RemoveRunAsync(RunId run, DateTimeOffset now, CancellationToken cancellation)
    {
        var size = await MeasureAsync(run, cancellation);
        var isSmall = size.Events <= Chunk && size.LastItem <= Chunk;
        bool condemned;
        try
        {
            condemned = await WriteAsync(
                async (session, token) =>
                {
                    if (await session.ExecuteAsync(Sql["condemn"], new { run, now }, token) == 0)
                    {
                        return false;
                    }

                    if (isSmall)
                    {
                        await RemoveRestAsync(session, run, now, token);
                    }

                    return true;
                },
                cancellation);
        }
        catch (StorageException referred) when (referred.Kind == StorageErrorKind.Constraint)
        {
            // Somebody began to repeat it between the question and the removal: all is as it was.
            return false;
        }

        if (condemned && !isSmall)
        {
            FaultPoints.Reached("run-condemned");
            await FinishRemovalAsync(run, now, cancellation);
        }

        return condemned;
    }

    /// <summary>Runs whose removal was interrupted.</summary>
    public Task<IReadOnlyList<RunId>> ListCondemnedAsync(CancellationToken cancellation) => QueryAsync<RunId>("list_condemned", null, cancellation);

    /// <summary>Goes on with a removal.</summary>
    public async Task FinishRemovalAsync(RunId run, DateTimeOffset now, CancellationToken cancellation)
    {
        var size = await MeasureAsync(run, cancellation);
        await RemoveEventsAsync(run, size.Events, cancellation);
        foreach (var statement in new[] { "remove_uses", "remove_attempts", "remove_tasks" })
        {
            await RemoveItemsAsync(statement, run, size.LastItem, cancellation);
        }

        try
        {
            await WriteAsync(
                async (session, token) =>
                {
                    await RemoveRestAsync(session, run, now, token);
                    return true;
                },
                cancellation);
        }
        catch (StorageException referred) when (referred.Kind == StorageErrorKind.Constraint)
        {
            // Repeated meanwhile: the row stays until the repetition goes.
        }
    }

    /// <summary>Takes the events of a run that stays.</summary>
    public async Task RemoveEventsAsync(RunId run, CancellationToken cancellation) => await RemoveEventsAsync(run, (await MeasureAsync(run, cancellation)).Events, cancellation);

    /// <summary>Says that a run that stays uses no artifacts any more; nor does anything that would be taken from it.</summary>
    public async Task ReleaseArtifactsAsync(RunId run, CancellationToken cancellation)
    {
        await WriteAsync((session, token) => session.ExecuteAsync(Sql["remove_cache"], new { run }, token), cancellation);
        await RemoveItemsAsync("remove_uses", run, (await MeasureAsync(run, cancellation)).LastItem, cancellation);
    }

    /// <summary>The removed run of an id, or of the beginning of one; null: none, or several.</summary>
    public async Task<RemovedRun?> FindRemovedAsync(string prefix, CancellationToken cancellation) =>
        prefix.Length > 0 && await QueryAsync<RemovedRun>("find_removed", new { prefix }, cancellation) is [var only] ? only : null;

    /// <summary>Which of these runs were removed.</summary>
    public Task<IReadOnlyList<RunId>> ListRemovedOfAsync(IEnumerable<string> runs, CancellationToken cancellation) =>
        QueryAsync<RunId>("list_removed_of", new { runs = JsonSerializer.Serialize(runs, OrcJson.Options) }, cancellation);

    public Task<long> CountOldTicksAsync(DateTimeOffset before, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.FindAsync<long>(Sql["count_old_ticks"], new { before }, token), cancellation);

    public async Task<long> RemoveTicksAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var removed = 0L;
        foreach (var owner in await QueryAsync<TickOwner>("list_tick_owners", null, cancellation))
        {
            int count;
            do
            {
                count = await WriteAsync((session, token) => session.ExecuteAsync(Sql["remove_ticks"], new { pipeline = owner.Pipeline, name = owner.Name, before, limit = Chunk }, token), cancellation);
                removed += count;
            }
            while (count >= Chunk);
        }

        return removed;
    }

    /// <summary>Signals, causes of messages and messages to people that were dealt with before an instant; how many at most.</summary>
    public async Task<long> CountOldMessagesAsync(DateTimeOffset before, CancellationToken cancellation) =>
        (await SpanAsync("span_of_signals", before, cancellation)).Number
        + (await SpanAsync("span_of_outbox", before, cancellation)).Number
        + await database.ReadAsync((session, token) => session.FindAsync<long>(Sql["count_old_notifications"], new { before }, token), cancellation);

    public async Task<long> RemoveMessagesAsync(DateTimeOffset before, CancellationToken cancellation) =>
        await RemoveSpanAsync("span_of_signals", "remove_signals", before, cancellation)
        + await RemoveSpanAsync("span_of_outbox", "remove_outbox", before, cancellation)
        + await RemoveNotificationsAsync(before, cancellation);

    private static async Task RemoveRestAsync(IWriteSession session, RunId run, DateTimeOffset now, CancellationToken cancellation)
    {
        await session.ExecuteAsync(Sql["remove_events"], new { run, above = 0 }, cancellation);
        foreach (var statement in new[] { "remove_uses", "remove_attempts", "remove_tasks" })
        {
            await session.ExecuteAsync(Sql[statement], new { run, from = -1 }, cancellation);
        }

        foreach (var statement in new[] { "remove_cache", "remove_requests", "remove_dates" })
        {
            await session.ExecuteAsync(Sql[statement], new { run }, cancellation);
        }

        await session.ExecuteAsync(Sql["forget_in_ticks"], new { run, reason = $"its run {run} was removed by retention" }, cancellation);
        await session.ExecuteAsync(Sql["remove_run"], new { run }, cancellation);
        await session.ExecuteAsync(Sql["finish_removal"], new { run, now }, cancellation);
    }

    private async Task RemoveEventsAsync(RunId run, long newest, CancellationToken cancellation)
    {
        for (var above = Math.Max(0, newest - Chunk); ; above = Math.Max(0, above - Chunk))
        {
            var from = above;
            await WriteAsync((session, token) => session.ExecuteAsync(Sql["remove_events"], new { run, above = from }, token), cancellation);
            FaultPoints.Reached("events-removed");
            if (above == 0)
            {
                return;
            }
        }
    }

    private async Task RemoveItemsAsync(string statement, RunId run, long last, CancellationToken cancellation)
    {
        for (var item = Math.Max(-1, last - Chunk); ; item = Math.Max(-1, item - Chunk))
        {
            var from = item;
            await WriteAsync((session, token) => session.ExecuteAsync(Sql[statement], new { run, from }, token), cancellation);
            if (item == -1)
            {
                return;
            }
        }
    }

    private async Task<long> RemoveNotificationsAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var removed = 0L;
        while (await QueryAsync<string>("list_old_notifications", new { before, limit = Chunk }, cancellation) is { Count: > 0 } some)
        {
            foreach (var id in some)
            {
                removed += await WriteAsync(
                    async (session, token) =>
                    {
                        await session.ExecuteAsync(Sql["remove_notices"], new { id }, token);
                        return await session.ExecuteAsync(Sql["remove_notification"], new { id }, token);
                    },
                    cancellation);
            }
        }

        return removed;
    }

    private async Task<long> RemoveSpanAsync(string span, string statement, DateTimeOffset before, CancellationToken cancellation)
    {
        var (removed, found) = (0L, await SpanAsync(span, before, cancellation));
        for (var from = found.Lowest; found.Number > 0 && from <= found.Highest; from += Chunk)
        {
            var (first, end) = (from, from + Chunk);
            removed += await WriteAsync((session, token) => session.ExecuteAsync(Sql[statement], new { from = first, to = end, before }, token), cancellation);
        }

        return removed;
    }

    private async Task<SpanRow> SpanAsync(string statement, DateTimeOffset before, CancellationToken cancellation) =>
        await database.ReadAsync((session, token) => session.FindAsync<SpanRow>(Sql[statement], new { before }, token), cancellation) ?? new SpanRow();

    private async Task<SizeRow> MeasureAsync(RunId run, CancellationToken cancellation) =>
        await database.ReadAsync((session, token) => session.FindAsync<SizeRow>(Sql["measure_run"], new { run }, token), cancellation) ?? new SizeRow();

    private Task<IReadOnlyList<T>> QueryAsync<T>(string statement, object? args, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<T>(Sql[statement], args, token), cancellation);

    private Task<T> WriteAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, CancellationToken cancellation) => database.WriteGuardedAsync(operation, settle: null, cancellation);

    private sealed class ReferenceRow
    {
        public required RunId Run { get; init; }

        public required RunId Target { get; init; }
    }

    private sealed class HoldRow
    {
        public required RunId Run { get; init; }

        public required string Subject { get; init; }
    }

    private sealed class TickOwner
    {
        public required string Pipeline { get; init; }

        public required string Name { get; init; }
    }

    private sealed class SizeRow
    {
        public long Events { get; init; }

        public long LastItem { get; init; }
    }

    private sealed class SpanRow
    {
        public long Lowest { get; init; }

        public long Highest { get; init; }

        public long Number { get; init; }
    }
}
