using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Dsl.Tests.Scripting;

[Activity("script.load", Title = "Load", Summary = "Yields a number of rows.")]
public sealed class LoadRows : Activity
{
    public required Input<string> Source { get; set; }

    public Input<int> Limit { get; set; } = 1000;

    public Input<TimeSpan>? MaxAge { get; set; }

    public InputList<string> Columns { get; set; } = [];

    public Output<long> Rows { get; } = new();

    public Output<IReadOnlyList<string>> Parts { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Set(Rows, Limit.Value);
        context.Set(Parts, ["a", "b"]);
        return Task.CompletedTask;
    }
}

[Activity("script.fit", Title = "Fit", Summary = "Yields a score.")]
public sealed class FitModel : Activity
{
    public required Input<long> Rows { get; set; }

    public Input<double> Rate { get; set; } = 0.1;

    public Input<string>? Part { get; set; }

    public Output<double> Score { get; } = new();

    public Output<bool> Better { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Set(Score, Rate.Value * Rows.Value);
        context.Set(Better, true);
        return Task.CompletedTask;
    }
}

[Activity("script.search", Title = "Search", Summary = "Tries an activity.")]
public sealed class SearchBest : Activity
{
    public required ActivityInput Try { get; set; }

    public Output<string> Best { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Set(Best, Try.Value.Uses);
        return Task.CompletedTask;
    }
}
