using System.Text.Json;
using Orchestrator.Activities.Control;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Activities.Tests.Control;

public sealed class ApproveTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Test]
    public void Ask_OnlyAPrompt_AnybodyMayAnswerAtAnyTime()
    {
        var question = ActivityRunner.Ask(new Approve { Prompt = "Deploy?" }, Now);

        Assert.That((question.Kind, question.Prompt, question.Schema, question.Deadline, question.Approvers.Length), Is.EqualTo(("approval", "Deploy?", (JsonElement?)null, (DateTimeOffset?)null, 0)));
        Assert.That((question.OnDeadline, question.OnReject), Is.EqualTo((UnansweredAction.Fail, RejectedAction.Fail)));
    }

    [Test]
    public void Ask_InputsOfAPipeline_MakeTheQuestion()
    {
        var about = ActivityDescriptor.Of(typeof(Approve));
        var activity = about.Create();
        about.Bind(activity, JsonElement.Parse("""
            { "prompt": "Deploy?", "approvers": ["ann", "bob"], "deadline": "2h", "onDeadline": "skip", "onReject": "continue",
              "form": { "type": "object", "properties": { "share": { "type": "integer" } } } }
            """).EnumerateObject().ToDictionary(input => input.Name, input => input.Value));

        var question = ActivityRunner.Ask((QuestionActivity)activity, Now);

        Assert.That(question.Approvers, Is.EqualTo(new[] { "ann", "bob" }));
        Assert.That(question.Deadline, Is.EqualTo(Now.AddHours(2)));
        Assert.That((question.OnDeadline, question.OnReject), Is.EqualTo((UnansweredAction.Skip, RejectedAction.Continue)));
        Assert.That(FormSchema.Check(question.Schema ?? default, JsonElement.Parse("""{ "share": "all" }""")), Has.One.Items);
    }

    [Test]
    public void Check_FormThatCannotBeChecked_IsFoundBeforeTheRun() =>
        Assert.That(new AnswerForm(JsonElement.Parse("""{ "properties": { "share": { "tpye": "integer" } } }""")).Check().Single().Message,
            Is.EqualTo("the form's schema is not right: properties.share.tpye: forms do not know the keyword \"tpye\"; did you mean \"type\"?"));

    [Test]
    public void Ask_ComputedFormThatCannotBeChecked_Fails() =>
        Assert.That(
            () => ActivityRunner.Ask(new Approve { Prompt = "Deploy?", Form = new AnswerForm(JsonElement.Parse("[]")) }, Now),
            Throws.TypeOf<ActivityException>().With.Property("Failure").Property("Code").EqualTo("ORC5680"));
}
