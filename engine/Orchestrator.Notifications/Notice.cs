namespace Orchestrator.Notifications;

/// <summary>Something to be told, in words and in parts. Stored with its message, so members are only added, with a default.</summary>
public sealed record Notice
{
    /// <summary>A word of <see cref="Events"/>.</summary>
    public required string Event { get; init; }

    public string? Pipeline { get; init; }

    public string? Run { get; init; }

    public string? Task { get; init; }

    /// <summary>The alert that was raised.</summary>
    public string? Alert { get; init; }

    /// <summary>What the alert is about.</summary>
    public string? Subject { get; init; }

    /// <summary><c>info</c>, <c>warning</c> or <c>critical</c>.</summary>
    public required string Severity { get; init; }

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    /// <summary>More about it; lines.</summary>
    public string? Text { get; init; }

    /// <summary>The command that shows more, or does something about it.</summary>
    public string? Command { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }
}
