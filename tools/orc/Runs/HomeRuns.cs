using Orchestrator.Cli.Composition;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>The runs of a home on this machine.</summary>
internal sealed class HomeRuns(OrcSession session) : IRuns
{
    /// <summary>What is told of the run as a whole and is no reason to wait.</summary>
    internal static readonly string[] OtherKinds = ["owner", "migrated", "request"];

    private IRunStore Store => session.Stores.Runs;

    public Task<RunInfo?> FindAsync(RunId run, CancellationToken cancellation) => Store.FindAsync(run, cancellation);

    public Task<IReadOnlyList<RunInfo>> FindByPrefixAsync(string prefix, CancellationToken cancellation) => Store.FindByPrefixAsync(prefix, cancellation);

    public Task<IReadOnlyList<RunInfo>> ListAsync(RunFilter filter, CancellationToken cancellation) => Store.ListAsync(filter, cancellation);

    public Task<ActivityException?> ExplainMissingAsync(string run, CancellationToken cancellation) => session.Retention.ExplainMissingAsync(run, cancellation);

    public bool IsAbandoned(RunInfo run) => session.IsAbandoned(run);

    public Task<IReadOnlyList<OpenQuestion>> ListQuestionsAsync(CancellationToken cancellation) => Store.ListQuestionsAsync(cancellation);

    public Task<RunListing> ReadAsync(RunInfo run, ItemWish wish, CancellationToken cancellation) => RunListing.ReadAsync(Store, session.Stores.Definitions, run, wish, cancellation);

    public async Task<IReadOnlyList<ReasonInfo>> ListOwnReasonsAsync(RunInfo run, CancellationToken cancellation)
    {
        var definition = await session.Stores.Definitions.FindAsync(run.Definition, cancellation);
        // A replay costs what the run has done; only a run that stands still or whose time is bounded has more to tell.
        var bounded = definition is { Json: var json } && (json.Contains("\"deadline\"", StringComparison.Ordinal) || json.Contains("\"timeout\"", StringComparison.Ordinal));
        return bounded || run.Status is "paused" or "queued" or "skipped" ? [.. (await ExplainAsync(run, null, null, cancellation)).Where(IsOwn)] : [];
    }

    /// <summary>True for what is told of the run and not of one of its tasks.</summary>
    internal static bool IsOwn(ReasonInfo reason) => reason.Task.Length == 0 && !OtherKinds.Contains(reason.Kind);

    public async Task<IReadOnlyList<ReasonInfo>> ExplainAsync(RunInfo run, string? task, int? item, CancellationToken cancellation)
    {
        var state = await session.ReplayAsync(run.Id, cancellation);
        RunTasks.Check(run.Id, state, task, item);
        return await session.Reasons.ExplainAsync(run, state, task, item, cancellation);
    }

    public async Task<string> WordOfAsync(RunInfo run, string task, CancellationToken cancellation) => (await session.ReplayAsync(run.Id, cancellation))[new TaskName(task)].Word;

    public async Task<IReadOnlyList<CacheAnswer>> ExplainCacheAsync(RunInfo run, string? task, int? item, CancellationToken cancellation)
    {
        var state = await session.ReplayAsync(run.Id, cancellation);
        RunTasks.Check(run.Id, state, task, item);
        var loaded = await Store.LoadAsync(run.Id, cancellation) ?? throw EngineErrors.NoSuchRun(run.Id.Value);
        var inquiry = new CacheInquiry(session.Stores.Cache, session.Get<ArtifactStore>(), session.Get<ActivityCatalog>(), session.Get<TimeProvider>());
        return await inquiry.ExplainAsync(run, state, [.. loaded.Events.Select(RunEvents.Read)], task, item, cancellation);
    }

    public Task<string?> DescribeQueueAsync(RunId run, RunState state, CancellationToken cancellation) => session.Keys.DescribeAsync(state, run, cancellation);

    public IAsyncEnumerable<RunLogLine> ReadLogsAsync(RunInfo run, string? task, int? attempt, bool follow, CancellationToken cancellation) =>
        new RunLogReader(Store, session.Logs, session.Desk, TimeProvider.System, follow, attempt).ReadAsync(run.Id, task, cancellation);

    public async Task<string> SavePageAsync(RunId run, string pipeline, string name, ArtifactRef artifact, CancellationToken cancellation)
    {
        var source = session.Get<ArtifactStore>().PathOf(artifact);
        return await Pages.SaveAsync(session.Home.Folder, pipeline, name, async to =>
        {
            await using var from = File.OpenRead(source);
            await from.CopyToAsync(to, cancellation);
        }) ?? source;
    }
}

/// <summary>Files for people, under names that a browser knows by their endings: artifacts are named by hash alone. The copy is the reader's own; the artifact stays what it is.</summary>
internal static class Pages
{
    /// <summary>Answers the path; null when it could not be written.</summary>
    public static async Task<string?> SaveAsync(string home, string pipeline, string name, Func<Stream, Task> write)
    {
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(home, "reports", pipeline)).FullName;
            var page = Path.Combine(folder, name);
            var draft = $"{page}.{Environment.ProcessId}.part";
            await using (var file = new FileStream(draft, FileMode.Create))
            {
                await write(file);
            }

            File.Move(draft, page, overwrite: true);
            return page;
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
