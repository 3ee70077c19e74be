using System.Diagnostics;

namespace Orchestrator.Storage.Faults;

/// <summary>
/// The moments at which the crash suite kills the program. With <c>ORC_FAULT=turn-committed:3</c> in its environment the program ends itself with SIGKILL the third
/// time it reaches that moment, as a power cut would end it there. Without the variable, which is read once, a moment costs one comparison.
/// </summary>
/// <remarks>The list of moments is in README.md beside this file; a test holds the list, this class and the places in the code together.</remarks>
public static class FaultPoints
{
    private static readonly string? Wanted = Environment.GetEnvironmentVariable("ORC_FAULT");
    private static readonly string WantedName = Wanted?.Split(':')[0] ?? "";
    private static int left = int.TryParse(Wanted?.Split(':').ElementAtOrDefault(1), out var times) ? times : 1;

    /// <summary>Says that the program is at a moment. Returns unless the moment is the wanted one.</summary>
    public static void Reached(string moment)
    {
        if (Wanted is not null && moment == WantedName && Interlocked.Decrement(ref left) == 0)
        {
            Die();
        }
    }

    private static void Die()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();

        // The signal may take a moment; nothing may happen after this point.
        using var never = new ManualResetEvent(initialState: false);
        never.WaitOne();
    }
}
