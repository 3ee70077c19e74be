using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>Something that a person asks of a run that another process works on, or nobody.</summary>
internal static class OwnerRequest
{
    public static RunRequest Create(Globals globals, RunInfo run, string kind, JsonElement? payload = null, string? by = null) => new()
    {
        Id = Ids.New(globals.Time), RunId = run.Id, Kind = kind, By = by ?? Environment.UserName, At = globals.Time.GetUtcNow(), Payload = payload,
    };

    /// <inheritdoc cref="RunDesk.SendAsync"/>
    public static Task<RequestFate> SendAsync(OrcSession session, RunInfo run, RunRequest request, CancellationToken cancellation) => session.Desk.SendAsync(run, request, cancellation);

    /// <summary>Tells what became of it; the last word is about a stored one.</summary>
    public static int Tell(Globals globals, RunInfo run, RequestFate fate, string what)
    {
        if (globals.Json)
        {
            return Print.Json(globals, new { run = run.Id.Value, status = fate.ToString().ToLowerInvariant(), what });
        }

        globals.Console.Out.WriteLine(fate == RequestFate.Stored
            ? $"stored: {what}. Nobody works on run {run.Id} now; it takes effect when the run goes on: orc run --resume {run.Id}"
            : $"{what} (run {run.Id})");
        return ExitCodes.Done;
    }
}
