using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Values;
using Orchestrator.Notifications.Channels;
using Orchestrator.Notifications.Configuration;
using Orchestrator.Notifications.Planning;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Notifications;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Notifications.Sending;

/// <summary>Makes messages of what happened, and sends those that are due. It remembers nothing: what one look leaves behind is in the database, for this process or another one.</summary>
internal sealed partial class NotifierCore
{
    private const int Page = 100;

    /// <summary>How many messages go out at once. One of each channel, so that a reader has them in their order, and a channel that does not answer holds up its own alone.</summary>
    private const int AtOnce = 16, AtOncePerChannel = 1;

    /// <summary>How much longer than an attempt may take a message stays its sender's.</summary>
    private static readonly TimeSpan LeaseSlack = TimeSpan.FromSeconds(15);

    private readonly NotifierParts parts;
    private readonly NotificationStore store;
    private readonly NoticeWriter writer;
    private readonly string owner;
    private readonly ConcurrentDictionary<string, IChannel> channels = new(StringComparer.Ordinal);

    public NotifierCore(NotifierParts parts)
    {
        this.parts = parts;
        store = parts.Stores.Notifications;
        writer = new NoticeWriter(parts.Stores.Runs);
        owner = Ids.New(parts.Time);
    }

    private NotificationSettings Settings => parts.Channels.Settings;

    /// <summary>Makes messages of everything that happened and that nobody has looked at yet.</summary>
    public async Task PlanAsync(CancellationToken cancellation)
    {
        IReadOnlyList<OutboxMessage> causes;
        do
        {
            causes = await store.ListCausesAsync(Page, cancellation);
            foreach (var cause in causes)
            {
                await store.PlanAsync(cause.Sequence, await NoticesOfAsync(cause, cancellation), parts.Time, cancellation);
            }
        }
        while (causes.Count == Page);
    }

    /// <summary>Messages that are due, and may be begun beside those that go out already.</summary>
    /// <param name="underWay">The ids of those, with their channels.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<IReadOnlyList<NotificationInfo>> ListDueAsync(IReadOnlyDictionary<string, string> underWay, CancellationToken cancellation)
    {
        var room = underWay.GroupBy(one => one.Value, StringComparer.Ordinal).ToDictionary(group => group.Key, group => AtOncePerChannel - group.Count(), StringComparer.Ordinal);
        var chosen = new List<NotificationInfo>();
        foreach (var due in await store.ListDueAsync(parts.Time.GetUtcNow(), Page, cancellation))
        {
            var left = room.GetValueOrDefault(due.Channel, AtOncePerChannel);
            if (chosen.Count + underWay.Count < AtOnce && left > 0 && !underWay.ContainsKey(due.Id))
            {
                room[due.Channel] = left - 1;
                chosen.Add(due);
            }
        }

        return chosen;
    }

    /// <summary>Sends a message that is due, unless somebody else does or its channel wants quiet, and writes down what became of it.</summary>
    public async Task SendAsync(NotificationInfo due, CancellationToken cancellation)
    {
        var now = parts.Time.GetUtcNow();
        var known = Settings.Channels.GetValueOrDefault(due.Channel);
        if (!due.Urgent && known?.Hold(now) is { } until && until > now)
        {
            await store.HoldAsync(due, now, until, cancellation);
            return;
        }

        if (await store.ClaimAsync(due, owner, now, now + parts.Channels.Limits.Time + LeaseSlack, cancellation) is not { } claimed)
        {
            return;
        }

        var outcome = known is null ? GivenUp("the settings have this channel no more") : await TryAsync(known, claimed, cancellation);
        // Written down although the program stops: the message has gone out, or not.
        await store.SettleAsync(claimed, outcome, CancellationToken.None);
    }

    private async Task<IReadOnlyList<NewNotice>> NoticesOfAsync(OutboxMessage cause, CancellationToken cancellation)
    {
        var now = parts.Time.GetUtcNow();
        if (now - cause.At > parts.Channels.Limits.Age)
        {
            LogTooOld(parts.Logger, cause.Kind, cause.At);
            return [];
        }

        return Settings.Routes.Count > 0 && await writer.WriteAsync(cause, cancellation) is ({ } notice, { } key) ? Router.Plan(Settings, notice, key, now) : [];
    }

    private async Task<NotificationOutcome> TryAsync(ChannelSettings settings, NotificationInfo claimed, CancellationToken cancellation)
    {
        try
        {
            var notices = await store.ListNoticesAsync(claimed.Id, NotificationStore.MostNotices, cancellation);
            var message = new Message { Id = claimed.Id, Channel = claimed.Channel, Event = claimed.Event, Notices = [.. notices.Select(one => OrcJson.FromElement<Notice>(one.Payload))], At = claimed.CreatedAt };
            await parts.Channels.SendAsync(channels.GetOrAdd(settings.Name, _ => parts.Open?.Invoke(settings) ?? parts.Channels.Open(settings, parts.Logger)), message, cancellation);
            LogSent(parts.Logger, claimed.Id, claimed.Channel, claimed.Event, claimed.Notices);
            return new NotificationOutcome { Status = NotificationStatuses.Sent, EndedAt = parts.Time.GetUtcNow() };
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new NotificationOutcome { Status = NotificationStatuses.Waiting, DueAt = parts.Time.GetUtcNow(), Error = "the program that sent it was stopped meanwhile" };
        }
        catch (Exception failed) when (failed is not StorageException)
        {
            return AfterFailure(claimed, failed);
        }
    }

    private NotificationOutcome AfterFailure(NotificationInfo claimed, Exception failed)
    {
        // What a channel says holds no secret; of what nobody foresaw nobody can know.
        var reason = failed is ChannelException said ? said.Message : $"something that nobody foresaw: {failed.GetType().Name}";
        var limits = parts.Channels.Limits;
        if (claimed.Attempts >= limits.Attempts)
        {
            LogGivenUp(parts.Logger, claimed.Id, claimed.Channel, claimed.Attempts, reason);
            return GivenUp(reason);
        }

        var wait = RetryDelays.After(claimed.Attempts, limits, (failed as ChannelException)?.RetryAfter, parts.Draw());
        LogNotSent(parts.Logger, claimed.Id, claimed.Channel, claimed.Attempts, wait, reason);
        return new NotificationOutcome { Status = NotificationStatuses.Waiting, DueAt = parts.Time.GetUtcNow() + wait, Error = reason };
    }

    private NotificationOutcome GivenUp(string reason) => new() { Status = NotificationStatuses.Failed, Error = reason, EndedAt = parts.Time.GetUtcNow() };

    [LoggerMessage(6301, LogLevel.Information, "notification {Notification} has gone out by {Channel}: {What}, {Notices} told")]
    private static partial void LogSent(ILogger logger, string notification, string channel, string what, long notices);

    [LoggerMessage(6302, LogLevel.Warning, "notification {Notification} was not taken by {Channel} in attempt {Attempt}, and is sent again in {Wait}: {Reason}")]
    private static partial void LogNotSent(ILogger logger, string notification, string channel, long attempt, TimeSpan wait, string reason);

    [LoggerMessage(6303, LogLevel.Error, "notification {Notification} is given up: {Channel} has not taken it in {Attempts} attempts: {Reason}")]
    private static partial void LogGivenUp(ILogger logger, string notification, string channel, long attempts, string reason);

    [LoggerMessage(6304, LogLevel.Information, "nobody is told of {Kind} of {At} any more: it is older than notify.age")]
    private static partial void LogTooOld(ILogger logger, string kind, DateTimeOffset at);
}
