using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What the expressions of a task can see.</summary>
internal static class RunScope
{
    /// <summary>Parameters, the run, and the outputs of the tasks that this one waits for; others it cannot name.</summary>
    public static ExpressionScope Of(RunState state, RunSetting run, TaskNode task) => new()
    {
        Params = task.ParamsFrom is { } begin ? (state.Tasks[begin] as Ended)?.Outputs ?? [] : state.Params,
        Tasks = task.Dependencies()
            .Select(one => (Name: one.Local.Value, End: state[one.Name] as Ended))
            .Where(before => before.End is { Outcome: TaskOutcome.Succeeded })
            .ToDictionary(before => before.Name, before => (IReadOnlyDictionary<string, JsonElement>)(before.End?.Outputs ?? [])),
        Run = RunObject.Of(run.Run, state.Graph.Definition.Name, state.Trigger),
    };

    /// <summary>The plain values that an expression looked at, for the sentence that says why it is false: <c> (tasks.compare.notWorse = false)</c>.</summary>
    public static string Values(string expression, ExpressionScope scope)
    {
        var seen = ExpressionReferences.Find(expression)
            .DistinctBy(reference => (reference.Root, reference.Name, reference.Member))
            .Select(reference => ValueOf(reference, scope))
            .OfType<string>()
            .ToArray();
        return seen.Length == 0 ? "" : $" ({string.Join(", ", seen)})";
    }

    private static string? ValueOf(ExpressionReference reference, ExpressionScope scope)
    {
        var isParameter = reference.Root == "params";
        JsonElement value = default;
        var found = isParameter
            ? scope.Params.TryGetValue(reference.Name, out value)
            : reference.Member is { } member && scope.Tasks.TryGetValue(reference.Name, out var outputs) && outputs.TryGetValue(member, out value);
        return found && value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)
            ? $"{(isParameter ? References.Parameter(reference.Name) : References.Output(new TaskName(reference.Name), reference.Member ?? ""))} = {value.GetRawText()}"
            : null;
    }
}
