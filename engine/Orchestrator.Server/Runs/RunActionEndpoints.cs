using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Server.Runs;

/// <summary>What people do with runs: start, repeat, cancel, hold, answer, mark.</summary>
internal static class RunActionEndpoints
{
    private const string Resource = "runs";

    public static void Map(RouteGroupBuilder api)
    {
        var runs = api.MapGroup("/runs");
        runs.MapPost("", StartAsync).Starts().Needs(Permission.Operate)
            .Describe(Resource, "Starts a run of a registered pipeline, or of a definition in the body. With the header Idempotency-Key a request that is sent again starts nothing: its run is the answer", 400, 404, 415, 422, 503);
        runs.MapPost("/plan", PlanAsync).Needs(Permission.Read).Describe(Resource, "Says what a run would do and why, and runs nothing", 400, 404, 415, 422);
        runs.MapPost("/{run}/retry", RetryAsync).Starts().Needs(Permission.Operate).Describe(Resource, "A new run that does again what did not succeed, and keeps the rest", 400, 404, 409, 412, 415, 422, 503);
        runs.MapPost("/{run}/retry/plan", PlanRetryAsync).Needs(Permission.Read).Describe(Resource, "Says what such a new run would do and why, and runs nothing", 400, 404, 409, 415, 422);
        runs.MapPost("/{run}/cancel", CancelAsync).Needs(Permission.Operate).Describe(Resource, "Ends a run, a task, or a task and all after it", 400, 404, 409, 412, 415, 503, 504);
        runs.MapPost("/{run}/pause", (string run, HttpContext context, RunActions actions) => HoldAsync(run, "pause", "the run is paused", context, actions)).Needs(Permission.Operate)
            .Describe(Resource, "Pauses a run: nothing new is started, what runs goes on to its end", 400, 404, 409, 412, 503, 504);
        runs.MapPost("/{run}/resume", (string run, HttpContext context, RunActions actions) => HoldAsync(run, "resume", "the run goes on", context, actions)).Needs(Permission.Operate)
            .Describe(Resource, "Lets a paused run go on", 400, 404, 409, 412, 503, 504);
        runs.MapPost("/{run}/migrate/plan", PlanMigrationAsync).Needs(Permission.Read).Describe(Resource, "Says what would become of each task if an unfinished run went on with another version of its pipeline, and what it would be refused for; changes nothing", 400, 404, 409, 415);
        runs.MapPost("/{run}/migrate", MigrateAsync).Needs(Permission.Operate).Describe(Resource, "Lets an unfinished run go on with another version of its pipeline, after everything that speaks against it was looked at", 400, 404, 409, 412, 415, 422, 503, 504);
        runs.MapPost("/{run}/tasks/{task}/answer", AnswerAsync).Needs(Permission.Approve).Describe(Resource, "Answers what a task asks", 400, 404, 409, 412, 415, 422, 503, 504);
        runs.MapPost("/{run}/tasks/{task}/mark", MarkAsync).Needs(Permission.Operate).Describe(Resource, "Ends a task by hand as succeeded or skipped", 400, 404, 409, 412, 415, 422, 503, 504);
    }

    private static async Task<Results<Created<RunDocument>, Ok<RunDocument>>> StartAsync(StartRun start, HttpContext context, RunStarts starts, RunAccess access)
    {
        var (project, wish) = await starts.ReadAsync(context.GetCaller(), start, Permission.Operate, context.RequestAborted);
        return Accepted(context, access, project, await starts.StartAsync(context, project, wish, null, "run.start", new { definition = wish.Definition.Hash.Value }));
    }

    private static async Task<Ok<PlanDocument>> PlanAsync(StartRun start, HttpContext context, RunStarts starts, ServerParts parts, KeyHolders holders)
    {
        var (_, wish) = await starts.ReadAsync(context.GetCaller(), start, Permission.Read, context.RequestAborted);
        return TypedResults.Ok(await DocumentAsync(wish, parts, holders, context.RequestAborted));
    }

    private static async Task<Ok<PlanDocument>> PlanRetryAsync(string run, RetryRun retry, HttpContext context, RunStarts starts, RunAccess access, ServerParts parts, KeyHolders holders)
    {
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        return TypedResults.Ok(await DocumentAsync(await starts.RepeatAsync(seen, retry, context.RequestAborted), parts, holders, context.RequestAborted));
    }

