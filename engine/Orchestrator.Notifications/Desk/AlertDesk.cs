using Orchestrator.Storage.Alerts;
using Orchestrator.Storage.Audit;

namespace Orchestrator.Notifications.Desk;

/// <summary>What people ask of alerts.</summary>
/// <param name="store">The alerts.</param>
/// <param name="time">The time.</param>
public sealed class AlertDesk(AlertStore store, TimeProvider time)
{
    /// <exception cref="Core.Activities.ActivityException">It cannot be raised as it is (ORC6332).</exception>
    public Task<RaisedAlert> RaiseAsync(NewAlert alert, AuditEntry audit, CancellationToken cancellation) =>
        alert.Problem is { } problem ? throw NotificationErrors.BadAlert(problem) : store.RaiseAsync(alert, time, audit, cancellation);

    /// <summary>By its id, or by the first characters of it.</summary>
    /// <param name="text">Those characters, in any case.</param>
    /// <param name="projects">Whose alerts there are for the caller; null: all.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="Core.Activities.ActivityException">There is none (ORC6330), or several (ORC6331).</exception>
    public async Task<AlertInfo> FindAsync(string text, IReadOnlyList<string>? projects, CancellationToken cancellation)
    {
        var found = text.Length == 0 || !text.All(char.IsAsciiLetterOrDigit) ? [] : (await store.FindByPrefixAsync(text.ToUpperInvariant(), cancellation)).Where(one => projects?.Contains(one.Project) ?? true).ToArray();
        return found switch
        {
            [var only] => only,
            [] => throw NotificationErrors.NoSuchAlert(text),
            _ => throw NotificationErrors.SeveralAlerts(text, found.Select(one => one.Id)),
        };
    }

    /// <exception cref="Core.Activities.ActivityException">Somebody looks at it already, or it is closed (ORC6333).</exception>
    public async Task<AlertInfo> AcknowledgeAsync(AlertInfo alert, string by, string? comment, AuditEntry audit, CancellationToken cancellation) =>
        await AfterAsync(await store.AcknowledgeAsync(alert.Id, by, comment, time.GetUtcNow(), audit, cancellation), alert, cancellation);

    /// <exception cref="Core.Activities.ActivityException">It is closed already (ORC6333).</exception>
    public async Task<AlertInfo> CloseAsync(AlertInfo alert, string by, string? comment, AuditEntry audit, CancellationToken cancellation) =>
        await AfterAsync(await store.CloseAsync(alert.Id, by, comment, time.GetUtcNow(), audit, cancellation), alert, cancellation);

    private async Task<AlertInfo> AfterAsync(bool changed, AlertInfo alert, CancellationToken cancellation)
    {
        var now = await store.FindAsync(alert.Id, cancellation) ?? throw NotificationErrors.NoSuchAlert(alert.Id);
        return changed ? now : throw NotificationErrors.NotOpen(now.Id, now.Status);
    }
}
