using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Orchestrator.Scheduling;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Server.Working;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Server.Schedules;

/// <summary>Changes triggers for callers.</summary>
internal sealed class TriggerChanges(TriggerAccess access, TriggerView view, TriggerControl control, ServerParts parts, ServerState state, SchedulerHost scheduler)
{
    public async Task<Ok<TriggerDocument>> PauseAsync(HttpContext context, string? kind, TriggerKey key, string? reason)
    {
        var (seen, care) = await FindAsync(context, kind, key, "pause", reason is null ? null : new { reason });
        await control.PauseAsync(seen.Info, context.GetCaller().Name, reason, care, context.RequestAborted);
        return TypedResults.Ok(await NowAsync(context, seen));
    }

    public async Task<Ok<ResumedTriggerDocument>> ResumeAsync(HttpContext context, string? kind, TriggerKey key)
    {
        var (seen, care) = await FindAsync(context, kind, key, "resume", null);
        var passed = await control.ResumeAsync(key, care, context.RequestAborted);
        scheduler.Wake();
        return TypedResults.Ok(new ResumedTriggerDocument { Trigger = await NowAsync(context, seen), PassedOver = passed });
    }

    private async Task<(SeenTrigger Seen, TriggerCare Care)> FindAsync(HttpContext context, string? kind, TriggerKey key, string what, object? details)
    {
        state.CheckTaking();
        var caller = context.GetCaller();
        var seen = await access.FindAsync(caller, kind, key, Permission.Operate, context.RequestAborted);
        var expected = EntityTags.ExpectedTrigger(context);
        if (expected is { } version && version != seen.Info.Version)
        {
            throw ServerErrors.OtherVersion($"trigger {key}", EntityTags.OfTrigger(seen.Info.Version));
        }

        var entry = caller.Did($"trigger.{what}", $"trigger {key}", seen.Project, parts.Time.GetUtcNow(), details);
        return (seen, new TriggerCare { AsSeen = expected, Also = (session, token) => AuditLog.AppendAsync(session, entry, token) });
    }

    private async Task<TriggerDocument> NowAsync(HttpContext context, SeenTrigger seen)
    {
        var now = seen with { Info = await parts.Stores.Triggers.FindAsync(seen.Info.Key, context.RequestAborted) ?? seen.Info };
        EntityTags.Tell(context, EntityTags.OfTrigger(now.Info.Version));
        return await view.DocumentAsync(now, context.RequestAborted);
    }
}
