using System.Text;
using Orchestrator.Core.Graph;

namespace Orchestrator.Cli.Graphs;

/// <summary>Writes a pipeline as a Mermaid flowchart, which GitHub and most wikis draw. Solid arrows carry data, dotted ones only order.</summary>
internal static class MermaidGraph
{
    public static string Draw(PipelineGraph graph)
    {
        var text = new StringBuilder("flowchart TD\n");
        foreach (var node in graph.Nodes)
        {
            var task = node.Definition;
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"  t{node.Index}[\"{Escape(task.Name.Value)}<br/><small>{Escape(task.Uses)}</small>\"]\n");
        }

        foreach (var node in graph.Nodes)
        {
            var byData = node.Definition.Expressions().SelectMany(Core.Definitions.ExpressionReferences.Tasks).Select(name => new Core.Values.TaskName(node.Prefix + name)).ToHashSet();
            foreach (var before in LayeredLayout.EssentialUpstream(graph, node))
            {
                var arrow = byData.Contains(graph.Nodes[before].Definition.Name) ? "-->" : "-.->";
                var label = node.Definition.When is { } when ? $"|\"{Escape(when)}\"|" : "";
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"  t{before} {arrow}{label} t{node.Index}\n");
            }
        }

        return text.ToString();
    }

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("\"", "#quot;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
