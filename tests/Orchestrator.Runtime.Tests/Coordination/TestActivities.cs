using System.Collections.Concurrent;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Facts;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>Adds two numbers, and remembers how often it did for which run.</summary>
[Activity("test.add", Title = "Add", Summary = "Adds two numbers.")]
internal sealed class AddNumbers : Activity
{
    public static ConcurrentDictionary<string, int> Times { get; } = new();

    [Input(Help = "The first.")]
    public required Input<int> Left { get; set; }

    [Input(Help = "The second.")]
    public Input<int> Right { get; set; } = 0;

    [Output(Help = "Their sum.")]
    public Output<int> Sum { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        Times.AddOrUpdate($"{context.Attempt.Run}/{context.Attempt.Task}", 1, (_, times) => times + 1);
        context.Set(Sum, Left.Value + Right.Value);
        context.Record(new SumFact { Sum = Left.Value + Right.Value });
        return Task.CompletedTask;
    }
}

/// <summary>Doubles a number and leaves no fact: nothing but the run's own steps.</summary>
[Activity("test.double", Title = "Double", Summary = "Doubles a number.", Kind = ActivityKind.Effect)]
internal sealed class DoubleNumber : Activity
{
    [Input(Help = "The number.")]
    public required Input<long> Number { get; set; }

    [Output(Help = "Twice the number.")]
    public Output<long> Twice { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Set(Twice, 2 * Number.Value);
        return Task.CompletedTask;
    }
}

internal sealed record SumFact : IFact
{
    public static string Kind => "test.sum";

    public required int Sum { get; init; }
}

/// <summary>Fails as often as it is told to, and then succeeds.</summary>
[Activity("test.fail", Title = "Fail", Summary = "Fails some times.", Kind = ActivityKind.Effect)]
internal sealed class FailSometimes : Activity
{
    [Input(Help = "How many attempts fail.")]
    public required Input<int> Times { get; set; }

    [Output(Help = "The attempt that succeeded.")]
    public Output<int> Attempt { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Record(new SumFact { Sum = -context.Attempt.Number });
        if (context.Attempt.Number <= Times.Value)
        {
            throw new ActivityException(new Failure { Code = "ORC5998", Kind = FailureKind.Work, Message = $"attempt {context.Attempt.Number} fails", Retryable = true });
        }

        context.Set(Attempt, context.Attempt.Number);
        return Task.CompletedTask;
    }
}

/// <summary>Runs until it is asked to stop.</summary>
[Activity("test.wait", Title = "Wait", Summary = "Runs until it is asked to stop.", Kind = ActivityKind.Effect)]
internal sealed class WaitForStop : Activity
{
    [Input(Help = "A file; when it is there, the wait is over.")]
    public Input<string>? Until { get; set; }

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        if (Until is { } path && File.Exists(context.ResolvePath(path.Value)))
        {
            return;
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.Cancellation);
    }
}

/// <summary>Issues numbers 0..Count-1, two at a time, and adds up what comes back.</summary>
[Activity("test.spread", Title = "Spread", Summary = "Adds in items.", Kind = ActivityKind.Mapped)]
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
            Activity = new ActivityTemplate { Uses = "test.add", With = new Dictionary<string, JsonElement> { ["left"] = OrcJson.ToElement(index) } },
            Label = $"number {index}",
        }).ToArray();
        return new Expansion { Next = next, Complete = issued + next.Length == Count.Value };
    }

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Set(Total, context.Items.Sum(item => item.Outputs["sum"].GetInt32()));
        return Task.CompletedTask;
    }
}

/// <summary>Keeps facts in memory, so that a test sees which arrived.</summary>
internal sealed class SumKeeper : IFactHandler
{
    public string Kind => "test.sum";

    public List<(int Sum, AttemptOutcome Outcome)> Kept { get; } = [];

    public Task ApplyAsync(IWriteSession session, FactContext context, JsonElement fact, CancellationToken cancellation)
    {
        Kept.Add((fact.GetProperty("sum").GetInt32(), context.Outcome));
        return Task.CompletedTask;
    }
}

/// <summary>Asks, as an approval does.</summary>
[Activity("test.ask", Title = "Ask", Summary = "Asks.", Kind = ActivityKind.Wait)]
internal sealed class AskSomebody : QuestionActivity
{
    [Input(Help = "What is asked.")]
    public required Input<string> Prompt { get; set; }

    [Input(Help = "Who may answer.")]
    public InputList<string> Approvers { get; set; } = [];

    [Input(Help = "How long.")]
    public Input<TimeSpan>? Deadline { get; set; }

    [Input(Help = "What then.")]
    public Input<UnansweredAction> OnDeadline { get; set; } = UnansweredAction.Fail;

    [Input(Help = "What a no does.")]
    public Input<RejectedAction> OnReject { get; set; } = RejectedAction.Fail;

    [Output(Help = "Yes or no.")]
    public Output<bool> Approved { get; } = new();

    [Output(Help = "Who.")]
    public Output<string> By { get; } = new();

    protected override Core.Runs.Question Ask(DateTimeOffset now) => new()
    {
        Kind = "approval", Prompt = Prompt.Value, Approvers = [.. Approvers.Value], Deadline = Deadline is null ? null : now + Deadline.Value, OnDeadline = OnDeadline.Value, OnReject = OnReject.Value,
    };
}

/// <summary>Says how far it is, every now and then.</summary>
[Activity("test.talk", Title = "Talk", Summary = "Talks.", Kind = ActivityKind.Effect)]
internal sealed class Talk : Activity
{
    [Input(Help = "How often, 20 ms apart.")]
    public required Input<int> Times { get; set; }

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        for (var time = 0; time < Times.Value; time++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, context.Cancellation);
            context.Log($"time {time}");
        }
    }
}
