using System.Globalization;
using System.Text;
using Orchestrator.Runtime.Homes;

namespace Orchestrator.Runtime.Processes;

/// <summary>
/// A variable that a program and all its descendants carry. A session is left by whoever makes one of its own (<c>setsid</c>, daemons that fork twice), and a parent is
/// forgotten when it ends; the environment stays. Programs that clear their environment on purpose are the only ones that get away.
/// </summary>
internal static class ProcessMark
{
    public const string Variable = "ORC_TREE";

    private const char Separator = ',';
    private static int counter;

    /// <summary>A new mark, behind those that this process itself carries. It names this engine, so that a later one can tell what a dead one has left.</summary>
    public static string New()
    {
        var own = string.Create(CultureInfo.InvariantCulture, $"{ProcessIdentity.Current}-{Interlocked.Increment(ref counter)}");
        return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } outer ? $"{outer}{Separator}{own}" : own;
    }

    /// <summary>The live processes that carry a mark, without this one and the leader itself (Linux; elsewhere none).</summary>
    /// <param name="mark">What <see cref="New"/> gave.</param>
    /// <param name="leader">The process that got it.</param>
    public static IEnumerable<int> Carriers(string mark, int leader)
    {
        // All that carry it were started after this process was; reading the environment of older ones would be in vain.
        var own = LastOf(mark);
        return Candidates().Where(stat => stat.StartTicks >= ProcessIdentity.Current.Start && stat.Id != leader && Marks(stat.Id).Contains(own)).Select(stat => stat.Id);
    }

    /// <summary>Kills what engines that are dead have left running.</summary>
    public static void KillLeftovers()
    {
        foreach (var stat in Candidates().Where(stat => Marks(stat.Id).Any(IsOfDeadEngine) && SharesOurProcessNumbers(stat.Id)).ToList())
        {
            ProcessSession.KillOne(stat.Id);
        }
    }

    private static IEnumerable<ProcStat> Candidates() => OperatingSystem.IsLinux()
        ? ProcStat.All().Where(stat => stat.Id != Environment.ProcessId && stat.State is not ('Z' or 'X'))
        : [];

    private static string LastOf(string mark) => mark[(mark.LastIndexOf(Separator) + 1)..];

    private static string[] Marks(int id)
    {
        try
        {
            var environment = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/environ"));
            var start = environment.StartsWith($"{Variable}=", StringComparison.Ordinal) ? 0 : environment.IndexOf($"\0{Variable}=", StringComparison.Ordinal) + 1;
            if (start == 0 && !environment.StartsWith($"{Variable}=", StringComparison.Ordinal))
            {
                return [];
            }

            var value = environment.AsSpan(start + Variable.Length + 1);
            return (value.IndexOf('\0') is >= 0 and var end ? value[..end] : value).ToString().Split(Separator);
        }
        catch (Exception hidden) when (StorageFaults.IsStorage(hidden))
        {
            // Another user's, or gone.
            return [];
        }
    }

    private static bool IsOfDeadEngine(string mark) => ProcessIdentity.TryParse(mark, out var engine) && !engine.IsAlive;

    /// <summary>False for a process in a container: the engine that its mark names lives there, under a number that means another process here.</summary>
    private static bool SharesOurProcessNumbers(int id)
    {
        try
        {
            return new FileInfo($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/ns/pid").LinkTarget is { } theirs && theirs == new FileInfo("/proc/self/ns/pid").LinkTarget;
        }
        catch (Exception hidden) when (StorageFaults.IsStorage(hidden))
        {
            return false;
        }
    }
}
