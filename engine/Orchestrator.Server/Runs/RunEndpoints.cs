using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Pipelines;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Server.Runs;

/// <summary>Looking at runs: lists, one run, its tasks, attempts, events, graph, and why it waits.</summary>
internal static class RunEndpoints
{
    private const string Resource = "runs";

    private static readonly string[] Statuses = ["queued", "running", "paused", "cancelling", "succeeded", "failed", "cancelled", "skipped"];

    public static void Map(RouteGroupBuilder api)
    {
        var runs = api.MapGroup("/runs").Needs(Permission.Read);
        runs.MapGet("", ListAsync).Describe(Resource, "Runs that the caller may see, newest first", 400);
        runs.MapGet("/{run}", ShowAsync).Describe(Resource, "A run with its tasks, outputs and failures", 404);
        runs.MapGet("/{run}/definition", DefinitionAsync).Describe(Resource, "The definition that the run has, or with \"hash\" one that it had before it was migrated", 404);
        runs.MapGet("/{run}/tasks/{task}/items", ItemsAsync).Describe(Resource, "The items of a mapped task, by index", 400, 404);
        runs.MapGet("/{run}/attempts", AttemptsAsync).Describe(Resource, "The attempts of a run, oldest first", 404);
        runs.MapGet("/{run}/events", EventsAsync).Describe(Resource, "The events that the run is made of, in order", 400, 404);
        runs.MapGet("/{run}/graph", GraphAsync).Describe(Resource, "The graph of a run: its tasks with their states, and who waits for whom", 404);
        runs.MapGet("/{run}/why", WhyAsync).Describe(Resource, "Why the run and its tasks wait, failed, or did not run", 404);
        runs.MapGet("/{run}/cache", CacheAsync).Describe(Resource, "What the result cache said about each task, and why it missed", 404);
        api.MapGet("/questions", QuestionsAsync).Needs(Permission.Read).Describe(Resource, "What tasks of unfinished runs ask people");
    }

    private static async Task<Ok<Page<RunDocument>>> ListAsync(
        HttpContext context, ServerParts parts, RunAccess access,
        string? pipeline, string[]? status, bool? unfinished, bool? children, string? parent, DateTimeOffset? from, DateTimeOffset? before, string? cursor, int? limit)
    {
        var most = Query.Limit(limit);
        if (status?.FirstOrDefault(word => !Statuses.Contains(word)) is { } unknown)
        {
            throw ServerErrors.WrongParameter("status", unknown, $"one of {string.Join(", ", Statuses)}");
        }

        var found = await parts.Stores.Runs.ListAsync(
            new RunFilter
            {
                Pipeline = Query.Name(pipeline, "pipeline"),
                Projects = context.GetCaller().ProjectsWith(Permission.Read),
                Statuses = status ?? [],
                Unfinished = unfinished ?? false,
                Children = children ?? false,
                Parent = Query.Identifier(parent) is { } id ? new RunId(id) : null,
                CreatedFrom = from,
                CreatedBefore = before,
                After = Query.Identifier(cursor) is { } after ? new RunId(after) : null,
                Limit = most + 1,
            },
            context.RequestAborted);
        var documents = await access.DocumentsAsync(context.GetCaller(), found, context.RequestAborted);
        return TypedResults.Ok(Page<RunDocument>.Of(documents, most, run => run.Id, run => run));
    }

