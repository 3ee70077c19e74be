using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>What the migration of a run is refused for. 528x.</summary>
internal static class MigrationProblems
{
    public static Failure OtherPipeline(string is_, string given) => Problem(
        "ORC5280", $"the run is one of pipeline \"{is_}\", and the file has \"{given}\"", "a run stays a run of its pipeline", "Give a newer definition of the same pipeline, or start a run of the other: orc run FILE");

    public static Failure SameDefinition(DefinitionHash hash) => Problem("ORC5281", $"the run has this definition already ({hash.Short})", help: "orc run --resume RUN goes on with it.");

    public static Failure OtherActivity(TaskDefinition was, TaskDefinition now, string word) => Problem(
        "ORC5282",
        $"task \"{was.Name}\" is {word} as {was.Uses} and would be {now.Uses}",
        "what has ended in a run keeps its end, and its outputs are those of the activity that it was",
        $"Give the task that uses {now.Uses} another name.");

    public static Failure ChangedUnderWay(TaskDefinition task, string word, IEnumerable<string> changes) => Problem(
        "ORC5283",
        $"task \"{task.Name}\" is {word}, and the new definition has another {string.Join(", ", changes)}",
        "its attempt was prepared from the definition until now, and goes on with that",
        $"Wait until it has ended, or let it be given up and prepared anew: --restart {task.Name}");

    public static Failure RemovedAfterStart(TaskName task, string word) => Problem(
        "ORC5284", $"task \"{task}\" is {word}, and the new definition does not have it", "what it did would no longer be part of the run", $"Keep it in the definition, or let it go: --drop {task}");

    public static Failure LateBefore(TaskName task, string word, IReadOnlyCollection<TaskName> before) => Problem(
        "ORC5285",
        $"task \"{task}\" is {word}, and would come after {string.Join(", ", before.Select(name => $"\"{name}\""))}, which {(before.Count == 1 ? "has" : "have")} not ended",
        "its turn came without them, and nothing in a run is done twice",
        $"Let only tasks that wait depend on them. To run \"{task}\" again after them, end this run and start a new one: orc run FILE --from TASK");

    public static Failure NothingToRestart(TaskName task, string what) => Problem("ORC5286", $"--restart {task}: {what}", "only a task that is under way has an attempt to give up", "Leave it out.");

    public static Failure NothingToDrop(TaskName task, string what) => Problem("ORC5287", $"--drop {task}: {what}", "only a task that has started and is not in the new definition needs the word", "Leave it out.");

    public static Failure Parameters(string message, string help) => Problem("ORC5288", message, "a run has one value for every parameter of its definition, from its start", help);

    public static Failure Ending(RunStatus status) => Problem("ORC5289", $"the run is {status.ToString().ToLowerInvariant()}", "what is ending is not changed any more", "Start a new run, which may keep what succeeded: orc run FILE --from TASK");

    private static Failure Problem(string code, string message, string? why = null, string? help = null) => new() { Code = code, Kind = FailureKind.Work, Message = message, Why = why, Help = help };
}