    private static async Task<PlanDocument> DocumentAsync(RunStart wish, ServerParts parts, KeyHolders holders, CancellationToken cancellation) => new()
    {
        Pipeline = wish.Pipeline.Name,
        Definition = wish.Definition.Hash.Value,
        Params = wish.Params,
        Concurrency = Engine.PlanKey(wish) is { } key ? await KeyPlan.OfAsync(parts.Stores.Concurrency, holders, key, Engine.DryRun, cancellation) : null,
        Parent = wish.Parent?.Value,
        Tasks = [.. (await parts.Engine.PlanAsync(wish, cancellation)).Select(PlannedTaskDocument.Of)],
    };

    private static async Task<Results<Created<RunDocument>, Ok<RunDocument>>> RetryAsync(string run, RetryRun retry, HttpContext context, RunStarts starts, RunActions actions, RunAccess access)
    {
        var seen = await actions.FindAsync(context, run, Permission.Operate);
        var wish = await starts.RepeatAsync(seen, retry, context.RequestAborted);
        return Accepted(context, access, seen.Project, await starts.StartAsync(context, seen.Project, wish, seen.Id, "run.retry", new { run = seen.Id.Value, retry.From, retry.Only }));
    }

    private static Results<Created<RunDocument>, Ok<RunDocument>> Accepted(HttpContext context, RunAccess access, string project, (RunInfo Run, bool IsNew) started)
    {
        var document = access.Document(context.GetCaller(), new SeenRun(started.Run, project));
        EntityTags.Tell(context, EntityTags.OfRun(started.Run.Sequence));
        return started.IsNew ? TypedResults.Created($"/api/v1/runs/{document.Id}", document) : TypedResults.Ok(document);
    }

    private static async Task<Ok<RequestDocument>> CancelAsync(string run, CancelRunBody cancel, HttpContext context, RunActions actions)
    {
        var seen = await actions.FindAsync(context, run, Permission.Operate);
        if (cancel.Task is { } task)
        {
            return await actions.SendAsync(context, seen, "cancel-task", new CancelTaskRequest { Task = new TaskName(task), Branch = cancel.Branch, Reason = cancel.Reason }, $"task {ServerErrors.Shorten(task)}{(cancel.Branch ? " and all after it" : "")} is cancelled");
        }

        return cancel.Branch
            ? throw ServerErrors.WrongBody("\"branch\" is true without a \"task\"")
            : await actions.SendAsync(context, seen, cancel.Terminate ? "terminate" : "cancel", cancel.Reason, "the run is cancelled");
    }

    private static async Task<Ok<RequestDocument>> HoldAsync(string run, string kind, string what, HttpContext context, RunActions actions) =>
        await actions.SendAsync<object>(context, await actions.FindAsync(context, run, Permission.Operate), kind, null, what);

    private static async Task<Ok<MigrationDocument>> PlanMigrationAsync(string run, MigrateRunBody migrate, HttpContext context, RunAccess access, RunMigrator migrator)
    {
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        return TypedResults.Ok(MigrationDocument.Of(seen.Id, await migrator.CheckAsync(context.GetCaller(), seen, migrate, context.RequestAborted)));
    }

    private static async Task<Ok<RequestDocument>> MigrateAsync(string run, MigrateRunBody migrate, HttpContext context, RunActions actions, RunMigrator migrator)
    {
        var seen = await actions.FindAsync(context, run, Permission.Operate);
        var check = await migrator.CheckAsync(context.GetCaller(), seen, migrate, context.RequestAborted);
        return check.Plan.IsAllowed
            ? await actions.SendAsync(context, seen, MigrateRequest.Kind, check.Request, $"the run goes on with definition {check.Plan.To.Short}")
            : throw ServerErrors.NotMigrated(seen.Id.Value, check.Plan.Problems);
    }

