using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Dsl;
using Orchestrator.Scheduling;
using Orchestrator.Server.Hosting;

namespace Orchestrator.Server.Working;

/// <summary>Lets the server start runs by themselves: schedules, triggers and backfills of the registered pipelines.</summary>
internal sealed class SchedulerHost(ServerParts parts, RunKeeper keeper, ILogger<SchedulerHost> logger) : IHostedService
{
    private SchedulerService? service;

    public async Task StartAsync(CancellationToken cancellationToken) => service = await SchedulerService.StartAsync(
        new SchedulerParts { Stores = parts.Stores, Starter = keeper, ReadDefinition = DefinitionReader.Load, Time = parts.Time, Logger = logger }, cancellationToken);

    /// <summary>What somebody has just asked for is looked at now and not with the next sweep.</summary>
    public void Wake() => service?.Wake();

    /// <summary>Nothing starts by itself from now on. Called before the engine is drained, and again when the server stops.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref service, null) is { } running)
        {
            await running.DisposeAsync();
        }
    }
}
