using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Bench;

/// <summary>
/// SIGKILL in the middle of a chain of 40 tasks of 0.1 s, then another process that resumes it: the workload that peers were measured with.
/// </summary>
internal sealed record KillChain
{
    private const int Length = 40;

    /// <summary>Tasks that had ended when the process was killed.</summary>
    public required int DoneBefore { get; init; }

    /// <summary>How often a task ran, of all; 40: nothing was repeated.</summary>
    public required int TaskRuns { get; init; }

    /// <summary>From the start of the second process to the end of the first task in it, which takes 0.1 s itself.</summary>
    public required double FirstTaskS { get; init; }

    /// <summary>From the start of the second process to its end.</summary>
    public required double ResumeS { get; init; }

    /// <summary>What is left of that without the tasks' own 0.1 s.</summary>
    [JsonInclude]
    public double OverheadS => Math.Round(ResumeS - (0.1 * (Length - DoneBefore)), 3);

    public static async Task<KillChain> TakeAsync(string folder, Func<string[], ProcessStartInfo> self)
    {
        var done = Path.Combine(folder, "done.txt");
        using var first = Process.Start(self(["--kill-chain", folder])) ?? throw new InvalidOperationException("cannot start a process");
        await WaitForLinesAsync(done, (Length / 2) + 1, first);
        first.Kill();
        await first.WaitForExitAsync();
        var before = Lines(done);

        var started = Stopwatch.GetTimestamp();
        using var second = Process.Start(self(["--kill-chain", folder])) ?? throw new InvalidOperationException("cannot start a process");
        await WaitForLinesAsync(done, before + 1, second);
        var firstTask = Stopwatch.GetElapsedTime(started);
        await second.WaitForExitAsync();
        var whole = Stopwatch.GetElapsedTime(started);
        return second.ExitCode == 0 && File.ReadAllLines(done).Distinct().Count() == Length
            ? new KillChain { DoneBefore = before, TaskRuns = Lines(done), FirstTaskS = Math.Round(firstTask.TotalSeconds, 3), ResumeS = Math.Round(whole.TotalSeconds, 3) }
            : throw new InvalidOperationException("the resumed chain did not run to its end");
    }

    /// <summary>In the process that is killed: starts the chain, or goes on with the one that is there.</summary>
    public static async Task<int> WorkAsync(string folder)
    {
        await using var home = await BenchHome.OpenAsync(folder);
        var ear = new Stopwatches().Only(listen: false);
        var unfinished = await home.Stores.Runs.ListAsync(new Storage.Runs.RunFilter { Unfinished = true }, CancellationToken.None);
        var handle = unfinished is [var run, ..]
            ? await home.Engine.ResumeAsync(run.Id, ear, CancellationToken.None)
            : await home.Engine.StartAsync(home.Wish(Pipeline()), ear, CancellationToken.None);
        return (await handle.Completion).Status == RunStatus.Succeeded ? 0 : 1;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"killed after {DoneBefore} of {Length} tasks; {TaskRuns} task runs in all; first task after {FirstTaskS:0.00} s, resume {ResumeS:0.0} s, of which {OverheadS:0.00} s are not the tasks'");

    private static PipelineDefinition Pipeline() => new()
    {
        Name = "naps",
        Tasks = [.. Enumerable.Range(0, Length).Select(i => new TaskDefinition { Name = new TaskName($"t{i}"), Uses = "bench.nap", Needs = i == 0 ? [] : [new TaskName($"t{i - 1}")] })],
    };

    private static int Lines(string file) => File.Exists(file) ? File.ReadAllLines(file).Length : 0;

    private static async Task WaitForLinesAsync(string file, int lines, Process process)
    {
        while (Lines(file) < lines)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
            if (process.HasExited)
            {
                throw new InvalidOperationException($"the process ended by itself with {process.ExitCode}");
            }
        }
    }
}
