using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Remote;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>Where runs are: in a home on this machine, or behind a server. Commands see no difference, so what they print has none.</summary>
internal sealed class RunPlace(IRuns runs, IRunRequests requests, IRunStarts starts, Func<ValueTask> leave) : IAsyncDisposable
{
    public IRuns Runs { get; } = runs;

    public IRunRequests Requests { get; } = requests;

    public IRunStarts Starts { get; } = starts;

    /// <summary>Through the server that was named or that serves the home; else on the home itself.</summary>
    public static async Task<RunPlace> OpenAsync(Globals globals, CancellationToken cancellation) =>
        await Servers.FindAsync(globals, cancellation) is { } server ? OfServer(globals, server) : OfHome(globals, await OrcSession.OpenAsync(globals, cancellation));

    /// <summary>The same for commands that only look: a home that cannot be written is read as far as that goes.</summary>
    public static async Task<RunPlace> OpenToLookAsync(Globals globals, CancellationToken cancellation) =>
        await Servers.FindAsync(globals, cancellation) is { } server ? OfServer(globals, server) : OfHome(globals, await OrcSession.OpenToLookAsync(globals, cancellation));

    public ValueTask DisposeAsync() => leave();

    private static RunPlace OfServer(Globals globals, ServerClient client)
    {
        var runs = new ServerRuns(client);
        return new RunPlace(runs, new ServerRequests(client, globals.Time), new ServerStarts(globals, client, runs), () =>
        {
            client.Dispose();
            return ValueTask.CompletedTask;
        });
    }

    private static RunPlace OfHome(Globals globals, OrcSession session)
    {
        var starts = new HomeStarts(globals, session);
        return new RunPlace(new HomeRuns(session), new HomeRequests(globals, session), starts, async () =>
        {
            await starts.DisposeAsync();
            await session.DisposeAsync();
        });
    }
}

/// <summary>Runs to look at.</summary>
internal interface IRuns
{
    Task<RunInfo?> FindAsync(RunId run, CancellationToken cancellation);

    /// <inheritdoc cref="IRunStore.FindByPrefixAsync"/>
    Task<IReadOnlyList<RunInfo>> FindByPrefixAsync(string prefix, CancellationToken cancellation);

    /// <summary>Why a run that was there is not, or not whole; null when nothing is known of it.</summary>
    Task<ActivityException?> ExplainMissingAsync(string run, CancellationToken cancellation);

    Task<IReadOnlyList<RunInfo>> ListAsync(RunFilter filter, CancellationToken cancellation);

    /// <summary>True when a run that was answered here is unfinished and nobody works on it.</summary>
    bool IsAbandoned(RunInfo run);

    Task<IReadOnlyList<OpenQuestion>> ListQuestionsAsync(CancellationToken cancellation);

    /// <summary>The tasks of a run.</summary>
    Task<RunListing> ReadAsync(RunInfo run, ItemWish wish, CancellationToken cancellation);

    /// <summary>What holds a run as a whole, and that it is late.</summary>
    Task<IReadOnlyList<ReasonInfo>> ListOwnReasonsAsync(RunInfo run, CancellationToken cancellation);

    /// <inheritdoc cref="RunReasons.ExplainAsync"/>
    /// <exception cref="ActivityException">There is no such task or item (ORC5906, ORC5932).</exception>
    Task<IReadOnlyList<ReasonInfo>> ExplainAsync(RunInfo run, string? task, int? item, CancellationToken cancellation);

    /// <summary>The state of a task in a word.</summary>
    Task<string> WordOfAsync(RunInfo run, string task, CancellationToken cancellation);

    /// <summary>What the result cache said about tasks.</summary>
    /// <exception cref="ActivityException">There is no such task or item (ORC5906, ORC5932).</exception>
    Task<IReadOnlyList<CacheAnswer>> ExplainCacheAsync(RunInfo run, string? task, int? item, CancellationToken cancellation);

    /// <summary>Who holds the concurrency key that a run waits for, as a sentence; null when it does not wait for one.</summary>
    Task<string?> DescribeQueueAsync(RunId run, RunState state, CancellationToken cancellation);

    /// <summary>The lines of attempts.</summary>
    /// <param name="run">The run.</param>
    /// <param name="task">A task, an item, or one in a sub-pipeline; null: all.</param>
    /// <param name="attempt">Only this attempt; null: all.</param>
    /// <param name="follow">Goes on until the run has ended.</param>
    /// <param name="cancellation">Stops it.</param>
    IAsyncEnumerable<RunLogLine> ReadLogsAsync(RunInfo run, string? task, int? attempt, bool follow, CancellationToken cancellation);

    /// <summary>Puts a copy of a file that a run made where a person can open it: below <c>reports</c> of the home on this machine.</summary>
    /// <returns>Where it is to be found.</returns>
    Task<string> SavePageAsync(RunId run, string pipeline, string name, ArtifactRef artifact, CancellationToken cancellation);
}

/// <summary>What people ask of runs that somebody works on, or nobody.</summary>
internal interface IRunRequests
{
    /// <summary>Ends a run. Answers the state that it has then: ended, or <c>cancelling</c>.</summary>
    Task<string> CancelAsync(RunInfo run, string? reason, CancellationToken cancellation);

    Task<RequestFate> CancelTaskAsync(RunInfo run, CancelTaskRequest cancel, CancellationToken cancellation);

    /// <param name="run">The run.</param>
    /// <param name="kind"><c>pause</c> or <c>resume</c>.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    Task<RequestFate> HoldAsync(RunInfo run, string kind, CancellationToken cancellation);

    /// <param name="run">The run.</param>
    /// <param name="answer">The answer; who typed it is found out here.</param>
    /// <param name="by">In whose name; null: whoever asks.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>What became of it, and in whose name it was answered.</returns>
    Task<(RequestFate Fate, string Who)> AnswerAsync(RunInfo run, AnswerRequest answer, string? by, CancellationToken cancellation);

    Task<RequestFate> MarkAsync(RunInfo run, MarkWish mark, CancellationToken cancellation);
}

/// <summary>How a task is to end by hand.</summary>
internal sealed record MarkWish
{
    public required string Task { get; init; }

    /// <summary><c>succeeded</c> or <c>skipped</c>.</summary>
    public required string As { get; init; }

    public required string Reason { get; init; }

    public System.Text.Json.JsonElement? Outputs { get; init; }
}
