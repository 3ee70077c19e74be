using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Retention;

namespace Orchestrator.Tracking.Models;

/// <summary>Runs that made versions of models stay, so that the lineage of a model leads to a run.</summary>
internal sealed class ModelRunHolder : IRunHolder
{
    private static readonly SqlStatement Holds = SqlTexts.Load(typeof(ModelRunHolder).Assembly, "", "models")["list_run_holds"];

    public async Task<IReadOnlyList<RunHold>> ListAsync(IReadSession session, CancellationToken cancellation) =>
        [.. (await session.QueryAsync<Row>(Holds, cancellation: cancellation)).Select(row => new RunHold(row.Run, row.Why))];

    private sealed class Row
    {
        public required RunId Run { get; init; }

        public required string Why { get; init; }
    }
}
