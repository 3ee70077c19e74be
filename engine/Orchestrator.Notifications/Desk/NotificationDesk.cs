using Orchestrator.Storage.Notifications;

namespace Orchestrator.Notifications.Desk;

/// <summary>What people ask of messages.</summary>
/// <param name="store">The messages.</param>
public sealed class NotificationDesk(NotificationStore store)
{
    /// <summary>By its id, or by the first characters of it.</summary>
    /// <exception cref="Core.Activities.ActivityException">There is none (ORC6311), or several (ORC6312).</exception>
    public async Task<NotificationInfo> FindAsync(string text, CancellationToken cancellation)
    {
        var found = text.Length == 0 || !text.All(char.IsAsciiLetterOrDigit) ? [] : await store.FindByPrefixAsync(text.ToUpperInvariant(), cancellation);
        return found.Count switch
        {
            1 => found[0],
            0 => throw NotificationErrors.NoSuchNotification(text),
            _ => throw NotificationErrors.SeveralNotifications(text, found.Select(one => one.Id)),
        };
    }

    /// <summary>Newest first.</summary>
    /// <exception cref="Core.Activities.ActivityException">There is no such status (ORC6314).</exception>
    public Task<IReadOnlyList<NotificationInfo>> ListAsync(string? channel, string? status, string? before, int limit, CancellationToken cancellation) => status is null || NotificationStatuses.All.Contains(status)
        ? store.ListAsync(new NotificationFilter { Channel = channel, Statuses = status is null ? null : [status], Before = before, Limit = limit }, cancellation)
        : throw NotificationErrors.NoSuchStatus(status, [.. NotificationStatuses.All]);
}
