using System.CommandLine;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.CommandLine;

/// <summary>The options that every command has.</summary>
internal sealed record Globals
{
    private static readonly Option<string?> HomeOption = new("--home")
    {
        Description = "The folder that holds everything (default: ORC_HOME, or .orc in the current folder)", HelpName = "DIR", Recursive = true,
    };

    private static readonly Option<string?> DbOption = new("--db")
    {
        Description = "The database (default: ORC_DB, or sqlite:orc.db in the home)", HelpName = "URL", Recursive = true,
    };

    private static readonly Option<bool> JsonOption = new("--json")
    {
        Description = "One JSON document on standard output, and nothing else", Recursive = true,
    };

    public required string Home { get; init; }

    public required string? Database { get; init; }

    /// <summary>The variable ORC_SYNC: what a power cut may cost; no option, because it is a property of the machine and not of a command.</summary>
    public string? Sync { get; init; }

    public required bool Json { get; init; }

    public required CliConsole Console { get; init; }

    public required TimeProvider Time { get; init; }

    public static void AddTo(RootCommand root)
    {
        root.Options.Add(HomeOption);
        root.Options.Add(DbOption);
        root.Options.Add(JsonOption);
    }

    public static Globals Of(ParseResult parsed, CliConsole console, TimeProvider time) => new()
    {
        Home = parsed.GetValue(HomeOption) ?? Variable("ORC_HOME") ?? ".orc",
        Database = parsed.GetValue(DbOption) ?? Variable("ORC_DB"),
        Sync = Variable("ORC_SYNC"),
        Json = parsed.GetValue(JsonOption),
        Console = console,
        Time = time,
    };

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
