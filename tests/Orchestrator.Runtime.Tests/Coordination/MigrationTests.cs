using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;
using static Orchestrator.Runtime.Tests.Coordination.EngineHarness;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>Runs that are given another definition, over a real database.</summary>
[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class MigrationTests(string dialect)
{
    private static readonly TaskName Ask = new("ask");

    private static TaskDefinition Question => Task("ask", "test.ask", ("prompt", "Go?"));

    private static TaskDefinition After(int left) => Task("after", "test.add", ("left", left)) with { Needs = [Ask] };

    [Test]
    public async Task ARequestOfAnotherProcessIsDoneByTheOwnerAndTheRowsAreThoseOfTheNewDefinition()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var handle = await harness.StartAsync(Pipeline(Question, Task("gone", "test.add", ("left", 1)) with { Needs = [Ask] }, After(1)), ear);
        await ear.WaitForAsync(change => change is TaskSuspended);
        await AskAsync(harness, handle.Id, Pipeline(After(5), Question));
        await ear.WaitForAsync(change => change is RunMigrated);
        Assert.That((await harness.Stores.Runs.ListTasksAsync(handle.Id, CancellationToken.None)).Select(row => row.Task.Value), Is.EqualTo(new[] { "after", "ask" }));
        Assert.That(await harness.Stores.Runs.ListRequestsOfRunAsync(handle.Id, CancellationToken.None), Is.Empty);
        await handle.SendAsync(new AnswerTask(Ask, "ann"));

        var state = await handle.Completion;

        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(((Ended)state[new TaskName("after")]).Outputs["sum"].GetInt32(), Is.EqualTo(5));
        var loaded = (await harness.Stores.Runs.LoadAsync(handle.Id, CancellationToken.None))!;
        Assert.That(loaded.Run.Definition, Is.EqualTo(state.Definition));
        var replayed = await RunHistory.ReplayAsync(harness.Stores.Runs, loaded, DefinitionReader.Load, CancellationToken.None);
        Assert.That((replayed.Sequence, replayed.Status, replayed.Migrations.Single().By), Is.EqualTo((state.Sequence, state.Status, "ann")));
    }

    [Test]
    public async Task ARequestThatCannotBeTakenIsRefusedWithAllReasons()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var handle = await harness.StartAsync(Pipeline(Question, After(1)), ear);
        await ear.WaitForAsync(change => change is TaskSuspended);
        await AskAsync(harness, handle.Id, Pipeline(After(1) with { Needs = [] }, Task("other", "test.add", ("left", 1)) with { Pool = "nowhere" }));
        await ear.WaitForAsync(change => change is RequestRefused { Kind: "migrate" });
        await AskAsync(harness, handle.Id, Pipeline(After(1) with { Needs = [] }, Question with { Uses = "test.add" }));

        Assert.That(await ear.WaitForAsync(change => change is RequestRefused refused && refused.Reason.Contains("ORC5283: task \"ask\" is suspended", StringComparison.Ordinal)));
        Assert.That((await harness.Stores.Runs.FindAsync(handle.Id, CancellationToken.None))?.Status, Is.EqualTo("running"));
        await handle.SendAsync(new CancelRun("test"));
        await handle.Completion;
    }

    [Test]
    public async Task ARunThatNobodyWorksOnIsVisitedAndNothingOfItStarts()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var handle = await harness.StartAsync(Pipeline(Question, After(1)), ear);
        await ear.WaitForAsync(change => change is TaskSuspended);
        handle.Interrupt();
        await handle.Completion;
        await harness.Stores.Runs.AddRequestAsync(Answer(handle.Id), CancellationToken.None);
        var next = Pipeline(Task("more", "test.add", ("left", 2)), Question, After(9));
        await harness.Stores.Runs.AddDefinitionAsync(harness.Wish(next).Definition, CancellationToken.None);

        var refusal = await harness.Engine.VisitAsync(handle.Id, new MigrateRun(DefinitionWriter.Hash(next), new PipelineGraph(next), "ann"), CancellationToken.None);

        Assert.That(refusal, Is.Null);
        Assert.That(await harness.Stores.Runs.ListAttemptsAsync(handle.Id, CancellationToken.None), Is.Empty);
        var visited = (await harness.Stores.Runs.FindAsync(handle.Id, CancellationToken.None))!;
        Assert.That((visited.Owner, visited.Status), Is.EqualTo(((RunOwner?)null, "running")));
        var state = await (await harness.Engine.ResumeAsync(handle.Id, new Ear(), CancellationToken.None)).Completion;
        Assert.That(((Ended)state[new TaskName("after")]).Outputs["sum"].GetInt32(), Is.EqualTo(9), "what was answered before counts, and what waits is of the new definition");
    }

    [Test]
    public async Task AnAttemptUnderWayEndsUnderItsNewPlaceAndFreesItsSlots()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        await harness.Stores.Pools.SetAsync("one", 1, CancellationToken.None);
        var ear = new Ear();
        var wait = Task("wait", "test.wait") with { Pool = "one" };
        var handle = await harness.StartAsync(Pipeline(wait, Task("after", "test.add", ("left", 1)) with { Needs = [new TaskName("wait")] }), ear);
        await ear.WaitForAsync(change => change is AttemptStarted);
        await AskAsync(harness, handle.Id, Pipeline(Task("first", "test.add", ("left", 3)), Task("last", "test.add", ("left", 1)) with { Pool = "one" }), drop: "wait");

        var state = await handle.Completion;

        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded), "the slot of what was dropped is free for the one that came");
        Assert.That((await harness.Stores.Runs.ListAttemptsAsync(handle.Id, CancellationToken.None)).Single(attempt => attempt.Task.Value == "wait").Status, Is.EqualTo("cancelled"));
        Assert.That((await harness.Stores.Pools.ListAsync(harness.Clock.GetUtcNow(), CancellationToken.None)).Single().Used, Is.Zero);
    }

    /// <summary>A question holds no place and next to no memory, however many there are.</summary>
    [Test]
    public async Task AThousandRunsThatAskLeaveEveryPlaceFree()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var asking = await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, 1000).Select(async _ =>
        {
            var ear = new Ear();
            var handle = await harness.StartAsync(Pipeline(Question, After(1)), ear);
            await ear.WaitForAsync(change => change is TaskSuspended);
            return handle;
        }));
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / asking.Length;

        Assert.That((await harness.RunAsync(Pipeline(Task("work", "test.add", ("left", 1))))).Status, Is.EqualTo(RunStatus.Succeeded));
        TestContext.Out.WriteLine($"{each:N0} bytes for each run that asks");
        Assert.That(each, Is.LessThan(100_000));
        foreach (var handle in asking)
        {
            handle.Interrupt();
            await handle.Completion;
        }

        Assert.That(await harness.Stores.Runs.ListQuestionsAsync(CancellationToken.None), Has.Count.EqualTo(1000));
    }

    private static async Task AskAsync(EngineHarness harness, RunId run, PipelineDefinition next, params string[] drop)
    {
        await harness.Stores.Runs.AddDefinitionAsync(harness.Wish(next).Definition, CancellationToken.None);
        await harness.Stores.Runs.AddRequestAsync(
            Request(run, MigrateRequest.Kind, new MigrateRequest { Definition = DefinitionWriter.Hash(next), Drop = [.. drop.Select(name => new TaskName(name))] }), CancellationToken.None);
    }

    private static RunRequest Answer(RunId run) => Request(run, "answer", new AnswerRequest { Task = Ask, Approved = true });

    private static RunRequest Request(RunId run, string kind, object payload) => new()
    {
        Id = Ids.New(TimeProvider.System), RunId = run, Kind = kind, By = "ann", At = TimeProvider.System.GetUtcNow(), Payload = OrcJson.ToElement(payload),
    };
}
