using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Outgoing;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;
using Orchestrator.Runtime.Outgoing;
using Orchestrator.Runtime.Processes;
using Orchestrator.Runtime.Secrets;
using Orchestrator.Runtime.Workers;
using Orchestrator.Storage.Secrets;

namespace Orchestrator.Runtime;

/// <summary>Registers artifacts, attempt logs and lanes. The composition root registers <see cref="OrcHome"/>; an own <see cref="TimeProvider"/> or options before this call win.</summary>
public static class LaneRegistration
{
    public static IServiceCollection AddLanes(this IServiceCollection services)
    {
        services.AddArtifacts();
        services.TryAddSingleton<AttemptLogOptions>();
        services.TryAddSingleton<LaneOptions>();
        services.TryAddSingleton<AttemptLogs>();
        services.TryAddSingleton<WorkerPoolOptions>();
        services.TryAddSingleton<WorkerPool>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISecretSource, EnvironmentSecrets>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISecretSource, FileSecrets>());
        services.TryAddSingleton<SecretVault>();
        services.TryAddSingleton<GuardedHttpOptions>();
        services.TryAddSingleton<IGuardedHttp, GuardedHttp>();
        services.TryAddSingleton<MemoryGuard>();
        services.AddLane<InlineLane>();
        services.AddLane<ProcessLane>();
        services.AddLane<CommandLane>();
        return services;
    }

    /// <summary>The encrypted secrets of the home, which need its database.</summary>
    public static IServiceCollection AddStoredSecrets(this IServiceCollection services)
    {
        services.TryAddSingleton<SecretStore>();
        services.TryAddSingleton<SecretBook>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISecretSource, StoredSecrets>());
        return services;
    }

    private static void AddLane<TLane>(this IServiceCollection services)
        where TLane : class, ILane
    {
        services.TryAddSingleton<TLane>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILane, SecretLane<TLane>>());
    }

    /// <summary>What worker processes need as well: the artifact store and the clock.</summary>
    public static IServiceCollection AddArtifacts(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ArtifactStore>();
        services.TryAddSingleton<IArtifactStore>(provider => provider.GetRequiredService<ArtifactStore>());
        return services;
    }
}
