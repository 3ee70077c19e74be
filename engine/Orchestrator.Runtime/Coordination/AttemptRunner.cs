using System.Collections.Concurrent;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What one run tells all its attempts.</summary>
public sealed record RunSetting
{
    public required RunId Run { get; init; }

    public required DefinitionHash Definition { get; init; }

    /// <summary>The full path of the folder that relative paths are relative to.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>The git commit of that folder when the run started; null outside git.</summary>
    public string? GitCommit { get; init; }
}

/// <summary>Runs the attempts of one run in their lanes, each with its log and its own two switches: stop and kill.</summary>
internal sealed class AttemptRunner(
    RunSetting run, ActivityCatalog catalog, IReadOnlyDictionary<Lane, ILane> lanes, AttemptLogs logs, Func<string> newId)
{
    private readonly ConcurrentDictionary<AttemptId, Switches> underWay = new();

    public AttemptId NewId() => new(newId());

    public void Stop(AttemptId attempt)
    {
        if (underWay.TryGetValue(attempt, out var switches))
        {
            switches.Stop.Cancel();
        }
    }

    public void StopAll()
    {
        foreach (var attempt in underWay.Keys)
        {
            Stop(attempt);
        }
    }

    public void KillAll()
    {
        foreach (var switches in underWay.Values)
        {
            switches.Kill.Cancel();
        }
    }

    /// <summary>Runs one attempt to its end. Whatever goes wrong is a result.</summary>
    public async Task<AttemptResult> RunAsync(RunState state, TaskKey key, TaskWork work, AttemptId id, Action<double?, string?> onProgress)
    {
        var switches = new Switches();
        underWay[id] = switches;
        try
        {
            var info = InfoOf(state, key, id);
            var activity = catalog.Get(work.Uses);
            using var log = logs.Open(info, state.Graph.Nodes[key.Task].Definition.Limits?.LogInBytes);
            return await lanes[activity.Lane].RunAsync(
                new AttemptRequest
                {
                    Attempt = info,
                    Activity = activity,
                    Inputs = work.Inputs,
                    BaseDirectory = run.BaseDirectory,
                    Log = log,
                    Timeout = state.Graph.Nodes[key.Task].Definition.Timeout,
                    Limits = state.Graph.Nodes[key.Task].Definition.Limits,
                    Secrets = SecretReferences.NamedBy(state.Graph.Nodes[key.Task].Definition),
                    Items = key.IsItem ? [] : ItemResults.Of(state, key.Task),
                },
                new Observer(onProgress),
                switches.Stop.Token,
                switches.Kill.Token);
        }
        catch (Exception error)
        {
            return new AttemptResult.Failed(RuntimeFailures.Of(error));
        }
        finally
        {
            underWay.TryRemove(id, out _);
        }
    }

    private AttemptInfo InfoOf(RunState state, TaskKey key, AttemptId id) => new()
    {
        Id = id,
        Run = run.Run,
        Pipeline = state.Graph.Definition.Name,
        Definition = run.Definition,
        Task = state.NameOf(key),
        MapIndex = key.IsItem ? key.Item : null,
        Number = state[key].Tries.Attempts,
        GitCommit = run.GitCommit,
    };

    // Not disposed: a stop may arrive in the moment after the end, and a source without a timer holds nothing.
    private sealed record Switches
    {
        public CancellationTokenSource Stop { get; } = new();

        public CancellationTokenSource Kill { get; } = new();
    }

    private sealed class Observer(Action<double?, string?> onProgress) : IAttemptObserver
    {
        public void OnProgress(double? fraction, string? message) => onProgress(fraction, message);

        // The engine's own lease covers its attempts; what a worker's silence means is the lane's to decide.
        public void OnHeartbeat()
        {
        }
    }
}
