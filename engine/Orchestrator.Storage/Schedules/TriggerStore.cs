using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Pipelines;

namespace Orchestrator.Storage.Schedules;

internal sealed class TriggerStore(OrcDatabase database) : ITriggerStore
{
    internal static SqlTexts Sql { get; } = SqlTexts.Load(typeof(TriggerStore).Assembly, "", "triggers");

    private static readonly SqlStatement InsertTick = Sql["insert_tick"];
    private static readonly SqlStatement PutFile = Sql["put_file"];
    private static readonly SqlStatement DropFile = Sql["drop_file"];
    private static readonly SqlStatement PutWatch = Sql["put_watch"];

    public Task<IReadOnlyList<PipelineInfo>> ListUnsyncedAsync(int limit, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<PipelineInfo>(Sql["list_unsynced"], new { limit }, token), cancellation);

    public Task<bool> SyncAsync(TriggerSync sync, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            var pipeline = sync.Pipeline.Name;
            if (await session.ExecuteAsync(Sql["put_sync"], new { pipeline, revision = sync.Pipeline.Revision }, token) == 0)
            {
                return false;
            }

            foreach (var trigger in sync.Triggers)
            {
                await session.ExecuteAsync(
                    Sql["put_trigger"],
                    new
                    {
                        pipeline,
                        name = trigger.Name,
                        kind = trigger.Kind,
                        timing = trigger.Timing,
                        definition = sync.Pipeline.Hash,
                        baseDirectory = sync.Pipeline.BaseDirectory,
                        cursor = trigger.From is { } from ? TriggerInfo.CursorOf(from) : (long?)null,
                        now = sync.Now,
                    },
                    token);
            }

            var names = JsonSerializer.Serialize(sync.Triggers.Select(trigger => trigger.Name), OrcJson.Options);
            await session.ExecuteAsync(Sql["retire_triggers"], new { pipeline, names, now = sync.Now }, token);
            await session.ExecuteAsync(Sql["drop_open_ticks"], new { pipeline, names, now = sync.Now, reason = "its pipeline has the trigger no more" }, token);
            await session.ExecuteAsync(Sql["clear_watches"], new { pipeline }, token);
            await session.ExecuteRowsAsync(
                PutWatch, sync.Triggers.SelectMany(trigger => trigger.Watches.Select(watch => new object?[] { watch.Kind, watch.Subject, pipeline, trigger.Name })), token);
            return true;
        },
        cancellation);

    public Task<TriggerInfo?> FindAsync(TriggerKey key, CancellationToken cancellation) => FindAsync<TriggerInfo>("find_trigger", Args(key), cancellation);

    public Task<IReadOnlyList<TriggerInfo>> ListAsync(string? pipeline, int limit, CancellationToken cancellation) => ListAsync(new TriggerFilter { Pipeline = pipeline, Limit = limit }, cancellation);

    public Task<IReadOnlyList<TriggerInfo>> ListAsync(TriggerFilter filter, CancellationToken cancellation) => QueryAsync<TriggerInfo>(
        "list_triggers",
        new
        {
            pipeline = filter.Pipeline,
            kind = filter.Kind,
            projects = filter.Projects is null ? null : JsonSerializer.Serialize(filter.Projects, OrcJson.Options),
            search = filter.Search?.ToLowerInvariant(),
            afterPipeline = filter.After?.Pipeline,
            afterName = filter.After?.Name,
            limit = filter.Limit,
        },
        cancellation);

    public Task<IReadOnlyList<TriggerKey>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<TriggerKey>>(
        async (session, token) => [.. (await session.QueryAsync<KeyRow>(Sql["list_due"], new { now, limit }, token)).Select(row => new TriggerKey(row.Pipeline, row.Name))],
        cancellation);

    public Task<DateTimeOffset?> NextDueAsync(DateTimeOffset now, CancellationToken cancellation) => database.ReadAsync(
        async (session, token) => await session.FindAsync<long?>(Sql["next_due"], new { now }, token) is { } at ? TypeConversions.FromMicroseconds(at) : (DateTimeOffset?)null, cancellation);

    public Task<bool> AdvanceAsync(TriggerAdvance advance, CancellationToken cancellation) => AdvanceAsync(advance, null, cancellation);

    public Task<bool> AdvanceAsync(TriggerAdvance advance, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            var (pipeline, name) = (advance.Trigger.Pipeline, advance.Trigger.Name);
            var changed = await session.ExecuteAsync(
                Sql["advance_trigger"],
                new
                {
                    pipeline,
                    name,
                    version = advance.Trigger.Version,
                    cursor = advance.Cursor,
                    nextAt = advance.NextAt,
                    state = advance.State,
                    missed = advance.Missed,
                    resume = advance.Resume ? 1 : 0,
                },
                token);
            if (changed == 0)
            {
                return false;
            }

            await session.ExecuteRowsAsync(InsertTick, advance.Ticks.Select(tick => new object?[]
            {
                pipeline, name, tick.Key, tick.LogicalDate, tick.IntervalStart, tick.DueAt, tick.Decision, tick.Reason, tick.Event, advance.Now,
            }), token);
            await session.ExecuteRowsAsync(PutFile, advance.Files.Select(file => new object?[] { pipeline, name, file.Pattern, file.Path, file.Size, file.Modified, file.Since, file.Told }), token);
            await session.ExecuteRowsAsync(DropFile, advance.Gone.Select(file => new object?[] { pipeline, name, file.Pattern, file.Path }), token);
            foreach (var signal in advance.Signals)
            {
                await Signals.AddAsync(session, signal, token);
            }

            if (also is not null)
            {
                await also(session, token);
            }

            return true;
        },
        cancellation);

    public Task<IReadOnlyList<TickInfo>> ListOpenAsync(TriggerKey key, CancellationToken cancellation) => QueryAsync<TickInfo>("list_open", Args(key), cancellation);

    public Task<IReadOnlyList<TickInfo>> ListTicksAsync(TriggerKey key, string? before, int limit, CancellationToken cancellation) =>
        QueryAsync<TickInfo>("list_ticks", new { pipeline = key.Pipeline, name = key.Name, before, limit }, cancellation);

    public Task<IReadOnlyList<TickCount>> CountTicksAsync(TriggerKey key, CancellationToken cancellation) => QueryAsync<TickCount>("count_ticks", Args(key), cancellation);

    public Task<bool> DecideAsync(TriggerKey key, string tick, string decision, string? reason, DateTimeOffset now, CancellationToken cancellation) =>
        ChangeAsync("decide_tick", new { pipeline = key.Pipeline, name = key.Name, tick, decision, reason, now }, cancellation);

    public Task<IReadOnlyList<RunId>> ListGoingAsync(TriggerKey key, CancellationToken cancellation) => QueryAsync<RunId>("list_going", Args(key), cancellation);

    public Task<bool> PauseAsync(TriggerKey key, string by, string? reason, DateTimeOffset now, CancellationToken cancellation) =>
        PauseAsync(new TriggerPause { Trigger = key, By = by, Reason = reason, Now = now }, null, cancellation);

    public Task<bool> PauseAsync(TriggerPause pause, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            var args = new { pipeline = pause.Trigger.Pipeline, name = pause.Trigger.Name, by = pause.By, reason = pause.Reason, now = pause.Now, version = pause.ExpectedVersion };
            if (await session.ExecuteAsync(Sql["pause_trigger"], args, token) == 0)
            {
                return false;
            }

            if (also is not null)
            {
                await also(session, token);
            }

            return true;
        },
        cancellation);

    public Task<IReadOnlyList<FileSeen>> ListFilesAsync(TriggerKey key, CancellationToken cancellation) => QueryAsync<FileSeen>("list_files", Args(key), cancellation);

    public Task<IReadOnlyList<SignalInfo>> ListSignalsAsync(TriggerKey key, long after, int limit, CancellationToken cancellation) =>
        QueryAsync<SignalInfo>("list_signals", new { pipeline = key.Pipeline, name = key.Name, after, limit }, cancellation);

    public Task<long> NewestSignalAsync(CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.FindAsync<long>(Sql["newest_signal"], cancellation: token), cancellation);

    public Task<bool> AddSignalAsync(NewSignal signal, CancellationToken cancellation) => database.WriteAsync((session, token) => Signals.AddAsync(session, signal, token), cancellation);

    public Task<IReadOnlyList<TriggerKey>> ListWatchersAsync(string kind, string subjectPrefix, CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<TriggerKey>>(
        async (session, token) => [.. (await session.QueryAsync<KeyRow>(Sql["list_watchers"], new { kind, prefix = subjectPrefix }, token)).Select(row => new TriggerKey(row.Pipeline, row.Name))],
        cancellation);

    public Task<JsonElement?> FindOutputsAsync(RunId run, CancellationToken cancellation) => FindAsync<JsonElement?>("outputs_of_run", new { run }, cancellation);

    public Task<IReadOnlyList<RunDate>> ListRunDatesAsync(string pipeline, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        QueryAsync<RunDate>("list_run_dates", new { pipeline, from, to }, cancellation);

    private static object Args(TriggerKey key) => new { pipeline = key.Pipeline, name = key.Name };

    private Task<IReadOnlyList<T>> QueryAsync<T>(string statement, object args, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<T>(Sql[statement], args, token), cancellation);

    private Task<T?> FindAsync<T>(string statement, object args, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.FindAsync<T>(Sql[statement], args, token), cancellation);

    private Task<bool> ChangeAsync(string statement, object args, CancellationToken cancellation) =>
        database.WriteAsync(async (session, token) => await session.ExecuteAsync(Sql[statement], args, token) > 0, cancellation);

    private sealed record KeyRow
    {
        public required string Pipeline { get; init; }

        public required string Name { get; init; }
    }
}
