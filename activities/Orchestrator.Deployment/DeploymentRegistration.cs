using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Deployment.Endpoints;
using Orchestrator.Deployment.Prediction;
using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.Retention;
using Orchestrator.Tracking;

namespace Orchestrator.Deployment;

/// <summary>
/// Registers endpoints and prediction. The composition root registers the database, opened with <see cref="Migrations"/> and those of tracking, and for
/// prediction the artifact store, a model loader and a table reader.
/// </summary>
public static class DeploymentRegistration
{
    /// <summary>The tables of this family.</summary>
    public static MigrationSet Migrations { get; } = MigrationSet.FromResources("deployment", typeof(DeploymentRegistration).Assembly, "");

    public static IServiceCollection AddDeployment(this IServiceCollection services)
    {
        services.AddTracking();
        services.TryAddSingleton<EndpointStore>();
        services.TryAddSingleton<EndpointQueries>();
        services.TryAddSingleton<EndpointPredictor>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunHolder, EndpointRunHolder>());
        return services;
    }
}
