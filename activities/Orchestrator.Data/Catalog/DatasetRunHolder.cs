using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Retention;

namespace Orchestrator.Data.Catalog;

/// <summary>Runs that made the newest version of a dataset stay.</summary>
internal sealed class DatasetRunHolder : IRunHolder
{
    private static readonly SqlStatement Holds = DatasetCatalog.Texts["list_run_holds"];

    public async Task<IReadOnlyList<RunHold>> ListAsync(IReadSession session, CancellationToken cancellation) =>
        [.. (await session.QueryAsync<Row>(Holds, cancellation: cancellation)).Select(row => new RunHold(row.Run, row.Why))];

    private sealed class Row
    {
        public required RunId Run { get; init; }

        public required string Why { get; init; }
    }
}
