using System.Net.ServerSentEvents;
using System.Text.Json;
using Orchestrator.Cli.Runs;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Server.Runs;
using Orchestrator.Server.Working;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Remote;

/// <summary>A run that a server works on, followed by its events, which are folded here as they are there: so it looks as if it went on here.</summary>
internal sealed class ServerRun : IFollowedRun
{
    private readonly ServerClient client;
    private readonly IRunListener listener;
    private readonly Dictionary<DefinitionHash, PipelineGraph> graphs;
    private readonly CancellationTokenSource leaving = new();
    private RunState state;

    private ServerRun(ServerClient client, RunInfo run, Dictionary<DefinitionHash, PipelineGraph> graphs, RunState state, IRunListener listener)
    {
        (this.client, Id, this.graphs, this.state, this.listener) = (client, run.Id, graphs, state, listener);
    }

    public RunId Id { get; }

    public Task<RunState> Completion { get; private set; } = Task.FromException<RunState>(new InvalidOperationException("not followed yet"));

    public (string First, string Second) StopWords => ($"leaving: the server goes on with run {Id}", "");

    public string LeftWords => "left; the server goes on with the run. Follow it with: orc run --resume {0}; end it with: orc cancel {0}";

    /// <summary>Follows a run from its first event on.</summary>
    /// <param name="client">The server.</param>
    /// <param name="run">The run, which was started just now.</param>
    /// <param name="listener">Hears of all that happens.</param>
    /// <param name="onAccepted">Hears of the first event before that.</param>
    public static async Task<ServerRun> FollowNewAsync(ServerClient client, RunInfo run, IRunListener listener, Action<RunAccepted> onAccepted)
    {
        var events = await EventsAsync(client, run.Id, 0, CancellationToken.None);
        var accepted = (RunAccepted)events[0];
        onAccepted(accepted);
        var graph = new PipelineGraph(await DefinitionAsync(client, run.Id, accepted.Definition));
        var followed = new ServerRun(client, run, new() { [accepted.Definition] = graph }, RunState.Empty(graph), listener);
        listener.OnBegin(run.Id, followed.state);
        foreach (var change in events)
        {
            await followed.TakeAsync(change);
        }

        followed.Completion = followed.FollowAsync();
        return followed;
    }

    /// <summary>Follows a run from where it is now.</summary>
    public static async Task<ServerRun> FollowAsync(ServerClient client, RunInfo run, IRunListener listener)
    {
        var events = new List<RunEvent>();
        while (events.Count < run.Sequence && await EventsAsync(client, run.Id, events.Count, CancellationToken.None) is { Count: > 0 } page)
        {
            events.AddRange(page);
        }

        var graphs = new Dictionary<DefinitionHash, PipelineGraph>();
        foreach (var hash in events.OfType<RunMigrated>().Select(migrated => migrated.Definition).Prepend(((RunAccepted)events[0]).Definition).Distinct().ToArray())
        {
            graphs[hash] = new PipelineGraph(await DefinitionAsync(client, run.Id, hash));
        }

        var state = RunFold.Replay(graphs[((RunAccepted)events[0]).Definition], events, hash => graphs[hash]);
        var followed = new ServerRun(client, run, graphs, state, listener);
        listener.OnBegin(run.Id, state);
        listener.OnEvents(state, []);
        followed.Completion = followed.FollowAsync();
        return followed;
    }

    /// <param name="client">The server.</param>
    /// <param name="run">The run.</param>
    /// <param name="hash">Which of the definitions that it had; null: the one that it has.</param>
    public static async Task<PipelineDefinition> DefinitionAsync(ServerClient client, RunId run, DefinitionHash? hash) =>
        DefinitionReader.Load((await client.GetAsync<RunDefinitionDocument>($"runs/{run}/definition{(hash is null ? "" : $"?hash={hash}")}", CancellationToken.None)).Json.GetRawText());

    public Task SettleAsync() => Task.CompletedTask;

    public void Interrupt() => leaving.Cancel();

    public void Kill() => leaving.Cancel();

    public void Dispose() => leaving.Dispose();

    private static async Task<IReadOnlyList<RunEvent>> EventsAsync(ServerClient client, RunId run, long after, CancellationToken cancellation) =>
        [.. (await client.GetAsync<Server.Documents.Page<EventDocument>>($"runs/{run}/events?limit=500&cursor={after}", cancellation)).Items.Select(EventOf)];

    private static RunEvent EventOf(EventDocument document) => document.Event.Deserialize<RunEvent>(ServerClient.Json) ?? throw new JsonException($"event {document.Sequence} is empty");

    private async Task<RunState> FollowAsync()
    {
        // Whoever began it has more to do first: to hear Ctrl-C, for one.
        await Task.Yield();
        var patience = new Patience(client, $"run {Id}", $"When the server is back it goes on with the run; follow it with: orc run --resume {Id}. When the server is gone for good, the same command goes on with it here.");
        try
        {
            while (true)
            {
                await foreach (var news in patience.ReadAsync(client.StreamAsync($"runs/{Id}/stream?after={state.Sequence}", leaving.Token), leaving.Token))
                {
                    if (news.EventType == "end")
                    {
                        return state;
                    }

                    await HearAsync(news);
                }

                await patience.WaitAsync(leaving.Token);
            }
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            return state;
        }
        catch (JsonException unknown)
        {
            throw RemoteErrors.OtherVersion(client.Name, $"tells something of run {Id} that this program does not know: {unknown.Message}");
        }
    }

    private async Task HearAsync(SseItem<string> news)
    {
        if (news.EventType == "progress")
        {
            var progress = JsonSerializer.Deserialize<ProgressDocument>(news.Data, ServerClient.Json) ?? throw new JsonException("a progress of nothing");
            if (state.Graph.Contains(new TaskName(progress.Task)))
            {
                listener.OnProgress(new TaskKey(state.Graph[new TaskName(progress.Task)].Index, progress.Item ?? TaskKey.Whole), progress.Fraction, progress.Message);
            }
        }
        else if (news.EventId is { Length: > 0 })
        {
            var document = JsonSerializer.Deserialize<EventDocument>(news.Data, ServerClient.Json) ?? throw new JsonException("an event of nothing");
            // A connection that broke may have begun again with what was heard already.
            if (document.Sequence == state.Sequence + 1)
            {
                await TakeAsync(EventOf(document));
            }
        }
    }

    private async Task TakeAsync(RunEvent change)
    {
        if (change is RunMigrated migrated && !graphs.ContainsKey(migrated.Definition))
        {
            graphs[migrated.Definition] = new PipelineGraph(await DefinitionAsync(client, Id, migrated.Definition));
        }

        state = RunFold.Apply(state, change, hash => graphs[hash]);
        listener.OnEvents(state, [change]);
    }
}
