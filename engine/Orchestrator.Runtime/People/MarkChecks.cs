using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Runtime.Lanes;

namespace Orchestrator.Runtime.People;

/// <summary>Whether the outputs that somebody gives to a task by hand are such as the task would have yielded.</summary>
public static class MarkChecks
{
    /// <summary>The outputs by name.</summary>
    /// <param name="catalog">The activities there are.</param>
    /// <param name="task">The task that is marked.</param>
    /// <param name="outcome">As what.</param>
    /// <param name="given">What was given for outputs; null: nothing.</param>
    /// <exception cref="ActivityException">A skipped task has none (ORC5953); they are no object (ORC5954), no lists of one length (ORC5955), not those of the task (ORC5961 and the codes of outputs).</exception>
    public static ImmutableDictionary<string, JsonElement> Outputs(ActivityCatalog catalog, TaskDefinition task, TaskOutcome outcome, JsonElement? given)
    {
        if (outcome == TaskOutcome.Skipped)
        {
            return given is null ? [] : throw new ActivityException("ORC5953", "outputs of a task that is marked as skipped", why: "a skipped task has none");
        }

        if (given is { ValueKind: not JsonValueKind.Object })
        {
            throw new ActivityException("ORC5954", "the outputs are not an object", help: "Write the outputs by name: '{\"auc\": 0.91}'.");
        }

        var outputs = given?.EnumerateObject().ToImmutableDictionary(output => output.Name, output => output.Value) ?? [];
        if (task.Pipeline?.Definition is { } pipeline)
        {
            return outputs.Keys.FirstOrDefault(name => !pipeline.Outputs.ContainsKey(name)) is { } stranger
                ? throw new ActivityException("ORC5961", $"the outputs have \"{stranger}\", which pipeline \"{pipeline.Name}\" does not yield", help: pipeline.Outputs.IsEmpty ? "It has no outputs: give none." : $"Its outputs are {string.Join(", ", pipeline.Outputs.Keys)}.")
                : outputs;
        }

        var activity = catalog.Get(task.Uses);
        return Faults(activity, task, outputs).FirstOrDefault() is { } fault ? throw new ActivityException(fault with { Help = Help(activity, task) }) : outputs;
    }

    /// <summary>A mapped task's outputs are lists, one item each.</summary>
    private static IEnumerable<Failure?> Faults(ActivityDescriptor activity, TaskDefinition task, ImmutableDictionary<string, JsonElement> outputs)
    {
        if (task.Map is null)
        {
            return [OutputChecks.FindFault(activity, outputs, new LaneOptions().MaxOutputBytes)];
        }

        var items = outputs.Values.Select(value => value.ValueKind == JsonValueKind.Array ? value.GetArrayLength() : -1).Distinct().ToArray();
        if (items is not [>= 0 and var count])
        {
            throw new ActivityException("ORC5955", $"task \"{task.Name}\" is mapped, and its outputs are not lists of one length", help: Help(activity, task));
        }

        return Enumerable.Range(0, count)
            .Select(index => OutputChecks.FindFault(activity, outputs.ToDictionary(output => output.Key, output => output.Value[index]), new LaneOptions().MaxOutputBytes))
            .Where(fault => fault is not null);
    }

    private static string Help(ActivityDescriptor activity, TaskDefinition task) => activity.Outputs.Any()
        ? $"Its outputs are {string.Join(", ", activity.Outputs.Select(output => $"{output.Name} ({(task.Map is null ? "" : "list of ")}{ValueTypes.NameOf(output.ValueType)}{(output.Nullable ? ", may be absent" : "")})"))}."
        : "It has no outputs: give none.";
}
