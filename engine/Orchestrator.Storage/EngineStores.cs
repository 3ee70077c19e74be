using Orchestrator.Storage.Alerts;
using Orchestrator.Storage.Artifacts;
using Orchestrator.Storage.Backfills;
using Orchestrator.Storage.Caching;
using Orchestrator.Storage.Concurrency;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Facts;
using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.Notifications;
using Orchestrator.Storage.Pipelines;
using Orchestrator.Storage.Pools;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Storage;

/// <summary>The engine's stores over one database.</summary>
public sealed class EngineStores
{
    /// <param name="database">Opened with <see cref="Migrations"/>.</param>
    /// <param name="factHandlers">One per kind of fact.</param>
    /// <exception cref="ArgumentException">Two handlers take the same kind.</exception>
    public EngineStores(OrcDatabase database, IEnumerable<IFactHandler> factHandlers)
    {
        Runs = new RunStore(database, new FactDispatcher(factHandlers));
        Definitions = new DefinitionStore(database);
        Cache = new CacheStore(database);
        Artifacts = new ArtifactIndex(database);
        Pools = new PoolStore(database);
        Concurrency = new ConcurrencyStore(database);
        Pipelines = new PipelineStore(database);
        Triggers = new TriggerStore(database);
        Backfills = new BackfillStore(database);
        Alerts = new AlertStore(database);
        Notifications = new NotificationStore(database);
    }

    /// <summary>The engine's own tables.</summary>
    public static MigrationSet Migrations { get; } = MigrationSet.FromResources("engine", typeof(EngineStores).Assembly, "");

    public IRunStore Runs { get; }

    public IDefinitionStore Definitions { get; }

    public ICacheStore Cache { get; }

    public IArtifactIndex Artifacts { get; }

    public IPoolStore Pools { get; }

    public IConcurrencyStore Concurrency { get; }

    public IPipelineStore Pipelines { get; }

    public ITriggerStore Triggers { get; }

    public IBackfillStore Backfills { get; }

    public AlertStore Alerts { get; }

    public NotificationStore Notifications { get; }
}
