using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Bench;

/// <summary>One workload, measured in a process that does nothing else.</summary>
internal sealed record Measurement
{
    public required string Workload { get; init; }

    /// <summary>From the start of the process to the end of the first task, in seconds.</summary>
    public required double StartupS { get; init; }

    /// <summary>From there to the end of the last run, in seconds.</summary>
    public required double WallS { get; init; }

    public required int Tasks { get; init; }

    public double MicrosPerTask => Math.Round(WallS * 1e6 / Tasks, 1);

    public double TasksPerS => Math.Round(Tasks / WallS);

    /// <summary>Between the end of the last task before and the start, in microseconds; null without such tasks.</summary>
    public double? HandOverP50Us { get; init; }

    public double? HandOverP99Us { get; init; }

    public double PeakMemoryMb { get; init; }

    public double DatabaseBytesPerTask { get; init; }

    /// <summary>Processor time of the process per task, in microseconds.</summary>
    public double CpuPerTaskUs { get; init; }

    /// <summary>What the just-in-time compiler took between the first task and the last, in milliseconds, on all threads: most of what a short run costs beside its tasks.</summary>
    public double JitMs { get; init; }

    /// <summary>Bytes allocated per task between the first task and the last.</summary>
    public double AllocatedPerTask { get; init; }

    public static async Task<Measurement> TakeAsync(Workload workload, double scale, string folder)
    {
        using var process = Process.GetCurrentProcess();
        var started = new DateTimeOffset(process.StartTime.ToUniversalTime(), TimeSpan.Zero);
        var pipeline = workload.Pipeline(scale);
        var watches = new Stopwatches();
        DateTimeOffset first;
        DateTimeOffset end;
        string database;
        TimeSpan compiling;
        long allocated;
        await using (var home = await BenchHome.OpenAsync(folder))
        {
            database = home.DatabasePath;
            var wish = home.Wish(pipeline);
            // All at once, as requests reach a server: each is accepted by a commit that is on the disk, and those that wait together share it.
            var handles = await Task.WhenAll(Enumerable.Range(0, workload.Runs).Select(run => home.Engine.StartAsync(wish, watches.Only(run == 0), CancellationToken.None)));

            first = await watches.FirstEnd.Task;
            compiling = JitInfo.GetCompilationTime();
            allocated = GC.GetTotalAllocatedBytes();
            foreach (var handle in handles)
            {
                if ((await handle.Completion).Status != RunStatus.Succeeded)
                {
                    throw new InvalidOperationException("a run of no-op tasks did not succeed");
                }
            }

            end = TimeProvider.System.GetUtcNow();
            compiling = JitInfo.GetCompilationTime() - compiling;
            allocated = GC.GetTotalAllocatedBytes() - allocated;
        }

        var tasks = workload.TasksAt(scale);
        var handOvers = watches.HandOvers.Order().ToArray();
        process.Refresh();
        return new Measurement
        {
            Workload = workload.Name,
            StartupS = Math.Round((first - started).TotalSeconds, 3),
            WallS = Math.Round((end - first).TotalSeconds, 4),
            Tasks = tasks,
            HandOverP50Us = Quantile(handOvers, 0.5),
            HandOverP99Us = Quantile(handOvers, 0.99),
            PeakMemoryMb = Math.Round(process.PeakWorkingSet64 / 1e6, 1),
            DatabaseBytesPerTask = Math.Round(new FileInfo(database).Length / (double)tasks),
            JitMs = Math.Round(compiling.TotalMilliseconds, 1),
            AllocatedPerTask = Math.Round(allocated / (double)tasks),
            CpuPerTaskUs = Math.Round(process.TotalProcessorTime.TotalMicroseconds / tasks, 1),
        };
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Workload,-8} {Tasks,7} {StartupS,9:0.000} {WallS,9:0.000} {MicrosPerTask,9:0} {TasksPerS,9:0} {HandOverP50Us,8:0} {HandOverP99Us,8:0} {CpuPerTaskUs,8:0} {PeakMemoryMb,8:0} {DatabaseBytesPerTask,9:0}");

    public static string Head => $"{"workload",-8} {"tasks",7} {"startup s",9} {"wall s",9} {"us/task",9} {"tasks/s",9} {"p50 us",8} {"p99 us",8} {"cpu us",8} {"peak MB",8} {"bytes/t",9}";

    private static double? Quantile(double[] sorted, double q) => sorted.Length == 0 ? null : sorted[(int)Math.Min(sorted.Length - 1, q * sorted.Length)];
}
