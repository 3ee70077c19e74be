using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Cli.Runs;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Caching;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Server.Runs;
using Orchestrator.Storage.Runs;
using Api = Orchestrator.Server.Runs;

namespace Orchestrator.Cli.Remote;

/// <summary>The runs behind a server, in the form in which a home has them.</summary>
internal sealed class ServerRuns(ServerClient client) : IRuns
{
    private const int IdLength = 26;
    private const int MostPages = 1_000_000;

    private readonly HashSet<RunId> unowned = [];

    /// <summary>The names of tasks in sub-pipelines hold slashes, which would be parts of an address.</summary>
    public static string PathOf(string task) => Uri.EscapeDataString(task);

    public async Task<RunInfo?> FindAsync(RunId run, CancellationToken cancellation) =>
        await client.FindAsync<Api.RunDocument>($"runs/{Uri.EscapeDataString(run.Value)}", cancellation) is { } document ? InfoOf(document) : null;

    public async Task<IReadOnlyList<RunInfo>> FindByPrefixAsync(string prefix, CancellationToken cancellation)
    {
        if (prefix.Length > IdLength || !prefix.All(char.IsAsciiLetterOrDigit))
        {
            return [];
        }

        if (prefix.Length == IdLength)
        {
            return await FindAsync(new RunId(prefix), cancellation) is { } run ? [run] : [];
        }

        // Lists go from the newest back, and ids are in the order in which runs came: those that begin so come right after the greatest that could.
        const int most = 10;
        var after = await ListAsync(new RunFilter { After = new RunId(prefix.PadRight(IdLength, 'Z')), Limit = most }, cancellation);
        return [.. after.TakeWhile(run => run.Id.Value.StartsWith(prefix, StringComparison.Ordinal))];
    }

    public async Task<IReadOnlyList<RunInfo>> ListAsync(RunFilter filter, CancellationToken cancellation)
    {
        var query = new List<string> { $"children={(filter.Children ? "true" : "false")}" };
        query.AddRange(filter.Statuses.Select(status => $"status={Uri.EscapeDataString(status)}"));
        query.AddRange(filter.Pipeline is { } pipeline ? [$"pipeline={Uri.EscapeDataString(pipeline)}"] : []);
        query.AddRange(filter.Parent is { } parent ? [$"parent={parent}"] : []);
        query.AddRange(filter.Unfinished ? ["unfinished=true"] : []);
        if (filter.After is { } after)
        {
            return [.. (await client.GetAsync<Server.Documents.Page<Api.RunDocument>>($"runs?{string.Join('&', query)}&limit={filter.Limit}&cursor={after}", cancellation)).Items.Select(InfoOf)];
        }

        return [.. (await client.ListAsync<Api.RunDocument>($"runs?{string.Join('&', query)}", filter.Limit, cancellation)).Select(InfoOf)];
    }

    /// <summary>The server has said so when the run was asked for by its id.</summary>
    public Task<ActivityException?> ExplainMissingAsync(string run, CancellationToken cancellation) => Task.FromResult<ActivityException?>(null);

    public bool IsAbandoned(RunInfo run) => unowned.Contains(run.Id);

    public async Task<IReadOnlyList<OpenQuestion>> ListQuestionsAsync(CancellationToken cancellation) =>
    [
        .. (await client.GetAsync<Api.QuestionDocument[]>("questions", cancellation)).Select(question => new OpenQuestion
        {
            RunId = new RunId(question.Run), Task = new TaskName(question.Task), Reason = OrcJson.ToElement(question.Message),
        }),
    ];

