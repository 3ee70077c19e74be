namespace Orchestrator.Cli.CommandLine;

/// <summary>What the program's exit code says.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The work failed.</summary>
    public const int Failed = 1;

    /// <summary>The request or the definition is wrong; nothing was begun.</summary>
    public const int Wrong = 2;

    /// <summary>The run waits for somebody's answer or for its concurrency key, and nobody wanted to wait with it (--detach-when-waiting).</summary>
    public const int Waiting = 3;

    /// <summary>The run was not started, because others of its concurrency key went on.</summary>
    public const int Skipped = 4;

    /// <summary>A person stopped it.</summary>
    public const int Interrupted = 130;
}

/// <summary>A request that cannot be taken as it is: ends the command with <see cref="ExitCodes.Wrong"/>.</summary>
internal sealed class WrongRequestException(Core.Activities.Failure failure) : Exception(failure.Message)
{
    public WrongRequestException(string code, string message, string? why = null, string? help = null)
        : this(new Core.Activities.Failure { Code = code, Kind = Core.Activities.FailureKind.Work, Message = message, Why = why, Help = help })
    {
    }

    public Core.Activities.Failure Failure { get; } = failure;
}
