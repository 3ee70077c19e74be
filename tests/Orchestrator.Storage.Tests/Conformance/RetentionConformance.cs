using Orchestrator.Core.Values;
using Orchestrator.Storage.Artifacts;
using Orchestrator.Storage.Backfills;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Retention;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>What goes goes whole, what somebody refers to stays, and one process at a time does it.</summary>
public abstract class RetentionConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    private static readonly string[] TablesOfRuns = ["run_events", "tasks", "attempts", "artifact_uses", "run_requests", "run_dates", "cache_entries"];

    private RetentionStore store = null!;
    private ArtifactReferences references = null!;

    [SetUp]
    public async Task MigrateAsync()
    {
        await Database.MigrateAsync([RetentionStore.Migrations], CancellationToken.None);
        store = new RetentionStore(Database);
        references = new ArtifactReferences(Database, []);
    }

    [Test]
    public async Task ARunGoesWithAllItsRowsAndIsRemembered()
    {
        var run = await EndedAsync(Hash(1));

        Assert.That(await store.RemoveRunAsync(run, Start.AddDays(1), CancellationToken.None), Is.True);

        Assert.That(await Stores.Runs.FindAsync(run, CancellationToken.None), Is.Null);
        await AssertNothingLeftAsync(run);
        var removed = await store.FindRemovedAsync(run.Value[..20], CancellationToken.None);
        Assert.That((removed?.RunId, removed?.Pipeline, removed?.Status, removed?.RemovedAt), Is.EqualTo(((RunId?)run, "churn", "succeeded", (DateTimeOffset?)Start.AddDays(1))));
        Assert.That(await store.ListCondemnedAsync(CancellationToken.None), Is.Empty);
        Assert.That(await store.RemoveRunAsync(run, Start.AddDays(1), CancellationToken.None), Is.False, "it is gone already");
    }

    [Test]
    public async Task ALargeRunGoesPieceByPiece()
    {
        var run = await EndedAsync(Hash(1), events: 4500, items: 4500);

        Assert.That(await store.RemoveRunAsync(run, Start, CancellationToken.None), Is.True);

        await AssertNothingLeftAsync(run);
        Assert.That(await Stores.Runs.FindAsync(run, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task ARemovalThatWasInterruptedIsGoneOnWith()
    {
        var run = await EndedAsync(Hash(1));
        // As if whoever began it had been killed after the decision.
        await Database.WriteAsync(
            (session, token) => session.ExecuteAsync("INSERT INTO removed_runs (run_id, pipeline, status, ended_at, removed_at) VALUES (@run, 'churn', 'succeeded', 1, 2)", new { run }, token), CancellationToken.None);
        Assert.That(await store.ListCondemnedAsync(CancellationToken.None), Is.EqualTo(new[] { run }));

        await store.FinishRemovalAsync(run, Start, CancellationToken.None);

        await AssertNothingLeftAsync(run);
        Assert.That(await store.ListCondemnedAsync(CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task ARunThatGoesOnStays()
    {
        var created = await Stores.Runs.CreateAsync(Samples.Run(), CancellationToken.None);

        Assert.That(await store.RemoveRunAsync(created.Run.Id, Start, CancellationToken.None), Is.False);
        Assert.That((await store.ListOpenAsync(CancellationToken.None)).Select(run => run.Id), Is.EqualTo(new[] { created.Run.Id }));
    }

    [Test]
    public async Task ARunThatSomethingRefersToStays()
    {
        var repeated = await EndedAsync(null);
        var repetition = await EndedAsync(null, change: run => run with { Parent = repeated, Relation = RunRelations.Rerun });
        var reused = await EndedAsync(null);
        var reusing = await EndedAsync(null, cachedFrom: reused);
        var planned = await EndedAsync(null);
        await Database.WriteAsync(
            (session, token) => session.ExecuteAsync(
                """
                INSERT INTO backfills (id, pipeline, definition, base_directory, params, selection, parallel, status, created_at, created_by, ended_at) VALUES ('B1', 'churn', @hash, '/work', '{}', '{}', 1, 'done', 1, 'ada', @ended);
                INSERT INTO backfill_items (backfill, position, logical_date, interval_start, action, why, attempt, run_id) VALUES ('B1', 1, 1, 1, 'run', 'missing', 1, @planned)
                """,
                new { planned, hash = Samples.Definition().Hash, ended = Start },
                token),
            CancellationToken.None);

        foreach (var run in new[] { repeated, reused, planned })
        {
            Assert.That(await store.RemoveRunAsync(run, Start, CancellationToken.None), Is.False);
        }

        Assert.That(await store.ListReusesAsync(CancellationToken.None), Is.EqualTo(new[] { new RunReference(reusing, reused) }));
        Assert.That((await store.ListBackfillRunsAsync(CancellationToken.None)).Single(), Is.EqualTo(new RunHold(planned, "backfill B1 has it in its plan")));
        Assert.That(await store.RemoveBackfillAsync("B1", Start, CancellationToken.None), Is.False, "it is not older than that");
        Assert.That(await store.RemoveBackfillAsync("B1", Start.AddSeconds(1), CancellationToken.None), Is.True);
        foreach (var run in new[] { repetition, repeated, reusing, reused, planned })
        {
            Assert.That(await store.RemoveRunAsync(run, Start, CancellationToken.None), Is.True);
        }
    }

    [Test]
    public async Task WhatUsesAFileIsFound()
    {
        var run = await EndedAsync(Hash(1));
        var other = await EndedAsync(Hash(2), cached: Hash(3));
        await Database.WriteAsync(
            async (session, token) =>
            {
                await session.ExecuteAsync("CREATE TABLE things (id varchar(20) NOT NULL PRIMARY KEY, note text, thing text)", cancellation: token);
                await session.ExecuteAsync("INSERT INTO things (id, note, thing) VALUES ('1', 'short', @thing)", new { thing = $$"""{ "deep": { "hash": "{{Hash(4)}}" } }""" }, token);
            },
            CancellationToken.None);
        var searched = new ArtifactReferences(Database, [Migrations.MigrationSet.FromTexts("things", ("0001_things.sql", "CREATE TABLE things (id varchar(20) NOT NULL PRIMARY KEY, note text, thing text)"))]);

        Assert.That(await searched.ListUsedAsync(new HashSet<RunId>(), CancellationToken.None), Is.EquivalentTo(new[] { Hash(1), Hash(2), Hash(3), Hash(4) }));
        Assert.That(await searched.ListUsedAsync(new HashSet<RunId> { run }, CancellationToken.None), Is.EquivalentTo(new[] { Hash(2), Hash(3), Hash(4) }));
        Assert.That(await searched.ListUsedAsync(new HashSet<RunId> { other }, CancellationToken.None), Is.EquivalentTo(new[] { Hash(1), Hash(4) }));
    }

    [Test]
    public async Task AResultThatStandsOnARunWithoutFilesIsLookedAtItself()
    {
        var origin = await EndedAsync(Hash(1));
        await EndedAsync(null, cachedFrom: origin, outputs: $$"""{ "data": { "hash": "{{Hash(1)}}" } }""");
        await store.ReleaseArtifactsAsync(origin, CancellationToken.None);

        Assert.That(await references.ListUsedAsync(new HashSet<RunId>(), CancellationToken.None), Is.EqualTo(new[] { Hash(1) }));
        Assert.That((await store.ListEndedAsync(contents: true, CancellationToken.None)).Select(run => run.HasArtifacts), Is.EqualTo(new[] { false, false }));
    }

    [Test]
    public async Task TheListOfUnusedFilesKeepsTheTimeOfTheFirstLook()
    {
        var file = new UnusedArtifact { Hash = Hash(1), SizeInBytes = 5, ModifiedAt = Start, Since = Start };

        await references.PutUnusedAsync([file], CancellationToken.None);
        await references.PutUnusedAsync([file with { Since = Start.AddDays(1) }, file with { Hash = Hash(2) }], CancellationToken.None);
        Assert.That((await references.ListUnusedAsync(CancellationToken.None)).Select(one => one.Since), Is.EqualTo(new[] { Start, Start }));

        await references.DropUnusedAsync([Hash(1)], CancellationToken.None);
        Assert.That(await references.ListUnusedAsync(CancellationToken.None), Is.EqualTo(new[] { file with { Hash = Hash(2) } }));
    }

    [Test]
    public async Task EventsOfARunThatStaysGo()
    {
        var run = await EndedAsync(null, events: 2500);

        await store.RemoveEventsAsync(run, CancellationToken.None);

        Assert.That(await Stores.Runs.ListEventsAsync(run, 0, 10, CancellationToken.None), Is.Empty);
        Assert.That((await store.ListEndedAsync(contents: true, CancellationToken.None)).Single().HasEvents, Is.False);
        Assert.That(await Stores.Runs.ListTasksAsync(run, CancellationToken.None), Is.Not.Empty);
    }

    [Test]
    public async Task DecisionsWithoutARunGoAndThoseThatStartedOneStay()
    {
        var run = await EndedAsync(null);
        await Database.WriteAsync(
            async (session, token) =>
            {
                const string insert = "INSERT INTO ticks (pipeline, name, tick, due_at, decision, run_id, decided_at) VALUES ('churn', @name, @tick, 1, @decision, @run, @at)";
                await session.ExecuteAsync(insert, new { name = "a", tick = "1", decision = "started", run = (RunId?)run, at = Start }, token);
                await session.ExecuteAsync(insert, new { name = "a", tick = "2", decision = "skipped", run = (RunId?)null, at = Start }, token);
                await session.ExecuteAsync(insert, new { name = "a", tick = "3", decision = "due", run = (RunId?)null, at = Start }, token);
                await session.ExecuteAsync(insert, new { name = "b", tick = "4", decision = "missed", run = (RunId?)null, at = Start.AddDays(2) }, token);
            },
            CancellationToken.None);

        Assert.That(await store.CountOldTicksAsync(Start.AddDays(1), CancellationToken.None), Is.EqualTo(1));
        Assert.That(await store.RemoveTicksAsync(Start.AddDays(1), CancellationToken.None), Is.EqualTo(1));
        Assert.That(await store.RemoveRunAsync(run, Start, CancellationToken.None), Is.True);
        Assert.That(await QueryAsync<string>("SELECT reason FROM ticks WHERE tick = '1'"), Is.EqualTo(new[] { $"its run {run} was removed by retention" }));
        Assert.That(await QueryAsync<string>("SELECT tick FROM ticks ORDER BY tick"), Is.EqualTo(new[] { "1", "3", "4" }));
    }

    [Test]
    public async Task ASignalStaysUntilEveryTriggerThatWaitsForItHasLookedAtIt()
    {
        await Stores.Runs.AddDefinitionAsync(Samples.Definition(), CancellationToken.None);
        await Database.WriteAsync(
            async (session, token) =>
            {
                for (var i = 0; i < 3; i++)
                {
                    await session.ExecuteAsync("INSERT INTO signals (kind, subject, payload, at) VALUES ('dataset-updated', @subject, '{}', @at)", new { subject = i == 2 ? "other" : "t", at = Start }, token);
                    await session.ExecuteAsync("INSERT INTO outbox (kind, payload, at, done_at) VALUES ('x', '{}', @at, @done)", new { at = Start, done = i == 0 ? (DateTimeOffset?)null : Start }, token);
                }

                await session.ExecuteAsync("INSERT INTO trigger_watches (kind, subject, pipeline, name) VALUES ('dataset-updated', 't', 'churn', 'a')", cancellation: token);
                await session.ExecuteAsync(
                    "INSERT INTO triggers (pipeline, name, kind, timing, definition, base_directory, cursor, missed, created_at, version) VALUES ('churn', 'a', 'dataset', '', @hash, '/', 1, 0, 1, 1)".Replace("cursor", Database.Dialect == Dialect.SqlServer ? "[cursor]" : "cursor", StringComparison.Ordinal),
                    new { hash = Samples.Definition().Hash },
                    token);
            },
            CancellationToken.None);

        Assert.That(await store.CountOldMessagesAsync(Start, CancellationToken.None), Is.Zero);
        Assert.That(await store.RemoveMessagesAsync(Start.AddSeconds(1), CancellationToken.None), Is.EqualTo(2 + 2));
        Assert.That(await QueryAsync<long>("SELECT seq FROM signals"), Is.EqualTo(new[] { 2L }), "the trigger has looked at the first one only");
        Assert.That(await QueryAsync<long>("SELECT seq FROM outbox"), Is.EqualTo(new[] { 1L }), "it is still to be sent");
    }

    [Test]
    public async Task MessagesToPeopleGoOnceTheyWereSentOrGivenUp()
    {
        await Database.WriteAsync(
            async (session, token) =>
            {
                foreach (var (id, status, ended) in new (string, string, DateTimeOffset?)[] { ("a", "sent", Start), ("b", "failed", Start), ("c", "waiting", null), ("d", "sent", Start.AddDays(2)) })
                {
                    await session.ExecuteAsync("INSERT INTO notifications (id, channel, event, urgent, status, notices, created_at, due_at, attempts, ended_at) VALUES (@id, 'ops', 'run.failed', 0, @status, 1, 1, 1, 1, @ended)", new { id, status, ended }, token);
                    await session.ExecuteAsync("INSERT INTO notices (notification, number, channel, notice_key, payload, at) VALUES (@id, 1, 'ops', @id, '{}', 1)", new { id }, token);
                }
            },
            CancellationToken.None);

        Assert.That(await store.CountOldMessagesAsync(Start.AddDays(1), CancellationToken.None), Is.EqualTo(2));
        Assert.That(await store.RemoveMessagesAsync(Start.AddDays(1), CancellationToken.None), Is.EqualTo(2));
        Assert.That(await QueryAsync<string>("SELECT notification FROM notices ORDER BY notification"), Is.EqualTo(new[] { "c", "d" }));
        Assert.That(await QueryAsync<string>("SELECT id FROM notifications ORDER BY id"), Is.EqualTo(new[] { "c", "d" }));
    }

    [Test]
    public async Task OneAtATimeHasADuty()
    {
        var duties = new Duties(Database);
        Task<bool> Take(string owner, int minute, bool anyTime = false, string? dead = null) =>
            duties.TakeAsync("retention", owner, Start.AddMinutes(minute), Start.AddMinutes(minute + 5), anyTime, dead, CancellationToken.None);

        Assert.That(await Take("a", 0), Is.True);
        Assert.That(await Take("b", 1), Is.False, "a has it");
        Assert.That(await duties.RenewAsync("retention", "a", Start.AddMinutes(4), Start.AddMinutes(9), CancellationToken.None), Is.True);
        Assert.That(await Take("b", 6, dead: "c"), Is.False, "a has said that it still does");
        await duties.EndAsync("retention", "a", Start.AddMinutes(7), Start.AddMinutes(20), Samples.Json("""{"runs":1}"""), CancellationToken.None);
        Assert.That(await Take("b", 8), Is.False, "it is not due");
        Assert.That(await Take("b", 8, anyTime: true), Is.True);
        Assert.That(await Take("c", 9, anyTime: true, dead: "b"), Is.True, "b is known to be dead");
        Assert.That(await duties.RenewAsync("retention", "b", Start.AddMinutes(9), Start.AddMinutes(14), CancellationToken.None), Is.False);
        Assert.That(await Take("d", 15, anyTime: true), Is.True, "nothing was heard of c");
        Assert.That((await duties.ListAsync(CancellationToken.None)).Single(), Has.Property(nameof(DutyInfo.Owner)).EqualTo("d"));
    }

    [Test]
    public async Task OfManyThatAskAtOnceOneGetsIt()
    {
        var duties = new[] { new Duties(Database), new Duties(await OpenAnotherAsync()) };

        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => duties[i % 2].TakeAsync("retention", $"owner {i}", Start, Start.AddMinutes(5), true, null, CancellationToken.None)));

        Assert.That(taken.Count(one => one), Is.EqualTo(1));
    }

    private static string Hash(int number) => $"{number:x}".PadLeft(64, 'a');

    private async Task<RunId> EndedAsync(string? hash, int events = 1, int items = 0, RunId? cachedFrom = null, string? cached = null, string? outputs = null, Func<NewRun, NewRun>? change = null)
    {
        var wish = Samples.Run(owner: Samples.Owner()) with { LogicalDate = Start };
        var run = (await Stores.Runs.CreateAsync(change?.Invoke(wish) ?? wish, CancellationToken.None)).Run;
        var attempt = Samples.Attempt();
        await Stores.Runs.AddRequestAsync(new RunRequest { Id = $"Q{run.Id}", RunId = run.Id, Kind = "cancel", By = "ada", At = Start }, CancellationToken.None);
        var result = await Stores.Runs.CommitAsync(
            Samples.Commit(run, [.. Enumerable.Range(0, events).Select(_ => Samples.Event("task-ready"))]) with
            {
                Attempts = [attempt],
                Tasks = [Samples.Task("succeeded", attempt) with { CachedFrom = cachedFrom, Outputs = Samples.Json(outputs ?? "{}") }, .. Enumerable.Range(0, items).Select(i => Samples.Task("succeeded") with { MapIndex = i })],
                Artifacts = hash is null ? [] : [new ArtifactUse { Artifact = new ArtifactRef { Hash = hash, SizeInBytes = 10, Name = "a", MediaType = "text/plain" }, Task = Samples.Train, AttemptId = attempt.Id, Name = "out" }],
                CacheEntries = cached is null ? [] : [new Caching.CacheEntry
                {
                    Key = $"k{run.Id}", Parts = Samples.Json("{}"), Outputs = Samples.Json($$"""{ "x": { "hash": "{{cached}}" } }"""), RunId = run.Id, Task = Samples.Train, AttemptId = attempt.Id, CreatedAt = Start,
                }],
                Change = new RunChange { Status = "succeeded", EndedAt = Start },
            },
            CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(CommitOutcome.Committed));
        return run.Id;
    }

    private async Task AssertNothingLeftAsync(RunId run)
    {
        foreach (var table in TablesOfRuns)
        {
            Assert.That((await QueryAsync<long>($"SELECT COUNT(*) FROM {table} WHERE run_id = '{run}'")).Single(), Is.Zero, table);
        }
    }

    private Task<IReadOnlyList<T>> QueryAsync<T>(string sql) => Database.ReadAsync((session, token) => session.QueryAsync<T>(sql, null, token), CancellationToken.None);
}
