using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Assets.Models;
using Orchestrator.Training.Models;

namespace Orchestrator.Training;

/// <summary>What training gives to the program.</summary>
public static class TrainingRegistration
{
    /// <summary>Adds the loader of models that were trained here. Safe to call twice.</summary>
    public static IServiceCollection AddTraining(this IServiceCollection services)
    {
        services.TryAddSingleton<IModelLoader, MlnetLoader>();
        return services;
    }
}
