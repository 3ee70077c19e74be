using System.Globalization;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Server.Working;

/// <summary>Something that happened in a run, as those are told who follow all runs.</summary>
public sealed record FeedEvent
{
    /// <summary>Its place in what this server has told since it started.</summary>
    internal long Number { get; init; }

    public required string Run { get; init; }

    public required string Pipeline { get; init; }

    /// <summary>The number of the event in its run: GET /api/v1/runs/RUN/events has all of it.</summary>
    public required long Sequence { get; init; }

    /// <summary>What happened: <c>run-accepted</c>, <c>attempt-started</c>, …</summary>
    public required string Type { get; init; }

    public required DateTimeOffset At { get; init; }

    public string? Task { get; init; }

    /// <summary>The item of a mapped task.</summary>
    public int? Item { get; init; }

    public string? Attempt { get; init; }

    /// <summary>How the run ended; only with <c>run-ended</c>.</summary>
    public string? Status { get; init; }
}

/// <summary>How far an attempt is, as it said itself.</summary>
public sealed record ProgressDocument
{
    public required string Task { get; init; }

    /// <summary>The item of a mapped task.</summary>
    public int? Item { get; init; }

    /// <summary>0 to 1; absent: nobody can say.</summary>
    public double? Fraction { get; init; }

    public string? Message { get; init; }
}

/// <summary>
/// Tells those who follow runs that something has happened. Followers of one run read the run's own events, which are numbered and kept; followers of all get what this server has seen since
/// it started, of which the last <see cref="Kept"/> are kept for those whose connection broke.
/// </summary>
internal sealed class RunFeed
{
    public const int Kept = 20_000;

    private readonly Lock gate = new();
    private readonly Queue<FeedEvent> recent = new();
    private readonly Dictionary<RunId, Followed> followed = [];
    private readonly string epoch;
    private TaskCompletionSource more = NewSignal();
    private long newest;
    private int followers;

    public RunFeed(TimeProvider time) => epoch = time.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);

    /// <summary>True while somebody follows all runs.</summary>
    public bool IsFollowed => Volatile.Read(ref followers) > 0;

    /// <summary>Events of a run were stored.</summary>
    /// <param name="run">The run.</param>
    /// <param name="pipeline">Its pipeline.</param>
    /// <param name="first">The number of the first of them.</param>
    /// <param name="events">In order.</param>
    public void Tell(RunId run, string pipeline, long first, IReadOnlyList<RunEvent> events)
    {
        TaskCompletionSource? all;
        TaskCompletionSource? own;
        lock (gate)
        {
            own = followed.TryGetValue(run, out var one) ? one.Renew() : null;
            foreach (var (change, i) in events.Select((change, i) => (change, i)))
            {
                recent.Enqueue(Of(run, pipeline, first + i, change) with { Number = ++newest });
            }

            while (recent.Count > Kept)
            {
                recent.Dequeue();
            }

            (all, more) = (more, NewSignal());
        }

        all.SetResult();
        own?.SetResult();
    }

    /// <summary>An attempt of a run said how far it is. No event: nobody is told of it later.</summary>
    public void Tell(RunId run, ProgressDocument progress)
    {
        TaskCompletionSource? own;
        lock (gate)
        {
            if (!followed.TryGetValue(run, out var one))
            {
                return;
            }

            one.Progress[(progress.Task, progress.Item)] = (progress, ++one.Said);
            own = one.Renew();
        }

        own.SetResult();
    }

    /// <summary>Follows one run until it is disposed.</summary>
    public Follower Follow(RunId run)
    {
        lock (gate)
        {
            if (!followed.TryGetValue(run, out var one))
            {
                followed.Add(run, one = new Followed());
            }

            one.Count++;
            return new Follower(this, run, one);
        }
    }

    /// <summary>Follows all runs until it is disposed.</summary>
    public IDisposable FollowAll()
    {
        Interlocked.Increment(ref followers);
        return new Leaving(() => Interlocked.Decrement(ref followers));
    }

    /// <summary>What was told after a place, and the signal for more.</summary>
    /// <param name="after">A place; null: from now on.</param>
    /// <returns><c>Missed</c>: some of it is no longer kept, or the place is of an earlier start.</returns>
    public (IReadOnlyList<FeedEvent> Events, long Newest, bool Missed, Task More) Read(long? after)
    {
        lock (gate)
        {
            if (after is not { } place)
            {
                return ([], newest, false, more.Task);
            }

            var oldest = newest - recent.Count;
            return place > newest || place < oldest ? ([], newest, true, more.Task) : ([.. recent.Skip((int)(place - oldest))], newest, false, more.Task);
        }
    }

    /// <summary>A place as followers are told it.</summary>
    public string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{epoch}-{number}");

    /// <summary>The place of an id; -1 when it is of an earlier start, or none.</summary>
    public long PlaceOf(string id) =>
        id.Split('-') is [var of, var number] && of == epoch && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : -1;

    private static FeedEvent Of(RunId run, string pipeline, long sequence, RunEvent change) => new()
    {
        Run = run.Value,
        Pipeline = pipeline,
        Sequence = sequence,
        Type = RunEvents.WordOf(change),
        At = change.At,
        Task = (change as TaskEvent)?.Task.Value,
        Item = (change as TaskEvent)?.Item,
        Attempt = AttemptOf(change)?.Value,
        Status = change is RunEnded ended ? RunWords.Of(ended.Status) : null,
    };

    private static AttemptId? AttemptOf(RunEvent change) => change switch
    {
        AttemptStarted one => one.Attempt,
        AttemptSucceeded one => one.Attempt,
        AttemptFailed one => one.Attempt,
        AttemptLost one => one.Attempt,
        _ => null,
    };

    private void Leave(RunId run, Followed one)
    {
        lock (gate)
        {
            if (--one.Count == 0)
            {
                followed.Remove(run);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Somebody who follows one run.</summary>
    public sealed class Follower : IDisposable
    {
        private readonly RunFeed feed;
        private readonly RunId run;
        private readonly Followed one;
        private long heard;

        internal Follower(RunFeed feed, RunId run, Followed one) => (this.feed, this.run, this.one) = (feed, run, one);

        /// <summary>Ends with the next events of the run. Take it before looking, so that nothing falls between.</summary>
        public Task Next
        {
            get
            {
                lock (feed.gate)
                {
                    return one.Signal.Task;
                }
            }
        }

        /// <summary>What attempts have said since the last time that this was asked, the last word of each task and item.</summary>
        public IReadOnlyList<ProgressDocument> TakeProgress()
        {
            lock (feed.gate)
            {
                var news = one.Progress.Values.Where(said => said.Number > heard).OrderBy(said => said.Number).Select(said => said.Progress).ToArray();
                heard = one.Said;
                return news;
            }
        }

        public void Dispose() => feed.Leave(run, one);
    }

    internal sealed class Followed
    {
        public int Count { get; set; }

        /// <summary>The number of the last word that an attempt said.</summary>
        public long Said { get; set; }

        public Dictionary<(string Task, int? Item), (ProgressDocument Progress, long Number)> Progress { get; } = [];

        public TaskCompletionSource Signal { get; private set; } = NewSignal();

        public TaskCompletionSource Renew()
        {
            var told = Signal;
            Signal = NewSignal();
            return told;
        }
    }

    private sealed class Leaving(Action leave) : IDisposable
    {
        private Action? once = leave;

        public void Dispose() => Interlocked.Exchange(ref once, null)?.Invoke();
    }
}