    private static async Task<Ok<RequestDocument>> AnswerAsync(string run, string task, AnswerTaskBody answer, HttpContext context, RunActions actions, RunDesk desk)
    {
        var seen = await actions.FindAsync(context, run, Permission.Approve);
        RunDesk.CheckOpen(seen.Info);
        var caller = context.GetCaller();
        var who = answer.By ?? caller.Name;
        if (who != caller.Name && caller.Via != CallerKinds.Local)
        {
            throw ServerErrors.NotForAnother(caller.Name, who);
        }

        var state = await desk.ExpectedStateAsync(seen.Id, context.RequestAborted);
        var asked = new AnswerRequest
        {
            Task = TaskPath.NameOf(seen.Id, task, state.Graph.Nodes.Select(node => node.Definition.Name)), Approved = answer.Approved, Answer = answer.Answer, Comment = answer.Comment,
            Via = who == caller.Name ? null : caller.Name,
        };
        AnswerChecks.Check(state, asked, who);
        return await actions.SendAsync(context, seen, "answer", asked, $"task {asked.Task} is {(asked.Approved ? "approved" : "rejected")} by {who}", who);
    }

    private static async Task<Ok<RequestDocument>> MarkAsync(string run, string task, MarkTaskBody mark, HttpContext context, RunActions actions, RunDesk desk, ServerParts parts)
    {
        var seen = await actions.FindAsync(context, run, Permission.Operate);
        RunDesk.CheckOpen(seen.Info);
        var state = await desk.ReplayAsync(seen.Id, context.RequestAborted);
        var name = TaskPath.NameOf(seen.Id, task, state.Graph.Nodes.Select(node => node.Definition.Name));
        var outcome = mark.As switch
        {
            "succeeded" => TaskOutcome.Succeeded,
            "skipped" => TaskOutcome.Skipped,
            _ => throw ServerErrors.WrongBody($"\"as\" is \"{ServerErrors.Shorten(mark.As)}\"", "It should be succeeded or skipped."),
        };
        var request = new MarkRequest { Task = name, As = outcome, Reason = mark.Reason, Outputs = MarkChecks.Outputs(parts.Activities, state.Graph[name].Definition, outcome, mark.Outputs) };
        return await actions.SendAsync(context, seen, "mark", request, $"task {name} is marked as {mark.As}");
    }
}

/// <summary>Asks something of a run for a caller.</summary>
internal sealed class RunActions(RunAccess access, RunDesk desk, ServerState state, TimeProvider time)
{
    /// <summary>The run that is to be changed, as If-Match wants it.</summary>
    /// <exception cref="ProblemException">The server is stopping (ORC6002), the caller may not (ORC6022), or the run has changed (ORC6011).</exception>
    public async Task<SeenRun> FindAsync(HttpContext context, string run, Permission permission)
    {
        state.CheckTaking();
        var seen = await access.FindAsync(context.GetCaller(), run, permission, context.RequestAborted);
        return EntityTags.ExpectedRun(context) is { } expected && expected != seen.Info.Sequence
            ? throw ServerErrors.OtherVersion($"run {seen.Id}", EntityTags.OfRun(seen.Info.Sequence))
            : seen;
    }

    /// <param name="context">Whose request it is.</param>
    /// <param name="run">The run.</param>
    /// <param name="kind">What is asked.</param>
    /// <param name="payload">With what.</param>
    /// <param name="what">The same in words, as done.</param>
    /// <param name="by">In whose name; null: the caller's.</param>
    public async Task<Ok<RequestDocument>> SendAsync<T>(HttpContext context, SeenRun run, string kind, T? payload, string what, string? by = null)
        where T : class
    {
        var caller = context.GetCaller();
        var now = time.GetUtcNow();
        var request = new RunRequest { Id = Ids.New(time), RunId = run.Id, Kind = kind, By = by ?? caller.Name, At = now, Payload = payload is null ? null : OrcJson.ToElement(payload) };
        var entry = caller.Did($"run.{kind}", $"run {run.Id}", run.Project, now, payload is null ? null : new { asked = payload });
        // What the answer waits for is done whether or not somebody still listens.
        var fate = await desk.SendAsync(run.Info, request, (session, token) => AuditLog.AppendAsync(session, entry, token), context.RequestAborted);
        return TypedResults.Ok(new RequestDocument { Run = run.Id.Value, Status = fate.ToString().ToLowerInvariant(), What = what });
    }
}
