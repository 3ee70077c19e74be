using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;
using static Orchestrator.Runtime.Tests.Coordination.EngineHarness;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>Questions, answers, pauses and marks over a real database, with and without a process that works on the run.</summary>
[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class PeopleTests(string dialect)
{
    private static readonly TaskName Ask = new("ask");

    private static PipelineDefinition Asking(params (string Name, object Value)[] more) => Pipeline(
        Task("ask", "test.ask", [("prompt", "Deploy ${params.what}?"), .. more]),
        Task("after", "test.add", ("left", "${tasks.ask.approved ? 1 : 0}")));

    [Test]
    public async Task AnAnswerOfAnotherProcessLetsTheRunGoOn()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var handle = await harness.StartAsync(Asking(), ear, ("what", "v7"));
        await ear.WaitForAsync(change => change is TaskSuspended);
        var question = (await harness.Stores.Runs.ListQuestionsAsync(CancellationToken.None)).Single();
        Assert.That(question.Reason?.GetString(), Is.EqualTo("approval by anybody: Deploy v7?"));
        await harness.Stores.Runs.AddRequestAsync(Answer(handle.Id, "ann"), CancellationToken.None);

        var state = await handle.Completion;

        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(((Ended)state[Ask]).Outputs["by"].GetString(), Is.EqualTo("ann"));
        Assert.That(await harness.Stores.Runs.ListQuestionsAsync(CancellationToken.None), Is.Empty);
        var rows = await harness.Stores.Runs.ListTasksAsync(handle.Id, CancellationToken.None);
        Assert.That(rows.Single(row => row.Task == Ask).Reason?.GetString(), Is.EqualTo("approved by ann"));
        Assert.That(await harness.Stores.Runs.ListAttemptsAsync(handle.Id, CancellationToken.None), Has.One.Items, "a question has no attempt");
    }

    [Test]
    public async Task AnAnswerThatIsNotAllowedIsRefusedOnceAndRecorded()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var handle = await harness.StartAsync(Asking(("approvers", new[] { "ann" })), ear, ("what", "v7"));
        await ear.WaitForAsync(change => change is TaskSuspended);
        var wrong = Answer(handle.Id, "eve");
        await harness.Stores.Runs.AddRequestAsync(wrong, CancellationToken.None);
        await ear.WaitForAsync(change => change is RequestRefused);
        Assert.That(await harness.Stores.Runs.ListRequestsOfRunAsync(handle.Id, CancellationToken.None), Is.Empty, "a refused request is closed");
        await harness.Stores.Runs.AddRequestAsync(Answer(handle.Id, "ann"), CancellationToken.None);
        await handle.Completion;

        var events = (await harness.Stores.Runs.LoadAsync(handle.Id, CancellationToken.None))!.Events.Select(RunEvents.Read).ToArray();
        Assert.That(events.OfType<RequestRefused>().Single(), Is.EqualTo(new RequestRefused
        {
            At = events.OfType<RequestRefused>().Single().At, Request = wrong.Id, Kind = "answer", By = "eve", Reason = "eve may not answer task \"ask\"; ann may",
        }));
    }

    [Test]
    public async Task AnAnswerThatWasStoredWhileNobodyWorkedOnTheRunIsHeardFirst()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        // The deadline has passed when the run goes on; the answer was given before.
        var handle = await harness.StartAsync(Asking(("deadline", "30m")), ear, ("what", "v7"));
        await ear.WaitForAsync(change => change is TaskSuspended);
        handle.Interrupt();
        Assert.That((await handle.Completion).IsEnded, Is.False);
        await harness.RestartAsync(TimeSpan.FromHours(1));
        await harness.Stores.Runs.AddRequestAsync(Answer(handle.Id, "ann"), CancellationToken.None);

        var state = await (await harness.Engine.ResumeAsync(handle.Id, new Ear(), CancellationToken.None)).Completion;

        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(((Ended)state[Ask]).Outputs["by"].GetString(), Is.EqualTo("ann"));
    }

    [Test]
    public async Task AQuestionWhoseTimePassedWhileNobodyWorkedOnTheRunIsOverAtOnce()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var handle = await harness.StartAsync(Asking(("deadline", "30m"), ("onDeadline", "reject"), ("onReject", "continue")), ear, ("what", "v7"));
        await ear.WaitForAsync(change => change is TaskSuspended);
        handle.Interrupt();
        await handle.Completion;
        await harness.RestartAsync(TimeSpan.FromHours(1));

        var state = await (await harness.Engine.ResumeAsync(handle.Id, new Ear(), CancellationToken.None)).Completion;

        Assert.That(((Ended)state[Ask]).Outputs["approved"].GetBoolean(), Is.False);
        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public async Task APausedRunStaysPausedOverARestartUntilSomebodyLetsItGoOn()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var handle = await harness.StartAsync(Asking(), ear, ("what", "v7"));
        await ear.WaitForAsync(change => change is TaskSuspended);
        await harness.Stores.Runs.AddRequestAsync(Request(handle.Id, "pause", "bob"), CancellationToken.None);
        await ear.WaitForAsync(change => change is RunPaused);
        handle.Interrupt();
        await handle.Completion;
        await harness.Stores.Runs.AddRequestAsync(Answer(handle.Id, "ann"), CancellationToken.None);
        var second = new Ear();
        var resumed = await harness.Engine.ResumeAsync(handle.Id, second, CancellationToken.None);
        await second.WaitForAsync(change => change is TaskPrepared { Task.Value: "after" });
        Assert.That((await harness.Stores.Runs.FindAsync(handle.Id, CancellationToken.None))?.Status, Is.EqualTo("paused"));
        await harness.Stores.Runs.AddRequestAsync(Request(handle.Id, "resume", "bob"), CancellationToken.None);

        Assert.That((await resumed.Completion).Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public async Task MarkingATaskStopsItsAttemptAndFencesItsResult()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var handle = await harness.StartAsync(Pipeline(Task("work", "test.wait"), Task("after", "test.add", ("left", 1)) with { Needs = [new TaskName("work")] }), ear);
        await ear.WaitForAsync(change => change is AttemptStarted);
        await harness.Stores.Runs.AddRequestAsync(
            Request(handle.Id, "mark", "ann", new MarkRequest { Task = new TaskName("work"), As = TaskOutcome.Succeeded, Reason = "done by hand" }), CancellationToken.None);

        var state = await handle.Completion;

        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(((Ended)state[new TaskName("work")]).Reason, Is.EqualTo("marked by ann: done by hand"));
        Assert.That((await harness.Stores.Runs.ListAttemptsAsync(handle.Id, CancellationToken.None))[0].Status, Is.EqualTo("cancelled"));
    }

    [Test]
    public async Task ARequestThatThisVersionDoesNotKnowIsRefusedAndClosed()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var handle = await harness.StartAsync(Asking(), ear, ("what", "v7"));
        await ear.WaitForAsync(change => change is TaskSuspended);
        await harness.Stores.Runs.AddRequestAsync(Request(handle.Id, "answer", "ann", new { task = "ask", approved = true, mood = "good" }), CancellationToken.None);

        Assert.That(await ear.WaitForAsync(change => change is RequestRefused));
        await handle.SendAsync(new CancelRun("test"));
        await handle.Completion;
    }

    private static RunRequest Answer(RunId run, string by) => Request(run, "answer", by, new AnswerRequest { Task = Ask, Approved = true });

    private static RunRequest Request(RunId run, string kind, string by, object? payload = null) => new()
    {
        Id = Ids.New(TimeProvider.System), RunId = run, Kind = kind, By = by, At = TimeProvider.System.GetUtcNow(), Payload = payload is null ? null : OrcJson.ToElement(payload),
    };
}
