using System.Collections.Concurrent;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Server.Tests.Serving;

/// <summary>Adds two numbers and says so.</summary>
[Activity("test.add", Title = "Add", Summary = "Adds two numbers.", Kind = ActivityKind.Effect)]
public sealed class AddNumbers : Activity
{
    [Input(Help = "The first.")]
    public required Input<int> Left { get; set; }

    [Input(Help = "The second.")]
    public Input<int> Right { get; set; } = 0;

    [Output(Help = "Their sum.")]
    public Output<int> Sum { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Log($"{Left.Value} + {Right.Value}");
        context.Set(Sum, Left.Value + Right.Value);
        return Task.CompletedTask;
    }
}

/// <summary>Fails.</summary>
[Activity("test.fail", Title = "Fail", Summary = "Fails.", Kind = ActivityKind.Effect)]
internal sealed class FailAlways : Activity
{
    protected override Task ExecuteAsync(ActivityContext context) => throw new ActivityException("ORC5998", "it fails");
}

/// <summary>Leaves a file.</summary>
[Activity("test.file", Title = "File", Summary = "Leaves a file.", Kind = ActivityKind.Effect)]
internal sealed class LeaveFile : Activity
{
    [Input(Help = "Its name.")]
    public required Input<string> Name { get; set; }

    [Input(Help = "What it is called.")]
    public Input<string> MediaType { get; set; } = "text/plain";

    [Output(Help = "The file.")]
    public Output<Core.Values.ArtifactRef> File { get; } = new();

    protected override async Task ExecuteAsync(ActivityContext context) => context.Set(File, await context.Artifacts.AddTextAsync("0123456789", Name.Value, MediaType.Value, context.Cancellation));
}

/// <summary>Waits at a gate that a test opens.</summary>
[Activity("test.gate", Title = "Gate", Summary = "Waits at a gate.", Kind = ActivityKind.Effect)]
internal sealed class WaitAtGate : Activity
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Gates = new();

    [Input(Help = "The gate.")]
    public required Input<string> Gate { get; set; }

    public static void Open(string gate) => Find(gate).TrySetResult();

    protected override Task ExecuteAsync(ActivityContext context) => Find(Gate.Value).Task.WaitAsync(context.Cancellation);

    private static TaskCompletionSource Find(string gate) => Gates.GetOrAdd(gate, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>Asks for an answer with a form.</summary>
[Activity("test.ask", Title = "Ask", Summary = "Asks.", Kind = ActivityKind.Wait)]
internal sealed class AskSomebody : QuestionActivity
{
    [Output(Help = "Yes or no.")]
    public Output<bool> Approved { get; } = new();

    [Output(Help = "Who.")]
    public Output<string> By { get; } = new();

    protected override Question Ask(DateTimeOffset now) => new()
    {
        Kind = "approval", Prompt = "Go on?", OnReject = RejectedAction.Continue,
        Schema = System.Text.Json.JsonElement.Parse("""{ "type": "object", "properties": { "limit": { "type": "integer" } }, "required": ["limit"] }"""),
    };
}
