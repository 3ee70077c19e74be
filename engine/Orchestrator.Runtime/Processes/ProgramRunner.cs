using System.ComponentModel;
using System.Diagnostics;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Secrets;
using Orchestrator.Storage.Faults;

namespace Orchestrator.Runtime.Processes;

/// <summary>Starts the programs of one attempt, each in a session of its own, and leaves none of them behind.</summary>
/// <param name="grace">How long a program that was asked to end may take.</param>
/// <param name="memory">Counts what they use.</param>
/// <param name="undoFolder">Where is written down what is to be taken back.</param>
/// <param name="kill">Ends all programs now.</param>
internal sealed class ProgramRunner(TimeSpan grace, TimeProvider time, MemoryWatch memory, string undoFolder, CancellationToken kill) : IProgramRunner
{
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task<ProgramExit> RunAsync(ProgramRequest program, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        kill.ThrowIfCancellationRequested();
        var undo = program.Undo is { } asked ? PendingUndo.WriteDown(asked, undoFolder) : null;
        try
        {
            return await RunToEndAsync(program, cancellation);
        }
        finally
        {
            await (undo?.RunAsync(time) ?? Task.CompletedTask);
        }
    }

    private async Task<ProgramExit> RunToEndAsync(ProgramRequest program, CancellationToken cancellation)
    {
        var mark = ProcessMark.New();
        using var process = Start(program, mark);
        var output = LinePump.Start($"orc program {process.Id} out", process.StandardOutput.BaseStream, program.OnOutput);
        var error = LinePump.Start($"orc program {process.Id} err", process.StandardError.BaseStream, program.OnError);
        var id = process.Id;
        memory.Add(id);
        FaultPoints.Reached("program-started");
        using var graceTimer = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using (graceTimer.Token.Register(() => ProcessSession.Kill(id, mark)))
        await using (kill.Register(() => ProcessSession.Kill(id, mark)))
        await using (cancellation.Register(() => AskToEnd(id, graceTimer)))
        {
            await process.WaitForExitAsync(CancellationToken.None);
        }

        FaultPoints.Reached("program-ended");
        memory.Remove(id);
        await ClearAsync(process, mark, output, error);
        kill.ThrowIfCancellationRequested();
        cancellation.ThrowIfCancellationRequested();
        return new ProgramExit(process.ExitCode);
    }

    private static Process Start(ProgramRequest program, string mark)
    {
        var (fileName, leading) = OwnSession.Wrap(program.FileName);
        var info = new ProcessStartInfo(fileName, [.. leading, .. program.Arguments])
        {
            UseShellExecute = false,
            WorkingDirectory = program.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        EnvironmentSecrets.RemoveFrom(info.Environment);
        foreach (var (name, value) in program.Environment)
        {
            info.Environment[name] = value;
        }

        info.Environment[ProcessMark.Variable] = mark;
        try
        {
            var process = Process.Start(info) ?? throw new InvalidOperationException("The system started no process.");
            if (leading.Count == 0)
            {
                process.StandardInput.Close();
            }

            return process;
        }
        catch (Exception failed) when (failed is Win32Exception or InvalidOperationException)
        {
            throw RuntimeErrors.ProgramNotStarted(program.FileName, failed);
        }
    }

    private void AskToEnd(int id, CancellationTokenSource graceTimer)
    {
        ProcessSession.Terminate(id);
        graceTimer.CancelAfter(OperatingSystem.IsWindows() ? TimeSpan.Zero : grace);
    }

    /// <summary>Ends what the program left running, and waits until all it printed was read.</summary>
    private async Task ClearAsync(Process process, string mark, LinePump output, LinePump error)
    {
        ProcessSession.KillRemains(process.Id, mark);
        try
        {
            await Task.WhenAll(output.Done, error.Done).WaitAsync(DrainPatience, time);
        }
        catch (TimeoutException)
        {
            // A daemon that cleared its environment still has the pipe. It has left us on purpose.
        }
    }
}
