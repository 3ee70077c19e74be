using System.Globalization;

namespace Orchestrator.Runtime.Workers;

/// <summary>The command line of a worker process: <c>worker --home DIR --socket PATH --id N</c>. Its token comes in an environment variable, which other users cannot read.</summary>
public sealed record WorkerArguments
{
    /// <summary>The first argument, by which the program knows that it is to be a worker.</summary>
    public const string Command = "worker";

    internal const string TokenVariable = "ORC_WORKER_TOKEN";

    public required string Home { get; init; }

    public required string Socket { get; init; }

    public required int Id { get; init; }

    /// <summary>Reads the arguments, with or without the leading <see cref="Command"/>.</summary>
    /// <exception cref="FormatException">They are not those that an engine gives.</exception>
    public static WorkerArguments Parse(IReadOnlyList<string> arguments)
    {
        var rest = arguments is [Command, ..] ? arguments.Skip(1).ToList() : [.. arguments];
        if (rest.Count % 2 != 0)
        {
            throw new FormatException("A worker takes pairs of option and value.");
        }

        var values = rest.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        string Get(string name) => values.TryGetValue(name, out var value) ? value : throw new FormatException($"A worker needs {name}; the engine starts it, people do not.");
        return new WorkerArguments
        {
            Home = Get("--home"),
            Socket = Get("--socket"),
            Id = int.Parse(Get("--id"), CultureInfo.InvariantCulture),
        };
    }

    internal IEnumerable<string> ToArguments() =>
    [
        Command,
        "--home", Home,
        "--socket", Socket,
        "--id", Id.ToString(CultureInfo.InvariantCulture),
    ];
}
