using Orchestrator.Core.Values;
using Orchestrator.Storage.Artifacts;
using Orchestrator.Storage.Caching;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Accepting runs and storing their steps.</summary>
public abstract class RunCommitConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    [Test]
    public async Task CreateAsync_NewRun_CanBeLoadedWhole()
    {
        var wanted = Samples.Run(owner: Samples.Owner()) with
        {
            Trigger = Samples.Json("""{"kind":"manual"}"""),
            Overrides = Samples.Json("""{"from":"train"}"""),
            GitCommit = "abc-dirty",
        };
        var created = await Stores.Runs.CreateAsync(wanted, CancellationToken.None);
        var loaded = await Stores.Runs.LoadAsync(wanted.Id, CancellationToken.None);

        Assert.That(created.IsNew);
        Assert.That(loaded, Is.Not.Null);
        Assert.That(OrcJson.ToElement(loaded.Run).GetRawText(), Is.EqualTo(OrcJson.ToElement(created.Run).GetRawText()));
        Assert.That((loaded.Run.Epoch, loaded.Run.Sequence, loaded.Run.Owner, loaded.Run.LeaseUntil), Is.EqualTo((1L, 1L, wanted.Owner, wanted.LeaseUntil)));
        Assert.That((loaded.Run.GitCommit, loaded.Run.BaseDirectory, loaded.Run.CreatedAt), Is.EqualTo((wanted.GitCommit, wanted.BaseDirectory, wanted.CreatedAt)));
        Assert.That(loaded.Run.Trigger!.Value.GetRawText(), Is.EqualTo("""{"kind":"manual"}"""));
        Assert.That(loaded.Definition, Is.EqualTo(wanted.Definition));
        Assert.That(loaded.Events.Select(stored => (stored.Sequence, stored.Type, stored.Payload, stored.At)), Is.EqualTo(new[] { (1L, "run-accepted", wanted.Events[0].Payload, Start) }));
    }

    [Test]
    public async Task CreateAsync_SameIdempotencyKeyAtOnce_MakesOneRun()
    {
        var another = new EngineStores(await OpenAnotherAsync(), []);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? Stores : another).Runs.CreateAsync(
            Samples.Run() with { IdempotencyKey = "nightly/2026-03-01" }, CancellationToken.None)));

        Assert.That(answers.Count(answer => answer.IsNew), Is.EqualTo(1));
        Assert.That(answers.Select(answer => answer.Run.Id).Distinct().Count(), Is.EqualTo(1));
        Assert.That(await Stores.Runs.ListAsync(new RunFilter(), CancellationToken.None), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task CommitAsync_NextStep_StoresEventsRowsAndChange()
    {
        var run = await CreateAsync();
        var attempt = Samples.Attempt() with { Worker = "worker-1", QueuedAt = Start };
        var task = Samples.Task("running", attempt) with { ReadyAt = Start, StartedAt = Start, Label = "lr=0.1", Reason = Samples.Json("""{"kind":"pool"}""") };
        var item = task with { MapIndex = 3, Status = "failed", Failure = Samples.Failure(), Outputs = Samples.Json("{}"), CachedFrom = run.Id, Progress = 0.5, ProgressMessage = "half" };

        var answer = await Stores.Runs.CommitAsync(
            Samples.Commit(run, Samples.Event("a"), Samples.Event("b")) with
            {
                Change = new RunChange { Status = "paused", StartedAt = Start },
                Tasks = [item, task],
                Attempts = [attempt],
            },
            CancellationToken.None);

        Assert.That(answer.Outcome, Is.EqualTo(CommitOutcome.Committed));
        var stored = await Stores.Runs.FindAsync(run.Id, CancellationToken.None);
        Assert.That((stored!.Status, stored.Sequence, stored.StartedAt, stored.EndedAt), Is.EqualTo(("paused", 3L, (DateTimeOffset?)Start, (DateTimeOffset?)null)));
        Assert.That((await Stores.Runs.ListEventsAsync(run.Id, 1, 10, CancellationToken.None)).Select(change => (change.Sequence, change.Type)), Is.EqualTo(new[] { (2L, "a"), (3L, "b") }));
        var tasks = await Stores.Runs.ListTasksAsync(run.Id, CancellationToken.None);
        Assert.That(tasks.Select(row => OrcJson.ToElement(row).GetRawText()), Is.EqualTo(new[] { task, item }.Select(row => OrcJson.ToElement(row).GetRawText())));
        var attempts = await Stores.Runs.ListAttemptsAsync(run.Id, CancellationToken.None);
        Assert.That(attempts.Select(row => OrcJson.ToElement(row).GetRawText()), Is.EqualTo(new[] { OrcJson.ToElement(attempt).GetRawText() }));
    }

    [Test]
    public async Task CommitAsync_AnotherDefinition_MovesTheRunAndRemovesRows()
    {
        var run = await CreateAsync();
        var attempt = Samples.Attempt();
        await CommittedAsync(Samples.Commit(run, Samples.Event("a")) with { Attempts = [attempt], Tasks = [Samples.Task("running", attempt), Samples.Task("running", attempt) with { MapIndex = 2 }] });
        var next = Samples.Definition() with { Hash = new DefinitionHash(new string('f', 64)) };
        await Stores.Runs.AddDefinitionAsync(next, CancellationToken.None);
        await Stores.Runs.AddDefinitionAsync(next with { SourcePath = "/elsewhere" }, CancellationToken.None);

        var answer = await Stores.Runs.CommitAsync(
            Samples.Commit(run with { Sequence = 2 }, Samples.Event("run-migrated")) with
            {
                Change = new RunChange { Status = "running", Definition = next.Hash, Params = Samples.Json("""{"new":1}""") },
                Attempts = [attempt with { Status = "cancelled", EndedAt = Start }],
                RemovedTasks = [attempt.Task],
                Tasks = [Samples.Task("ready") with { Task = new TaskName("other") }],
            },
            CancellationToken.None);

        Assert.That(answer.Outcome, Is.EqualTo(CommitOutcome.Committed));
        var loaded = await Stores.Runs.LoadAsync(run.Id, CancellationToken.None);
        Assert.That((loaded!.Run.Definition, loaded.Definition, loaded.Run.Params.GetRawText()), Is.EqualTo((next.Hash, next, """{"new":1}""")));
        Assert.That((await Stores.Runs.ListTasksAsync(run.Id, CancellationToken.None)).Select(row => row.Task.Value), Is.EqualTo(new[] { "other" }));
        Assert.That((await Stores.Runs.ListAttemptsAsync(run.Id, CancellationToken.None)).Single().Status, Is.EqualTo("cancelled"), "what it did is still known");
        Assert.That(await Stores.Runs.FindDefinitionAsync(run.Definition, CancellationToken.None), Is.Not.Null);
        Assert.That(await Stores.Runs.FindDefinitionAsync(new DefinitionHash("nothing"), CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task CommitAsync_StaleSequence_IsAConflictAndStoresNothing()
    {
        var run = await CreateAsync();
        await CommittedAsync(Samples.Commit(run, Samples.Event("first")));

        var answer = await Stores.Runs.CommitAsync(Samples.Commit(run, Samples.Event("second")) with { Tasks = [Samples.Task("ready")] }, CancellationToken.None);

        Assert.That(answer.Outcome, Is.EqualTo(CommitOutcome.SequenceConflict));
        Assert.That((await Stores.Runs.ListEventsAsync(run.Id, 0, 10, CancellationToken.None)).Select(change => change.Type), Is.EqualTo(new[] { "run-accepted", "first" }));
        Assert.That(await Stores.Runs.ListTasksAsync(run.Id, CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task CommitAsync_AfterAnotherClaim_HasLostOwnership()
    {
        var run = await CreateAsync();
        var claim = await Stores.Runs.ClaimAsync(
            new RunClaim { Run = run.Id, Owner = Samples.Owner("owner-2"), Now = Start.AddMinutes(1), LeaseUntil = Start.AddMinutes(2) }, CancellationToken.None);

        Assert.That(claim.Outcome, Is.EqualTo(ClaimOutcome.Claimed));
        Assert.That((await Stores.Runs.CommitAsync(Samples.Commit(run, Samples.Event("late")), CancellationToken.None)).Outcome, Is.EqualTo(CommitOutcome.OwnershipLost));
        Assert.That((await Stores.Runs.CommitAsync(Samples.Commit(claim.Run!, Samples.Event("next")), CancellationToken.None)).Outcome, Is.EqualTo(CommitOutcome.Committed));
    }

    [Test]
    public async Task CommitAsync_UnknownRun_HasLostOwnership()
    {
        var run = await CreateAsync();

        Assert.That((await Stores.Runs.CommitAsync(Samples.Commit(run with { Id = new RunId("nobody") }), CancellationToken.None)).Outcome, Is.EqualTo(CommitOutcome.OwnershipLost));
    }

    [Test]
    public async Task ALateResultOfAnEndedAttemptChangesNothing()
    {
        var run = await CreateAsync();
        var attempt = Samples.Attempt();
        run = await CommittedAsync(Samples.Commit(run) with { Attempts = [attempt], Tasks = [Samples.Task("running", attempt)] });
        var lost = attempt with { Status = "lost", EndedAt = Start };
        var second = Samples.Attempt(2);
        run = await CommittedAsync(Samples.Commit(run, Samples.Event("lost")) with { Attempts = [lost, second], Tasks = [Samples.Task("running", second)] });

        var late = await Stores.Runs.CommitAsync(
            Samples.Commit(run, Samples.Event("succeeded")) with { Attempts = [attempt with { Status = "succeeded", EndedAt = Start }], Tasks = [Samples.Task("succeeded", attempt)] },
            CancellationToken.None);

        Assert.That((late.Outcome, late.Attempt), Is.EqualTo((CommitOutcome.AttemptLost, (AttemptId?)attempt.Id)));
        Assert.That((await Stores.Runs.ListTasksAsync(run.Id, CancellationToken.None)).Single().AttemptId, Is.EqualTo(second.Id));
        Assert.That((await Stores.Runs.FindAsync(run.Id, CancellationToken.None))!.Sequence, Is.EqualTo(run.Sequence));
    }

    [Test]
    public async Task AResultOfAnAttemptThatItsTaskReplacedChangesNothing()
    {
        var run = await CreateAsync();
        var (first, second) = (Samples.Attempt(), Samples.Attempt(2));
        run = await CommittedAsync(Samples.Commit(run) with { Attempts = [first], Tasks = [Samples.Task("running", first)] });
        // The first attempt was never marked as ended; the task has moved on all the same.
        run = await CommittedAsync(Samples.Commit(run) with { Attempts = [second], Tasks = [Samples.Task("running", second)] });

        var late = await Stores.Runs.CommitAsync(Samples.Commit(run) with { Attempts = [first with { Status = "succeeded", EndedAt = Start }] }, CancellationToken.None);

        Assert.That(late.Outcome, Is.EqualTo(CommitOutcome.AttemptLost));
    }

    [Test]
    public async Task HeartbeatAsync_CurrentAndLostAttempts_StoresTheOneAndAnswersTheOther()
    {
        var run = await CreateAsync();
        var (lost, current) = (Samples.Attempt(), Samples.Attempt(2));
        run = await CommittedAsync(Samples.Commit(run) with { Attempts = [lost, current], Tasks = [Samples.Task("running", current)] });
        Heartbeat Beat(AttemptRow attempt, double? progress, string? message) => new()
        {
            Run = run.Id, Task = attempt.Task, AttemptId = attempt.Id, At = Start.AddSeconds(5), Progress = progress, Message = message,
        };

        var refused = await Stores.Runs.HeartbeatAsync([Beat(lost, 0.9, "late"), Beat(current, 0.25, "round 10 of 40"), Beat(current, null, null)], CancellationToken.None);

        Assert.That(refused, Is.EqualTo(new[] { lost.Id }));
        var task = (await Stores.Runs.ListTasksAsync(run.Id, CancellationToken.None)).Single();
        Assert.That((task.Progress, task.ProgressMessage), Is.EqualTo(((double?)0.25, "round 10 of 40")));
        Assert.That(
            (await Stores.Runs.ListAttemptsAsync(run.Id, CancellationToken.None)).Select(row => row.HeartbeatAt),
            Is.EqualTo(new DateTimeOffset?[] { null, Start.AddSeconds(5) }));

        // A commit that knows nothing of the progress leaves it; the next attempt starts without.
        run = await CommittedAsync(Samples.Commit(run) with { Attempts = [current with { Worker = "w" }], Tasks = [Samples.Task("running", current)] });
        Assert.That((await Stores.Runs.ListTasksAsync(run.Id, CancellationToken.None)).Single().Progress, Is.EqualTo(0.25));
        var next = Samples.Attempt(3);
        await CommittedAsync(Samples.Commit(run) with { Attempts = [current with { EndedAt = Start }, next], Tasks = [Samples.Task("running", next)] });
        Assert.That((await Stores.Runs.ListTasksAsync(run.Id, CancellationToken.None)).Single().Progress, Is.Null);
    }

    [Test]
    public async Task CacheEntriesAreWrittenWithTheStepReplacedExpireAndAreForgotten()
    {
        var run = await CreateAsync();
        var entry = new CacheEntry
        {
            Key = "key",
            Parts = Samples.Json("""{"activity":"data.split/1"}"""),
            Outputs = Samples.Json("""{"rows":1}"""),
            RunId = run.Id,
            Task = Samples.Train,
            AttemptId = new AttemptId("a"),
            CreatedAt = Start,
            ExpiresAt = Start.AddDays(1),
        };
        await CommittedAsync(Samples.Commit(run) with { CacheEntries = [entry] });

        var found = await Stores.Cache.FindAsync("key", Start, CancellationToken.None);
        Assert.That(OrcJson.ToElement(found).GetRawText(), Is.EqualTo(OrcJson.ToElement(entry).GetRawText()));
        Assert.That(await Stores.Cache.FindAsync("key", Start.AddDays(1), CancellationToken.None), Is.Null);
        await Stores.Cache.PutAsync([entry with { Key = "fresh", ExpiresAt = null, CreatedAt = Start.AddHours(-1) }], CancellationToken.None);
        Assert.That((await Stores.Cache.FindAllAsync(["key", "none", "fresh"], Start, CancellationToken.None)).Select(one => one.Key), Is.EquivalentTo(new[] { "key", "fresh" }));
        Assert.That((await Stores.Cache.FindAllAsync(["key", "fresh"], Start.AddDays(1), CancellationToken.None)).Select(one => one.Key), Is.EqualTo(new[] { "fresh" }));
        Assert.That(await Stores.Cache.FindAllAsync([], Start, CancellationToken.None), Is.Empty);
        await Stores.Cache.PutAsync([entry with { Outputs = Samples.Json("""{"rows":2}"""), ExpiresAt = null }], CancellationToken.None);
        Assert.That((await Stores.Cache.FindAsync("key", Start.AddYears(9), CancellationToken.None))!.Outputs.GetRawText(), Is.EqualTo("""{"rows":2}"""));
        await Stores.Cache.PutAsync([entry with { Key = "later", CreatedAt = Start.AddHours(1) }], CancellationToken.None);
        Assert.That((await Stores.Cache.FindLatestAsync("churn", Samples.Train, null, Start.AddHours(2), CancellationToken.None))?.Key, Is.EqualTo("later"));
        Assert.That((await Stores.Cache.FindLatestAsync("churn", Samples.Train, null, Start.AddHours(1), CancellationToken.None))?.Key, Is.EqualTo("key"), "entries of that instant and after do not count");
        Assert.That((await Stores.Cache.FindLatestAsync("churn", Samples.Train, null, Start, CancellationToken.None))?.Key, Is.EqualTo("fresh"));
        Assert.That(await Stores.Cache.FindLatestAsync("churn", Samples.Train, 3, Start.AddHours(2), CancellationToken.None), Is.Null, "none of them is an item's");
        Assert.That(await Stores.Cache.FindLatestAsync("other", Samples.Train, null, Start.AddHours(2), CancellationToken.None), Is.Null);
        Assert.That(await Stores.Cache.ForgetAsync("other", null, CancellationToken.None), Is.Zero);
        Assert.That(await Stores.Cache.ForgetAsync("churn", Samples.Train, CancellationToken.None), Is.EqualTo(3));
        Assert.That(await Stores.Cache.FindAsync("key", Start, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task OutboxMessagesOfAStepAreHandedOutInOrderUntilTheyAreClosed()
    {
        var run = await CreateAsync();
        await CommittedAsync(Samples.Commit(run) with
        {
            Outbox = [new NewOutboxMessage { Kind = "one", Payload = Samples.Json("1") }, new NewOutboxMessage { Kind = "two", Payload = Samples.Json("2") }],
        });

        var messages = await Stores.Runs.ListOutboxAsync(10, CancellationToken.None);
        Assert.That(messages.Select(message => (message.Kind, message.Payload.GetRawText(), message.At)), Is.EqualTo(new[] { ("one", "1", Start), ("two", "2", Start) }));
        await Stores.Runs.CloseOutboxAsync([messages[0].Sequence], Start, CancellationToken.None);
        Assert.That((await Stores.Runs.ListOutboxAsync(10, CancellationToken.None)).Select(message => message.Kind), Is.EqualTo(new[] { "two" }));
    }

    [Test]
    public async Task ArtifactsAndTheirUsesAreStoredWithTheStep()
    {
        var run = await CreateAsync();
        var report = new ArtifactRef { Hash = new string('b', 64), SizeInBytes = 3_000_000_000, Name = "report.html", MediaType = "text/html" };
        var use = new ArtifactUse { Artifact = report, Task = Samples.Train, AttemptId = new AttemptId("a"), Name = "report" };
        var second = use with { MapIndex = 2, Artifact = report with { Name = "other.html" } };
        await CommittedAsync(Samples.Commit(run) with { Artifacts = [second, use, use] });

        Assert.That(await Stores.Artifacts.FindAsync(report.Hash, CancellationToken.None), Is.EqualTo(report with { Name = "other.html" }));
        Assert.That(await Stores.Artifacts.ListAsync(run.Id, CancellationToken.None), Is.EqualTo(new[] { use, second }));
        Assert.That(await Stores.Artifacts.FindAsync(new string('c', 64), CancellationToken.None), Is.Null);
    }

    private async Task<RunInfo> CreateAsync() => (await Stores.Runs.CreateAsync(Samples.Run(owner: Samples.Owner()), CancellationToken.None)).Run;

    private async Task<RunInfo> CommittedAsync(RunCommit commit)
    {
        Assert.That((await Stores.Runs.CommitAsync(commit, CancellationToken.None)).Outcome, Is.EqualTo(CommitOutcome.Committed));
        return await Stores.Runs.FindAsync(commit.Run, CancellationToken.None) ?? throw new InvalidOperationException("the run is gone");
    }
}
