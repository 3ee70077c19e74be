using Orchestrator.Core.Graph;

namespace Orchestrator.Cli.Graphs;

/// <summary>A task, or a bend of an edge that passes a layer, in its slot of a layer.</summary>
/// <param name="Task">The task's graph index; -1 for a bend.</param>
internal sealed record LayoutCell(int Task, int Layer)
{
    public int Slot { get; set; }

    public List<LayoutCell> Next { get; } = [];

    public List<LayoutCell> Previous { get; } = [];

    public bool IsBend => Task < 0;
}

/// <summary>
/// Puts tasks into layers, each after all it waits for, and orders each layer so that edges cross little (median heuristic of Gansner et al. 1993, a few sweeps).
/// Edges that follow from others (a to c beside a to b to c) are left out of the picture: they say nothing about order.
/// </summary>
internal sealed class LayeredLayout
{
    private LayeredLayout(IReadOnlyList<IReadOnlyList<LayoutCell>> layers) => Layers = layers;

    public IReadOnlyList<IReadOnlyList<LayoutCell>> Layers { get; }

    public int Width => Layers.Max(layer => layer.Count == 0 ? 0 : layer.Max(cell => cell.Slot) + 1);

    public static LayeredLayout Of(PipelineGraph graph)
    {
        var depth = new int[graph.Nodes.Length];
        foreach (var node in graph.InTopologicalOrder())
        {
            depth[node.Index] = node.Upstream.Length == 0 ? 0 : node.Upstream.Max(before => depth[before]) + 1;
        }

        var layers = Enumerable.Range(0, depth.DefaultIfEmpty(-1).Max() + 1).Select(_ => new List<LayoutCell>()).ToList();
        var cells = new LayoutCell[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            layers[depth[node.Index]].Add(cells[node.Index] = new LayoutCell(node.Index, depth[node.Index]));
        }

        foreach (var node in graph.Nodes)
        {
            foreach (var before in EssentialUpstream(graph, node))
            {
                Connect(cells[before], cells[node.Index], layers);
            }
        }

        Order(layers);
        return new LayeredLayout(layers);
    }

    /// <summary>The tasks before a task that no other task before it waits for already.</summary>
    public static IEnumerable<int> EssentialUpstream(PipelineGraph graph, TaskNode node)
    {
        // Exact for pictures that people can read; for huge graphs the search for implied edges would cost more than it shows.
        var upstream = node.Gate is { } gate ? node.Upstream.Append(gate).ToArray() : [.. node.Upstream];
        if (graph.Nodes.Length > 300)
        {
            return upstream;
        }

        var ancestors = upstream.Select(graph.Ancestors).ToArray();
        return upstream.Where(before => !ancestors.Any(set => set.Contains(before)));
    }

    private static void Connect(LayoutCell from, LayoutCell to, List<List<LayoutCell>> layers)
    {
        var last = from;
        for (var layer = from.Layer + 1; layer <= to.Layer; layer++)
        {
            var next = layer == to.Layer ? to : new LayoutCell(-1, layer);
            if (next.IsBend)
            {
                layers[layer].Add(next);
            }

            last.Next.Add(next);
            next.Previous.Add(last);
            last = next;
        }
    }

    private static void Order(List<List<LayoutCell>> layers)
    {
        foreach (var layer in layers)
        {
            Number(layer);
        }

        for (var sweep = 0; sweep < 8; sweep++)
        {
            var down = sweep % 2 == 0;
            foreach (var layer in down ? layers : layers.AsEnumerable().Reverse())
            {
                var ordered = layer.OrderBy(cell => Median(down ? cell.Previous : cell.Next, cell.Slot)).ToList();
                layer.Clear();
                layer.AddRange(ordered);
                Number(layer);
            }
        }

        Spread(layers);
    }

    /// <summary>Pulls cells of narrow layers below what they come from, keeping the order, so that chains run straight.</summary>
    private static void Spread(List<List<LayoutCell>> layers)
    {
        var width = layers.Count == 0 ? 0 : layers.Max(layer => layer.Count);
        foreach (var layer in layers)
        {
            var free = width;
            for (var index = layer.Count - 1; index >= 0; index--)
            {
                var wish = layer[index].Previous.Count == 0 ? (width - layer.Count) / 2 + index : (int)Math.Round(layer[index].Previous.Average(cell => cell.Slot));
                layer[index].Slot = free = Math.Clamp(wish, index, free - 1);
            }
        }
    }

    private static void Number(List<LayoutCell> layer)
    {
        for (var slot = 0; slot < layer.Count; slot++)
        {
            layer[slot].Slot = slot;
        }
    }

    private static double Median(List<LayoutCell> neighbours, int otherwise)
    {
        if (neighbours.Count == 0)
        {
            return otherwise;
        }

        var slots = neighbours.Select(cell => cell.Slot).Order().ToArray();
        return slots.Length % 2 == 1 ? slots[slots.Length / 2] : (slots[slots.Length / 2 - 1] + slots[slots.Length / 2]) / 2.0;
    }
}
