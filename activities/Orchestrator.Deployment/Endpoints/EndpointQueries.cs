using Orchestrator.Core.Activities;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Deployment.Endpoints;

/// <summary>Reads endpoints and their history. Each answer is one consistent view.</summary>
public sealed class EndpointQueries(OrcDatabase database)
{
    internal static SqlTexts Sql { get; } = SqlTexts.Load(typeof(EndpointQueries).Assembly, "", "endpoints");

    /// <summary>All endpoints with what answers them, by name.</summary>
    public Task<IReadOnlyList<EndpointInfo>> ListAsync(CancellationToken cancellation) => database.ReadAsync(ListAsync, cancellation);

    /// <summary>One endpoint with its history.</summary>
    /// <exception cref="ActivityException">There is no such endpoint (ORC5551).</exception>
    public Task<EndpointDetail> GetAsync(string name, CancellationToken cancellation) => database.ReadAsync(
        async (session, token) =>
        {
            var endpoint = await GetInfoAsync(session, name, token);
            var history = await HistoryAsync(session, name, token);
            return new EndpointDetail
            {
                Endpoint = endpoint,
                History = [.. history.Reverse()],
                RollbackTarget = RollbackRules.StackOf(history).ElementAtOrDefault(1),
            };
        },
        cancellation);

    /// <summary>What answers an endpoint now.</summary>
    /// <exception cref="ActivityException">There is no such endpoint (ORC5551), or nothing is deployed to it (ORC5552).</exception>
    internal static async Task<DeploymentInfo> GetCurrentAsync(IReadSession session, string name, CancellationToken cancellation) =>
        (await GetInfoAsync(session, name, cancellation)).Current ?? throw DeploymentErrors.NothingDeployed(name);

    internal static async Task<EndpointInfo> GetInfoAsync(IReadSession session, string name, CancellationToken cancellation)
    {
        var endpoints = await ListAsync(session, cancellation);
        return endpoints.FirstOrDefault(endpoint => endpoint.Name == name) ?? throw DeploymentErrors.NoSuchEndpoint(name, [.. endpoints.Select(endpoint => endpoint.Name)]);
    }

    /// <summary>All entries of an endpoint, in order of number.</summary>
    internal static async Task<IReadOnlyList<DeploymentInfo>> HistoryAsync(IReadSession session, string endpoint, CancellationToken cancellation)
    {
        var rows = await session.QueryAsync<DeploymentRow>(Sql["history"], new { endpoint }, cancellation);
        return [.. rows.Select(row => row.ToInfo()).OfType<DeploymentInfo>()];
    }

    private static async Task<IReadOnlyList<EndpointInfo>> ListAsync(IReadSession session, CancellationToken cancellation)
    {
        var rows = await session.QueryAsync<DeploymentRow>(Sql["list_endpoints"], cancellation: cancellation);
        return [.. rows.Select(row => new EndpointInfo { Name = row.Name, CreatedAt = row.CreatedAt, Current = row.ToInfo() })];
    }
}
