using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc cancel RUN</c>: ends a run. The process that works on it is asked to; when there is none, this one does it.</summary>
internal static class CancelCommand
{
    /// <summary>How long the owner may take to hear a request before this command stops waiting.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var reason = new Option<string?>("--reason") { Description = "Kept with the run, for those who look at it later" };
        var command = new Command("cancel", "Cancels a run: what waits is not started, what runs is asked to stop") { run, reason };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(session, parsed.GetValue(run), cancellation);
            if (info.EndedAt is not null)
            {
                throw new WrongRequestException("ORC5925", $"run {info.Id} has ended already: {info.Status}", why: "what has ended cannot be stopped", help: $"What it deployed can be taken back with `orc rollback ENDPOINT`; `orc show {info.Id}` says what it did.");
            }

            var status = session.IsAbandoned(info)
                ? await CancelHereAsync(globals, session, info.Id, parsed.GetValue(reason))
                : await AskOwnerAsync(globals, session, info.Id, parsed.GetValue(reason), cancellation);
            return globals.Json ? Print.Json(globals, new { run = info.Id.Value, status }) : Tell(globals, info.Id, status);
        }));
        return command;
    }

    private static int Tell(Globals globals, RunId run, string status)
    {
        globals.Console.Out.WriteLine(status == "cancelling" ? $"run {run} was asked to cancel; its attempts are ending" : $"run {run} is {status}");
        return ExitCodes.Done;
    }

    private static async Task<string> CancelHereAsync(Globals globals, OrcSession session, RunId run, string? reason)
    {
        await using var engine = session.CreateEngine();
        var handle = await engine.ResumeAsync(run, new SilentRunView(globals.Time), CancellationToken.None);
        await handle.SendAsync(new CancelRun(Environment.UserName, reason));
        return Runtime.Coordination.RunWords.Of((await handle.Completion).Status);
    }

    private static async Task<string> AskOwnerAsync(Globals globals, OrcSession session, RunId run, string? reason, CancellationToken cancellation)
    {
        await session.Stores.Runs.AddRequestAsync(
            new RunRequest
            {
                Id = Ids.New(globals.Time), RunId = run, Kind = "cancel", By = Environment.UserName, At = globals.Time.GetUtcNow(), Payload = reason is null ? null : OrcJson.ToElement(reason),
            },
            cancellation);
        var until = globals.Time.GetUtcNow() + Patience;
        while (globals.Time.GetUtcNow() < until)
        {
            var now = await session.Stores.Runs.FindAsync(run, cancellation);
            if (now is { EndedAt: not null } or { Status: "cancelling" })
            {
                return now.Status;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), globals.Time, cancellation);
        }

        throw new Core.Activities.ActivityException(new Core.Activities.Failure
        {
            Code = "ORC5926",
            Kind = Core.Activities.FailureKind.Infrastructure,
            Message = $"the process that works on run {run} has not answered within {Words.Elapsed(Patience)}",
            Help = "The request stays and is taken as soon as the process comes back. If it is gone for good, cancel again in half a minute.",
        });
    }
}
