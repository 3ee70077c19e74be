using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Orchestrator.Scheduling.Backfills;
using Orchestrator.Server.Access;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Working;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Server.Backfills;

/// <summary>Changes backfills for callers. Each change is for a backfill in certain states and refused in all others, so two that ask at once are heard once.</summary>
internal sealed class BackfillChanges(BackfillAccess access, BackfillControl control, ServerParts parts, ServerState state, SchedulerHost scheduler)
{
    public async Task<Ok<BackfillChangeDocument>> StartAsync(HttpContext context, string id, string what)
    {
        var (seen, also) = await FindAsync(context, id, what);
        await control.RunAsync(seen.Info, also, context.RequestAborted);
        scheduler.Wake();
        return await NowAsync(context, seen, null);
    }

    public async Task<Ok<BackfillChangeDocument>> PauseAsync(HttpContext context, string id)
    {
        var (seen, also) = await FindAsync(context, id, "pause");
        await control.PauseAsync(seen.Info, also, context.RequestAborted);
        return await NowAsync(context, seen, null);
    }

    public async Task<Ok<BackfillChangeDocument>> CancelAsync(HttpContext context, string id)
    {
        var (seen, also) = await FindAsync(context, id, "cancel");
        // Once it is cancelled its runs are asked, whether or not somebody still listens.
        var asked = await control.CancelAsync(seen.Info, context.GetCaller().Name, also, CancellationToken.None);
        return await NowAsync(context, seen, asked);
    }

    public async Task<Ok<BackfillChangeDocument>> RetryAsync(HttpContext context, string id)
    {
        var (seen, also) = await FindAsync(context, id, "retry");
        var again = await control.RetryAsync(seen.Info, also, context.RequestAborted);
        scheduler.Wake();
        return await NowAsync(context, seen, again);
    }

    private async Task<(SeenBackfill Seen, Func<IWriteSession, CancellationToken, Task> Also)> FindAsync(HttpContext context, string id, string what)
    {
        state.CheckTaking();
        var caller = context.GetCaller();
        var seen = await access.FindAsync(caller, id, Permission.Operate, context.RequestAborted);
        var entry = caller.Did($"backfill.{what}", $"backfill {seen.Info.Id}", seen.Project, parts.Time.GetUtcNow());
        return (seen, (session, token) => AuditLog.AppendAsync(session, entry, token));
    }

    private async Task<Ok<BackfillChangeDocument>> NowAsync(HttpContext context, SeenBackfill seen, int? affected)
    {
        var now = seen with { Info = await parts.Stores.Backfills.FindAsync(seen.Info.Id, context.RequestAborted) ?? seen.Info };
        return TypedResults.Ok(new BackfillChangeDocument { Backfill = await access.DocumentAsync(now, context.RequestAborted), Affected = affected });
    }
}
