using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Notifications.Sending;
using Orchestrator.Server.Hosting;

namespace Orchestrator.Server.Working;

/// <summary>Lets the server tell people what happens, in its own runs and in those of other processes on the database.</summary>
internal sealed class NotifierHost(ServerParts parts, ILogger<NotifierHost> logger) : IHostedService
{
    private NotifierService? service;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Who serves a home without channels leaves what happened to one that has some.
        service = parts.Channels.Settings.Channels.Count == 0 ? null
            : NotifierService.Start(new NotifierParts { Stores = parts.Stores, Channels = parts.Channels, Time = parts.Time, Logger = logger });
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref service, null) is { } running)
        {
            await running.DisposeAsync();
        }
    }
}
