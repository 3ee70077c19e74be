using System.Globalization;
using System.Net;
using System.Text;
using Orchestrator.Core.Graph;

namespace Orchestrator.Cli.Graphs;

/// <summary>Draws a pipeline as one self-contained SVG that is legible on light and dark pages.</summary>
internal static class SvgGraph
{
    private const int BoxHeight = 52;
    private const int ColumnGap = 28;
    private const int RowGap = 44;
    private const int Margin = 20;

    public static string Draw(PipelineGraph graph)
    {
        var layout = LayeredLayout.Of(graph);
        var boxWidth = Math.Max(120, graph.Nodes.Max(node => Math.Max(node.Definition.Name.Value.Length * 9, node.Definition.Uses.Length * 7)) + 32);
        var width = layout.Width * (boxWidth + ColumnGap) - ColumnGap + 2 * Margin;
        var height = layout.Layers.Count * (BoxHeight + RowGap) - RowGap + 2 * Margin;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{WebUtility.HtmlEncode(graph.Definition.Name)}">
            <style>
              .box {"{"} fill: #ffffff; stroke: #5b6b7f; stroke-width: 1.2 {"}"}  .name {"{"} fill: #16202c {"}"}  .uses {"{"} fill: #5b6b7f {"}"}  .edge {"{"} fill: none; stroke: #8a97a8; stroke-width: 1.4 {"}"}
              .order {"{"} stroke-dasharray: 4 4 {"}"}  .exit {"{"} stroke-dasharray: 6 3 {"}"}
              @media (prefers-color-scheme: dark) {"{"} .box {"{"} fill: #1b2430; stroke: #8a97a8 {"}"} .name {"{"} fill: #eef2f7 {"}"} .uses {"{"} fill: #a9b5c4 {"}"} {"}"}
              text {"{"} font-family: system-ui, sans-serif; text-anchor: middle {"}"}  .name {"{"} font-size: 15px; font-weight: 600 {"}"}  .uses {"{"} font-size: 12px {"}"}
            </style>
            <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#8a97a8"/></marker></defs>

            """);
        foreach (var cell in layout.Layers.SelectMany(layer => layer))
        {
            foreach (var next in cell.Next)
            {
                DrawEdge(svg, graph, cell, next, boxWidth);
            }
        }

        foreach (var cell in layout.Layers.SelectMany(layer => layer).Where(cell => !cell.IsBend))
        {
            DrawBox(svg, graph.Nodes[cell.Task], cell, boxWidth);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static int Center(LayoutCell cell, int boxWidth) => Margin + cell.Slot * (boxWidth + ColumnGap) + boxWidth / 2;

    private static int Top(LayoutCell cell) => Margin + cell.Layer * (BoxHeight + RowGap);

    private static void DrawBox(StringBuilder svg, TaskNode node, LayoutCell cell, int boxWidth)
    {
        var center = Center(cell, boxWidth);
        var top = Top(cell);
        var when = node.Definition.When is { } condition ? $"\nwhen {condition}" : "";
        svg.Append(CultureInfo.InvariantCulture, $"""
            <g><title>{WebUtility.HtmlEncode($"{node.Definition.Name} ({node.Definition.Uses}){when}")}</title>
            <rect class="box{(node.Definition.OnExit ? " exit" : "")}" x="{center - boxWidth / 2}" y="{top}" width="{boxWidth}" height="{BoxHeight}" rx="9"/>
            <text class="name" x="{center}" y="{top + 23}">{WebUtility.HtmlEncode(node.Definition.Name.Value)}{(when.Length > 0 ? " ?" : "")}</text>
            <text class="uses" x="{center}" y="{top + 41}">{WebUtility.HtmlEncode(node.Definition.Uses)}</text></g>

            """);
    }

    private static void DrawEdge(StringBuilder svg, PipelineGraph graph, LayoutCell from, LayoutCell to, int boxWidth)
    {
        var x1 = Center(from, boxWidth);
        var y1 = Top(from) + (from.IsBend ? 0 : BoxHeight);
        var x2 = Center(to, boxWidth);
        var y2 = Top(to);
        var bend = (y2 - y1) / 2;
        var byData = !from.IsBend && !to.IsBend && graph.Nodes[to.Task].Definition.Expressions()
            .SelectMany(Core.Definitions.ExpressionReferences.Tasks).Contains(graph.Nodes[from.Task].Definition.Name);
        var order = from.IsBend || to.IsBend || byData ? "" : " order";
        svg.Append(CultureInfo.InvariantCulture, $"""
            <path class="edge{order}" d="M{x1},{y1} C{x1},{y1 + bend} {x2},{y2 - bend} {x2},{y2}"{(to.IsBend ? "" : " marker-end=\"url(#arrow)\"")}/>

            """);
    }
}
