using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Deployment.Endpoints;
using Orchestrator.Storage.Databases;
using Orchestrator.Tracking.Models;

namespace Orchestrator.Deployment.Prediction;

/// <summary>Answers predictions from what is deployed to an endpoint now.</summary>
public sealed class EndpointPredictor(OrcDatabase database, IArtifactStore artifacts, IModelLoader loader, ITableReader tables)
{
    /// <summary>Loads the model behind an endpoint, to answer any number of predictions with it.</summary>
    /// <exception cref="ActivityException">
    /// There is no such endpoint (ORC5551), nothing is deployed to it (ORC5552), or the model's file is gone (ORC5555); or the loader refuses the file.
    /// </exception>
    public async Task<LoadedEndpoint> OpenAsync(string endpoint, CancellationToken cancellation)
    {
        var model = await database.ReadAsync(
            async (session, token) =>
            {
                var current = await EndpointQueries.GetCurrentAsync(session, endpoint, token);
                var number = current.Version.ToString(System.Globalization.CultureInfo.InvariantCulture);
                return await ModelRegistry.FindAsync(session, current.Model, number, token) ?? throw DeploymentErrors.NothingDeployed(endpoint);
            },
            cancellation);
        return new LoadedEndpoint(endpoint, model, loader.Load(PathOf(endpoint, model), model), tables);
    }

    /// <summary>Predicts one row, <c>{ "age": 41, "plan": "basic" }</c>, or a list of rows.</summary>
    /// <exception cref="ActivityException">As <see cref="OpenAsync"/>; the text is not such JSON (ORC5556), has no rows (ORC5559), or does not fit the model (ORC5557).</exception>
    public async Task<EndpointAnswer> PredictJsonAsync(string endpoint, string json, CancellationToken cancellation)
    {
        using var loaded = await OpenAsync(endpoint, cancellation);
        return loaded.PredictJson(json);
    }

    /// <summary>Predicts every row of a CSV, TSV, Parquet or JSON lines file.</summary>
    /// <exception cref="ActivityException">As <see cref="OpenAsync"/>; the file is not there (ORC5560), has no rows (ORC5559), or does not fit the model (ORC5557); or the reader refuses it.</exception>
    public async Task<EndpointAnswer> PredictFileAsync(string endpoint, string path, CancellationToken cancellation)
    {
        using var loaded = await OpenAsync(endpoint, cancellation);
        return await loaded.PredictFileAsync(path, cancellation);
    }

    private string PathOf(string endpoint, ModelRef model)
    {
        try
        {
            return artifacts.PathOf(model.Artifact);
        }
        catch (ActivityException gone)
        {
            throw DeploymentErrors.ModelGone(endpoint, $"{model.Name} version {model.Version}", gone);
        }
    }
}
