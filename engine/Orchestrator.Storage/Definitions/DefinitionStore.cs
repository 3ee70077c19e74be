using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Definitions;

internal sealed class DefinitionStore(OrcDatabase database) : IDefinitionStore
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(DefinitionStore).Assembly, "", "definitions");

    public Task<StoredDefinition?> FindAsync(DefinitionHash hash, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => FindAsync(session, hash, token), cancellation);

    public Task<StoredDefinition?> FindLatestAsync(string pipeline, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.FindAsync<StoredDefinition>(Sql["find_latest_definition"], new { pipeline }, token), cancellation);

    /// <summary>The same inside another store's operation.</summary>
    public static Task<StoredDefinition?> FindAsync(IReadSession session, DefinitionHash hash, CancellationToken cancellation) =>
        session.FindAsync<StoredDefinition>(Sql["find_definition"], new { hash }, cancellation);
}
