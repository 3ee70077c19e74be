using Orchestrator.Cli.Remote;

namespace Orchestrator.Cli.CommandLine;

/// <summary>Where commands do their work. Those that are not named here go through a server when there is one for them (<see cref="Servers"/>), and else work on the home.</summary>
internal static class Reach
{
    /// <summary>For commands that read files and no home. A server that is named for them by hand would be passed over in silence, so it is refused.</summary>
    public static CommandFrame OfFiles(CommandFrame frame) => (parsed, act) => frame(parsed, globals =>
        globals.Server is { IsOption: true } ? throw RemoteErrors.NotThroughServer(parsed.CommandResult.Command.Name, "reads files on this machine", globals.Server) : act(globals));

    /// <summary>For commands that work on the home itself, whether or not a server serves it. A server that the environment names is another home than theirs.</summary>
    public static CommandFrame OfHome(CommandFrame frame) => (parsed, act) => frame(parsed, globals =>
        globals is { Server: { } server, Local: false } ? throw RemoteErrors.NotThroughServer(NameOf(parsed), "works on a home itself", server) : act(globals));

    private static string NameOf(System.CommandLine.ParseResult parsed) =>
        parsed.CommandResult.Parent is System.CommandLine.Parsing.CommandResult { Parent: not null } family ? $"{family.Command.Name} {parsed.CommandResult.Command.Name}" : parsed.CommandResult.Command.Name;
}
