using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>How people name a run: its id, the first characters of it, or <c>last</c>.</summary>
internal static class RunArgument
{
    public static Argument<string> Create() => new("RUN") { Description = "A run's id, its first characters, or \"last\"" };

    public static WrongRequestException NoSuchTask(string run, string task, IEnumerable<TaskName> known) =>
        new("ORC5906", $"run {run} has no task \"{task}\"", help: $"Its tasks are {string.Join(", ", known)}.");

    /// <summary>A task, or <c>TASK/3</c>: item 3 of a mapped task.</summary>
    public static (string? Task, int? Item) ParseTask(string? text) => text?.Split('/') switch
    {
        null => (null, null),
        [var task] => (task, null),
        [var task, var item] when int.TryParse(item, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index) => (task, index),
        _ => throw new WrongRequestException("ORC5905", $"\"{text}\" is not a task", help: "Write TASK, or TASK/INDEX for an item of a mapped task."),
    };

    public static async Task<RunInfo> ResolveAsync(OrcSession session, string? text, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new WrongRequestException(EngineErrors.NoSuchRun("").Failure);
        }

        if (text == "last")
        {
            return await session.Stores.Runs.ListAsync(new RunFilter { Limit = 1 }, cancellation) is [var newest]
                ? newest
                : throw new WrongRequestException("ORC5903", "there is no run in this home yet", help: "Start one with: orc run FILE");
        }

        return await session.Stores.Runs.FindByPrefixAsync(text.ToUpperInvariant(), cancellation) switch
        {
            [var only] => only,
            [] => throw new WrongRequestException(EngineErrors.NoSuchRun(text).Failure),
            var several => throw new WrongRequestException(
                "ORC5904", $"\"{text}\" is the beginning of {several.Count} runs or more: {string.Join(", ", several.Take(4).Select(run => run.Id))}", help: "Give more characters."),
        };
    }
}
