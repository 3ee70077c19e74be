using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>What a finished program left.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output as the one JSON document that <c>--json</c> promises.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
}

/// <summary>The program as users start it: a real process, in a folder of its own with a home of its own.</summary>
internal sealed class OrcProgram : IDisposable
{
    private readonly List<Process> started = [];

    public OrcProgram()
    {
        Folder = Directory.CreateTempSubdirectory("orc-e2e-").FullName;
        Home = Path.Combine(Folder, ".orc");
    }

    /// <summary>The current folder of every process.</summary>
    public string Folder { get; }

    public string Home { get; set; }

    /// <summary>The moment at which programs started from now on kill themselves; null: none. See engine/Orchestrator.Storage/Faults/README.md.</summary>
    public string? Fault { get; set; }

    /// <summary>The database of every process; null: the home's own file.</summary>
    public string? Database { get; set; }

    /// <summary>Variables of programs started from now on, beside those above.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>Copies the sample with its data and answers the path of its script.</summary>
    public string CopyChurn()
    {
        var to = Directory.CreateDirectory(Path.Combine(Folder, "churn", "data")).FullName;
        File.Copy(Repository.Path("workflows", "churn", "data", "churn.csv"), Path.Combine(to, "churn.csv"), overwrite: true);
        foreach (var name in new[] { "churn.csx", "churn.json" })
        {
            File.Copy(Repository.Path("workflows", "churn", name), Path.Combine(Folder, "churn", name), overwrite: true);
        }

        return Path.Combine(Folder, "churn", "churn.csx");
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public async Task<ProgramResult> RunAsync(params string[] arguments)
    {
        using var running = Start(arguments);
        return await running.EndAsync();
    }

    /// <summary>Runs it with a text on standard input.</summary>
    public async Task<ProgramResult> RunWithInputAsync(string input, params string[] arguments)
    {
        using var running = Start(input, arguments);
        return await running.EndAsync();
    }

    /// <summary>Starts the program and leaves it running.</summary>
    public RunningProgram Start(params string[] arguments) => Start("", arguments);

    private RunningProgram Start(string input, string[] arguments)
    {
        // Who starts the tests in the background of a script has them ignore SIGINT, and every program that they start, too.
        var start = new ProcessStartInfo("env")
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("--default-signal=INT");
        start.ArgumentList.Add("dotnet");
        start.ArgumentList.Add(Path.Combine(TestContext.CurrentContext.TestDirectory, "orc.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["ORC_HOME"] = Home;
        start.Environment["NO_COLOR"] = "1";
        if (Database is { } database)
        {
            start.Environment["ORC_DB"] = database;
        }

        if (Fault is { } moment)
        {
            start.Environment["ORC_FAULT"] = moment;
        }

        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        started.Add(process);
        return new RunningProgram(process);
    }

    public void Dispose()
    {
        foreach (var process in started)
        {
            try
            {
                process.Kill(entireProcessTree: true);
            }
            catch (InvalidOperationException)
            {
                // It has ended and was disposed.
            }
        }

        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>A program that is running, with what it has said so far.</summary>
internal sealed class RunningProgram : IDisposable
{
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();
    private readonly List<(Func<string, bool> IsIt, TaskCompletionSource<string> Seen)> waiting = [];
    private readonly Lock gate = new();

    public RunningProgram(Process process)
    {
        Process = process;
        process.OutputDataReceived += (_, line) => Take(output, line.Data);
        process.ErrorDataReceived += (_, line) => Take(error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Process Process { get; }

    /// <summary>The first line of output that fits, as soon as it is there. Fails when the program ends without one.</summary>
    public async Task<string> LineAsync(Func<string, bool> isIt)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (output.ToString().Split('\n').FirstOrDefault(isIt) is { } already)
            {
                return already;
            }

            waiting.Add((isIt, seen));
        }

        var ended = Process.WaitForExitAsync();
        return await Task.WhenAny(seen.Task, ended) == seen.Task
            ? await seen.Task
            : throw new AssertionException($"the program ended before it said the line: {await EndAsync()}");
    }

    public async Task<ProgramResult> EndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        try
        {
            await Process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Process.Kill(entireProcessTree: true);
            throw new AssertionException($"the program did not end within 5 minutes; it said:\n{output}\n{error}");
        }

        lock (gate)
        {
            return new ProgramResult(Process.ExitCode, output.ToString(), error.ToString());
        }
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        Process.Kill(entireProcessTree: false);
        await Process.WaitForExitAsync();
    }

    /// <summary>Ends it, if it has not ended: a process that was let go of cannot be killed by anybody any more.</summary>
    public void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
        }

        Process.Dispose();
    }

    private void Take(StringBuilder into, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (gate)
        {
            into.Append(line).Append('\n');
            foreach (var (isIt, seen) in into == output ? waiting.ToArray() : [])
            {
                if (isIt(line))
                {
                    seen.TrySetResult(line);
                }
            }
        }
    }
}
