using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Core.Activities;
using Orchestrator.Data;
using Orchestrator.Deployment;
using Orchestrator.Dsl.Scripting;
using Orchestrator.Runtime;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Settings;
using Orchestrator.Storage;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.Retention;
using Orchestrator.Storage.Secrets;
using Orchestrator.Storage.Watching;
using Orchestrator.Tracking;
using Orchestrator.Training;

namespace Orchestrator.Cli.Composition;

/// <summary>Which services this program consists of.</summary>
internal static class Registration
{
    /// <summary>The tables of the engine and of every family, in the order in which they are made.</summary>
    public static IReadOnlyList<MigrationSet> Migrations =>
        [EngineStores.Migrations, SecretStore.Migrations, AuditLog.Migrations, AccessStore.Migrations, WatchedFiles.Migrations, RetentionStore.Migrations, DataRegistration.Migrations, TrackingRegistration.Migrations, DeploymentRegistration.Migrations];

    /// <summary>What runs attempts in the engine's own process.</summary>
    public static IServiceCollection AddEngine(this IServiceCollection services) => services
        .AddLanes()
        .AddStoredSecrets();

    /// <summary>Everything that families offer to the engine's own process.</summary>
    public static IServiceCollection AddFamilies(this IServiceCollection services) => services
        .AddWorkerPorts()
        .AddTracking()
        .AddDeployment();

    /// <summary>What needs no database, and so is there in worker processes too.</summary>
    public static IServiceCollection AddWorkerPorts(this IServiceCollection services) => services
        .AddSingleton(Families.Catalog())
        .AddData()
        .AddTraining()
        .AddSingleton<IScriptSteps>(provider => StepsOf(provider.GetRequiredService<OrcHome>()));

    private static ScriptSteps StepsOf(OrcHome home) => new(Families.Scripts(home.CacheFolder, EngineSettings.Load(home.Folder)));
}
