using Orchestrator.Core.Activities;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Scripting;
using Orchestrator.Notifications.Channels;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Logs;
using Orchestrator.Runtime.Retention;
using Orchestrator.Runtime.Secrets;
using Orchestrator.Server.Assets;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Server.Hosting;

/// <summary>What a server serves: an open home and an engine over it. Whoever gives them closes them, after the server.</summary>
public sealed record ServerParts
{
    public required OrcHome Home { get; init; }

    /// <summary>Opened with the tables of the engine, of access and of the audit log.</summary>
    public required OrcDatabase Database { get; init; }

    public required EngineStores Stores { get; init; }

    /// <summary>The engine that works on runs in this process.</summary>
    public required Engine Engine { get; init; }

    public required ActivityCatalog Activities { get; init; }

    public required ArtifactStore Artifacts { get; init; }

    public required AttemptLogs Logs { get; init; }

    /// <summary>What scripts are compiled against, with the limits of this home.</summary>
    public required ScriptEnvironment Scripts { get; init; }

    /// <summary>Has the secrets that webhooks are signed with.</summary>
    public required SecretVault Secrets { get; init; }

    /// <summary>Answers for datasets, models and endpoints.</summary>
    public required ServedAssets Assets { get; init; }

    /// <summary>Whom the server tells what happens.</summary>
    public required ChannelBook Channels { get; init; }

    /// <summary>What is older than the home keeps, and its removal.</summary>
    public required RetentionKeeper Retention { get; init; }

    public required TimeProvider Time { get; init; }

    internal RequestReader Requests => new(Stores.Runs, Stores.Pools, DefinitionReader.Load, Time);
}
