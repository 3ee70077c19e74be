using System.Runtime.InteropServices;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Runs;

/// <summary>Ctrl-C and SIGTERM while a run is begun and followed: the first leaves it, the second does not wait for that. Either way the run can be gone on with.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly Lock gate = new();
    private readonly PosixSignalRegistration[] signals;
    private readonly CliConsole console;
    private IFollowedRun? run;
    private int times;

    public Interruption(CliConsole console)
    {
        this.console = console;
        signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear)];
    }

    /// <summary>There is a run to leave from now on; who wanted that before wants it still.</summary>
    public void Watch(IFollowedRun begun)
    {
        lock (gate)
        {
            run = begun;
            if (times > 0)
            {
                Leave(begun);
            }
        }
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
        lock (gate)
        {
            times++;
            // What does not even begin is ended by asking twice.
            context.Cancel = times == 1 || run is not null;
            if (run is { } begun)
            {
                Leave(begun);
            }
        }
    }

    private void Leave(IFollowedRun begun)
    {
        console.Error.WriteLine($"\n{(times == 1 ? begun.StopWords.First : begun.StopWords.Second)}");
        if (times == 1)
        {
            begun.Interrupt();
        }
        else
        {
            begun.Kill();
        }
    }
}
