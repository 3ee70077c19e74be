using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc why RUN</c>: what every open task waits for, and why those that did not run did not.</summary>
internal static class WhyCommand
{
    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var only = new Argument<string?>("TASK") { Description = "Only this task; TASK/3 is item 3 of a mapped task", Arity = ArgumentArity.ZeroOrOne };
        var cache = new Option<bool>("--cache") { Description = "Say of each task whether an earlier result stood in, what its cache key is made of, and why it missed" };
        var command = new Command("why", "Says why a run waits, failed, skipped a task, or ran one again") { run, only, cache };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(session, parsed.GetValue(run), cancellation);
            var state = await session.ReplayAsync(info.Id, cancellation);
            var (task, item) = RunArgument.ParseTask(parsed.GetValue(only));
            if (task is not null && !state.Graph.Contains(new TaskName(task)))
            {
                throw RunArgument.NoSuchTask(info.Id.Value, task, state.Graph.Nodes.Select(node => node.Definition.Name));
            }

            if (task is not null && item is { } index && !state.Items.ContainsKey(new TaskKey(state.Graph[new TaskName(task)].Index, index)))
            {
                throw NoSuchItem(state, task, index);
            }

            if (parsed.GetValue(cache))
            {
                return await CacheReport.ShowAsync(globals, session, info, state, task, item, cancellation);
            }

            var asked = await session.Stores.Runs.ListRequestsOfRunAsync(info.Id, cancellation);
            var before = state.Queued is { } queued ? await KeyReport.BeforeAsync(session, queued.Key, info.Id, cancellation) : [];
            var reasons = new List<ReasonDocument>();
            var all = item is { } one && task is not null ? ReasonsOfItem(state, task, one) : Reasons(state, task, OwnerWord(info, session), before).Concat(asked.Select(PendingReason));
            foreach (var reason in all.Where(reason => task is null || reason.Task == task))
            {
                reasons.Add(await WithPoolAsync(globals, session, reason, cancellation));
            }

            if (globals.Json)
            {
                return Print.Json(globals, new { run = info.Id.Value, status = info.Status, reasons });
            }

            globals.Console.Out.WriteLine($"run {info.Id} of {info.Pipeline}: {info.Status}");
            if (reasons.Count == 0)
            {
                globals.Console.Out.WriteLine(task is null ? "nothing waits, failed or was skipped" : $"task {task}: {state[new TaskName(task)].Word}, and nothing more to say");
                return ExitCodes.Done;
            }

            Print.Table(globals, ["TASK", "STATUS", "WHY"], reasons.Select(reason => new[] { reason.Item is { } place ? $"{reason.Task}/{place}" : reason.Task, reason.Status, reason.Message }));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static string? OwnerWord(RunInfo run, OrcSession session) =>
        run.EndedAt is null && session.IsAbandoned(run) ? $"no process works on this run; go on with: orc run --resume {run.Id}" : null;

    private static IEnumerable<ReasonDocument> Reasons(RunState state, string? only, string? abandoned, IReadOnlyList<KeyReport.Holder> before)
    {
        if (abandoned is not null)
        {
            yield return new ReasonDocument { Task = "", Status = "unowned", Kind = "owner", Message = abandoned };
        }

        foreach (var reason in WaitReasons.OfRun(state))
        {
            var held = reason.Key is null ? null : KeyReport.Describe(before);
            yield return new ReasonDocument
            {
                Task = "", Status = reason.Kind == WaitKind.Late ? "late" : RunWords.Of(state.Status), Kind = KindWord(reason.Kind),
                Message = held is null ? reason.Message : $"{reason.Message}; {held}", Until = reason.Until, Key = reason.Key?.Word, Limit = reason.Key?.Limit, Holders = reason.Key is null ? null : before,
                Facts = reason.Kind == WaitKind.Paused && state.Paused is { } paused ? new WaitFacts { By = paused.By, Since = paused.Since } : null,
            };
        }

        foreach (var change in state.Migrations)
        {
            yield return new ReasonDocument
            {
                Task = "", Status = "migrated", Kind = "migrated", Facts = new WaitFacts { By = change.By, Since = change.At },
                Message = $"definition {change.From.Short} became {change.To.Short} at {change.At:u}, by {change.By}{(change.Reason is null ? "" : $": {change.Reason}")}",
            };
        }

        // The items of a mapped task are for who asks about it: there may be thousands.
        foreach (var reason in WaitReasons.Of(state).Where(reason => !reason.Task.IsInternal && (reason.Item is null || reason.Task.Value == only)))
        {
            yield return Document(state, reason);
        }

        foreach (var node in state.Graph.Nodes)
        {
            if (state.Tasks[node.Index] is Ended ended && (!node.Definition.Name.IsInternal || ended.Failure is not null) && (ended.Reason ?? ended.Failure?.Message ?? ReusedWord(state, node.Definition.Name, ended)) is { } message)
            {
                yield return new ReasonDocument
                {
                    Task = node.Definition.Name.Value, Status = ended.Word, Kind = "ended", Message = ended.Failure is { } failure ? $"{failure.Code}: {message}" : message,
                    Facts = ended.Failure is null ? null : new WaitFacts { Failure = ended.Failure },
                };
            }
        }
    }

    private static readonly WaitFacts Nothing = new();

