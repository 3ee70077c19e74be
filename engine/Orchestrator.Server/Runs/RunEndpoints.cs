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

        var tasks = await parts.Stores.Runs.ListTasksAsync(seen.Id, context.RequestAborted);
        var questions = seen.Info.EndedAt is null ? (await parts.Stores.Runs.ListQuestionsAsync(context.RequestAborted)).Where(question => question.RunId == seen.Id).ToArray() : [];
        return TypedResults.Ok(RunDocuments.WithTasks(access.Document(context.GetCaller(), seen), tasks) with { Questions = questions.Length == 0 ? null : [.. questions.Select(QuestionDocument.Of)] });
    }

    private static async Task<Ok<Page<TaskDocument>>> ItemsAsync(string run, string task, HttpContext context, ServerParts parts, RunAccess access, string? cursor, int? limit)
    {
        var (most, after) = (Query.Limit(limit), Query.Number(cursor) ?? -1);
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        var rows = await parts.Stores.Runs.ListTasksAsync(seen.Id, context.RequestAborted);
        var name = TaskPath.NameOf(seen.Id.Value, task, rows.Select(row => row.Task));
        var items = rows.Where(row => row.Task == name && row.MapIndex > after).OrderBy(row => row.MapIndex).Take(most + 1).ToArray();
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
        if (task is not null)
        {
            TaskPath.NameOf(seen.Id.Value, task, state.Graph.Nodes.Select(node => node.Definition.Name));
        }

        CheckItem(seen.Id.Value, state, task, item);

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
        var only = task is null ? null : TaskPath.NameOf(seen.Id.Value, task, state.Graph.Nodes.Select(node => node.Definition.Name));
        CheckItem(seen.Id.Value, state, task, item);
        var events = loaded.Events.Select(RunEvents.Read).ToArray();
        var inquiry = new CacheInquiry(parts.Stores.Cache, parts.Artifacts, parts.Activities, parts.Time);
        var answers = new List<CacheDocument>();
        foreach (var node in state.Graph.InTopologicalOrder().Where(node => only is null ? !node.Definition.Name.IsInternal : node.Definition.Name == only))
        {
            answers.Add(CacheDocument.Of(await inquiry.ExplainAsync(seen.Info, state, events, node.Definition.Name, item, context.RequestAborted)));
        }

        return TypedResults.Ok(answers.ToArray());
    }

    private static void CheckItem(string run, RunState state, string? task, int? item)
    {
        if (item is { } index && (task is null || !state.Items.ContainsKey(new TaskKey(state.Graph[new TaskName(task)].Index, index))))
        {
            throw task is null ? ServerErrors.WrongParameter("item", $"{index}", "given together with \"task\"") : ServerErrors.NoSuchItem(run, task, index);
        }
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
    /// <exception cref="ProblemException">The run has no such task (ORC6045).</exception>
    public static TaskName NameOf(string run, string text, IEnumerable<TaskName> known)
    {
        var name = new TaskName(text.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));
        var all = known.Where(one => !one.IsInternal).Distinct().ToArray();
        return all.Contains(name) ? name : throw ServerErrors.NoSuchTask(run, text, all.Select(one => one.Value));
    }
}
