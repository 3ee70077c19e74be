using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Notifications;

namespace Orchestrator.Notifications.Sending;

/// <summary>Tells people, until it is disposed. Several services may work on one database, in one process or many: each message has one sender at a time.</summary>
public sealed partial class NotifierService : IAsyncDisposable
{
    private readonly NotifierParts parts;
    private readonly NotifierCore core;
    private readonly CancellationTokenSource leaving = new();

    /// <summary>Messages that go out, with their channels.</summary>
    private readonly ConcurrentDictionary<string, string> underWay = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, bool> sending = new();
    private Task working = Task.CompletedTask;

    private NotifierService(NotifierParts parts) => (this.parts, core) = (parts, new NotifierCore(parts));

    public static NotifierService Start(NotifierParts parts)
    {
        var service = new NotifierService(parts);
        service.working = service.WorkAsync(service.leaving.Token);
        return service;
    }

    /// <summary>What goes out is broken off and left to the next start, or to another server.</summary>
    public async ValueTask DisposeAsync()
    {
        await leaving.CancelAsync();
        await working;
        await Task.WhenAll(sending.Keys);
        leaving.Dispose();
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(parts.LookEvery, parts.Time);
        try
        {
            do
            {
                await LookAsync(cancellation);
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        try
        {
            await core.PlanAsync(cancellation);
            foreach (var due in await core.ListDueAsync(underWay, cancellation))
            {
                Send(due, cancellation);
            }
        }
        catch (Exception failed) when (failed is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            LogLookFailed(parts.Logger, failed is StorageException ? null : failed, failed.Message);
        }
    }

    private void Send(NotificationInfo due, CancellationToken cancellation)
    {
        underWay[due.Id] = due.Channel;
        var task = SendAsync(due, cancellation);
        sending[task] = true;
        _ = task.ContinueWith(done => sending.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Never fails.</summary>
    private async Task SendAsync(NotificationInfo due, CancellationToken cancellation)
    {
        try
        {
            await core.SendAsync(due, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The service stops before it began.
        }
        catch (Exception failed)
        {
            // Its lease ends by itself, and somebody sends it again.
            LogLookFailed(parts.Logger, failed, failed.Message);
        }
        finally
        {
            underWay.TryRemove(due.Id, out _);
        }
    }

    [LoggerMessage(6305, LogLevel.Error, "notifications could not be looked at; they will be again: {Reason}")]
    private static partial void LogLookFailed(ILogger logger, Exception? failed, string reason);
}
