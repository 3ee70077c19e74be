using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Tables;

namespace Orchestrator.Data;

/// <summary>Registers what this family offers to others.</summary>
public static class DataRegistration
{
    /// <summary>Adds what needs no database, for every process: <see cref="ITableReader"/>. Safe to call twice.</summary>
    public static IServiceCollection AddData(this IServiceCollection services)
    {
        services.TryAddSingleton<ITableReader, DuckDbTableReader>();
        return services;
    }
}
