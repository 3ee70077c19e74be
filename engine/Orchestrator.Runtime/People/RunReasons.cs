using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Pools;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.People;

/// <summary>What every open task of a run waits for, and why those that did not run did not: what the state says, and what only the database knows.</summary>
public sealed class RunReasons(IRunStore runs, IPoolStore pools, KeyHolders keys, TimeProvider time)
{
    private static readonly WaitFacts Nothing = new();

    /// <param name="run">The run's row.</param>
    /// <param name="state">Its state, as its stored events make it.</param>
    /// <param name="task">Only this task, its items too; null: the run and all its tasks without their items, of which there may be thousands.</param>
    /// <param name="item">Only this item of the task, which it has; null: the task itself, and its open items.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<IReadOnlyList<ReasonInfo>> ExplainAsync(RunInfo run, RunState state, string? task, int? item, CancellationToken cancellation)
    {
        if (task is not null && item is { } one)
        {
            return [await WithPoolAsync(OfItem(state, task, one), cancellation)];
        }

        var asked = await runs.ListRequestsOfRunAsync(run.Id, cancellation);
        var before = state.Queued is { } queued ? await keys.BeforeAsync(queued.Key, run.Id, cancellation) : [];
        var abandoned = RunDesk.IsAbandoned(run, time.GetUtcNow()) ? $"no process works on this run; go on with: orc run --resume {run.Id}" : null;
        var reasons = new List<ReasonInfo>();
        foreach (var reason in Reasons(state, task, abandoned, before).Concat(asked.Select(PendingReason)).Where(reason => task is null || reason.Task == task))
        {
            reasons.Add(await WithPoolAsync(reason, cancellation));
        }

        return reasons;
    }

    private static IEnumerable<ReasonInfo> Reasons(RunState state, string? only, string? abandoned, IReadOnlyList<KeyHolder> before)
    {
        if (abandoned is not null)
        {
            yield return new ReasonInfo { Task = "", Status = "unowned", Kind = "owner", Message = abandoned };
        }

        foreach (var reason in WaitReasons.OfRun(state))
        {
            var held = reason.Key is null ? null : KeyHolders.Describe(before);
            yield return new ReasonInfo
            {
                Task = "", Status = reason.Kind == WaitKind.Late ? "late" : RunWords.Of(state.Status), Kind = KindWord(reason.Kind),
                Message = held is null ? reason.Message : $"{reason.Message}; {held}", Until = reason.Until, Key = reason.Key?.Word, Limit = reason.Key?.Limit, Holders = reason.Key is null ? null : before,
                Facts = reason.Kind == WaitKind.Paused && state.Paused is { } paused ? new WaitFacts { By = paused.By, Since = paused.Since } : null,
            };
        }

        foreach (var change in state.Migrations)
        {
            yield return new ReasonInfo
            {
                Task = "", Status = "migrated", Kind = "migrated", Facts = new WaitFacts { By = change.By, Since = change.At },
                Message = $"definition {change.From.Short} became {change.To.Short} at {change.At:u}, by {change.By}{(change.Reason is null ? "" : $": {change.Reason}")}",
            };
        }

        // The items of a mapped task are for who asks about it: there may be thousands.
        foreach (var reason in WaitReasons.Of(state).Where(reason => !reason.Task.IsInternal && (reason.Item is null || reason.Task.Value == only)))
        {
            yield return Of(state, reason);
        }

        foreach (var node in state.Graph.Nodes)
        {
            if (state.Tasks[node.Index] is Ended ended && (!node.Definition.Name.IsInternal || ended.Failure is not null) && (ended.Reason ?? ended.Failure?.Message ?? ReusedWord(state, node.Definition.Name, ended)) is { } message)
            {
                yield return new ReasonInfo
                {
                    Task = node.Definition.Name.Value, Status = ended.Word, Kind = "ended", Message = ended.Failure is { } failure ? $"{failure.Code}: {message}" : message,
                    Facts = ended.Failure is null ? null : new WaitFacts { Failure = ended.Failure },
                };
            }
        }
    }

