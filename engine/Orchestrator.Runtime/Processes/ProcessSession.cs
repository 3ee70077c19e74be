using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Orchestrator.Runtime.Processes;

/// <summary>
/// Sessions of Unix: a process that leads its own session takes everything it starts with it when the session is killed, also what its children leave
/// behind when they end, which a walk over parents would miss.
/// </summary>
internal static partial class ProcessSession
{
    private const int Kill9 = 9, Term = 15;

    // Between listing processes and killing them they may start more; a few rounds are enough unless someone forks faster than /proc can be read.
    private const int MaxRounds = 20;

    /// <summary>Makes this process the leader of a new session, out of reach of the terminal's Ctrl-C.</summary>
    public static void Lead()
    {
        if (!OperatingSystem.IsWindows())
        {
            // Fails when this process leads one already, since it was started so.
            _ = SetSession();
        }
    }

    /// <summary>Asks the process group of a session's leader to end. What has left the group is not asked.</summary>
    public static void Terminate(int leader)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Signal(-leader, Term);
        }
    }

    /// <summary>Kills a live leader, everything in its session and everything that carries its mark. The leader dies last, so that it can be this process.</summary>
    public static void Kill(int leader, string mark)
    {
        KillRemains(leader, mark);
        if (OperatingSystem.IsWindows() || Signal(-leader, Kill9) != 0)
        {
            // It leads no group: it had not come that far, or there are none.
            KillTree(leader);
        }
    }

    /// <summary>Kills what is left of a leader that has ended: in its session, and what carries its mark elsewhere. Never the process that may have got its id since.</summary>
    public static void KillRemains(int leader, string mark)
    {
        for (var round = 0; round < MaxRounds && KillMembers(leader, mark); round++)
        {
        }
    }

    /// <summary>The live processes in a session without its leader (Linux; elsewhere none).</summary>
    public static IEnumerable<int> Members(int leader) => OperatingSystem.IsLinux()
        ? ProcStat.All().Where(stat => stat.Session == leader && stat.Id != leader && stat.State is not ('Z' or 'X')).Select(stat => stat.Id)
        : [];

    /// <summary>Writes out what C libraries of this process still hold in their output buffers.</summary>
    public static void FlushNativeStreams()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = FlushStream(IntPtr.Zero);
        }
    }

    /// <summary>Writes a few bytes to a descriptor of this process, past every buffer; false when nobody has it open.</summary>
    public static bool Write(int descriptor, byte[] bytes) => !OperatingSystem.IsWindows() && WriteDescriptor(descriptor, bytes, (nuint)bytes.Length) == bytes.Length;

    /// <summary>Kills one process and nothing else.</summary>
    public static void KillOne(int id)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Signal(id, Kill9);
        }
    }

    private static bool KillMembers(int leader, string mark)
    {
        var any = false;
        foreach (var member in Members(leader).Concat(ProcessMark.Carriers(mark, leader)).Distinct().ToList())
        {
            any |= Signal(member, Kill9) == 0;
        }

        return any;
    }

    private static void KillTree(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended meanwhile.
        }
    }

    [LibraryImport("libc", EntryPoint = "setsid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetSession();

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Signal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "fflush")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FlushStream(IntPtr stream);

    [LibraryImport("libc", EntryPoint = "write")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint WriteDescriptor(int descriptor, byte[] bytes, nuint count);
}
