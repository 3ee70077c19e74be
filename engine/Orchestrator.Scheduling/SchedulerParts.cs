using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Definitions;
using Orchestrator.Scheduling.Events;
using Orchestrator.Scheduling.Starting;
using Orchestrator.Storage;

namespace Orchestrator.Scheduling;

/// <summary>What a scheduler is made of.</summary>
public sealed record SchedulerParts
{
    public required EngineStores Stores { get; init; }

    /// <summary>Not disposed by the scheduler.</summary>
    public required IRunStarter Starter { get; init; }

    /// <summary>Reads the stored JSON of a definition.</summary>
    public required Func<string, PipelineDefinition> ReadDefinition { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Where file triggers look.</summary>
    public IFileListing Files { get; init; } = new FolderListing();

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>How often everything is looked at, besides what alarms and ends of runs say. It finds what other processes left, and what a clock that was set let the alarms miss.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How soon it is seen that something has happened, in this process or in another.</summary>
    public TimeSpan SignalEvery { get; init; } = TimeSpan.FromMilliseconds(500);
}
