namespace Orchestrator.Cli.Terminal;

/// <summary>Where a command writes. Tests give it memory; people give it a terminal or a pipe.</summary>
internal sealed class CliConsole
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required TextReader In { get; init; }

    /// <summary>Asks a person for a line that is not shown while it is typed; null when standard input is no terminal.</summary>
    public Func<string, string>? AskUnseen { get; init; }

    /// <summary>True when a person watches standard output, so that lines may be redrawn and coloured.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Colours are wanted: a terminal, and NO_COLOR is not set (no-color.org).</summary>
    public bool UseColor { get; init; }

    /// <summary>In characters; 100 in a pipe.</summary>
    public int Width { get; init; } = 100;

    public static CliConsole System() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        In = Console.In,
        AskUnseen = Console.IsInputRedirected ? null : ReadUnseen,
        IsTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
        UseColor = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
        Width = Console.IsOutputRedirected ? 100 : SafeWidth(),
    };

    private static string ReadUnseen(string question)
    {
        Console.Error.Write(question);
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (key.KeyChar != '\0')
            {
                typed.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }

    private static int SafeWidth()
    {
        try
        {
            return Console.WindowWidth is > 20 and < 1000 and var width ? width : 100;
        }
        catch (IOException)
        {
            return 100;
        }
    }
}
