using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Questions and their answers, marks, and cancelling of parts.</summary>
public sealed class RunPeopleTests
{
    private static readonly TaskName Ask = new("ask");

    private static readonly Question Plain = new() { Kind = "approval", Prompt = "Deploy?" };

    [Test]
    public void AnAnswerEndsTheTaskWithWhatWasSaid()
    {
        var run = Asked(Plain);
        Assert.That(RunMachine.Effects(run.State), Is.Empty, "a question holds nothing");
        run.Send(new AnswerTask(Ask, "ann") { Comment = "looks good", Answer = OrcJson.ToElement(new { limit = 5 }) });

        var outputs = ((Ended)run.State[Ask]).Outputs;
        Assert.That(outputs.OrderBy(output => output.Key, StringComparer.Ordinal).Select(output => $"{output.Key}={output.Value.GetRawText()}"),
            Is.EqualTo(new[] { "answer={\"limit\":5}", "approved=true", "by=\"ann\"", "comment=\"looks good\"" }));
    }

    [Test]
    public void ASecondAnswerIsRefusedWithTheNameOfTheFirst()
    {
        var run = Asked(Plain, Simulation.Task("after", needs: ["ask"]));
        run.Send(new AnswerTask(Ask, "ann"));

        Assert.That(run.Send(new AnswerTask(Ask, "bob")).Refusal, Is.EqualTo("task \"ask\" is succeeded: approved by ann"));
    }

    [Test]
    public void OnlyApproversMayAnswer()
    {
        var run = Asked(Plain with { Approvers = ["ann", "bob"] });

        Assert.That(run.Send(new AnswerTask(Ask, "eve")).Refusal, Is.EqualTo("eve may not answer task \"ask\"; ann, bob may"));
        Assert.That(run.Send(new AnswerTask(Ask, "bob")).Refusal, Is.Null);
    }

    [Test]
    public void ANoFailsTheTaskUnlessItsAuthorWantsToGoOn()
    {
        var strict = Asked(Plain);
        strict.Send(new AnswerTask(Ask, "ann") { Approved = false, Comment = "too early" });
        Assert.That(((Ended)strict.State[Ask]).Failure?.Message, Is.EqualTo("ann said no: too early"));
        Assert.That(strict.State.Status, Is.EqualTo(RunStatus.Failed));

        var lenient = Asked(Plain with { OnReject = RejectedAction.Continue });
        lenient.Send(new AnswerTask(Ask, "ann") { Approved = false });
        Assert.That(((Ended)lenient.State[Ask]).Outputs["approved"].GetBoolean(), Is.False);
        Assert.That(lenient.State.Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public void AnAnswerMustFitTheForm()
    {
        var run = Asked(Plain with { Schema = Form });

        Assert.That(run.Send(new AnswerTask(Ask, "ann")).Refusal, Is.EqualTo("the answer to task \"ask\" does not fit its form: \"share\" is missing"));
        Assert.That(
            run.Send(new AnswerTask(Ask, "ann") { Answer = OrcJson.ToElement(new { share = 400, region = "mars" }) }).Refusal,
            Is.EqualTo("the answer to task \"ask\" does not fit its form: share: is 400 and should be at most 100; region: is \"mars\" and should be one of [\"eu\", \"us\"]"));
        Assert.That(run.Send(new AnswerTask(Ask, "ann") { Answer = OrcJson.ToElement(new { share = 40, region = "eu" }) }).Refusal, Is.Null);
    }

    [Test]
    public void ANoNeedsNoForm() =>
        Assert.That(Asked(Plain with { Schema = Form }).Send(new AnswerTask(Ask, "ann") { Approved = false }).Refusal, Is.Null);

    [TestCase(UnansweredAction.Fail, "failed")]
    [TestCase(UnansweredAction.Skip, "skipped")]
    [TestCase(UnansweredAction.Approve, "succeeded")]
    [TestCase(UnansweredAction.Reject, "failed")]
    public void NobodyAnsweringDoesWhatTheAuthorSaid(UnansweredAction then, string word)
    {
        var run = Asked(Plain with { OnDeadline = then, Deadline = Soon });
        Assert.That(WaitReasons.Of(run.State).Single().Until, Is.EqualTo(Soon));
        run.Wait(TimeSpan.FromHours(1));

        Assert.That(run.State[Ask].Word, Is.EqualTo(word));
        Assert.That(run.Events.OfType<TaskUnanswered>().Single().Then, Is.EqualTo(then));
        Assert.That(run.State.Timers, Is.Empty);
    }

    [Test]
    public void AnAnswerGivenInTimeCountsAlthoughItIsHeardLate()
    {
        var run = Asked(Plain with { Deadline = Soon });
        run.Jump(TimeSpan.FromDays(2));
        Assert.That(run.Send(new AnswerTask(Ask, "ann") { Given = Soon.AddMinutes(1) }).Refusal, Is.EqualTo("the answer to task \"ask\" came too late: its deadline was 2026-01-01 01:00:00Z"));

        Assert.That(run.Send(new AnswerTask(Ask, "ann") { Given = Soon.AddMinutes(-1) }).Refusal, Is.Null);
    }

    [Test]
    public void TheReasonOfAQuestionSaysWhoUntilWhenAndWhatThen() => Assert.That(
        WaitReasons.Of(Asked(Plain with { Approvers = ["ann", "bob"], Deadline = Soon, OnDeadline = UnansweredAction.Skip }).State).Single().Message,
        Is.EqualTo("approval by ann or bob until 2026-01-01 01:00:00Z (then: skip): Deploy?"));

    [Test]
    public void QuestionsAndAnswersSurviveTheirJson()
    {
        var run = Asked(Plain with { Schema = Form, Approvers = ["ann"], Deadline = Soon, OnDeadline = UnansweredAction.Skip, OnReject = RejectedAction.Continue });
        run.Send(new RefuseRequest("r1", "answer", "eve", "no"));
        run.Send(new AnswerTask(Ask, "ann") { Answer = OrcJson.ToElement(new { share = 40, region = "eu" }), Via = "root" });
        var reread = run.Events.Select(change => OrcJson.FromElement<RunEvent>(OrcJson.ToElement(change))).ToArray();

        Assert.That(Simulation.Describe(RunFold.Replay(run.State.Graph, reread)), Is.EqualTo(Simulation.Describe(run.State)));
        Assert.That(JsonElement.DeepEquals(reread.OfType<TaskSuspended>().Single().Question.Schema ?? default, Form));
        Assert.That(reread.OfType<TaskAnswered>().Single().Via, Is.EqualTo("root"));
    }

    [Test]
    public void CancellingABranchEndsWhatComesAfterWhateverItsRules()
    {
        var run = Asked(Plain, Simulation.Task("after", JoinRule.AllDone, ["ask"]), Simulation.Task("beside"), Simulation.Task("exit") with { OnExit = true });
        run.Send(new CancelTask(Ask, "ann", "wrong data") { Branch = true });

        Assert.That(((Ended)run.State[new TaskName("after")]).Outcome, Is.EqualTo(TaskOutcome.Cancelled));
        Assert.That(((Ended)run.State[new TaskName("after")]).Reason, Is.EqualTo("cancelled by ann: wrong data"));
        Assert.That(run.State[new TaskName("beside")], Is.TypeOf<Preparing>());
        run.RunToEnd();
        Assert.That(run.State[new TaskName("exit")].Word, Is.EqualTo("succeeded"));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Cancelled));
    }

