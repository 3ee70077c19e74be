using Orchestrator.Core.Activities;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>Counts how many of it go on at once. What listeners of several runs hear would not do: of two commits the later one may be told first.</summary>
[Activity("test.gauge", Title = "Gauge", Summary = "Counts how many of it go on at once.", Kind = ActivityKind.Effect)]
internal sealed class Gauge : Activity
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, (int Now, int Most)> Counts = [];

    [Input(Help = "What is counted together.")]
    public required Input<string> Name { get; set; }

    /// <summary>The most that went on at once.</summary>
    public static int Most(string name)
    {
        lock (Gate)
        {
            return Counts.GetValueOrDefault(name).Most;
        }
    }

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        Count(1);
        for (var i = 0; i < 100; i++)
        {
            await Task.Yield();
        }

        Count(-1);
    }

    private void Count(int change)
    {
        lock (Gate)
        {
            var (now, most) = Counts.GetValueOrDefault(Name.Value);
            Counts[Name.Value] = (now + change, Math.Max(most, now + change));
        }
    }
}
