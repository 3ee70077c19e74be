using Orchestrator.Cli.Runs;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Server.Runs;
using Orchestrator.Storage.Runs;
using Api = Orchestrator.Server.Runs;

namespace Orchestrator.Cli.Remote;

/// <summary>Asks a server something of its runs.</summary>
internal sealed class ServerRequests(ServerClient client, TimeProvider time) : IRunRequests
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    public async Task<string> CancelAsync(RunInfo run, string? reason, CancellationToken cancellation)
    {
        await client.PostAsync<RequestDocument>($"runs/{run.Id}/cancel", new CancelRunBody { Reason = reason }, cancellation);
        // A run that nobody worked on when it was asked is taken up soon, and does what was asked of it first.
        while (true)
        {
            var now = await client.GetAsync<Api.RunDocument>($"runs/{run.Id}", cancellation);
            if (now.EndedAt is not null || now.Status == "cancelling")
            {
                return now.Status;
            }

            await Task.Delay(Look, time, cancellation);
        }
    }

    public Task<RequestFate> CancelTaskAsync(RunInfo run, CancelTaskRequest cancel, CancellationToken cancellation) =>
        AskAsync($"runs/{run.Id}/cancel", new CancelRunBody { Task = cancel.Task.Value, Branch = cancel.Branch, Reason = cancel.Reason }, cancellation);

    public Task<RequestFate> HoldAsync(RunInfo run, string kind, CancellationToken cancellation) => AskAsync($"runs/{run.Id}/{kind}", null, cancellation);

    public async Task<(RequestFate Fate, string Who)> AnswerAsync(RunInfo run, AnswerRequest answer, string? by, CancellationToken cancellation)
    {
        var done = await client.PostAsync<RequestDocument>(
            $"runs/{run.Id}/tasks/{ServerRuns.PathOf(answer.Task.Value)}/answer", new AnswerTaskBody { Approved = answer.Approved, Answer = answer.Answer, Comment = answer.Comment, By = by }, cancellation);
        // Who it was to the server is the server's to say.
        return (FateOf(done), by ?? done.What[(done.What.LastIndexOf(" by ", StringComparison.Ordinal) + 4)..]);
    }

    public Task<RequestFate> MarkAsync(RunInfo run, MarkWish mark, CancellationToken cancellation) =>
        AskAsync($"runs/{run.Id}/tasks/{ServerRuns.PathOf(mark.Task)}/mark", new MarkTaskBody { As = mark.As, Reason = mark.Reason, Outputs = mark.Outputs }, cancellation);

    private async Task<RequestFate> AskAsync(string path, object? body, CancellationToken cancellation) => FateOf(await client.PostAsync<RequestDocument>(path, body, cancellation));

    private static RequestFate FateOf(RequestDocument done) => done.Status == "stored" ? RequestFate.Stored : RequestFate.Taken;
}
