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
    RunSetting run, ActivityCatalog catalog, IReadOnlyDictionary<Lane, ILane> lanes, AttemptLogs logs, Func<string> newId, TimeProvider time)
{
    /// <summary>How long an attempt that was asked to stop may take before it is killed: longer than a program gets between SIGTERM and SIGKILL.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<AttemptId, Switches> underWay = new();

    public AttemptId NewId() => new(newId());

    /// <summary>Asks an attempt to stop, and kills it when it does not: a run that is to end must end.</summary>
    public void Stop(AttemptId attempt)
    {
        if (underWay.TryGetValue(attempt, out var switches) && !switches.Stop.IsCancellationRequested)
        {
            switches.Grace = time.CreateTimer(_ => switches.Kill.Cancel(), null, StopGrace, Timeout.InfiniteTimeSpan);
            switches.Stop.Cancel();
        }
    }

    public bool IsUnderWay(AttemptId attempt) => underWay.ContainsKey(attempt);

    /// <summary>Asks all to stop, for a person who may ask again.</summary>
    public void StopAll()
    {
        foreach (var switches in underWay.Values)
        {
            switches.Stop.Cancel();
        }
    }

    /// <summary>Stops what is under way although its task has ended without it.</summary>
    public void StopOthers(Func<AttemptId, bool> isCurrent)
    {
        foreach (var attempt in underWay.Keys.Where(attempt => !isCurrent(attempt)))
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
            var definition = state.Graph.Nodes[key.Task].Definition;
            using var log = logs.Open(info, definition.Limits?.LogInBytes);
            using var watch = definition.Heartbeat is { } limit ? new HeartbeatWatch(limit, time, log, () => Stop(id)) : null;
            var result = await lanes[activity.Lane].RunAsync(
                new AttemptRequest
                {
                    Attempt = info,
                    Activity = activity,
                    Inputs = work.Inputs,
                    BaseDirectory = run.BaseDirectory,
                    Log = log,
                    Timeout = definition.Timeout,
                    Limits = definition.Limits,
                    Secrets = SecretReferences.NamedBy(definition),
                    Items = key.IsItem ? [] : ItemResults.Of(state, key.Task),
                },
                new Observer(onProgress, watch),
                switches.Stop.Token,
                switches.Kill.Token);
            return watch is { IsSilent: true } && result is not AttemptResult.Succeeded ? new AttemptResult.Failed(RuntimeFailures.Silent(watch.Limit)) { Facts = result.Facts } : result;
        }
        catch (Exception error)
        {
            return new AttemptResult.Failed(RuntimeFailures.Of(error));
        }
        finally
        {
            underWay.TryRemove(id, out _);
            switches.Grace?.Dispose();
        }
    }

    private AttemptInfo InfoOf(RunState state, TaskKey key, AttemptId id) => new()
    {
        Id = id,
        Run = run.Run,
        Pipeline = state.Graph.Definition.Name,
        Definition = state.Definition,
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

        /// <summary>Kills when the time for stopping is over.</summary>
        public ITimer? Grace { get; set; }
    }

    private sealed class Observer(Action<double?, string?> onProgress, HeartbeatWatch? watch) : IAttemptObserver
    {
        public void OnProgress(double? fraction, string? message)
        {
            watch?.Beat();
            onProgress(fraction, message);
        }

        // The engine's own lease covers its attempts, and what a worker's silence means is the lane's to decide. That a worker answers says nothing about the
        // work in it, so it is no sign of life for the author's heartbeat.
        public void OnHeartbeat()
        {
        }
    }
}
