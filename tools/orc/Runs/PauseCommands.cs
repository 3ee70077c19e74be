using System.CommandLine;
using Orchestrator.Cli.CommandLine;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc pause RUN</c> and <c>orc resume RUN</c>: a paused run starts nothing; what runs goes on to its end.</summary>
internal static class PauseCommands
{
    public static Command CreatePause(CommandFrame frame) =>
        Create(frame, "pause", "Pauses a run: nothing new is started, what runs goes on to its end", "the run is paused; go on with: orc resume RUN");

    public static Command CreateResume(CommandFrame frame) =>
        Create(frame, "resume", "Lets a paused run go on (to work on a run that nobody works on: orc run --resume RUN)", "the run goes on");

    private static Command Create(CommandFrame frame, string kind, string help, string done)
    {
        var run = RunArgument.Create();
        var command = new Command(kind, help) { run };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var place = await RunPlace.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(place.Runs, parsed.GetValue(run), cancellation);
            var fate = await place.Requests.HoldAsync(info, kind, cancellation);
            return OwnerRequest.Tell(globals, info, fate, done.Replace("RUN", info.Id.Value, StringComparison.Ordinal));
        }));
        return command;
    }
}
