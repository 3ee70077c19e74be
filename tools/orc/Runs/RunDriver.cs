using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Runs;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Databases;
using Spectre.Console;

namespace Orchestrator.Cli.Runs;

/// <summary>Works on one run in the foreground: shows it, hears Ctrl-C, and says in the end what came of it.</summary>
internal static class RunDriver
{
    public static async Task<int> DriveAsync(
        Globals globals, OrcSession session, Func<Engine, IRunListener, Task<RunHandle>> begin, bool detach = false)
    {
        await using var engine = session.CreateEngine();
        var view = CreateView(globals);
        RunHandle? handle = null;
        try
        {
            var waiting = new WaitingWatch(view);
            handle = await begin(engine, waiting);
            using var interruption = new Interruption(handle, globals.Console);
            if (await waiting.QueuedAsync(session, handle) is { } queued)
            {
                view.Tell(queued);
            }

            if (detach)
            {
                await waiting.LeaveWhenWaitingAsync(session, handle);
            }

            var state = await handle.Completion;
            await DisposeAsync(view);
            return await EndAsync(globals, session, handle, state, detach && WaitingWatch.IsOnlyWaiting(state));
        }
        catch (OwnershipLostException lost)
        {
            globals.Console.Error.WriteLine($"error ORC5243: {lost.Message}\n   = help: This process has stopped working on it. Follow the run with: orc show {handle?.Id}");
            return ExitCodes.Failed;
        }
        catch (StorageException failed) when (handle is not null)
        {
            globals.Console.Error.Write(FailureText.Of(failed.ToFailure()));
            globals.Console.Error.WriteLine($"   = note: nothing that was finished is lost; when this is mended, go on with: orc run --resume {handle.Id}");
            return ExitCodes.Failed;
        }
        finally
        {
            await DisposeAsync(view);
        }
    }

    private static RunView CreateView(Globals globals) => globals switch
    {
        { Json: true } => new SilentRunView(globals.Time),
        { Console.IsTerminal: true } => new LiveRunView(AnsiConsole.Console, globals.Time),
        _ => new PlainRunView(globals.Console.Out, globals.Time),
    };

    private static async ValueTask DisposeAsync(RunView view)
    {
        if (view is LiveRunView live)
        {
            await live.DisposeAsync();
        }
    }

    private static async Task<int> EndAsync(Globals globals, OrcSession session, RunHandle handle, RunState state, bool left)
    {
        var code = state.Status switch
        {
            RunStatus.Succeeded => ExitCodes.Done,
            RunStatus.Failed or RunStatus.Cancelled => ExitCodes.Failed,
            RunStatus.Skipped => ExitCodes.Skipped,
            _ when left => ExitCodes.Waiting,
            _ => ExitCodes.Interrupted,
        };
        if (globals.Json)
        {
            var run = await session.Stores.Runs.FindAsync(handle.Id, CancellationToken.None) ?? throw EngineErrors.NoSuchRun(handle.Id.Value);
            Print.Json(globals, RunJson.Of(run, await RunListing.ReadAsync(session, run, ItemWish.Few, CancellationToken.None)));
        }
        else
        {
            RunSummary.Write(globals, session, handle.Id, state);
        }

        return code;
    }
}
