using System.Globalization;
using System.Runtime.CompilerServices;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.Logs;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.People;

/// <summary>
/// Reads the lines of a run's attempts. An attempt whose work is a run of its own has no log; the lines of that run stand in its place, and its tasks are named as if they were
/// tasks of an inline sub-pipeline.
/// </summary>
/// <param name="runs">Has the runs.</param>
/// <param name="logs">Has the lines.</param>
/// <param name="desk">Folds runs.</param>
/// <param name="time">Paces the looking.</param>
/// <param name="follow">Goes on until the run has ended.</param>
/// <param name="only">Only this attempt of the tasks that are named; null: all.</param>
public sealed class RunLogReader(IRunStore runs, AttemptLogs logs, RunDesk desk, TimeProvider time, bool follow, int? only)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <param name="run">The run.</param>
    /// <param name="task">A task, an item (<c>TASK/3</c>), or one of either in a sub-pipeline; null: all.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="Core.Activities.ActivityException">There is no such task (ORC5906), or that is none (ORC5905).</exception>
    public IAsyncEnumerable<RunLogLine> ReadAsync(RunId run, string? task, CancellationToken cancellation) =>
        ReadAsync(new Place(run, "", null), task, () => Task.FromResult(false), cancellation);

    /// <summary>Looks whether there is what is to be read, for those who cannot say so later.</summary>
    /// <inheritdoc cref="ReadAsync(RunId, string?, CancellationToken)"/>
    public Task CheckAsync(RunId run, string? task, CancellationToken cancellation) => WishAsync(run, task, cancellation);

    private async IAsyncEnumerable<RunLogLine> ReadAsync(Place place, string? task, Func<Task<bool>> isOver, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var wish = await WishAsync(place.Run, task, cancellation);
        var read = new HashSet<AttemptId>();
        var children = new Dictionary<AttemptId, RunId>();
        var seen = 0L;
        while (true)
        {
            var over = await HasEndedAsync(place.Run, cancellation) || await isOver();
            var attempts = await runs.ListAttemptsAsync(place.Run, cancellation);
            foreach (var attempt in attempts.Where(attempt => wish.Wants(attempt) && (only is null || wish.Inner is not null || attempt.Number == only) && read.Add(attempt.Id)))
            {
                if (attempt.Lane == ChildLane)
                {
                    seen = await FindChildrenAsync(place.Run, children, seen, cancellation);
                }

                var lines = !children.TryGetValue(attempt.Id, out var child)
                    ? ReadAttemptAsync(place, attempt, cancellation)
                    // An attempt that follows a lost one goes on with the same child.
                    : children.Any(other => other.Value == child && other.Key != attempt.Id && read.Contains(other.Key))
                        ? AsyncEnumerable.Empty<RunLogLine>()
                        : ReadChildAsync(place, attempt, child, wish.Inner, cancellation);
                await foreach (var line in lines.WithCancellation(cancellation))
                {
                    yield return line;
                }
            }

            if (!follow || over)
            {
                yield break;
            }

            await Task.Delay(Look, time, cancellation);
        }
    }

    private static readonly string ChildLane = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(nameof(Core.Activities.Lane.Child));

    private async IAsyncEnumerable<RunLogLine> ReadAttemptAsync(Place place, AttemptRow attempt, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var over = follow ? OverAsync(place.Run, attempt.Id, cancellation) : Task.CompletedTask;
        await foreach (var line in logs.FollowAsync(new LogKey(place.Run, attempt.Task, attempt.MapIndex, attempt.Number), over, cancellation))
        {
            yield return new RunLogLine
            {
                Run = place.Child?.Value, Task = $"{place.Prefix}{attempt.Task}", Item = attempt.MapIndex, Attempt = attempt.Number, At = line.At,
                Severity = line.Severity.ToString().ToLowerInvariant(), Text = line.Text,
            };
        }
    }

    private async IAsyncEnumerable<RunLogLine> ReadChildAsync(Place place, AttemptRow attempt, RunId child, string? inner, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // The id of the child is stored before there is such a run.
        while (await runs.FindAsync(child, cancellation) is null)
        {
            if (!follow || await IsOverAsync(place.Run, attempt.Id, cancellation))
            {
                yield break;
            }

            await Task.Delay(Look, time, cancellation);
        }

        var name = attempt.MapIndex is { } item ? string.Create(CultureInfo.InvariantCulture, $"{attempt.Task}/{item}") : attempt.Task.Value;
        await foreach (var line in ReadAsync(new Place(child, $"{place.Prefix}{name}/", child), inner, () => IsOverAsync(place.Run, attempt.Id, cancellation), cancellation))
        {
            yield return line;
        }
    }

    private async Task<bool> HasEndedAsync(RunId run, CancellationToken cancellation) => (await runs.FindAsync(run, cancellation))?.EndedAt is not null;

    private async Task<bool> IsOverAsync(RunId run, AttemptId attempt, CancellationToken cancellation) =>
        await HasEndedAsync(run, cancellation) || (await runs.ListAttemptsAsync(run, cancellation)).First(row => row.Id == attempt).EndedAt is not null;

    /// <summary>Completes when the attempt has ended, or the run has.</summary>
    private async Task OverAsync(RunId run, AttemptId attempt, CancellationToken cancellation)
    {
        while (!await IsOverAsync(run, attempt, cancellation))
        {
            await Task.Delay(Look, time, cancellation);
        }
    }

    /// <summary>Which attempts have which child is told by the events alone.</summary>
    private async Task<long> FindChildrenAsync(RunId run, Dictionary<AttemptId, RunId> children, long seen, CancellationToken cancellation)
    {
        const int Page = 1000;
        while (true)
        {
            var events = await runs.ListEventsAsync(run, seen, Page, cancellation);
            foreach (var one in events)
            {
                seen = one.Sequence;
                if (one.Type == "attempt-started" && RunEvents.Read(one) is AttemptStarted { Child: { } child } started)
                {
                    children[started.Attempt] = child;
                }
            }

            if (events.Count < Page)
            {
                return seen;
            }
        }
    }

    private async Task<Wish> WishAsync(RunId run, string? text, CancellationToken cancellation)
    {
        var (task, item) = RunTasks.Parse(text);
        var tasks = (await runs.ListWholeTasksAsync(run, cancellation)).Select(row => row.Task).ToArray();
        if (task is null || tasks.Any(one => one.Value == task))
        {
            return new Wish(task, item, null);
        }

        // No task of this run: one of a child run, then.
        var parts = (text ?? "").Split('/');
        var graph = (await desk.ReplayAsync(run, cancellation)).Graph;
        for (var length = parts.Length - 1; length > 0; length--)
        {
            var name = string.Join('/', parts[..length]);
            if (tasks.Any(one => one.Value == name) && graph[new TaskName(name)].Sub is not null)
            {
                var numbered = int.TryParse(parts[length], NumberStyles.None, CultureInfo.InvariantCulture, out var index);
                var inner = string.Join('/', parts[(length + (numbered ? 1 : 0))..]);
                return new Wish(name, numbered ? index : null, inner);
            }
        }

        throw RunTasks.NoSuchTask(run, task, tasks);
    }

    /// <param name="Run">Whose attempts are read.</param>
    /// <param name="Prefix">What the names of its tasks begin with, as people see them.</param>
    /// <param name="Child">The run, when it is not the one that was asked for.</param>
    private sealed record Place(RunId Run, string Prefix, RunId? Child);

    /// <param name="Task">A task with all in it.</param>
    /// <param name="Item">Of a mapped one this item.</param>
    /// <param name="Inner">Of its child run only this.</param>
    private sealed record Wish(string? Task, int? Item, string? Inner)
    {
        public bool Wants(AttemptRow row) =>
            (Task is null || row.Task.Value == Task || (Inner is null && row.Task.Value.StartsWith($"{Task}/", StringComparison.Ordinal))) && (Item is null || row.MapIndex == Item);
    }
}

/// <summary>A line of a log, with where it was written.</summary>
public sealed record RunLogLine
{
    /// <summary>The child run that wrote it; null when the run that was asked for did.</summary>
    public string? Run { get; init; }

    public required string Task { get; init; }

    public int? Item { get; init; }

    public required int Attempt { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Severity { get; init; }

    public required string Text { get; init; }
}
