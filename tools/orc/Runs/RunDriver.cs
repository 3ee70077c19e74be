using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Databases;
using Spectre.Console;

namespace Orchestrator.Cli.Runs;

/// <summary>Follows one run in the foreground: shows it, hears Ctrl-C, and says in the end what came of it.</summary>
internal static class RunDriver
{
    public static async Task<int> DriveAsync(Globals globals, RunPlace place, Func<IRunListener, Task<IFollowedRun>> begin, bool detach = false)
    {
        var view = CreateView(globals);
        IFollowedRun? run = null;
        try
        {
            var waiting = new WaitingWatch(view);
            using var interruption = new Interruption(globals.Console);
            run = await begin(waiting);
            interruption.Watch(run);
            if (await waiting.QueuedAsync(place.Runs, run) is { } queued)
            {
                view.Tell(queued);
            }

            if (detach)
            {
                await waiting.LeaveWhenWaitingAsync(run);
            }

            var state = await run.Completion;
            await DisposeAsync(view);
            return await EndAsync(globals, place, run, state, detach && WaitingWatch.IsOnlyWaiting(state));
        }
        catch (OwnershipLostException lost)
        {
            globals.Console.Error.WriteLine($"error ORC5243: {lost.Message}\n   = help: This process has stopped working on it. Follow the run with: orc show {run?.Id}");
            return ExitCodes.Failed;
        }
        catch (StorageException failed) when (run is not null)
        {
            globals.Console.Error.Write(FailureText.Of(failed.ToFailure()));
            globals.Console.Error.WriteLine($"   = note: nothing that was finished is lost; when this is mended, go on with: orc run --resume {run.Id}");
            return ExitCodes.Failed;
        }
        finally
        {
            run?.Dispose();
            await DisposeAsync(view);
        }
    }

    /// <summary>Says whose results a new run keeps.</summary>
    public static void TellTakenOver(Globals globals, int count, RunId? from)
    {
        if (!globals.Json)
        {
            globals.Console.Out.WriteLine($"taking over {count} result{(count == 1 ? "" : "s")} from run {from}");
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

    private static async Task<int> EndAsync(Globals globals, RunPlace place, IFollowedRun run, RunState state, bool left)
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
            var info = await place.Runs.FindAsync(run.Id, CancellationToken.None) ?? throw EngineErrors.NoSuchRun(run.Id.Value);
            Print.Json(globals, RunJson.Of(info, await place.Runs.ReadAsync(info, ItemWish.Few, CancellationToken.None)));
        }
        else
        {
            await RunSummary.WriteAsync(globals, place.Runs, run, state);
        }

        return code;
    }
}
