namespace Orchestrator.Runtime.Retention;

/// <summary>What retention would do now. Nothing is changed by making it.</summary>
public sealed record RetentionPlan
{
    public required DateTimeOffset At { get; init; }

    public required RetentionPolicy Policy { get; init; }

    public required RunDecisions Runs { get; init; }

    /// <summary>Logs of removed runs and those that go before their run.</summary>
    public required Amount Logs { get; init; }

    /// <summary>Files of the artifact store that nothing would refer to any more.</summary>
    public required Amount Artifacts { get; init; }

    /// <summary>Why files of the artifact store would stay for now, although nothing would refer to them; null: none would.</summary>
    public string? ArtifactsWait { get; init; }

    /// <summary>Decisions of triggers that started nothing.</summary>
    public long Ticks { get; init; }

    /// <summary>Signals and messages that were dealt with; at most so many.</summary>
    public long Messages { get; init; }

    /// <summary>Plans over dates that came to their end.</summary>
    public IReadOnlyList<string> Backfills { get; init; } = [];
}

/// <summary>How many files, and how large together.</summary>
public readonly record struct Amount(long Files, long Bytes)
{
    public static Amount operator +(Amount one, Amount other) => new(one.Files + other.Files, one.Bytes + other.Bytes);
}

/// <summary>What retention has done.</summary>
public sealed record RetentionReport
{
    public required DateTimeOffset At { get; init; }

    public long Runs { get; init; }

    /// <summary>Were to go, and something began to refer to them meanwhile.</summary>
    public long Spared { get; init; }

    public long EventsOf { get; init; }

    public long ArtifactsOf { get; init; }

    public Amount Logs { get; init; }

    /// <summary>Removed from the artifact store.</summary>
    public Amount Artifacts { get; init; }

    /// <summary>In the artifact store, referred to by nothing, and not removed yet.</summary>
    public Amount Waiting { get; init; }

    /// <summary>Why they wait.</summary>
    public string? ArtifactsWait { get; init; }

    public long Ticks { get; init; }

    public long Messages { get; init; }

    public long Backfills { get; init; }
}
