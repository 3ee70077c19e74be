using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Pools;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What the engine says to requests that it cannot take. 524x.</summary>
public static class EngineErrors
{
    public static ActivityException NoSuchRun(string run) => new(
        "ORC5240", $"there is no run \"{run}\" in this home", help: "`orc runs` lists them; the first characters of an id are enough when they are unique.");

    public static ActivityException NoSuchTask(PipelineDefinition pipeline, TaskName task) => new(
        "ORC5244",
        $"pipeline \"{pipeline.Name}\" has no task \"{task}\"",
        help: NearNames.Question(task.Value, new PipelineGraph(pipeline).Nodes.Select(node => node.Definition.Name).Where(name => !name.IsInternal).Select(name => name.Value)) ?? $"Its tasks are {string.Join(", ", pipeline.Tasks.Select(one => one.Name))}.");

    internal static ActivityException NothingToKeep(RunId run, TaskName task, IReadOnlyCollection<TaskName> missing) => new(
        "ORC5245",
        $"{string.Join(", ", missing.Take(5))}{(missing.Count > 5 ? $" and {missing.Count - 5} more" : "")} before \"{task}\" {(missing.Count == 1 ? "has" : "have")} no result to take over from run {run}",
        why: "they did not succeed there, read a parameter that has another value now, or are another activity now",
        help: "Start at an earlier task, or run the whole pipeline: what has not changed comes from the cache.");

    internal static ActivityException NoPool(TaskDefinition task, PoolInfo? pool) => new(
        "ORC5246",
        pool is null ? $"task \"{task.Name}\" takes its slots from pool \"{task.Pool}\", which does not exist" : $"task \"{task.Name}\" takes {task.PoolSlots} slots of pool \"{pool.Name}\", which has {pool.Size}",
        why: "the run would wait for ever",
        help: $"orc pools set {task.Pool} {Math.Max(1, task.PoolSlots)}");

    internal static ActivityException BadKey(string template, JsonElement value, int longest) => new(
        "ORC5248",
        value is { ValueKind: JsonValueKind.String } && value.GetString() is { Length: > 0 } text
            ? $"the concurrency key {template} has {text.Length} characters"
            : $"the concurrency key {template} is {(value.ValueKind == JsonValueKind.String ? "empty" : value.ValueKind == JsonValueKind.Null ? "null" : "no plain value")}",
        why: $"runs are told apart by it: it should be a text of 1 to {longest} characters, a number, true or false",
        help: "Give the parameter that it reads a value, or write one in its place: ${params.region || 'none'}.");

    internal static ActivityException TooDeep(PipelineDefinition pipeline, int depth) => new(
        "ORC5271",
        $"{depth} pipelines stand inside one another in \"{pipeline.Name}\", and at most {SubPipelineDefinition.MaxDepth} may",
        help: "Let one of them do the work of the one inside it.");

    public static ActivityException HasEnded(RunId run, string? status) => new(
        "ORC5241", $"run {run} has ended: {status}", why: "only an unfinished run can be resumed", help: $"To run its failed tasks again, use: orc retry {run}");

    internal static ActivityException CannotResume(RunId run, ClaimResult claim) => claim.Outcome switch
    {
        ClaimOutcome.Finished => HasEnded(run, claim.Run?.Status),
        ClaimOutcome.Held => new ActivityException(
            "ORC5242",
            $"run {run} is being worked on by process {claim.Run?.Owner?.ProcessId} on {claim.Run?.Owner?.Host}",
            why: "two processes on one run would do its work twice",
            help: "Follow it with `orc show`, or stop that process first."),
        _ => NoSuchRun(run.Value),
    };
}