    public async Task<RunListing> ReadAsync(RunInfo run, ItemWish wish, CancellationToken cancellation)
    {
        var document = await client.GetAsync<Api.RunDocument>($"runs/{run.Id}", cancellation);
        var tasks = document.Tasks ?? [];
        var items = new List<TaskInfo>();
        foreach (var mapped in tasks.Where(task => task.Items is { } counts && (wish.All || counts.Values.Sum() <= wish.Most)).OrderBy(task => task.Name, StringComparer.Ordinal))
        {
            var query = wish.Statuses.Count == 0 ? "" : $"?{string.Join('&', wish.Statuses.Select(status => $"status={Uri.EscapeDataString(status)}"))}";
            items.AddRange((await client.ListAsync<Api.TaskDocument>($"runs/{run.Id}/tasks/{PathOf(mapped.Name)}/items{query}", MostPages, cancellation)).Select(InfoOf));
        }

        return new RunListing
        {
            Tasks = [.. tasks.Select(InfoOf)],
            Outputs = document.Outputs,
            Counts = tasks.SelectMany(task => (task.Items ?? new Dictionary<string, long>()).Select(count => new ItemCount { Task = new TaskName(task.Name), Status = count.Key, Count = count.Value })).ToLookup(count => count.Task),
            Items = items.ToLookup(item => item.Task),
        };
    }

    public async Task<IReadOnlyList<ReasonInfo>> ListOwnReasonsAsync(RunInfo run, CancellationToken cancellation) => [.. (await ExplainAsync(run, null, null, cancellation)).Where(HomeRuns.IsOwn)];

    public async Task<IReadOnlyList<ReasonInfo>> ExplainAsync(RunInfo run, string? task, int? item, CancellationToken cancellation) =>
        [.. (await client.GetAsync<WhyDocument>($"runs/{run.Id}/why{OfTask(task, item)}", cancellation)).Reasons.Select(ReasonOf)];

    public async Task<string> WordOfAsync(RunInfo run, string task, CancellationToken cancellation) =>
        (await client.GetAsync<GraphDocument>($"runs/{run.Id}/graph", cancellation)).Nodes.First(node => node.Name == task).Status;

    public async Task<IReadOnlyList<CacheAnswer>> ExplainCacheAsync(RunInfo run, string? task, int? item, CancellationToken cancellation) =>
    [
        .. (await client.GetAsync<CacheDocument[]>($"runs/{run.Id}/cache{OfTask(task, item)}", cancellation)).Select(answer => new CacheAnswer
        {
            Task = new TaskName(answer.Task),
            Outcome = answer.Outcome,
            Why = answer.Why,
            Key = answer.Key,
            Parts = answer.Parts?.Deserialize<CacheKeyParts>(ServerClient.Json),
            Item = answer.Item,
            Label = answer.Label,
            Items = answer.Items,
        }),
    ];

    public async Task<string?> DescribeQueueAsync(RunId run, RunState state, CancellationToken cancellation) =>
        state is { Queued.Key: { } key, IsEnded: false }
        && (await client.GetAsync<WhyDocument>($"runs/{run}/why", cancellation)).Reasons.FirstOrDefault(reason => reason.Holders is not null) is { Holders: { } before } && KeyHolders.Describe(before) is { } held
            ? $"waits for concurrency key \"{key.Word}\", {held}"
            : null;

    public async IAsyncEnumerable<RunLogLine> ReadLogsAsync(RunInfo run, string? task, int? attempt, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (name, item) = RunTasks.Parse(task);
        var query = $"{OfTask(name, item)}{(name is null ? '?' : '&')}follow={(follow ? "true" : "false")}{(attempt is null ? "" : $"&attempt={attempt}")}";
        // A connection that broke begins again from the first line: so many of each attempt are known.
        var known = new Dictionary<(string? Run, string Task, int? Item, int Attempt), int>();
        var patience = new Patience(client, $"the log of run {run.Id}", $"When it is back: orc logs {run.Id} --follow.");
        while (true)
        {
            var passed = new Dictionary<(string? Run, string Task, int? Item, int Attempt), int>();
            await foreach (var news in patience.ReadAsync(client.StreamAsync($"runs/{run.Id}/logs/stream{query}", cancellation), cancellation))
            {
                if (news.EventType == "end")
                {
                    yield break;
                }

                if (news.EventType != "line" || JsonSerializer.Deserialize<LogLineDocument>(news.Data, ServerClient.Json) is not { } line)
                {
                    continue;
                }

                var of = (line.Run, line.Task, line.Item, line.Attempt);
                var number = passed[of] = passed.GetValueOrDefault(of) + 1;
                if (number > known.GetValueOrDefault(of))
                {
                    known[of] = number;
                    yield return new RunLogLine { Run = line.Run, Task = line.Task, Item = line.Item, Attempt = line.Attempt, At = line.At, Severity = line.Severity, Text = line.Text };
                }
            }

            await patience.WaitAsync(cancellation);
        }
    }

