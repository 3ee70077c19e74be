using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Activities.Notify;

/// <summary>Tells people something in the log. The summary of the run repeats the message from the output.</summary>
[Activity("notify.log", Title = "Write a message", Summary = "Writes a message to the task's log and to the summary of the run.", Kind = ActivityKind.Effect, Lane = Lane.Inline)]
public sealed class NotifyLog : Activity
{
    [Input(Help = "The text, with ${ … } for values of the run. Several lines are allowed.", Hint = "text")]
    public required Input<string> Message { get; set; }

    [Input(Help = "How urgent it is.", Choices = ["info", "warning", "error"])]
    public Input<string> Level { get; set; } = "info";

    [Output(Help = "The message as it was written.")]
    public Output<string> Text { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        var severity = SeverityOf(Level.Value);
        var message = Message.Value.ReplaceLineEndings("\n").TrimEnd();
        foreach (var line in message.Split('\n'))
        {
            context.Log(severity, line);
        }

        context.Set(Text, message);
        return Task.CompletedTask;
    }

    private static LogSeverity SeverityOf(string level) => level switch
    {
        "info" => LogSeverity.Info,
        "warning" => LogSeverity.Warning,
        "error" => LogSeverity.Error,
        _ => throw NotifyErrors.UnknownLevel(level),
    };
}
