using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Testing.Tests;

/// <summary>Doubles a number.</summary>
[Activity("sample.double", Title = "Double", Summary = "Doubles a number.", Kind = ActivityKind.Effect, Lane = Lane.Inline)]
internal sealed class DoubleNumber : Activity
{
    [Input(Help = "The number.")]
    public required Input<int> Number { get; set; }

    [Output(Help = "Twice the number.")]
    public Output<int> Twice { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Set(Twice, 2 * Number.Value);
        return Task.CompletedTask;
    }
}

/// <summary>Squares a number: of all that has no effect an earlier result may stand in.</summary>
[Activity("sample.square", Title = "Square", Summary = "Squares a number.", Kind = ActivityKind.Action, Lane = Lane.Inline)]
internal sealed class SquareNumber : Activity
{
    [Input(Help = "The number.")]
    public required Input<int> Number { get; set; }

    [Output(Help = "Its square.")]
    public Output<int> Square { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Set(Square, Number.Value * Number.Value);
        return Task.CompletedTask;
    }
}

/// <summary>Doubles 0..Count-1 in items, two ahead of what has ended, and adds them up.</summary>
[Activity("sample.spread", Title = "Spread", Summary = "Doubles many numbers.", Kind = ActivityKind.Mapped, Lane = Lane.Inline)]
internal sealed class SpreadNumbers : MappedActivity
{
    [Input(Help = "How many items.")]
    public required Input<int> Count { get; set; }

    [Output(Help = "The sum of all.")]
    public Output<int> Total { get; } = new();

    protected override Expansion Expand(ExpansionContext context)
    {
        var issued = context.Items.Count;
        var ended = context.Items.TakeWhile(item => item.Status != ItemStatus.UnderWay).Count();
        var next = Enumerable.Range(issued, Math.Max(0, Math.Min(Count.Value, ended + 2) - issued)).Select(index => new ExpansionItem
        {
            Activity = new ActivityTemplate { Uses = "sample.double", With = new Dictionary<string, JsonElement> { ["number"] = OrcJson.ToElement(index) } },
            Label = $"number {index}",
        }).ToArray();
        return new Expansion { Next = next, Complete = issued + next.Length == Count.Value };
    }

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Set(Total, context.Items.Where(item => item.Status == ItemStatus.Succeeded).Sum(item => item.Outputs["twice"].GetInt32()));
        return Task.CompletedTask;
    }
}

/// <summary>Waits by the engine's clock.</summary>
[Activity("sample.wait", Title = "Wait", Summary = "Waits.", Kind = ActivityKind.Effect, Lane = Lane.Inline)]
internal sealed class WaitHours : Activity
{
    [Input(Help = "How long.", Unit = "hours")]
    public required Input<int> Hours { get; set; }

    protected override Task ExecuteAsync(ActivityContext context) => Task.Delay(TimeSpan.FromHours(Hours.Value), context.Time, context.Cancellation);
}
