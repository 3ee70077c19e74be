using System.Globalization;
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
        Run = RunOf(run.Run, state.Graph.Definition.Name, state.Trigger),
    };

    /// <summary>The run itself. What it has no value for is not a member.</summary>
    public static JsonElement RunOf(RunId id, string pipeline, RunTrigger? trigger) => trigger is null
        ? OrcJson.ToElement(new { id, pipeline })
        : OrcJson.ToElement(new
        {
            id,
            pipeline,
            logicalDate = TextOf(trigger.LogicalDate),
            interval = trigger.Interval is { } interval ? new { start = TextOf(interval.Start), end = TextOf(interval.End) } : null,
            trigger = new { kind = trigger.Kind, name = trigger.Name, @event = trigger.Event, by = trigger.By, backfill = trigger.Backfill },
        });

    /// <summary>An instant as people write it, and as texts that sort by time: <c>2026-03-01T02:00:00Z</c>.</summary>
    private static string? TextOf(DateTimeOffset? instant) => instant?.UtcDateTime.ToString(
        instant.Value.UtcTicks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

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
