using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Caching;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc why RUN [TASK[/ITEM]] --cache</c>.</summary>
internal static class CacheReport
{
    public static int Show(Globals globals, RunInfo run, string? task, IReadOnlyList<CacheAnswer> answers)
    {
        if (globals.Json)
        {
            return Print.Json(globals, new { run = run.Id.Value, tasks = answers });
        }

        globals.Console.Out.WriteLine($"run {run.Id} of {run.Pipeline}: {run.Status}");
        Print.Table(globals, ["TASK", "CACHE", "WHY"], answers.Select(answer => new[] { answer.Item is { } place ? $"{answer.Task}/{place}" : answer.Task.Value, answer.Outcome, answer.Why }));
        if (task is not null && answers is [{ Parts: { } parts } only, ..])
        {
            globals.Console.Out.WriteLine();
            Print.Pairs(globals, Lines(only, parts));
        }

        return ExitCodes.Done;
    }

    private static (string Name, string? Value)[] Lines(CacheAnswer answer, CacheKeyParts parts) =>
    [
        ("key", answer.Key),
        ("item", answer.Label),
        ("activity", $"{parts.Activity}, version {parts.Version}"),
        .. parts.Inputs.Select(input => ($"input {input.Key}", (string?)input.Value.GetRawText())),
        .. Fingerprints.PartsOf(parts.Fingerprint)?.Select(part => (part.Key, (string?)part.Value)) ?? [("outside", parts.Fingerprint)],
        .. parts.Environment?.Select(variable => ($"variable {variable.Key}", (string?)(variable.Value ?? "(not set)"))) ?? [],
        ("kept for", CacheKeyDifferences.ScopeWord(parts.Scope)),
    ];
}
