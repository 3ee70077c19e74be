using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Validation;

/// <summary>Finds tasks that wait for each other. Unlike the engine's finder it reports every cycle that shares no task with another, and where each step of it is written.</summary>
internal static class CycleChecks
{
    public static void Check(CheckContext context)
    {
        var edges = context.Dependencies.GroupBy(dependency => dependency.Of.Name).ToDictionary(group => group.Key, group => group.DistinctBy(dependency => dependency.On.Name).ToList());
        var left = Peel(context.Definition.Tasks, edges);
        var reported = new HashSet<TaskName>();
        foreach (var task in context.Definition.Tasks.Where(task => left.Contains(task.Name)))
        {
            if (!reported.Contains(task.Name) && ShortestWayBack(task.Name, edges, left) is { } cycle && !cycle.Any(step => reported.Contains(step.Of.Name)))
            {
                reported.UnionWith(cycle.Select(step => step.Of.Name));
                Report(context, cycle);
            }
        }
    }

    /// <summary>Takes away tasks that wait for nothing that is left, again and again; what stays is on a cycle or behind one.</summary>
    private static HashSet<TaskName> Peel(IReadOnlyList<TaskDefinition> tasks, Dictionary<TaskName, List<Dependency>> edges)
    {
        var left = tasks.Select(task => task.Name).ToHashSet();
        var unmet = left.ToDictionary(name => name, name => edges.GetValueOrDefault(name)?.Count ?? 0);
        var waiting = edges.Values.SelectMany(list => list).ToLookup(edge => edge.On.Name, edge => edge.Of.Name);
        var ready = new Queue<TaskName>(unmet.Where(pair => pair.Value == 0).Select(pair => pair.Key));
        while (ready.TryDequeue(out var name))
        {
            left.Remove(name);
            foreach (var next in waiting[name])
            {
                if (--unmet[next] == 0)
                {
                    ready.Enqueue(next);
                }
            }
        }

        return left;
    }

    private static List<Dependency>? ShortestWayBack(TaskName start, Dictionary<TaskName, List<Dependency>> edges, HashSet<TaskName> within)
    {
        var cameBy = new Dictionary<TaskName, Dependency>();
        var open = new Queue<TaskName>([start]);
        while (open.TryDequeue(out var name))
        {
            foreach (var edge in edges.GetValueOrDefault(name) ?? [])
            {
                if (edge.On.Name == start)
                {
                    var path = new List<Dependency> { edge };
                    for (var at = name; at != start; at = path[^1].Of.Name)
                    {
                        path.Add(cameBy[at]);
                    }

                    path.Reverse();
                    return path;
                }

                if (within.Contains(edge.On.Name) && cameBy.TryAdd(edge.On.Name, edge))
                {
                    open.Enqueue(edge.On.Name);
                }
            }
        }

        return null;
    }

    private static void Report(CheckContext context, List<Dependency> cycle)
    {
        // Long circles are shown by their ends; the notes name every step anyway, up to a screenful.
        var names = cycle.Select(step => step.Of.Name.Value).Append(cycle[0].Of.Name.Value).ToList();
        var path = names.Count <= 12 ? string.Join(" -> ", names) : $"{string.Join(" -> ", names.Take(6))} -> … -> {string.Join(" -> ", names.TakeLast(5))}";
        context.Add(DiagnosticCatalog.Cycle.At(
            cycle[0].Span,
            $"waits for \"{cycle[0].On.Name}\"",
            $"tasks wait for each other: {path}",
            "Remove one of these dependencies.",
            notes: cycle.Skip(1).Take(10).Select(step => new DiagnosticNote($"\"{step.Of.Name}\" waits for \"{step.On.Name}\"", step.Span))));
    }
}
