using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Core.Values;

namespace Orchestrator.Cli.Terminal;

/// <summary>The forms in which commands answer.</summary>
internal static class Print
{
    /// <summary>One JSON document.</summary>
    public static int Json<T>(Globals globals, T document)
    {
        globals.Console.Out.WriteLine(JsonSerializer.Serialize(document, OrcJson.Indented));
        return ExitCodes.Done;
    }

    /// <summary>Columns as wide as they must be, with two spaces between them; the last one is cut at the edge of a terminal.</summary>
    public static void Table(Globals globals, string[] head, IEnumerable<string[]> rows)
    {
        var all = rows.Prepend(head).ToArray();
        var widths = head.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
        {
            var line = string.Join("  ", row.Select((cell, column) => column == row.Length - 1 ? cell : cell.PadRight(widths[column]))).TrimEnd();
            globals.Console.Out.WriteLine(globals.Console.IsTerminal && line.Length > globals.Console.Width ? line[..(globals.Console.Width - 1)] + "…" : line);
        }
    }

    /// <summary>Names and values, one per line.</summary>
    public static void Pairs(Globals globals, params (string Name, string? Value)[] pairs)
    {
        var width = pairs.Max(pair => pair.Name.Length);
        foreach (var (name, value) in pairs.Where(pair => !string.IsNullOrEmpty(pair.Value)))
        {
            globals.Console.Out.WriteLine($"{name.PadRight(width)}  {value}");
        }
    }
}
