using Orchestrator.Core.Activities;

namespace Orchestrator.Bench;

/// <summary>Takes 0.1 s, and leaves a line outside when it is done: how often it ran can be counted.</summary>
[Activity("bench.nap", Title = "Nap", Summary = "Takes 0.1 s.", Kind = ActivityKind.Effect)]
internal sealed class Nap : Activity
{
    protected override async Task ExecuteAsync(ActivityContext context)
    {
        await Task.Delay(TimeSpan.FromSeconds(0.1), context.Time, context.Cancellation);
        await File.AppendAllTextAsync(Path.Combine(context.BaseDirectory, "done.txt"), $"{context.IdempotencyKey}\n", context.Cancellation);
    }
}
