using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Cli.Runs;

/// <summary>Finds the runs whose results a new one can start from, by what people type.</summary>
internal static class EarlierRuns
{
    /// <summary>The same start, with everything before a task taken over from the newest ended run of the pipeline that has it: <c>--from TASK</c>.</summary>
    public static async Task<RunStart> TakeOverAsync(Globals globals, OrcSession session, RunStart start, TaskName from)
    {
        var (taken, results) = await AskAsync(() => session.Earlier.TakeOverAsync(start, from, CancellationToken.None));
        if (!globals.Json)
        {
            globals.Console.Out.WriteLine($"taking over {results} result{(results == 1 ? "" : "s")} from run {taken.Parent}");
        }

        return taken;
    }

    /// <summary>The same start, with the result of one task taken over from a named run: <c>--pin TASK=RUN</c>.</summary>
    public static async Task<RunStart> PinAsync(OrcSession session, RunStart start, string pin)
    {
        if (pin.Split('=', 2) is not [{ Length: > 0 } task, { Length: > 0 } text])
        {
            throw new WrongRequestException("ORC5915", $"--pin {pin} is not TASK=RUN", help: "For example: --pin split=last");
        }

        var run = await RunArgument.ResolveAsync(session, text, CancellationToken.None);
        return await AskAsync(() => session.Earlier.PinAsync(start, task, run, CancellationToken.None));
    }

    /// <summary>What cannot be taken over was asked for wrongly.</summary>
    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (ActivityException wrong)
        {
            throw new WrongRequestException(wrong.Failure);
        }
    }
}
