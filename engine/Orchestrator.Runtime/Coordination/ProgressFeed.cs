using System.Collections.Concurrent;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>
/// Gathers what attempts say of themselves and stores the last word of each about once a second: other processes see it soon, and an attempt that talks a
/// thousand times a second costs no more than a quiet one.
/// </summary>
internal sealed class ProgressFeed(IRunStore store, TimeProvider time)
{
    private readonly ConcurrentDictionary<AttemptId, (Heartbeat Said, Action<AttemptId> Stop)> waiting = new();

    public Action<TaskName, TaskKey, AttemptId, double?, string?> For(RunId run, Action<AttemptId> stop) => (task, key, attempt, fraction, message) =>
        waiting[attempt] = (new Heartbeat
        {
            Run = run, Task = task, MapIndex = key.IsItem ? key.Item : null, AttemptId = attempt, At = time.GetUtcNow(), Progress = fraction, Message = message,
        }, stop);

    /// <summary>Stores what was said since the last time; attempts that are no longer current are told to stop.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        var said = new Dictionary<AttemptId, (Heartbeat Said, Action<AttemptId> Stop)>();
        foreach (var attempt in waiting.Keys)
        {
            if (waiting.TryRemove(attempt, out var last))
            {
                said[attempt] = last;
            }
        }

        if (said.Count == 0)
        {
            return;
        }

        foreach (var gone in await store.HeartbeatAsync([.. said.Values.Select(one => one.Said)], cancellation))
        {
            said[gone].Stop(gone);
        }
    }
}
