using System.Runtime.InteropServices;
using Orchestrator.Cli.Terminal;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Cli.Runs;

/// <summary>Ctrl-C and SIGTERM while a run is worked on: the first asks, the second kills. Either way the run can be resumed.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly PosixSignalRegistration[] signals;
    private readonly RunHandle run;
    private readonly CliConsole console;
    private int times;

    public Interruption(RunHandle run, CliConsole console)
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
        if (Interlocked.Increment(ref times) == 1)
        {
            console.Error.WriteLine("\nstopping: attempts are asked to end; press Ctrl-C again to end them now");
            run.Interrupt();
        }
        else
        {
            console.Error.WriteLine("\nending the attempts now");
            run.Kill();
        }
    }
}
