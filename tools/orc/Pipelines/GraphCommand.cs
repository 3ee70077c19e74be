using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Graphs;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Graph;

namespace Orchestrator.Cli.Pipelines;

/// <summary><c>orc graph FILE</c>: the pipeline as a picture.</summary>
internal static class GraphCommand
{
    public static Command Create(CommandFrame frame)
    {
        var file = new Argument<string>("FILE") { Description = "A pipeline: C# script (.csx) or JSON (.json)" };
        var format = new Option<string>("--format") { Description = "text, mermaid or svg", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "mermaid", "svg");
        var output = new Option<string?>("--output", "-o") { Description = "Write to this file instead of standard output" };
        var command = new Command("graph", "Draws a pipeline in the terminal, or as Mermaid or SVG") { file, format, output };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var read = await DefinitionFile.ReadAsync(globals, parsed.GetValue(file) ?? "", Families.Catalog(), cancellation);
            var graph = new PipelineGraph(ValidateCommand.Require(globals, read));
            if (globals.Json)
            {
                return Print.Json(globals, ToDocument(graph));
            }

            var picture = parsed.GetValue(format) switch
            {
                "mermaid" => MermaidGraph.Draw(graph),
                "svg" => SvgGraph.Draw(graph),
                _ => TerminalGraph.Draw(graph, parsed.GetValue(output) is null && globals.Console.IsTerminal ? globals.Console.Width : 2000) ?? AsList(graph),
            };
            if (parsed.GetValue(output) is { } path)
            {
                await OutputFile.WriteAsync(path, picture, cancellation);
                globals.Console.Error.WriteLine($"wrote {path}");
            }
            else
            {
                globals.Console.Out.Write(picture);
            }

            return ExitCodes.Done;
        }));
        return command;
    }

    /// <summary>For graphs that are wider than the terminal: a line per task with what it waits for.</summary>
    private static string AsList(PipelineGraph graph) => string.Concat(graph.InTopologicalOrder().Select(node =>
        $"{node.Definition.Name} ({node.Definition.Uses}){(node.Upstream.IsEmpty ? "" : $" <- {string.Join(", ", node.Upstream.Select(before => graph.Nodes[before].Definition.Name))}")}\n"));

    private static object ToDocument(PipelineGraph graph) => new
    {
        pipeline = graph.Definition.Name,
        tasks = graph.Nodes.Select(node => new
        {
            name = node.Definition.Name.Value,
            uses = node.Definition.Uses,
            needs = node.Upstream.Select(before => graph.Nodes[before].Definition.Name.Value),
            inside = node.Gate is { } gate ? graph.Nodes[gate].Definition.Name.Value[..graph.Nodes[gate].Definition.Name.Value.LastIndexOf('/')] : null,
            when = node.Definition.When,
        }),
    };
}
