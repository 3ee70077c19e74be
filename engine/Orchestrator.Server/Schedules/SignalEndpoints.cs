using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Core.Values;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Server.Runs;
using Orchestrator.Server.Working;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Server.Schedules;

/// <summary>
/// Tells triggers of what happened outside: a dataset or a model that another system keeps. What this program itself says (that a run ended, a file appeared, a request came) nobody else can say.
/// </summary>
internal static class SignalEndpoints
{
    private static readonly string[] Kinds = [Signals.DatasetUpdated, Signals.AliasMoved];

    public static void Map(RouteGroupBuilder api) => api.MapPost("/signals", SendAsync).Needs(Permission.Operate).Describe(
        "triggers", "Tells triggers of something that happened outside. With the header Idempotency-Key a request that is sent again tells nothing", 400, 415, 422, 503);

    private static async Task<Accepted<SignalDocument>> SendAsync(SendSignal signal, HttpContext context, ServerParts parts, ServerState state, SchedulerHost scheduler)
    {
        state.CheckTaking();
        var caller = context.GetCaller();
        // Triggers of every project hear it.
        caller.Check(Permission.Operate, RoleGrant.EveryProject);
        if (!Kinds.Contains(signal.Kind))
        {
            throw ServerErrors.WrongBody($"\"kind\" is \"{ServerErrors.Shorten(signal.Kind)}\"", $"It should be {string.Join(" or ", Kinds)}.");
        }

        if (signal.Subject.Length is 0 or > 300 || signal.Subject.Any(char.IsControl))
        {
            throw ServerErrors.WrongBody("\"subject\" should have 1 to 300 characters", "It is the dataset's name, or MODEL@ALIAS.");
        }

        if (signal.Payload is { ValueKind: not JsonValueKind.Object })
        {
            throw ServerErrors.WrongBody("\"payload\" is no object", "Expressions read its members as run.trigger.event.NAME.");
        }

        var now = parts.Time.GetUtcNow();
        var told = new NewSignal
        {
            Topic = new SignalTopic(signal.Kind, signal.Subject),
            Payload = signal.Payload ?? OrcJson.ToElement(new { }),
            At = now,
            Once = RunStarts.KeyOf(context) is { } key ? $"api:{caller.Via}:{caller.Name}:{key}" : null,
        };
        var heard = await parts.Database.WriteAsync(
            async (session, token) =>
            {
                if (!await Signals.AddAsync(session, told, token))
                {
                    return false;
                }

                await AuditLog.AppendAsync(session, caller.Did("signal.send", $"{signal.Kind} {signal.Subject}", null, now), token);
                return true;
            },
            context.RequestAborted);
        if (heard)
        {
            scheduler.Wake();
        }

        return TypedResults.Accepted((string?)null, new SignalDocument { Heard = heard });
    }
}

/// <summary>Something that happened outside.</summary>
public sealed record SendSignal
{
    /// <summary><c>dataset-updated</c> or <c>alias-moved</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The dataset's name, or <c>MODEL@ALIAS</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>What expressions see as <c>run.trigger.event</c>: an object.</summary>
    public JsonElement? Payload { get; init; }
}

/// <summary>What became of a signal.</summary>
public sealed record SignalDocument
{
    /// <summary>False: no trigger waits for it, or it was told before.</summary>
    public required bool Heard { get; init; }
}
