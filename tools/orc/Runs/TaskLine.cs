using Orchestrator.Core.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>What a run view knows of one task beside its state: since when it runs and what it last said.</summary>
/// <param name="earlier">What was known of it under the run's earlier definition.</param>
internal sealed class TaskLine(int task, string name, string uses, TaskLine? earlier = null)
{
    public int Task { get; } = task;

    public string Name { get; } = name;

    public string Uses { get; } = uses;

    public DateTimeOffset? Started { get; set; } = earlier?.Started;

    public DateTimeOffset? EndedAt { get; set; } = earlier?.EndedAt;

    public double? Fraction { get; set; } = earlier?.Fraction;

    /// <summary>True once its first items were issued.</summary>
    public bool IsExpanded { get; set; }

    /// <summary>Items that have ended, as far as a view counts them.</summary>
    public int EndedItems { get; set; }

    /// <summary>Items that earlier results stood in for.</summary>
    public int CachedItems { get; set; }

    /// <summary>Items that have failed for good.</summary>
    public int FailedItems { get; set; }

    /// <summary>The last words of its attempt, or of one of its items.</summary>
    public string? Message { get; set; } = earlier?.Message;

    /// <summary>How a state looks: a sign and a colour of the terminal.</summary>
    public static (string Sign, string Color) Look(string word) => word switch
    {
        "succeeded" => ("✓", "green"),
        "cached" => ("≡", "cyan"),
        "failed" => ("✗", "red"),
        "upstream_failed" => ("⊘", "yellow"),
        "skipped" => ("–", "grey"),
        "cancelled" => ("⊘", "grey"),
        "running" => ("●", "blue"),
        "retrying" => ("↻", "yellow"),
        "suspended" => ("?", "yellow"),
        _ => ("·", "grey"),
    };

    /// <summary>What to say beside the state: progress, counts of items, the reason of a skip, the head of a failure.</summary>
    public string Detail(RunState state) => state.Tasks[Task] switch
    {
        Mapping mapping => $"{mapping.Ended}/{mapping.Items.Count}{(mapping.Complete ? "" : "+")} items{Counts}{(Message is null ? "" : $" · {Message}")}",
        Running or Backoff or Ready => string.Join(" · ", new[] { Fraction is { } part ? $"{part:0 %}" : null, Message }.OfType<string>()),
        Suspended => $"{WaitReasons.OfTask(state, new TaskKey(Task)).Message} (answer with: orc approve RUN {Name})",
        Ended { Failure: { } failure } => $"{failure.Code}: {failure.Message}",
        Ended { Reason: { } reason } => reason,
        Ended when CachedItems > 0 => $"{CachedItems} items cached",
        _ => "",
    };

    private string Counts => (CachedItems > 0 ? $", {CachedItems} cached" : "") + (FailedItems > 0 ? $", {FailedItems} failed" : "");
}