    public async Task<string> SavePageAsync(RunId run, string pipeline, string name, ArtifactRef artifact, CancellationToken cancellation)
    {
        var path = $"runs/{run}/artifacts/{artifact.Hash}";
        return await Pages.SaveAsync(client.Site.Home, pipeline, name, to => client.DownloadAsync(path, to, cancellation)) ?? $"{client.Name}/api/v1/{path}";
    }

    public RunInfo InfoOf(Api.RunDocument run)
    {
        var info = new RunInfo
        {
            Id = new RunId(run.Id),
            Pipeline = run.Pipeline,
            Definition = new DefinitionHash(run.Definition),
            Status = run.Status,
            Params = run.Params,
            Trigger = run.Trigger,
            // Where things lie on the server is not for everybody.
            BaseDirectory = run.BaseDirectory ?? "",
            GitCommit = run.GitCommit,
            CreatedAt = run.CreatedAt,
            StartedAt = run.StartedAt,
            EndedAt = run.EndedAt,
            Failure = FailureOf(run.Failure),
            Epoch = 0,
            Parent = run.Parent is { } parent ? new RunId(parent) : null,
            Relation = run.Relation,
            Sequence = run.Sequence,
        };
        _ = run.Unowned is true ? unowned.Add(info.Id) : unowned.Remove(info.Id);
        return info;
    }

    private static TaskInfo InfoOf(Api.TaskDocument task) => new()
    {
        Task = new TaskName(task.Name),
        MapIndex = task.Item,
        Label = task.Label,
        Status = task.Status,
        AttemptNumber = task.Attempts,
        ReadyAt = task.ReadyAt,
        StartedAt = task.StartedAt,
        EndedAt = task.EndedAt,
        Reason = task.Reason is { } reason ? OrcJson.ToElement(reason) : null,
        Outputs = task.Outputs,
        Failure = FailureOf(task.Failure),
        CachedFrom = task.CachedFrom is { } from ? new RunId(from) : null,
        Progress = task.Progress,
        ProgressMessage = task.ProgressMessage,
    };

    private static Failure? FailureOf(FailureDocument? failure) => failure is null ? null : new Failure
    {
        Code = failure.Code,
        Kind = JsonSerializer.SerializeToElement(failure.Kind).Deserialize<FailureKind>(ServerClient.Json),
        Message = failure.Message,
        Why = failure.Why,
        Help = failure.Help,
        Retryable = failure.Retryable,
        Details = failure.Details ?? [],
        RetryAfter = failure.RetryAfter is { } wait && Durations.TryParse(wait, out var time) ? time : null,
    };

    private static ReasonInfo ReasonOf(ReasonDocument reason) => new()
    {
        Task = reason.Task,
        Status = reason.Status,
        Kind = reason.Kind,
        Message = reason.Message,
        Until = reason.Until,
        Late = reason.Late,
        Key = reason.Key,
        Limit = reason.Limit,
        Holders = reason.Holders,
        Item = reason.Item,
        Tasks = reason.Tasks,
        Pool = reason.Pool,
        Facts = reason.Facts?.Deserialize<WaitFacts>(ServerClient.Json),
    };

    private static string OfTask(string? task, int? item) => task is null ? "" : $"?task={Uri.EscapeDataString(task)}{(item is null ? "" : $"&item={item}")}";
}
