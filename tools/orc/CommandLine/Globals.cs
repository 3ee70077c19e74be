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

    private static readonly Option<string?> ServerOption = new("--server")
    {
        Description = "The server to work through (default: ORC_SERVER, or the one that serves the home); the API key is in ORC_API_KEY or the file ORC_API_KEY_FILE", HelpName = "URL", Recursive = true,
    };

    private static readonly Option<bool> LocalOption = new("--local")
    {
        Description = "Work on the home itself, although a server serves it or ORC_SERVER names one", Recursive = true,
    };

    private static readonly Option<bool> JsonOption = new("--json")
    {
        Description = "One JSON document on standard output, and nothing else", Recursive = true,
    };

    public required string Home { get; init; }

    public required string? Database { get; init; }

    /// <summary>True: by --db and not by ORC_DB.</summary>
    public bool IsDatabaseOption { get; init; }

    /// <summary>The server that was named; null: the one that serves the home, if one does.</summary>
    public NamedServer? Server { get; init; }

    /// <summary>True: no server, whichever there is.</summary>
    public bool Local { get; init; }

    /// <summary>The variable ORC_SYNC: what a power cut may cost; no option, because it is a property of the machine and not of a command.</summary>
    public string? Sync { get; init; }

    public required bool Json { get; init; }

    public required CliConsole Console { get; init; }

    public required TimeProvider Time { get; init; }

    public static void AddTo(RootCommand root)
    {
        root.Options.Add(HomeOption);
        root.Options.Add(DbOption);
        root.Options.Add(ServerOption);
        root.Options.Add(LocalOption);
        root.Options.Add(JsonOption);
    }

    public static Globals Of(ParseResult parsed, CliConsole console, TimeProvider time) => new()
    {
        Home = parsed.GetValue(HomeOption) ?? Variable("ORC_HOME") ?? ".orc",
        Database = parsed.GetValue(DbOption) ?? Variable("ORC_DB"),
        Server = parsed.GetValue(ServerOption) is { } named ? new NamedServer(named, IsOption: true) : Variable("ORC_SERVER") is { } variable ? new NamedServer(variable, IsOption: false) : null,
        Local = parsed.GetValue(LocalOption),
        IsDatabaseOption = parsed.GetValue(DbOption) is not null,
        Sync = Variable("ORC_SYNC"),
        Json = parsed.GetValue(JsonOption),
        Console = console,
        Time = time,
    };

    /// <summary>A variable of the environment; null when it is not set, or empty.</summary>
    internal static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

/// <summary>A server that somebody named.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="IsOption">True: by --server; false: by ORC_SERVER.</param>
internal sealed record NamedServer(string Text, bool IsOption)
{
    public string Source => IsOption ? "--server" : "ORC_SERVER";
}
