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

    /// <summary><c>TASK</c>, <c>TASK/INDEX</c>, and the same with the names of sub-pipelines before it: a task's name never begins with a digit.</summary>
    public static (string? Task, int? Item) ParseTask(string? text)
    {
        if (text?.LastIndexOf('/') is not (> 0 and var slash))
        {
            return (text, null);
        }

        var last = text[(slash + 1)..];
        return int.TryParse(last, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index) ? (text[..slash], index)
            : TaskName.IsValid(last) ? (text, null)
            : throw new WrongRequestException("ORC5905", $"\"{text}\" is not a task", help: "Write TASK, or TASK/INDEX for an item of a mapped task.");
    }

    public static async Task<RunInfo> ResolveAsync(OrcSession session, string? text, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new WrongRequestException(EngineErrors.NoSuchRun("").Failure);
        }

        if (text == "last")
        {
            return await session.Stores.Runs.ListAsync(new RunFilter { Limit = 1, Children = false }, cancellation) is [var newest]
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
