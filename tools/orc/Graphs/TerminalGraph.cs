using System.Text;
using Orchestrator.Core.Graph;

namespace Orchestrator.Cli.Graphs;

/// <summary>Draws a pipeline with boxes and lines in text, top to bottom.</summary>
internal static class TerminalGraph
{
    [Flags]
    private enum Line : byte
    {
        None = 0,
        Up = 1,
        Down = 2,
        Left = 4,
        Right = 8,
    }

    private const string Lines = " ╵╷│╴┘┐┤╶└┌├─┴┬┼";
    private const int Gap = 3;

    /// <summary>The picture, or null when it would be wider than <paramref name="maxWidth"/> characters.</summary>
    public static string? Draw(PipelineGraph graph, int maxWidth)
    {
        if (graph.Nodes.Length == 0)
        {
            return "";
        }

        var layout = LayeredLayout.Of(graph);
        var labels = graph.Nodes.Select(node => new[] { node.Definition.Name.Value, node.Definition.Uses }).ToArray();
        var cellWidth = labels.Max(label => label.Max(line => line.Length)) + 4;
        cellWidth += 1 - cellWidth % 2;
        var width = layout.Width * (cellWidth + Gap) - Gap;
        if (width > maxWidth)
        {
            return null;
        }

        var canvas = new Canvas(width);
        var top = 0;
        for (var index = 0; index < layout.Layers.Count; index++)
        {
            foreach (var cell in layout.Layers[index])
            {
                DrawCell(canvas, cell, top, cellWidth, cell.IsBend ? [] : labels[cell.Task]);
            }

            top += 4;
            if (index + 1 < layout.Layers.Count)
            {
                top = DrawChannel(canvas, layout.Layers[index], top, cellWidth);
            }
        }

        return canvas.ToString();
    }

    private static int Center(LayoutCell cell, int cellWidth) => cell.Slot * (cellWidth + Gap) + cellWidth / 2;

    private static void DrawCell(Canvas canvas, LayoutCell cell, int top, int cellWidth, string[] label)
    {
        var center = Center(cell, cellWidth);
        if (cell.IsBend)
        {
            canvas.Vertical(center, top - 1, top + 4);
            return;
        }

        var left = center - cellWidth / 2;
        var right = left + cellWidth - 1;
        canvas.Horizontal(top, left, right);
        canvas.Horizontal(top + 3, left, right);
        canvas.Vertical(left, top, top + 3);
        canvas.Vertical(right, top, top + 3);
        for (var line = 0; line < label.Length; line++)
        {
            canvas.Text(top + 1 + line, left + 1 + (cellWidth - 2 - label[line].Length) / 2, label[line]);
        }
    }

    /// <summary>Draws the lines between two layers, a row for each cell whose lines turn, and answers the row below them.</summary>
    private static int DrawChannel(Canvas canvas, IReadOnlyList<LayoutCell> layer, int top, int cellWidth)
    {
        var turning = layer.Where(cell => cell.Next.Any(next => next.Slot != cell.Slot)).ToList();
        var bottom = top + Math.Max(1, turning.Count);
        // Where one line goes down from a cell and another comes down to the cell below it, one column for both would join them; then they keep apart.
        var shared = turning.Count > 1;
        foreach (var cell in layer)
        {
            var row = top + Math.Max(0, turning.IndexOf(cell));
            var exit = Center(cell, cellWidth);
            foreach (var next in cell.Next)
            {
                var entry = Center(next, cellWidth) - (shared && next.Previous.Count > 1 && next.Slot != cell.Slot ? 1 : 0);
                if (next.IsBend || !shared)
                {
                    entry = Center(next, cellWidth);
                }

                canvas.Vertical(exit, top - 1, entry == exit ? bottom : row);
                if (entry != exit)
                {
                    canvas.Horizontal(row, Math.Min(exit, entry), Math.Max(exit, entry));
                    canvas.Vertical(entry, row, bottom);
                }
            }
        }

        return bottom;
    }

    private sealed class Canvas(int width)
    {
        private readonly List<(Line[] Lines, char[] Texts)> rows = [];

        public void Vertical(int column, int from, int to)
        {
            for (var row = from; row <= to; row++)
            {
                Row(row).Lines[column] |= (row > from ? Line.Up : Line.None) | (row < to ? Line.Down : Line.None);
            }
        }

        public void Horizontal(int row, int from, int to)
        {
            for (var column = from; column <= to; column++)
            {
                Row(row).Lines[column] |= (column > from ? Line.Left : Line.None) | (column < to ? Line.Right : Line.None);
            }
        }

        public void Text(int row, int column, string text) => text.CopyTo(0, Row(row).Texts, column, text.Length);

        public override string ToString()
        {
            var text = new StringBuilder();
            foreach (var (lines, texts) in rows)
            {
                text.AppendLine(string.Concat(texts.Select((character, column) => character != '\0' ? character : Lines[(int)lines[column]])).TrimEnd());
            }

            return text.ToString();
        }

        private (Line[] Lines, char[] Texts) Row(int row)
        {
            while (rows.Count <= row)
            {
                rows.Add((new Line[width], new char[width]));
            }

            return rows[row];
        }
    }
}
