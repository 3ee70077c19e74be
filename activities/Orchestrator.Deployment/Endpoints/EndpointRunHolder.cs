using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Retention;

namespace Orchestrator.Deployment.Endpoints;

/// <summary>Runs stay that deployed what answers now, or what a rollback would go back to.</summary>
internal sealed class EndpointRunHolder : IRunHolder
{
    private static readonly SqlStatement Holds = EndpointQueries.Sql["list_run_holds"];

    public async Task<IReadOnlyList<RunHold>> ListAsync(IReadSession session, CancellationToken cancellation) =>
        [.. (await session.QueryAsync<Row>(Holds, cancellation: cancellation)).Select(row => new RunHold(row.Run, row.Why))];

    private sealed class Row
    {
        public required RunId Run { get; init; }

        public required string Why { get; init; }
    }
}
