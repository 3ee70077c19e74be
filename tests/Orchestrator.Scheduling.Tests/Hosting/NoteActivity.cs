using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Scheduling.Tests.Hosting;

/// <summary>Does nothing but take a text and yield it.</summary>
[Activity("sample.note", Title = "Note", Summary = "Yields its text.", Kind = ActivityKind.Effect)]
internal sealed class NoteActivity : Activity
{
    [Input(Help = "The text.")]
    public required Input<string> Text { get; set; }

    [Output(Help = "The same.")]
    public Output<string> Noted { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Set(Noted, Text.Value);
        return Task.CompletedTask;
    }
}
