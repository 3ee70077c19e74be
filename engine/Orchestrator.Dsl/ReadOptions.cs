namespace Orchestrator.Dsl;

/// <summary>Limits that keep a definition from exhausting the program that reads it.</summary>
public sealed record ReadOptions
{
    public static ReadOptions Default { get; } = new();

    /// <summary>For what was checked when it was stored: a limit that is lowered later must not make runs unreadable.</summary>
    internal static ReadOptions Stored { get; } = new() { MaxCharacters = int.MaxValue, MaxTasks = int.MaxValue, MaxParameters = int.MaxValue, MaxDepth = 400 };

    /// <summary>How many characters a file may have. Default 16,777,216, far above what 10,000 tasks need.</summary>
    public int MaxCharacters { get; init; } = 16 * 1024 * 1024;

    /// <summary>How deep values may nest. Default 60, since what reads a definition's values later stops at 64.</summary>
    public int MaxDepth { get; init; } = 60;

    /// <summary>How many tasks a definition may have. Default 20,000. A list known only at run time is a job for <c>map</c>.</summary>
    public int MaxTasks { get; init; } = 20_000;

    /// <summary>How many parameters a definition may have. Default 1,000.</summary>
    public int MaxParameters { get; init; } = 1_000;
}
