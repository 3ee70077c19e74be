using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Bench;

/// <summary>Does nothing: what is left to measure is the engine.</summary>
[Activity("bench.noop", Title = "No-op", Summary = "Does nothing.", Kind = ActivityKind.Effect)]
internal sealed class NoOp : Activity
{
    [Input(Help = "Not used; gives the items of a map something to differ in.")]
    public Input<int> Value { get; set; } = 0;

    protected override Task ExecuteAsync(ActivityContext context) => Task.CompletedTask;
}
