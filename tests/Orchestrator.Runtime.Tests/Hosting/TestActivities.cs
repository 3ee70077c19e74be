using System.Runtime.InteropServices;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Process = System.Diagnostics.Process;
using ProcessStartInfo = System.Diagnostics.ProcessStartInfo;

namespace Orchestrator.Runtime.Tests.Hosting;

[Activity("test.echo", Title = "Echo", Summary = "Gives back what it got.", Lane = Lane.Process)]
public sealed class EchoActivity : Activity
{
    public required Input<string> Text { get; set; }

    public Output<string> Echo { get; } = new();

    public Output<int> ProcessId { get; } = new();

    public Output<string?> Nothing { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Set(Echo, Text.Value);
        context.Set(ProcessId, Environment.ProcessId);
        return Task.CompletedTask;
    }
}

[Activity("test.print", Title = "Print", Summary = "Prints lines to the standard streams.", Lane = Lane.Process)]
public sealed class PrintActivity : Activity
{
    public required Input<int> Lines { get; set; }

    public Input<int> Length { get; set; } = 40;

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Log("before");
        using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1 << 16);
        for (var i = 0; i < Lines.Value; i++)
        {
            output.Write($"line {i} ");
            output.WriteLine(new string('x', Length.Value));
        }

        output.Write("no newline at the end");
        output.Flush();
        NativePrint("from C");
        Console.Error.WriteLine("to standard error");
        return Task.CompletedTask;
    }

    // Stays in the C library's buffer until somebody flushes it, as what native trainers print.
    private static void NativePrint(string text) => _ = puts(text);

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
#pragma warning disable IDE1006, SYSLIB1054, CA2101 // The name is the C library's, and the test needs no generated stub.
    private static extern int puts(string text);
#pragma warning restore IDE1006, SYSLIB1054, CA2101
}

[Activity("test.crash", Title = "Crash", Summary = "Ends its process in one of many ways.", Lane = Lane.Process)]
public sealed class CrashActivity : Activity
{
    public required Input<string> How { get; set; }

    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Record(new NoteFact { Text = "left before the crash" });
        context.Log("about to crash");
        Console.Error.WriteLine("last words");
        switch (How.Value)
        {
            case "segv":
                unsafe_write();
                break;
            case "failfast":
                Environment.FailFast("on purpose");
                break;
            case "exit":
                Environment.Exit(7);
                break;
            case "kill":
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite);
                break;
            case "overflow":
                Overflow(1);
                break;
            case "background":
                new Thread(() => throw new InvalidOperationException("thrown on a thread of its own")).Start();
                Thread.Sleep(Timeout.Infinite);
                break;
            default:
                throw new InvalidOperationException($"thrown: {How.Value}");
        }

        return Task.CompletedTask;
    }

    private static int Overflow(int depth) => depth == int.MaxValue ? 0 : Overflow(depth + 1) + Overflow(depth + 2);

#pragma warning disable IDE1006, SYSLIB1054 // The name is the C library's, and the test needs no generated stub.
    // A bad address in managed code becomes an exception; in native code it is the end of the process, as a bug in a native trainer would be.
    private static void unsafe_write() => memset(0, 1, 4096);

    [DllImport("libc")]
    private static extern nint memset(nint at, int value, nuint count);
#pragma warning restore IDE1006, SYSLIB1054
}

[Activity("test.endless", Title = "Endless", Summary = "Spins and does not listen.", Lane = Lane.Process)]
public sealed class EndlessActivity : Activity
{
    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Progress(0.5, $"{Environment.ProcessId}");
        while (true)
        {
        }
    }
}

[Activity("test.patient", Title = "Patient", Summary = "Waits until it is asked to stop.", Lane = Lane.Process)]
public sealed class PatientActivity : Activity
{
    /// <summary>What it does then: <c>cancel</c>, <c>throw</c> or <c>finish</c>.</summary>
    public Input<string> Then { get; set; } = "cancel";

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        context.Progress(null, $"{Environment.ProcessId}");
        try
        {
            await Task.Delay(Timeout.Infinite, context.Cancellation);
        }
        catch (OperationCanceledException) when (Then.Value == "finish")
        {
            context.Log("finishing all the same");
        }
        catch (OperationCanceledException) when (Then.Value == "throw")
        {
            throw new InvalidOperationException("interrupted, says the library");
        }
    }
}

[Activity("test.spawn", Title = "Spawn", Summary = "Starts a program and never ends.", Lane = Lane.Process)]
public sealed class SpawnActivity : Activity
{
    public Input<string> Mark { get; set; } = "spawned";

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        // The grandchild loses its parent, which is what walks over parents miss.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "( sleep 100000 & echo $! )", Mark.Value]) { RedirectStandardOutput = true };
        using var child = Process.Start(start)!;
        context.Progress(null, await child.StandardOutput.ReadLineAsync());
        await Task.Delay(Timeout.Infinite);
    }
}

[Activity("test.sleep", Title = "Sleep", Summary = "Runs a program that never ends.", Lane = Lane.Command)]
public sealed class SleepCommand : Activity
{
    public Input<string> Mark { get; set; } = "sleeping";

    /// <summary>True: the program ignores SIGTERM.</summary>
    public Input<bool> Deaf { get; set; } = false;

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        var deaf = Deaf.Value ? "trap '' TERM; " : "";
        var exit = await context.Port<IProgramRunner>().RunAsync(
            new ProgramRequest
            {
                FileName = "/bin/sh",
                Arguments = ["-c", $"{deaf}( sleep 100000 & echo $! ); sleep 100000; sleep 100000", Mark.Value],
                WorkingDirectory = context.BaseDirectory,
                OnOutput = line => context.Progress(null, line),
                OnError = context.Log,
            },
            context.Cancellation);
        context.Log(exit.ToString());
    }
}

[Activity("test.outputs", Title = "Outputs", Summary = "Sets outputs rightly and wrongly.")]
public sealed class OutputsActivity : Activity
{
    public required Input<string> How { get; set; }

    public Output<int> Number { get; } = new();

    public Output<string?> Text { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        switch (How.Value)
        {
            case "large":
                context.Set(Text, new string('x', 300 * 1024));
                context.Set(Number, 1);
                break;
            case "unknown":
                context.Set(new Output<int>(), 1);
                break;
            case "right":
                context.Set(Number, 1);
                break;
            case "folder":
                File.WriteAllText(Path.Combine(context.WorkingDirectory, "note.txt"), "note");
                context.Set(Number, Directory.GetFiles(context.WorkingDirectory).Length);
                context.Set(Text, context.WorkingDirectory);
                break;
            case "refuse":
                throw new ActivityException("ORC9999", "the data is not good", help: "Get better data.");
            case "bug":
                throw new InvalidOperationException("a bug");
            default:
                break;
        }

        return Task.CompletedTask;
    }
}

public sealed record NoteFact : IFact
{
    public static string Kind => "test.note";

    public required string Text { get; init; }
}
