using System.Globalization;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.People;

/// <summary>What became of a request.</summary>
public enum RequestFate
{
    Unknown = 0,

    /// <summary>The process that works on the run has done it.</summary>
    Taken,

    /// <summary>Nobody works on the run: it is stored, and done first when somebody does.</summary>
    Stored,
}

/// <summary>Takes what a person asks of a run that this process, another one or nobody works on: looks whether the run would take it, stores it, and waits for the word of whoever has the run.</summary>
/// <param name="read">Reads the stored JSON of a definition.</param>
public sealed class RunDesk(IRunStore runs, RequestReader requests, Func<string, PipelineDefinition> read, TimeProvider time)
{
    /// <summary>How long the owner may take to hear a request before the one who asks stops waiting.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>True when the run is unfinished and nobody works on it.</summary>
    public static bool IsAbandoned(RunInfo run, DateTimeOffset now) =>
        run.EndedAt is null && (run.Owner is not { } owner || run.LeaseUntil < now || EngineOwners.IsDead(owner));

    /// <inheritdoc cref="IsAbandoned(RunInfo, DateTimeOffset)"/>
    public bool IsAbandoned(RunInfo run) => IsAbandoned(run, time.GetUtcNow());

    /// <summary>A run's state as its stored events make it.</summary>
    /// <exception cref="ActivityException">There is no such run (ORC5240).</exception>
    public async Task<RunState> ReplayAsync(RunId run, CancellationToken cancellation)
    {
        var loaded = await runs.LoadAsync(run, cancellation) ?? throw EngineErrors.NoSuchRun(run.Value);
        return await RunHistory.ReplayAsync(runs, loaded, read, cancellation);
    }

    /// <summary>The run as it will be when what was asked before has been done.</summary>
    public async Task<RunState> ExpectedStateAsync(RunId run, CancellationToken cancellation)
    {
        var state = await ReplayAsync(run, cancellation);
        foreach (var earlier in await runs.ListRequestsOfRunAsync(run, cancellation))
        {
            state = RunMachine.Decide(state, await requests.ReadAsync(earlier, cancellation), earlier.At).State;
        }

        return state;
    }

    /// <summary>Looks whether the run would take the request, leaves it for the owner, and waits for the owner's word if there is one.</summary>
    /// <exception cref="ActivityException">The run has ended (ORC5925), would refuse or has refused it (ORC5950), or its owner does not answer (ORC5926).</exception>
    public Task<RequestFate> SendAsync(RunInfo run, RunRequest request, CancellationToken cancellation) => SendAsync(run, request, null, cancellation);

    /// <summary>The same, with something else written in the transaction that stores the request.</summary>
    /// <inheritdoc cref="SendAsync(RunInfo, RunRequest, CancellationToken)"/>
    public async Task<RequestFate> SendAsync(RunInfo run, RunRequest request, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation)
    {
        CheckOpen(run);
        var state = await ExpectedStateAsync(run.Id, cancellation);
        var command = await requests.ReadAsync(request, cancellation);
        if (((command as RefuseRequest)?.Reason ?? RunMachine.Decide(state, command, time.GetUtcNow()).Refusal) is { } refusal)
        {
            throw Refused(refusal);
        }

        if (!await runs.AddRequestAsync(request, also, cancellation))
        {
            throw Over(await runs.FindAsync(run.Id, cancellation) ?? run);
        }

        return IsAbandoned(run) ? RequestFate.Stored : await HearAsync(run.Id, request, state.Sequence, cancellation);
    }

    /// <summary>Waits until a run is in a state, or ended.</summary>
    /// <exception cref="ActivityException">Its owner did not answer (ORC5926).</exception>
    public async Task<string> WaitForAsync(RunId run, string status, CancellationToken cancellation)
    {
        var until = time.GetUtcNow() + Patience;
        while (time.GetUtcNow() < until)
        {
            var now = await runs.FindAsync(run, cancellation);
            if (now is { EndedAt: not null } || now?.Status == status)
            {
                return now.Status;
            }

            await Task.Delay(Look, time, cancellation);
        }

        throw Silent(run);
    }

    /// <exception cref="ActivityException">The run has ended (ORC5925).</exception>
    public static void CheckOpen(RunInfo run)
    {
        if (run.EndedAt is not null)
        {
            throw Over(run);
        }
    }

    public static ActivityException Refused(string why) => new("ORC5950", why, help: "What a run waits for, and for whom: orc why RUN");

    private async Task<RequestFate> HearAsync(RunId run, RunRequest request, long seen, CancellationToken cancellation)
    {
        var until = time.GetUtcNow() + Patience;
        while (time.GetUtcNow() < until)
        {
            if ((await runs.ListRequestsOfRunAsync(run, cancellation)).All(open => open.Id != request.Id))
            {
                return await FindRefusalAsync(run, request, seen, cancellation) is { } refusal ? throw Refused(refusal) : RequestFate.Taken;
            }

            // It went away before it heard: whoever comes next will.
            if (await runs.FindAsync(run, cancellation) is { } now && IsAbandoned(now))
            {
                return RequestFate.Stored;
            }

            await Task.Delay(Look, time, cancellation);
        }

        throw Silent(run);
    }

    private async Task<string?> FindRefusalAsync(RunId run, RunRequest request, long seen, CancellationToken cancellation)
    {
        const int page = 1000;
        // The replayed state may have been ahead by what was asked before; a refusal is among the last events in any case.
        for (var after = Math.Max(0, seen - page); ; after += page)
        {
            var events = await runs.ListEventsAsync(run, after, page, cancellation);
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

    private static ActivityException Over(RunInfo run) => new(
        "ORC5925", $"run {run.Id} has ended already: {run.Status}", why: "what has ended cannot be changed",
        help: $"What it deployed can be taken back with `orc rollback ENDPOINT`; `orc show {run.Id}` says what it did.");

    private static ActivityException Silent(RunId run) => new(new Failure
    {
        Code = "ORC5926",
        Kind = FailureKind.Infrastructure,
        Message = string.Create(CultureInfo.InvariantCulture, $"the process that works on run {run} has not answered within {Patience.TotalSeconds:0} s"),
        Help = "The request stays and is taken as soon as the process comes back. If it is gone for good, go on with: orc run --resume RUN",
    });
}
