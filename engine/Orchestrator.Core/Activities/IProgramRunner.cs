namespace Orchestrator.Core.Activities;

/// <summary>Starts programs for activities of <see cref="Lane.Command"/>; a port of that lane. Whatever a program starts ends with it.</summary>
public interface IProgramRunner
{
    /// <summary>Runs a program to its end, without input.</summary>
    /// <param name="cancellation">Asks the program and all it started to end (SIGTERM); those still there after a grace are killed.</param>
    /// <exception cref="OperationCanceledException">Cancelled, and the program has ended.</exception>
    /// <exception cref="ActivityException">It could not be started (ORC5220).</exception>
    Task<ProgramExit> RunAsync(ProgramRequest program, CancellationToken cancellation);
}

/// <summary>A program and what it gets.</summary>
public sealed record ProgramRequest
{
    /// <summary>A full path.</summary>
    public required string FileName { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>An existing folder, as a full path.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Set beside the engine's own variables; null removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>
    /// Takes back what the program makes outside itself and its children, such as a container: run after the program has ended, however it ended, and by a later engine when this
    /// one is killed. Must be harmless when there is nothing to take back.
    /// </summary>
    public ProgramUndo? Undo { get; init; }

    /// <summary>Hears each line of standard output, in order, on a thread of its own. Very long lines come in pieces.</summary>
    public required Action<string> OnOutput { get; init; }

    /// <summary>Hears each line of standard error.</summary>
    public required Action<string> OnError { get; init; }
}

/// <summary>A program that takes back what another one made.</summary>
/// <param name="FileName">A full path.</param>
/// <param name="Arguments">No secret among them: they are kept in a file until it has run.</param>
public sealed record ProgramUndo(string FileName, IReadOnlyList<string> Arguments);

/// <summary>How a program ended.</summary>
/// <param name="Code">0..255; 128 and the signal's number when a signal ended it.</param>
public readonly record struct ProgramExit(int Code)
{
    /// <summary>The signal that ended the program, <c>SIGKILL</c>; null when it ended by itself, as far as the code tells.</summary>
    public string? Signal => (Code - 128) switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        _ => null,
    };

    public override string ToString() => Signal is { } signal ? $"exit code {Code} ({signal})" : $"exit code {Code}";
}
