namespace Orchestrator.Runtime.Processes;

/// <summary>
/// Wraps a program so that it leads a session of its own, and so that the session is killed when the engine dies, even by <c>kill -9</c>.
/// </summary>
/// <remarks>
/// <c>setsid</c> (of util-linux or busybox) makes the session and turns into a shell. The shell leaves a watcher behind and turns into the program, so the process
/// id stays the same throughout. The watcher reads from the standard input that the engine holds open and never writes to: its end is the engine's end. The double
/// fork keeps the watcher from being a child that the program could wait for. When the machine runs out of memory the kernel ends such programs before the engine. Where there is no setsid (macOS, Windows) programs are started plainly, and killed by
/// walking the tree of parents.
/// </remarks>
internal static class OwnSession
{
    private const string Shell = "/bin/sh";

    private const string Script =
        """
        exec 3<&0 </dev/null
        { echo 500 >/proc/self/oom_score_adj; } 2>/dev/null
        ( { trap '' HUP INT TERM; read -r _ <&3; kill -KILL 0; } >/dev/null 2>&1 & )
        exec 3<&-
        exec "$@"
        """;

    private static readonly string? SetSid = Find();

    /// <summary>What to start instead of a program, and the arguments before its own.</summary>
    public static (string FileName, IReadOnlyList<string> Leading) Wrap(string program) =>
        SetSid is { } setSid ? (setSid, [Shell, "-c", Script, "orc", program]) : (program, []);

    private static string? Find() => OperatingSystem.IsLinux() && File.Exists(Shell)
        ? ((string[])["/usr/bin/setsid", "/bin/setsid"]).FirstOrDefault(File.Exists)
        : null;
}