    /// <summary>How full the pool is that a task waits for, and who fills it.</summary>
    private static async Task<ReasonDocument> WithPoolAsync(Globals globals, OrcSession session, ReasonDocument reason, CancellationToken cancellation)
    {
        if (reason is not { Kind: "pool", Facts: { Pool: { } name, Slots: { } slots } })
        {
            return reason;
        }

        var now = globals.Time.GetUtcNow();
        if ((await session.Stores.Pools.ListAsync(now, cancellation)).FirstOrDefault(pool => pool.Name == name) is not { } pool)
        {
            return reason with { Message = $"{reason.Message}; there is no such pool any more (orc pools set {name} {slots})" };
        }

        var holders = await session.Stores.Pools.ListHoldersAsync(name, now, cancellation);
        var words = string.Join(", ", holders.Take(3).Select(holder => holder.Task is null ? "an attempt of a run that has ended" : $"{holder.RunId}/{holder.Task}{(holder.MapIndex is { } item ? $"/{item}" : "")}{(holder.Weight == 1 ? "" : $" ({holder.Weight})")}"));
        return reason with
        {
            Message = $"{reason.Message}; {Math.Max(0, pool.Size - pool.Used)} of {pool.Size} are free{(holders.Count == 0 ? "" : $", held by {words}{(holders.Count > 3 ? $" and {holders.Count - 3} more" : "")}")}",
            Pool = new PoolDocument
            {
                Name = name,
                Size = pool.Size,
                Free = Math.Max(0, pool.Size - pool.Used),
                Wanted = slots,
                Holders = [.. holders.Select(holder => new HolderDocument { Run = holder.RunId?.Value, Task = holder.Task?.Value, Item = holder.MapIndex, Attempt = holder.AttemptId.Value, Slots = holder.Weight, Until = holder.ExpiresAt })],
            },
        };
    }

    private static ReasonDocument Document(RunState state, WaitReason reason) => new()
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

    private static IEnumerable<ReasonDocument> ReasonsOfItem(RunState state, string task, int item)
    {
        var key = new TaskKey(state.Graph[new TaskName(task)].Index, item);
        yield return state[key] is not Ended ended ? Document(state, WaitReasons.OfTask(state, key)) : new ReasonDocument
        {
            Task = task,
            Item = item,
            Status = ended.Word,
            Kind = "ended",
            Message = ended.Failure is { } failure ? $"{failure.Code}: {failure.Message}" : ended.Reason ?? ReusedWord(state, new TaskName(task), ended) ?? "nothing more to say",
        };
    }

    private static WrongRequestException NoSuchItem(RunState state, string task, int item)
    {
        var index = state.Graph[new TaskName(task)].Index;
        var count = state.Tasks[index] is Mapping mapping ? mapping.Items.Count : Enumerable.Range(0, int.MaxValue).TakeWhile(place => state.Items.ContainsKey(new TaskKey(index, place))).Count();
        return new WrongRequestException("ORC5932", $"task \"{task}\" has no item {item}", help: count == 0 ? "It has no items; leave out the number." : $"Its items so far are 0 to {count - 1}.");
    }

    private static string KindWord(WaitKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>What somebody asked and no process has done yet.</summary>
    private static ReasonDocument PendingReason(RunRequest request) => new()
    {
        Task = request.Payload is { ValueKind: System.Text.Json.JsonValueKind.Object } payload && payload.TryGetProperty("task", out var task) ? task.GetString() ?? "" : "",
        Status = "asked",
        Kind = "request",
        Facts = new WaitFacts { By = request.By, Since = request.At },
        Message = $"{request.Kind} asked by {request.By} at {request.At:u}; it takes effect when a process works on the run",
    };

    private static string? ReusedWord(RunState state, TaskName task, Ended ended) => ended.ReusedFrom is not { } from ? null
        : state.TakenOver.Contains(task) ? $"its result in run {from} was taken over by whoever started this run"
        : $"the same activity with the same inputs succeeded in run {from}, so its result stands in";

    private sealed record ReasonDocument
    {
        public required string Task { get; init; }

        public required string Status { get; init; }

        public required string Kind { get; init; }

        public required string Message { get; init; }

        public DateTimeOffset? Until { get; init; }

        public bool? Late { get; init; }

        /// <summary>The concurrency key that it waits for.</summary>
        public string? Key { get; init; }

        public int? Limit { get; init; }

        /// <summary>Who shares the key and came first.</summary>
        public IReadOnlyList<KeyReport.Holder>? Holders { get; init; }

        public int? Item { get; init; }

        /// <summary>The tasks it waits for.</summary>
        public IReadOnlyList<string>? Tasks { get; init; }

        public PoolDocument? Pool { get; init; }

        /// <summary>What the sentence says, by name.</summary>
        public WaitFacts? Facts { get; init; }
    }

    private sealed record PoolDocument
    {
        public required string Name { get; init; }

        public required int Size { get; init; }

        public required int Free { get; init; }

        public required int Wanted { get; init; }

        public required IReadOnlyList<HolderDocument> Holders { get; init; }
    }

    private sealed record HolderDocument
    {
        public string? Run { get; init; }

        public string? Task { get; init; }

        public int? Item { get; init; }

        public required string Attempt { get; init; }

        public required int Slots { get; init; }

        public required DateTimeOffset Until { get; init; }
    }
}