    [Test]
    public void CancellingOneTaskLetsTheOthersDecideByTheirRules()
    {
        var run = Asked(Plain, Simulation.Task("after", JoinRule.AllDone, ["ask"]), Simulation.Task("strict", needs: ["ask"]));
        run.Send(new CancelTask(Ask, "ann"));

        Assert.That(run.State[new TaskName("after")], Is.TypeOf<Preparing>());
        Assert.That(run.State[new TaskName("strict")].Word, Is.EqualTo("upstream_failed"));
    }

    [Test]
    public void MarkingAMappedTaskEndsItsItemsToo()
    {
        var run = new Simulation(new PipelineDefinition { Name = "test", Tasks = [Simulation.Task("each") with { Map = new MapDefinition { Over = "[1]" } }, Simulation.Task("after", needs: ["each"])] }, [Fate.Succeed, Fate.Succeed], 1);
        run.Accept();
        run.Send(new QueueWork(new TaskKey(0), Work with { Spread = Spread.List }));
        run.Send(new IssueItems(new ExpandTask(0, 0, 0), [Work, Work], Complete: false));
        run.Send(new StartAttempt(new TaskKey(0, 0), new AttemptId("first")));

        run.Send(new MarkTask(new TaskName("each"), TaskOutcome.Succeeded, "ann", "done by hand"));

        Assert.That(run.State.Items.Values, Is.All.TypeOf<Ended>());
        Assert.That(run.State.InFlight, Is.Empty);
        Assert.That(run.State.Queues, Is.Empty);
        Assert.That(run.Send(new CompleteAttempt(new AttemptId("first"), ImmutableDictionary<string, JsonElement>.Empty)).Refusal, Is.Not.Null);
        run.RunToEnd();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Succeeded));
    }

    private static DateTimeOffset Soon { get; } = new(2026, 1, 1, 1, 0, 0, TimeSpan.Zero);

    private static JsonElement Form { get; } = JsonElement.Parse("""
        { "type": "object", "required": ["share"], "additionalProperties": false,
          "properties": { "share": { "type": "integer", "minimum": 1, "maximum": 100 }, "region": { "enum": ["eu", "us"] } } }
        """);

    private static TaskWork Work { get; } = new() { Uses = "control.approve", Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty };

    private static Simulation Asked(Question question, params TaskDefinition[] others)
    {
        var run = new Simulation(new PipelineDefinition { Name = "test", Tasks = [Simulation.Task("ask"), .. others] }, [.. Enumerable.Repeat(Fate.Succeed, others.Length + 1)], 1);
        run.Accept();
        Assert.That(run.Send(new SuspendTask(new TaskKey(0), Work, question)).Refusal, Is.Null);
        return run;
    }
}