    private static ReasonInfo Of(RunState state, WaitReason reason) => new()
    {
        Task = reason.Task.Value,
        Item = reason.Item,
        Status = state[new TaskKey(state.Graph[reason.Task].Index, reason.Item ?? TaskKey.Whole)].Word,
        Kind = KindWord(reason.Kind),
        Message = reason.Message,
        Until = reason.Until,
        Late = reason.Late ? true : null,
        Tasks = reason.Tasks.IsEmpty ? null : [.. reason.Tasks.Select(task => task.Value)],
        Facts = reason.Facts == Nothing ? null : reason.Facts,
    };

    private static ReasonInfo OfItem(RunState state, string task, int item)
    {
        var key = new TaskKey(state.Graph[new TaskName(task)].Index, item);
        return state[key] is not Ended ended ? Of(state, WaitReasons.OfTask(state, key)) : new ReasonInfo
        {
            Task = task,
            Item = item,
            Status = ended.Word,
            Kind = "ended",
            Message = ended.Failure is { } failure ? $"{failure.Code}: {failure.Message}" : ended.Reason ?? ReusedWord(state, new TaskName(task), ended) ?? "nothing more to say",
        };
    }

    /// <summary>How full the pool is that a task waits for, and who fills it.</summary>
    private async Task<ReasonInfo> WithPoolAsync(ReasonInfo reason, CancellationToken cancellation)
    {
        if (reason is not { Kind: "pool", Facts: { Pool: { } name, Slots: { } slots } })
        {
            return reason;
        }

        var now = time.GetUtcNow();
        if ((await pools.ListAsync(now, cancellation)).FirstOrDefault(pool => pool.Name == name) is not { } pool)
        {
            return reason with { Message = $"{reason.Message}; there is no such pool any more (orc pools set {name} {slots})" };
        }

        var holders = await pools.ListHoldersAsync(name, now, cancellation);
        var words = string.Join(", ", holders.Take(3).Select(holder => holder.Task is null ? "an attempt of a run that has ended" : $"{holder.RunId}/{holder.Task}{(holder.MapIndex is { } item ? $"/{item}" : "")}{(holder.Weight == 1 ? "" : $" ({holder.Weight})")}"));
        return reason with
        {
            Message = $"{reason.Message}; {Math.Max(0, pool.Size - pool.Used)} of {pool.Size} are free{(holders.Count == 0 ? "" : $", held by {words}{(holders.Count > 3 ? $" and {holders.Count - 3} more" : "")}")}",
            Pool = new PoolUse
            {
                Name = name,
                Size = pool.Size,
                Free = Math.Max(0, pool.Size - pool.Used),
                Wanted = slots,
                Holders = [.. holders.Select(holder => new PoolUser { Run = holder.RunId?.Value, Task = holder.Task?.Value, Item = holder.MapIndex, Attempt = holder.AttemptId.Value, Slots = holder.Weight, Until = holder.ExpiresAt })],
            },
        };
    }

    private static string KindWord(WaitKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>What somebody asked and no process has done yet.</summary>
    private static ReasonInfo PendingReason(RunRequest request) => new()
    {
        Task = request.Payload is { ValueKind: JsonValueKind.Object } payload && payload.TryGetProperty("task", out var task) ? task.GetString() ?? "" : "",
        Status = "asked",
        Kind = "request",
        Facts = new WaitFacts { By = request.By, Since = request.At },
        Message = $"{request.Kind} asked by {request.By} at {request.At:u}; it takes effect when a process works on the run",
    };

    private static string? ReusedWord(RunState state, TaskName task, Ended ended) => ended.ReusedFrom is not { } from ? null
        : state.TakenOver.Contains(task) ? $"its result in run {from} was taken over by whoever started this run"
        : $"the same activity with the same inputs succeeded in run {from}, so its result stands in";
}
