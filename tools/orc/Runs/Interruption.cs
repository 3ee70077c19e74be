using System.Runtime.InteropServices;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Runs;

/// <summary>Ctrl-C and SIGTERM while a run is followed: the first leaves it, the second does not wait for that. Either way the run can be gone on with.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly PosixSignalRegistration[] signals;
    private readonly IFollowedRun run;
    private readonly CliConsole console;
    private int times;

    public Interruption(IFollowedRun run, CliConsole console)
    {
        this.run = run;
        this.console = console;
        signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear)];
    }

    public void Dispose()
    {
        foreach (var signal in signals)
        {
            signal.Dispose();
        }
    }

    private void Hear(PosixSignalContext context)
    {
        context.Cancel = true;
        var first = Interlocked.Increment(ref times) == 1;
        console.Error.WriteLine($"\n{(first ? run.StopWords.First : run.StopWords.Second)}");
        if (first)
        {
            run.Interrupt();
        }
        else
        {
            run.Kill();
        }
    }
}
