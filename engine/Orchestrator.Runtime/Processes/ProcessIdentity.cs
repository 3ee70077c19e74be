using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Runtime.Processes;

/// <summary>A process for good: its id alone is given to another process some time after its end.</summary>
/// <param name="Id">The process id.</param>
/// <param name="Start">When it started, in the clock of this system; comparable for equality only.</param>
internal readonly record struct ProcessIdentity(int Id, long Start)
{
    public static ProcessIdentity Current { get; } = Find(Environment.ProcessId)
        ?? throw new InvalidOperationException("This process does not find itself.");

    /// <summary>The identity of the process that has an id now; null when none has, or when it is a zombie.</summary>
    public static ProcessIdentity? Find(int id) => OperatingSystem.IsLinux() ? FindInProc(id) : FindPortable(id);

    public bool IsAlive => Find(Id) == this;

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out ProcessIdentity identity)
    {
        var parts = text.Split('-');
        identity = default;
        if (parts.Length < 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var start))
        {
            return false;
        }

        identity = new ProcessIdentity(id, start);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id}-{Start}");

    private static ProcessIdentity? FindInProc(int id) =>
        ProcStat.Read(id) is { State: not ('Z' or 'X') } stat ? new ProcessIdentity(id, stat.StartTicks) : null;

    private static ProcessIdentity? FindPortable(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return process.HasExited ? null : new ProcessIdentity(id, process.StartTime.ToUniversalTime().Ticks);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }
}

/// <summary>The few fields of Linux's <c>/proc/PID/stat</c> that are of use here.</summary>
internal readonly record struct ProcStat(int Id, char State, int Parent, int Session, long StartTicks, long ResidentBytes)
{
    public static ProcStat? Read(int id)
    {
        try
        {
            // pid (name) state ppid pgrp session … starttime is field 22. The name may hold anything, so count from its last parenthesis.
            var text = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return new ProcStat(
                id,
                fields[0][0],
                int.Parse(fields[1], CultureInfo.InvariantCulture),
                int.Parse(fields[3], CultureInfo.InvariantCulture),
                long.Parse(fields[19], CultureInfo.InvariantCulture),
                long.Parse(fields[21], CultureInfo.InvariantCulture) * Environment.SystemPageSize);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static IEnumerable<ProcStat> All() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
        .OfType<ProcStat>();
}
