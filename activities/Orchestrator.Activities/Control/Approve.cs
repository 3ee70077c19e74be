using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Activities.Control;

/// <summary>Asks a person, and waits for the answer without holding anything. Answered with <c>orc approve RUN TASK</c>.</summary>
[Activity("control.approve", Title = "Ask for approval", Summary = "Waits until somebody says yes or no, with a form if there is one.", Kind = ActivityKind.Wait, Lane = Lane.Inline)]
public sealed class Approve : QuestionActivity
{
    [Input(Help = "What is asked, with ${ … } for values of the run.", Hint = "text")]
    public required Input<string> Prompt { get; set; }

    [Input(Help = "JSON Schema of what must be filled in to say yes. Without it a yes is enough.", Hint = "json-schema")]
    public Input<AnswerForm>? Form { get; set; }

    [Input(Help = "Who may answer. Empty: anybody who may act on the run.")]
    public InputList<string> Approvers { get; set; } = [];

    [Input(Help = "How long the answer may take. Without it the question waits for ever.")]
    public Input<TimeSpan>? Deadline { get; set; }

    [Input(Help = "What happens when nobody has answered by then.")]
    public Input<UnansweredAction> OnDeadline { get; set; } = UnansweredAction.Fail;

    [Input(Help = "What a no does: the task fails, or goes on with approved = false.")]
    public Input<RejectedAction> OnReject { get; set; } = RejectedAction.Fail;

    [Output(Help = "True after a yes.")]
    public Output<bool> Approved { get; } = new();

    [Output(Help = "What was filled in; absent without a form.")]
    public Output<JsonElement?> Answer { get; } = new();

    [Output(Help = "Who answered.")]
    public Output<string> By { get; } = new();

    [Output(Help = "What else they said.")]
    public Output<string?> Comment { get; } = new();

    protected override Question Ask(DateTimeOffset now) => new()
    {
        Kind = "approval",
        Prompt = Prompt.Value,
        Schema = Form is null ? null : CheckedForm(Form.Value),
        Approvers = [.. Approvers.Value],
        Deadline = Deadline is null ? null : now + Deadline.Value,
        OnDeadline = OnDeadline.Value,
        OnReject = OnReject.Value,
    };

    /// <summary>A form that was computed is seen for the first time here.</summary>
    private static JsonElement CheckedForm(AnswerForm form) =>
        form.Check().FirstOrDefault() is { Message: { } message } ? throw ControlErrors.BadForm(message) : form.Schema;
}
