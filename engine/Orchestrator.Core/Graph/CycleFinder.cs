using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Graph;

/// <summary>Answers whether tasks wait for each other in a circle.</summary>
public static class CycleFinder
{
    /// <summary>
    /// A cycle as a path in the direction of waiting, which starts at its first task in the author's order and ends there again; null when there is none.
    /// Names that no task has are passed over.
    /// </summary>
    public static ImmutableArray<TaskName>? Find(IReadOnlyList<TaskDefinition> tasks)
    {
        var order = tasks.Select((task, index) => (task.Name, index)).DistinctBy(pair => pair.Name).ToDictionary(pair => pair.Name, pair => pair.index);
        var waitsFor = tasks.Select(task => task.Dependencies().Where(order.ContainsKey).Select(name => order[name]).ToArray()).ToArray();
        var visited = new bool[tasks.Count];
        var place = new Dictionary<int, int>();
        var path = new List<int>();
        for (var start = 0; start < tasks.Count; start++)
        {
            if (!visited[start] && Walk(start, waitsFor, visited, place, path) is { } cycle)
            {
                return FromFirst(cycle, tasks);
            }
        }

        return null;
    }

    // An explicit stack: a chain of 10,000 tasks must not end the process.
    private static List<int>? Walk(int start, int[][] waitsFor, bool[] visited, Dictionary<int, int> place, List<int> path)
    {
        var next = new Stack<int>();
        Enter(start);
        while (path.Count > 0)
        {
            var current = path[^1];
            var edge = next.Pop();
            if (edge == waitsFor[current].Length)
            {
                path.RemoveAt(path.Count - 1);
                place.Remove(current);
                continue;
            }

            next.Push(edge + 1);
            var before = waitsFor[current][edge];
            if (place.TryGetValue(before, out var at))
            {
                return path[at..];
            }

            if (!visited[before])
            {
                Enter(before);
            }
        }

        return null;

        void Enter(int index)
        {
            visited[index] = true;
            place[index] = path.Count;
            path.Add(index);
            next.Push(0);
        }
    }

    private static ImmutableArray<TaskName> FromFirst(List<int> cycle, IReadOnlyList<TaskDefinition> tasks)
    {
        var first = cycle.IndexOf(cycle.Min());
        return [.. cycle[first..].Concat(cycle[..first]).Append(cycle[first]).Select(index => tasks[index].Name)];
    }
}
