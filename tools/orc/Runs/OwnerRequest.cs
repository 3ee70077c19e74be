using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>Something that a person asks of a run that another process works on, or nobody.</summary>
internal static class OwnerRequest
{
    /// <summary>How long the owner may take to hear a request before a command stops waiting.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What became of a request.</summary>
    public enum Fate
    {
        Unknown = 0,

        /// <summary>The process that works on the run has done it.</summary>
        Taken,

        /// <summary>Nobody works on the run: it is stored, and done first when somebody does.</summary>
        Stored,
    }

    public static RunRequest Create(Globals globals, RunInfo run, string kind, JsonElement? payload = null, string? by = null) => new()
    {
        Id = Ids.New(globals.Time), RunId = run.Id, Kind = kind, By = by ?? Environment.UserName, At = globals.Time.GetUtcNow(), Payload = payload,
    };

    /// <summary>Looks whether the run would take the request, leaves it for the owner, and waits for the owner's word if there is one.</summary>
    /// <exception cref="WrongRequestException">The run has ended (ORC5925), or would refuse or has refused it (ORC5950).</exception>
    public static async Task<Fate> SendAsync(Globals globals, OrcSession session, RunInfo run, RunRequest request, CancellationToken cancellation)
    {
        CheckOpen(run);
        var state = await ExpectedStateAsync(session, run.Id, cancellation);
        var command = await session.Requests.ReadAsync(request, cancellation);
        if (((command as RefuseRequest)?.Reason ?? RunMachine.Decide(state, command, globals.Time.GetUtcNow()).Refusal) is { } refusal)
        {
            throw Refused(refusal);
        }

        if (!await session.Stores.Runs.AddRequestAsync(request, cancellation))
        {
            throw Over(await session.Stores.Runs.FindAsync(run.Id, cancellation) ?? run);
        }

        return session.IsAbandoned(run) ? Fate.Stored : await HearAsync(globals, session, run.Id, request, state.Sequence, cancellation);
    }

    /// <summary>Tells what became of it; the last word is about a stored one.</summary>
    public static int Tell(Globals globals, RunInfo run, Fate fate, string what)
    {
        if (globals.Json)
        {
            return Print.Json(globals, new { run = run.Id.Value, status = fate.ToString().ToLowerInvariant(), what });
        }

        globals.Console.Out.WriteLine(fate == Fate.Stored
            ? $"stored: {what}. Nobody works on run {run.Id} now; it takes effect when the run goes on: orc run --resume {run.Id}"
            : $"{what} (run {run.Id})");
        return ExitCodes.Done;
    }

    public static void CheckOpen(RunInfo run)
    {
        if (run.EndedAt is not null)
        {
            throw Over(run);
        }
    }

    /// <summary>Waits until a run is in a state, or ended.</summary>
    /// <exception cref="ActivityException">Its owner did not answer (ORC5926).</exception>
    public static async Task<string> WaitForAsync(Globals globals, OrcSession session, RunId run, string status, CancellationToken cancellation)
    {
        var until = globals.Time.GetUtcNow() + Patience;
        while (globals.Time.GetUtcNow() < until)
        {
            var now = await session.Stores.Runs.FindAsync(run, cancellation);
            if (now is { EndedAt: not null } || now?.Status == status)
            {
                return now.Status;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), globals.Time, cancellation);
        }

        throw Silent(run);
    }

    /// <summary>The run as it will be when what was asked before has been done.</summary>
    public static async Task<RunState> ExpectedStateAsync(OrcSession session, RunId run, CancellationToken cancellation)
    {
        var state = await session.ReplayAsync(run, cancellation);
        foreach (var earlier in await session.Stores.Runs.ListRequestsOfRunAsync(run, cancellation))
        {
            state = RunMachine.Decide(state, await session.Requests.ReadAsync(earlier, cancellation), earlier.At).State;
        }

        return state;
    }

    private static async Task<Fate> HearAsync(Globals globals, OrcSession session, RunId run, RunRequest request, long seen, CancellationToken cancellation)
    {
        var until = globals.Time.GetUtcNow() + Patience;
        while (globals.Time.GetUtcNow() < until)
        {
            if ((await session.Stores.Runs.ListRequestsOfRunAsync(run, cancellation)).All(open => open.Id != request.Id))
            {
                return await FindRefusalAsync(session, run, request, seen, cancellation) is { } refusal ? throw Refused(refusal) : Fate.Taken;
            }

            // It went away before it heard: whoever comes next will.
            if (await session.Stores.Runs.FindAsync(run, cancellation) is { } now && session.IsAbandoned(now))
            {
                return Fate.Stored;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), globals.Time, cancellation);
        }

        throw Silent(run);
    }

    private static async Task<string?> FindRefusalAsync(OrcSession session, RunId run, RunRequest request, long seen, CancellationToken cancellation)
    {
        const int page = 1000;
        // The replayed state may have been ahead by what was asked before; a refusal is among the last events in any case.
        for (var after = Math.Max(0, seen - page); ; after += page)
        {
            var events = await session.Stores.Runs.ListEventsAsync(run, after, page, cancellation);
            if (events.Select(RunEvents.Read).OfType<RequestRefused>().FirstOrDefault(refused => refused.Request == request.Id) is { } found)
            {
                return found.Reason;
            }

            if (events.Count < page)
            {
                return null;
            }
        }
    }

    private static WrongRequestException Over(RunInfo run) => new(
        "ORC5925", $"run {run.Id} has ended already: {run.Status}", why: "what has ended cannot be changed",
        help: $"What it deployed can be taken back with `orc rollback ENDPOINT`; `orc show {run.Id}` says what it did.");

    public static WrongRequestException Refused(string why) => new("ORC5950", why, help: "What a run waits for, and for whom: orc why RUN");

    private static ActivityException Silent(RunId run) => new(new Failure
    {
        Code = "ORC5926",
        Kind = FailureKind.Infrastructure,
        Message = $"the process that works on run {run} has not answered within {Words.Elapsed(Patience)}",
        Help = "The request stays and is taken as soon as the process comes back. If it is gone for good, go on with: orc run --resume RUN",
    });
}
