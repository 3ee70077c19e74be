using System.Globalization;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.People;

/// <summary>How people name tasks of a run and items of mapped ones, and what they are told when there is none of that name.</summary>
public static class RunTasks
{
    /// <summary><c>TASK</c>, <c>TASK/INDEX</c>, and the same with the names of sub-pipelines before it: a task's name never begins with a digit.</summary>
    /// <exception cref="ActivityException">It is neither (ORC5905).</exception>
    public static (string? Task, int? Item) Parse(string? text)
    {
        if (text?.LastIndexOf('/') is not (> 0 and var slash))
        {
            return (text, null);
        }

        var last = text[(slash + 1)..];
        return int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? (text[..slash], index)
            : TaskName.IsValid(last) ? (text, null)
            : throw new ActivityException("ORC5905", $"\"{text}\" is not a task", help: "Write TASK, or TASK/INDEX for an item of a mapped task.");
    }

    /// <exception cref="ActivityException">The run has no such task (ORC5906), or the task no such item (ORC5932).</exception>
    public static void Check(RunId run, RunState state, string? task, int? item)
    {
        if (task is null)
        {
            return;
        }

        var name = new TaskName(task);
        if (!state.Graph.Contains(name))
        {
            throw NoSuchTask(run, task, state.Graph.Nodes.Select(node => node.Definition.Name));
        }

        if (item is { } index && !state.Items.ContainsKey(new TaskKey(state.Graph[name].Index, index)))
        {
            throw NoSuchItem(state, name, index);
        }
    }

    public static ActivityException NoSuchTask(RunId run, string task, IEnumerable<TaskName> known)
    {
        const int shown = 20;
        var names = known.Where(name => !name.IsInternal).Select(name => name.Value).ToArray();
        var near = NearNames.Question(task, names) is { } question ? $"{question} " : "";
        return new("ORC5906", $"run {run} has no task \"{task}\"", help: $"{near}Its tasks are {string.Join(", ", names.Take(shown))}{(names.Length > shown ? $" and {names.Length - shown} more" : "")}.");
    }

    private static ActivityException NoSuchItem(RunState state, TaskName task, int item)
    {
        var index = state.Graph[task].Index;
        var count = state.Tasks[index] is Mapping mapping ? mapping.Items.Count : Enumerable.Range(0, int.MaxValue).TakeWhile(place => state.Items.ContainsKey(new TaskKey(index, place))).Count();
        return new ActivityException("ORC5932", $"task \"{task}\" has no item {item}", help: count == 0 ? "It has no items; leave out the number." : $"Its items so far are 0 to {count - 1}.");
    }
}
