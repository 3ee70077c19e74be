using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>How people name a run: its id, the first characters of it, or <c>last</c>.</summary>
internal static class RunArgument
{
    public static Argument<string> Create() => new("RUN") { Description = "A run's id, its first characters, or \"last\"" };

    public static Task<RunInfo> ResolveAsync(OrcSession session, string? text, CancellationToken cancellation) => ResolveAsync(new HomeRuns(session), text, cancellation);

    public static async Task<RunInfo> ResolveAsync(IRuns runs, string? text, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new WrongRequestException(EngineErrors.NoSuchRun("").Failure);
        }

        if (text == "last")
        {
            return await runs.ListAsync(new RunFilter { Limit = 1, Children = false }, cancellation) is [var newest]
                ? newest
                : throw new WrongRequestException("ORC5903", "there is no run in this home yet", help: "Start one with: orc run FILE");
        }

        return await runs.FindByPrefixAsync(text.ToUpperInvariant(), cancellation) switch
        {
            // One that retention is removing has no more than a part of its rows.
            [{ EndedAt: not null } ended] when await runs.ExplainMissingAsync(ended.Id.Value, cancellation) is { } removed => throw new WrongRequestException(removed.Failure),
            [var only] => only,
            [] => throw new WrongRequestException((await runs.ExplainMissingAsync(text, cancellation) ?? EngineErrors.NoSuchRun(text)).Failure),
            var several => throw new WrongRequestException(
                "ORC5904", $"\"{text}\" is the beginning of {several.Count} runs or more: {string.Join(", ", several.Take(4).Select(run => run.Id))}", help: "Give more characters."),
        };
    }
}
