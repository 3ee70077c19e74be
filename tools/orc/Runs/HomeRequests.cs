using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>Asks something of the runs of a home: of the process that works on one, or of whoever does next.</summary>
internal sealed class HomeRequests(Globals globals, OrcSession session) : IRunRequests
{
    public async Task<string> CancelAsync(RunInfo run, string? reason, CancellationToken cancellation)
    {
        var request = OwnerRequest.Create(globals, run, "cancel", reason is null ? null : OrcJson.ToElement(reason));
        if (!session.IsAbandoned(run))
        {
            await session.Stores.Runs.AddRequestAsync(request, cancellation);
            return await session.Desk.WaitForAsync(run.Id, "cancelling", cancellation);
        }

        await using var engine = session.CreateEngine();
        // Stored first: what is asked before a run goes on is done before anything of it starts.
        await session.Stores.Runs.AddRequestAsync(request, CancellationToken.None);
        var handle = await engine.ResumeAsync(run.Id, new SilentRunView(globals.Time), CancellationToken.None);
        return RunWords.Of((await handle.Completion).Status);
    }

    public Task<RequestFate> CancelTaskAsync(RunInfo run, CancelTaskRequest cancel, CancellationToken cancellation) => SendAsync(run, "cancel-task", OrcJson.ToElement(cancel), null, cancellation);

    public Task<RequestFate> HoldAsync(RunInfo run, string kind, CancellationToken cancellation) => SendAsync(run, kind, null, null, cancellation);

    public async Task<(RequestFate Fate, string Who)> AnswerAsync(RunInfo run, AnswerRequest answer, string? by, CancellationToken cancellation)
    {
        var who = by ?? Environment.UserName;
        var asked = answer with { Via = who == Environment.UserName ? null : Environment.UserName };
        AnswerChecks.Check(await session.Desk.ExpectedStateAsync(run.Id, cancellation), asked, who);
        return (await SendAsync(run, "answer", OrcJson.ToElement(asked), who, cancellation), who);
    }

    public async Task<RequestFate> MarkAsync(RunInfo run, MarkWish mark, CancellationToken cancellation)
    {
        var state = await session.ReplayAsync(run.Id, cancellation);
        var name = new TaskName(mark.Task);
        if (!state.Graph.Contains(name) || name.IsInternal)
        {
            throw new WrongRequestException(EngineErrors.NoSuchTask(state.Graph.Definition, name).Failure);
        }

        var outcome = mark.As == "succeeded" ? TaskOutcome.Succeeded : TaskOutcome.Skipped;
        var request = new MarkRequest
        {
            Task = name, As = outcome, Reason = mark.Reason, Outputs = MarkChecks.Outputs(session.Get<ActivityCatalog>(), state.Graph[name].Definition, outcome, mark.Outputs),
        };
        return await SendAsync(run, "mark", OrcJson.ToElement(request), null, cancellation);
    }

    private Task<RequestFate> SendAsync(RunInfo run, string kind, JsonElement? payload, string? by, CancellationToken cancellation) =>
        OwnerRequest.SendAsync(session, run, OwnerRequest.Create(globals, run, kind, payload, by), cancellation);
}
