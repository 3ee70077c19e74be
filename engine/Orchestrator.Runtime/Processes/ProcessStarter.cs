using System.Collections.Concurrent;
using System.Diagnostics;

namespace Orchestrator.Runtime.Processes;

/// <summary>
/// Starts processes on one thread that lives as long as the program: Linux counts the starting thread as the parent when it signals a parent's death,
/// and threads of the pool come and go.
/// </summary>
internal static class ProcessStarter
{
    private static readonly BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Done)> Orders = [];

    static ProcessStarter() => new Thread(Work) { IsBackground = true, Name = "orc process starter" }.Start();

    /// <exception cref="System.ComponentModel.Win32Exception">The system could not start it.</exception>
    public static Task<Process> StartAsync(ProcessStartInfo info)
    {
        var done = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Orders.Add((info, done));
        return done.Task;
    }

    private static void Work()
    {
        foreach (var (info, done) in Orders.GetConsumingEnumerable())
        {
            try
            {
                done.SetResult(Process.Start(info) ?? throw new InvalidOperationException("The system started no process."));
            }
#pragma warning disable CA1031 // Handed to whoever ordered the start; this thread must live on.
            catch (Exception error)
#pragma warning restore CA1031
            {
                done.SetException(error);
            }
        }
    }
}
