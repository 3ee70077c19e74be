using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Storage.Facts;
using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.Retention;
using Orchestrator.Tracking.Experiments;
using Orchestrator.Tracking.Models;

namespace Orchestrator.Tracking;

/// <summary>Registers experiment tracking and the model registry. The composition root registers the database, opened with <see cref="Migrations"/>.</summary>
public static class TrackingRegistration
{
    /// <summary>The tables of this family.</summary>
    public static MigrationSet Migrations { get; } = MigrationSet.FromResources("tracking", typeof(TrackingRegistration).Assembly, "");

    public static IServiceCollection AddTracking(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ModelRegistry>();
        services.TryAddSingleton<IModelRegistry>(provider => provider.GetRequiredService<ModelRegistry>());
        services.TryAddSingleton<ModelQueries>();
        services.TryAddSingleton<ExperimentQueries>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IReferenceResolver, ModelReferenceResolver>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IFactHandler, TrackingRunHandler>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IFactHandler, ParamHandler>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IFactHandler, MetricHandler>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IFactHandler, TagHandler>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IFactHandler, RunArtifactHandler>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunHolder, ModelRunHolder>());
        return services;
    }
}
