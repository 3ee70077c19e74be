using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Activities;
using Orchestrator.Data.Catalog;
using Orchestrator.Data.Tables;
using Orchestrator.Storage.Facts;
using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.Retention;

namespace Orchestrator.Data;

/// <summary>Registers datasets: their reader for every process, and their tables for the one that has the database, opened with <see cref="Migrations"/>.</summary>
public static class DataRegistration
{
    /// <summary>The tables of this family.</summary>
    public static MigrationSet Migrations { get; } = MigrationSet.FromResources("data", typeof(DataRegistration).Assembly, "");

    /// <summary>Safe to call twice. <see cref="ITableReader"/> works without a database, in worker processes too.</summary>
    public static IServiceCollection AddData(this IServiceCollection services)
    {
        services.TryAddSingleton<ITableReader, DuckDbTableReader>();
        services.TryAddSingleton<DatasetCatalog>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IReferenceResolver, DatasetReferenceResolver>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IFactHandler, DatasetVersionHandler>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IFactHandler, ValidationHandler>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunHolder, DatasetRunHolder>());
        return services;
    }
}
