using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Homes;

namespace Orchestrator.Runtime.Processes;

/// <summary>What is to be taken back once a program has ended, written down so that the next engine does it when this one is killed.</summary>
internal sealed class PendingUndo
{
    private const string Ending = ".undo.json";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static int counter;

    private readonly ProgramUndo undo;
    private readonly string file;

    private PendingUndo(ProgramUndo undo, string file)
    {
        this.undo = undo;
        this.file = file;
    }

    /// <param name="undo">What takes it back.</param>
    /// <param name="folder">A folder of this process, which a later engine looks through when this process is dead.</param>
    public static PendingUndo WriteDown(ProgramUndo undo, string folder)
    {
        var file = Path.Combine(folder, $"{Interlocked.Increment(ref counter)}{Ending}");
        File.WriteAllText(file, JsonSerializer.Serialize(undo, OrcJson.Options));
        return new PendingUndo(undo, file);
    }

    /// <summary>Takes it back now.</summary>
    public async Task RunAsync(TimeProvider time)
    {
        try
        {
            using var process = Start(undo);
            await process.WaitForExitAsync().WaitAsync(Patience, time);
            File.Delete(file);
        }
        catch (Exception failed) when (failed is TimeoutException or Win32Exception or InvalidOperationException || StorageFaults.IsStorage(failed))
        {
            // The file stays, so the next engine tries again.
        }
    }

    /// <summary>Does what a dead process has left to do.</summary>
    public static void RunAll(string folder)
    {
        foreach (var left in Directory.Exists(folder) ? Directory.GetFiles(folder, $"*{Ending}") : [])
        {
            try
            {
                if (JsonSerializer.Deserialize<ProgramUndo>(File.ReadAllText(left), OrcJson.Options) is { } undo)
                {
                    using var process = Start(undo);
                    process.WaitForExit(Patience);
                }
            }
            catch (Exception failed) when (failed is JsonException or Win32Exception or InvalidOperationException || StorageFaults.IsStorage(failed))
            {
                // Half written, or its program is gone: nothing that anybody could do now.
            }
        }
    }

    private static Process Start(ProgramUndo undo)
    {
        // Its words belong to no attempt; nobody reads them, so they must not fill a pipe either.
        var process = Process.Start(new ProcessStartInfo(undo.FileName, undo.Arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("The system started no process.");
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
        return process;
    }
}
