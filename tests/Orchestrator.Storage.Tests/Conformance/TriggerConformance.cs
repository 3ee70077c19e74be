using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Pipelines;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Triggers, their ticks, and the signals that they wait for.</summary>
public abstract class TriggerConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    private static readonly TriggerKey Key = new("churn", "schedule");
    private static readonly SignalTopic Orders = new(Signals.DatasetUpdated, "orders");

    [Test]
    public async Task ATriggerThatIsAsItWasGoesOnAndAnotherTimingBeginsAnew()
    {
        var pipeline = await RegisterAsync();
        Assert.That(await SyncAsync(pipeline, Schedule("hourly")), Is.True);
        Assert.That(await SyncAsync(pipeline, Schedule("hourly")), Is.False, "it was done for this state of the pipeline");
        var first = await FindAsync();
        Assert.That((first.Kind, first.LookedUntil, first.NextAt, first.Missed, first.CreatedAt), Is.EqualTo(("schedule", Start, Start, 0L, Start)));
        await AdvanceAsync(first, Start.AddHours(3), state: """{"seen":1}""");

        Assert.That(await SyncAsync(pipeline with { Revision = 2 }, Schedule("hourly") with { From = Start.AddHours(1) }), Is.True);
        var same = await FindAsync();
        Assert.That((same.LookedUntil, same.State?.GetRawText()), Is.EqualTo((Start.AddHours(3), """{"seen":1}""")));
        await SyncAsync(pipeline with { Revision = 3 }, Schedule("daily") with { From = Start.AddHours(5) });
        var other = await FindAsync();
        Assert.That((other.LookedUntil, other.State), Is.EqualTo((Start.AddHours(5), (System.Text.Json.JsonElement?)null)));
        await SyncAsync(pipeline with { Revision = 4 }, Schedule("hourly") with { From = Start.AddHours(4) });
        Assert.That((await FindAsync()).LookedUntil, Is.EqualTo(Start.AddHours(5)), "a cursor never goes back");
    }

    [Test]
    public async Task ATriggerThatIsGoneKeepsItsHistoryAndStartsNothing()
    {
        var pipeline = await RegisterAsync();
        await SyncAsync(pipeline, Schedule("hourly"));
        await AdvanceAsync(await FindAsync(), Start.AddHours(1), Tick("1"));

        await SyncAsync(pipeline with { Revision = 2 }, Schedule("hourly") with { Name = "nightly" });

        Assert.That((await FindAsync()).RetiredAt, Is.EqualTo(Start));
        Assert.That((await Stores.Triggers.ListAsync(null, 10, CancellationToken.None)).Select(trigger => trigger.Name), Is.EqualTo(new[] { "nightly" }));
        Assert.That((await TicksAsync()).Select(tick => (tick.Key, tick.Decision)), Is.EqualTo(new[] { ("1", TickDecisions.Skipped) }));
        Assert.That(await Stores.Triggers.ListDueAsync(Start.AddDays(1), 10, CancellationToken.None), Is.EqualTo(new[] { new TriggerKey("churn", "nightly") }));
    }

    [Test]
    public async Task APipelineIsSyncedUntilItChanges()
    {
        var pipeline = await RegisterAsync();
        Assert.That((await Stores.Triggers.ListUnsyncedAsync(10, CancellationToken.None)).Single(), Is.EqualTo(pipeline));
        await SyncAsync(pipeline, Schedule("hourly"));
        Assert.That(await Stores.Triggers.ListUnsyncedAsync(10, CancellationToken.None), Is.Empty);

        await Stores.Pipelines.ChangeAsync(new PipelineChange { Pipeline = "churn", Action = PipelineAction.Pause, By = "bob", Now = Start.AddHours(1) }, null, CancellationToken.None);

        Assert.That((await Stores.Triggers.ListUnsyncedAsync(10, CancellationToken.None)).Single().IsPaused, Is.True);
        Assert.That((await FindAsync()).WhyPaused, Is.EqualTo("its pipeline is paused by bob"));
    }

    [Test]
    public async Task OfTwoLooksAtOnceOneIsStored()
    {
        await SyncAsync(await RegisterAsync(), Schedule("hourly"));
        var other = new EngineStores(await OpenAnotherAsync(), []);
        var seen = await FindAsync();

        var stored = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => (i % 2 == 0 ? Stores : other).Triggers.AdvanceAsync(
            new TriggerAdvance { Trigger = seen, Cursor = TriggerInfo.CursorOf(Start.AddHours(i)), Missed = 1, Ticks = [Tick($"{i}")], Now = Start }, CancellationToken.None)));

        Assert.That(stored.Count(one => one), Is.EqualTo(1));
        Assert.That(((await FindAsync()).Missed, (await TicksAsync()).Count), Is.EqualTo((1L, 1)));
    }

    [Test]
    public async Task ATickStaysWhatItIsWhenItComesAgain()
    {
        await SyncAsync(await RegisterAsync(), Schedule("hourly"));
        await AdvanceAsync(await FindAsync(), Start.AddHours(1), Tick("1"), Tick("2") with { DueAt = Start.AddHours(2), Event = Samples.Json("""{"a":[1]}""") });
        await AdvanceAsync(await FindAsync(), Start.AddHours(1), Tick("1") with { Decision = TickDecisions.Missed, Reason = "late" });

        var open = await Stores.Triggers.ListOpenAsync(Key, CancellationToken.None);
        Assert.That(open.Select(tick => (tick.Key, tick.Decision, tick.Event?.GetRawText())), Is.EqualTo(new[] { ("1", "due", null), ("2", "due", """{"a":[1]}""") }));
        Assert.That(await Stores.Triggers.NextDueAsync(Start.AddHours(1), CancellationToken.None), Is.EqualTo(Start.AddHours(2)));
        Assert.That(await Stores.Triggers.NextDueAsync(Start.AddHours(2), CancellationToken.None), Is.Null);
        Assert.That(await DecideAsync("1", TickDecisions.Queued, "waits"), Is.True);
        Assert.That(await DecideAsync("1", TickDecisions.Queued, "waits"), Is.False, "nothing would change");
        Assert.That(await DecideAsync("1", TickDecisions.Skipped, null), Is.True);
        Assert.That(await DecideAsync("1", TickDecisions.Queued, "waits"), Is.False, "it was decided about");
        Assert.That((await Stores.Triggers.CountTicksAsync(Key, CancellationToken.None)).Select(count => (count.Decision, count.Number)), Is.EqualTo(new[] { ("due", 1L), ("skipped", 1L) }));
        Assert.That((await Stores.Triggers.ListTicksAsync(Key, "2", 10, CancellationToken.None)).Select(tick => tick.Key), Is.EqualTo(new[] { "1" }));
    }

    [Test]
    public async Task OfManyThatStartATickOneRunIsAccepted()
    {
        await SyncAsync(await RegisterAsync(), Schedule("hourly"));
        await AdvanceAsync(await FindAsync(), Start.AddHours(1), Tick("1"));

        var accepted = await StartAtOnceAsync(Enumerable.Repeat("1", 8), alone: false);

        var tick = (await TicksAsync()).Single();
        Assert.That((accepted.Single(), TickDecisions.Started), Is.EqualTo((tick.RunId, tick.Decision)));
        Assert.That(await Stores.Runs.ListAsync(new RunFilter { Limit = 10 }, CancellationToken.None), Has.Count.EqualTo(1));
    }

    /// <summary>Each of them finds that nothing goes on, unless they take turns until their commits.</summary>
    [Test]
    public async Task OfTicksThatMayNotOverlapOneIsStartedAndTheNextOneWhenItsRunHasEnded()
    {
        await SyncAsync(await RegisterAsync(), Schedule("hourly"));
        var keys = Enumerable.Range(1, 8).Select(i => $"{i}").ToArray();
        await AdvanceAsync(await FindAsync(), Start.AddHours(1), [.. keys.Select(Tick)]);

        var first = (await StartAtOnceAsync(keys, alone: true)).Single();
        Assert.That(await Stores.Triggers.ListGoingAsync(Key, CancellationToken.None), Is.EqualTo(new[] { first }));
        await EndAsync(first);
        var second = (await StartAtOnceAsync((await Stores.Triggers.ListOpenAsync(Key, CancellationToken.None)).Select(tick => tick.Key), alone: true)).Single();

        Assert.That(await Stores.Triggers.ListGoingAsync(Key, CancellationToken.None), Is.EqualTo(new[] { second }));
        Assert.That(await StartAtOnceAsync((await Stores.Triggers.ListOpenAsync(Key, CancellationToken.None)).Select(tick => tick.Key), alone: false), Has.Count.EqualTo(6));
    }

    [Test]
    public async Task OfEachLogicalDateTheNewestRunCounts()
    {
        var runs = new List<RunId>();
        foreach (var hour in new[] { 1, 2, 1 })
        {
            var run = Samples.Run(owner: Samples.Owner()) with { LogicalDate = Start.AddHours(hour) };
            await Stores.Runs.CreateAsync(run, CancellationToken.None);
            runs.Add(run.Id);
        }

        var dates = await Stores.Triggers.ListRunDatesAsync("churn", Start, Start.AddHours(2), CancellationToken.None);

        Assert.That(dates.Select(date => (date.LogicalDate, date.RunId, date.Status)), Is.EqualTo(new[] { (Start.AddHours(1), runs[2], "running"), (Start.AddHours(2), runs[1], "running") }));
    }

    [Test]
    public async Task ASignalIsStoredWhenSomebodyWaitsForItAndOnce()
    {
        Assert.That(await TellAsync("1"), Is.False, "nobody waits");
        await WatchAsync(Orders);

        Assert.That((await TellAsync("1", once: "a"), await TellAsync("2", once: "a"), await TellAsync("3"), await TellAsync("4")), Is.EqualTo((true, false, true, true)));

        var key = Key with { Name = "watch" };
        var signals = await Stores.Triggers.ListSignalsAsync(key, 0, 2, CancellationToken.None);
        Assert.That(signals.Select(signal => signal.Payload.GetRawText()), Is.EqualTo(new[] { "1", "3" }));
        Assert.That((await Stores.Triggers.ListSignalsAsync(key, signals[1].Number, 2, CancellationToken.None)).Single().Payload.GetRawText(), Is.EqualTo("4"));
        Assert.That(await Stores.Triggers.ListDueAsync(Start.AddHours(-1), 10, CancellationToken.None), Is.EqualTo(new[] { key }));
        Assert.That(await Stores.Triggers.ListWatchersAsync(Orders.Kind, "ord", CancellationToken.None), Is.EqualTo(new[] { key }));
        Assert.That(await Stores.Triggers.ListWatchersAsync(Orders.Kind, "orders2", CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task TheEndOfARunIsTold()
    {
        await WatchAsync(new SignalTopic(Signals.RunEnded, "train"));
        var run = Samples.Run("train", Samples.Owner()) with { Trigger = Samples.Json("""{"kind":"schedule","logicalDate":"2026-03-01T08:00:00Z"}""") };
        var plain = Samples.Run("train", Samples.Owner());
        await Stores.Runs.CreateAsync(run, CancellationToken.None);
        await Stores.Runs.CreateAsync(plain, CancellationToken.None);
        await EndAsync(run.Id);
        await EndAsync(plain.Id);

        var signals = await Stores.Triggers.ListSignalsAsync(Key with { Name = "watch" }, 0, 10, CancellationToken.None);

        Assert.That(signals.Select(signal => OrcJson.ToElement(OrcJson.FromElement<SortedDictionary<string, string?>>(signal.Payload)).GetRawText()), Is.EqualTo(new[]
        {
            $$"""{"logicalDate":"2026-03-01T08:00:00Z","pipeline":"train","run":"{{run.Id}}","status":"succeeded"}""",
            $$"""{"logicalDate":null,"pipeline":"train","run":"{{plain.Id}}","status":"succeeded"}""",
        }));
    }

    /// <summary>Who has seen a number has seen all before it: one that was given first and is committed last would be passed over.</summary>
    [Test]
    [CancelAfter(60_000)]
    public async Task ASignalWaitsForThoseThatWereNumberedBeforeIt(CancellationToken cancellation)
    {
        await WatchAsync(Orders);
        var other = new EngineStores(await OpenAnotherAsync(), []);
        var (written, commit) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = Database.WriteAsync(
            async (session, token) =>
            {
                await Signals.AddAsync(session, new NewSignal { Topic = Orders, Payload = Samples.Json("1"), At = Start }, token);
                written.TrySetResult();
                await commit.Task.WaitAsync(token);
            },
            cancellation);
        await written.Task.WaitAsync(cancellation);
        var second = other.Triggers.AddSignalAsync(new NewSignal { Topic = Orders, Payload = Samples.Json("2"), At = Start }, cancellation);

        var key = Key with { Name = "watch" };
        var seen = new List<SignalInfo>();
        for (var look = 0; look < 100; look++)
        {
            seen.AddRange(await Stores.Triggers.ListSignalsAsync(key, seen.Count == 0 ? 0 : seen[^1].Number, 10, cancellation));
        }

        commit.SetResult();
        await Task.WhenAll(first, second);
        seen.AddRange(await Stores.Triggers.ListSignalsAsync(key, seen.Count == 0 ? 0 : seen[^1].Number, 10, cancellation));
        Assert.That(seen.Select(signal => signal.Payload.GetRawText()), Is.EqualTo(new[] { "1", "2" }));
    }

    [Test]
    public async Task FilesAreKeptAsTheyWereSeen()
    {
        await SyncAsync(await RegisterAsync(), Schedule("hourly"));
        var file = new FileSeen { Pattern = "/in/*.csv", Path = $"/in/{new string('a', 900)}.csv", Size = 1, Modified = Start, Since = Start, Told = false };
        var gone = file with { Path = "/in/b.csv" };
        Assert.That(await Stores.Triggers.AdvanceAsync(new TriggerAdvance { Trigger = await FindAsync(), Cursor = 0, Files = [file, gone], Now = Start }, CancellationToken.None), Is.True);
        Assert.That(
            await Stores.Triggers.AdvanceAsync(new TriggerAdvance { Trigger = await FindAsync(), Cursor = 0, Files = [file with { Size = 2, Told = true }], Gone = [gone], Now = Start }, CancellationToken.None),
            Is.True);

        Assert.That(await Stores.Triggers.ListFilesAsync(Key, CancellationToken.None), Is.EqualTo(new[] { file with { Size = 2, Told = true } }));
    }

    [Test]
    public async Task APauseIsMadeOnceAndEndedByALook()
    {
        await SyncAsync(await RegisterAsync(), Schedule("hourly"));

        Assert.That(await Stores.Triggers.PauseAsync(Key, "ann", null, Start, CancellationToken.None), Is.True);
        Assert.That(await Stores.Triggers.PauseAsync(Key, "bob", "freeze", Start, CancellationToken.None), Is.False);
        var paused = await FindAsync();
        Assert.That((paused.PausedAt, paused.WhyPaused), Is.EqualTo((Start, "paused by ann")));
        await Stores.Triggers.AdvanceAsync(new TriggerAdvance { Trigger = paused, Cursor = paused.Cursor, Resume = true, Now = Start }, CancellationToken.None);

        Assert.That((await FindAsync()).IsPaused, Is.False);
    }

    [Test]
    public async Task APauseCanBeForATriggerAsItWasSeenAndTakeOtherWritesAlong()
    {
        await SyncAsync(await RegisterAsync(), Schedule("hourly"));
        var seen = await FindAsync();
        var written = 0;
        Task Also(IWriteSession session, CancellationToken cancellation) => Task.FromResult(++written);

        Assert.That(await Stores.Triggers.PauseAsync(new TriggerPause { Trigger = Key, By = "ann", Now = Start, ExpectedVersion = seen.Version + 1 }, Also, CancellationToken.None), Is.False);
        Assert.That(written, Is.Zero);
        Assert.That(await Stores.Triggers.PauseAsync(new TriggerPause { Trigger = Key, By = "ann", Now = Start, ExpectedVersion = seen.Version }, Also, CancellationToken.None), Is.True);
        Assert.That(written, Is.Positive);
    }

    [Test]
    public async Task ListsArePagedByNameAndFiltered()
    {
        await SyncAsync(await RegisterAsync(), Schedule("hourly") with { Name = "a" }, Schedule("hourly") with { Name = "b", Kind = "file" }, Schedule("hourly") with { Name = "C" });
        async Task<string> ListAsync(TriggerFilter filter) => string.Join(' ', (await Stores.Triggers.ListAsync(filter, CancellationToken.None)).Select(trigger => trigger.Name));

        Assert.That(await ListAsync(new TriggerFilter { Limit = 2 }), Is.EqualTo("C a"));
        Assert.That(await ListAsync(new TriggerFilter { After = new TriggerKey("churn", "a") }), Is.EqualTo("b"));
        Assert.That(await ListAsync(new TriggerFilter { After = new TriggerKey("churm", "z") }), Is.EqualTo("C a b"));
        Assert.That(await ListAsync(new TriggerFilter { Kind = "schedule" }), Is.EqualTo("C a"));
        Assert.That(await ListAsync(new TriggerFilter { Search = "CHURN/c" }), Is.EqualTo("C"));
        Assert.That(await ListAsync(new TriggerFilter { Projects = ["default"] }), Is.EqualTo("C a b"));
        Assert.That(await ListAsync(new TriggerFilter { Projects = ["sales"] }), Is.Empty);
        Assert.That(await ListAsync(new TriggerFilter { Pipeline = "flights" }), Is.Empty);
    }

    private static TriggerRegistration Schedule(string timing) => new() { Name = "schedule", Kind = "schedule", Timing = timing, From = Start };

    private static NewTick Tick(string key) => new() { Key = key, LogicalDate = Start, IntervalStart = Start.AddHours(-1), DueAt = Start, Decision = TickDecisions.Due };

    private async Task<PipelineInfo> RegisterAsync()
    {
        await Stores.Runs.AddDefinitionAsync(Samples.Definition(), CancellationToken.None);
        var result = await Stores.Pipelines.RegisterAsync(
            new PipelineRegistration { Pipeline = "churn", Hash = Samples.Definition().Hash, Source = "folder", BaseDirectory = "/work", By = "ada", Now = Start }, null, CancellationToken.None);
        return result.Pipeline!;
    }

    private Task<bool> SyncAsync(PipelineInfo pipeline, params TriggerRegistration[] triggers) =>
        Stores.Triggers.SyncAsync(new TriggerSync { Pipeline = pipeline, Triggers = triggers, Now = Start }, CancellationToken.None);

    private async Task WatchAsync(SignalTopic topic)
    {
        await SyncAsync(await RegisterAsync(), new TriggerRegistration { Name = "watch", Kind = "dataset", Timing = "", Watches = [topic] });
        // Its first look, so that nothing but a signal makes it due.
        var trigger = await Stores.Triggers.FindAsync(Key with { Name = "watch" }, CancellationToken.None);
        await Stores.Triggers.AdvanceAsync(new TriggerAdvance { Trigger = trigger!, Cursor = trigger!.Cursor, Now = Start }, CancellationToken.None);
    }

    private async Task<TriggerInfo> FindAsync() => await Stores.Triggers.FindAsync(Key, CancellationToken.None) ?? throw new InvalidOperationException("the trigger is not there");

    private Task<IReadOnlyList<TickInfo>> TicksAsync() => Stores.Triggers.ListTicksAsync(Key, null, 100, CancellationToken.None);

    private async Task AdvanceAsync(TriggerInfo trigger, DateTimeOffset lookedUntil, params NewTick[] ticks) => Assert.That(
        await Stores.Triggers.AdvanceAsync(new TriggerAdvance { Trigger = trigger, Cursor = TriggerInfo.CursorOf(lookedUntil), State = trigger.State, Ticks = ticks, Now = Start }, CancellationToken.None), Is.True);

    private async Task AdvanceAsync(TriggerInfo trigger, DateTimeOffset lookedUntil, string state) => Assert.That(
        await Stores.Triggers.AdvanceAsync(new TriggerAdvance { Trigger = trigger, Cursor = TriggerInfo.CursorOf(lookedUntil), State = Samples.Json(state), Now = Start }, CancellationToken.None), Is.True);

    private Task<bool> DecideAsync(string tick, string decision, string? reason) => Stores.Triggers.DecideAsync(Key, tick, decision, reason, Start, CancellationToken.None);

    private Task<bool> TellAsync(string payload, string? once = null) =>
        Stores.Triggers.AddSignalAsync(new NewSignal { Topic = Orders, Payload = Samples.Json(payload), At = Start, Once = once }, CancellationToken.None);

    /// <summary>Over two connections, as two processes would. Answers the runs that were accepted.</summary>
    private async Task<IReadOnlyList<RunId>> StartAtOnceAsync(IEnumerable<string> ticks, bool alone)
    {
        var other = new EngineStores(await OpenAnotherAsync(), []);
        var started = await Task.WhenAll(ticks.Select((tick, i) => Task.Run(async () =>
        {
            var run = Samples.Run(owner: Samples.Owner()) with { Cause = new TickCause(Key, tick, alone) };
            try
            {
                await (i % 2 == 0 ? Stores : other).Runs.CreateAsync(run, CancellationToken.None);
                return run.Id;
            }
            catch (RunRefusedException)
            {
                return (RunId?)null;
            }
        })));
        return [.. started.OfType<RunId>()];
    }

    private async Task EndAsync(RunId id)
    {
        var run = await Stores.Runs.FindAsync(id, CancellationToken.None);
        var result = await Stores.Runs.CommitAsync(Samples.Commit(run!) with { Change = new RunChange { Status = "succeeded", EndedAt = Start.AddMinutes(1) } }, CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(CommitOutcome.Committed));
    }
}