    private static async Task<Results<Ok<RunDocument>, StatusCodeHttpResult>> ShowAsync(string run, HttpContext context, ServerParts parts, RunAccess access)
    {
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        if (EntityTags.Tell(context, EntityTags.OfRun(seen.Info.Sequence)) && seen.Info.EndedAt is not null)
        {
            // What has not ended shows progress, which is no event.
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        var listing = await RunListing.ReadAsync(parts.Stores.Runs, parts.Stores.Definitions, seen.Info, ItemWish.None, context.RequestAborted);
        var questions = seen.Info.EndedAt is null ? (await parts.Stores.Runs.ListQuestionsAsync(context.RequestAborted)).Where(question => question.RunId == seen.Id).ToArray() : [];
        return TypedResults.Ok(RunDocuments.WithTasks(access.Document(context.GetCaller(), seen), listing) with { Questions = questions.Length == 0 ? null : [.. questions.Select(QuestionDocument.Of)] });
    }

    private static async Task<Ok<RunDefinitionDocument>> DefinitionAsync(string run, HttpContext context, ServerParts parts, RunAccess access, string? hash)
    {
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        var wanted = seen.Info.Definition;
        if (hash is not null && hash != wanted.Value)
        {
            // Only what the run was given: whoever may see one run may not see what others run.
            var loaded = await parts.Stores.Runs.LoadAsync(seen.Id, context.RequestAborted) ?? throw EngineErrors.NoSuchRun(run);
            var migrations = loaded.Events.Where(change => change.Type == "run-migrated").Select(RunEvents.Read).OfType<RunMigrated>();
            wanted = migrations.SelectMany(one => new[] { one.From, one.Definition }).Where(one => one.Value == hash).Cast<DefinitionHash?>().FirstOrDefault() ?? throw ServerErrors.OtherDefinition(seen.Id.Value, hash);
        }

        var stored = await parts.Stores.Definitions.FindAsync(wanted, context.RequestAborted) ?? throw new InvalidOperationException($"the definition {wanted} of run {seen.Id} is not stored");
        return TypedResults.Ok(new RunDefinitionDocument { Run = seen.Id.Value, Definition = wanted.Value, Json = DefinitionJson.Parse(stored) });
    }

    private static async Task<Ok<Page<TaskDocument>>> ItemsAsync(string run, string task, HttpContext context, ServerParts parts, RunAccess access, string[]? status, string? cursor, int? limit)
    {
        var (most, after) = (Query.Limit(limit), Query.Number(cursor) ?? -1);
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        var name = TaskPath.NameOf(seen.Id, task, (await parts.Stores.Runs.ListWholeTasksAsync(seen.Id, context.RequestAborted)).Select(row => row.Task));
        var rows = await parts.Stores.Runs.ListItemsAsync(seen.Id, new ItemFilter { Task = name, Statuses = status ?? [] }, context.RequestAborted);
        var items = rows.Where(row => row.MapIndex > after).Take(most + 1).ToArray();
        return TypedResults.Ok(Page<TaskDocument>.Of(items, most, item => $"{item.MapIndex}", RunDocuments.Of));
    }

    private static async Task<Ok<AttemptDocument[]>> AttemptsAsync(string run, HttpContext context, ServerParts parts, RunAccess access)
    {
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        return TypedResults.Ok((await parts.Stores.Runs.ListAttemptsAsync(seen.Id, context.RequestAborted)).Select(AttemptDocument.Of).ToArray());
    }

    private static async Task<Ok<Page<EventDocument>>> EventsAsync(string run, HttpContext context, ServerParts parts, RunAccess access, string? cursor, int? limit)
    {
        var (most, after) = (Query.Limit(limit), Query.Number(cursor) ?? 0);
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        var events = await parts.Stores.Runs.ListEventsAsync(seen.Id, after, most + 1, context.RequestAborted);
        return TypedResults.Ok(Page<EventDocument>.Of(events, most, change => $"{change.Sequence}", EventDocument.Of));
    }

    private static async Task<Ok<GraphDocument>> GraphAsync(string run, HttpContext context, RunDesk desk, RunAccess access)
    {
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        return TypedResults.Ok(GraphDocument.Of(await desk.ReplayAsync(seen.Id, context.RequestAborted)));
    }

    private static async Task<Ok<WhyDocument>> WhyAsync(string run, HttpContext context, RunDesk desk, RunReasons reasons, RunAccess access, string? task, int? item)
    {
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        var state = await desk.ReplayAsync(seen.Id, context.RequestAborted);
        Check(seen.Id, state, task, item);
        return TypedResults.Ok(new WhyDocument
        {
            Run = seen.Id.Value, Status = seen.Info.Status, Reasons = [.. (await reasons.ExplainAsync(seen.Info, state, task, item, context.RequestAborted)).Select(ReasonDocument.Of)],
        });
    }

    private static async Task<Ok<CacheDocument[]>> CacheAsync(string run, HttpContext context, ServerParts parts, RunDesk desk, RunAccess access, string? task, int? item)
    {
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        var state = await desk.ReplayAsync(seen.Id, context.RequestAborted);
        var loaded = await parts.Stores.Runs.LoadAsync(seen.Id, context.RequestAborted) ?? throw EngineErrors.NoSuchRun(run);
        Check(seen.Id, state, task, item);
        var events = loaded.Events.Select(RunEvents.Read).ToArray();
        var inquiry = new CacheInquiry(parts.Stores.Cache, parts.Artifacts, parts.Activities, parts.Time);
        return TypedResults.Ok((await inquiry.ExplainAsync(seen.Info, state, events, task, item, context.RequestAborted)).Select(CacheDocument.Of).ToArray());
    }

    private static void Check(RunId run, RunState state, string? task, int? item)
    {
        if (item is { } index && task is null)
        {
            throw ServerErrors.WrongParameter("item", $"{index}", "given together with \"task\"");
        }

        RunTasks.Check(run, state, task is null || state.Graph.Contains(new TaskName(task)) ? task : ServerErrors.Shorten(task), item);
    }

    private static async Task<Ok<QuestionDocument[]>> QuestionsAsync(HttpContext context, ServerParts parts, RunAccess access)
    {
        var caller = context.GetCaller();
        var questions = new List<QuestionDocument>();
        foreach (var asked in (await parts.Stores.Runs.ListQuestionsAsync(context.RequestAborted)).GroupBy(question => question.RunId))
        {
            if (await parts.Stores.Runs.FindAsync(asked.Key, context.RequestAborted) is { } run && caller.May(Permission.Read, await access.ProjectOfAsync(run.Pipeline, context.RequestAborted)))
            {
                questions.AddRange(asked.Select(QuestionDocument.Of));
            }
        }

        return TypedResults.Ok(questions.ToArray());
    }
}

/// <summary>Names of tasks in addresses: those of sub-pipelines hold slashes, which are written as <c>%2F</c> there.</summary>
internal static class TaskPath
{
    /// <exception cref="Core.Activities.ActivityException">The run has no such task (ORC5906).</exception>
    public static TaskName NameOf(RunId run, string text, IEnumerable<TaskName> known)
    {
        var name = new TaskName(text.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));
        var all = known.Where(one => !one.IsInternal).Distinct().ToArray();
        return all.Contains(name) ? name : throw RunTasks.NoSuchTask(run, ServerErrors.Shorten(name.Value), all);
    }
}
