using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;

namespace Orchestrator.Storage.Secrets;

/// <summary>A secret as it is kept: without the key nobody can read it.</summary>
public sealed record StoredSecret
{
    public required string Name { get; init; }

    /// <summary>1 for the first value; each new value raises it.</summary>
    public required int Version { get; init; }

    /// <summary>The encrypted value with its header.</summary>
    public required byte[] Sealed { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}

/// <summary>Sealed secrets. Knows nothing of keys and values.</summary>
public sealed class SecretStore(OrcDatabase database)
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(SecretStore).Assembly, "Secrets", "secrets");

    /// <summary>The table of secrets.</summary>
    public static MigrationSet Migrations { get; } = MigrationSet.FromResources("secrets", typeof(SecretStore).Assembly, "Secrets");

    public Task<IReadOnlyList<StoredSecret>> ListAsync(CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<StoredSecret>(Sql["list_secrets"], cancellation: token), cancellation);

    public Task<StoredSecret?> FindAsync(string name, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.FindAsync<StoredSecret>(Sql["find_secret"], new { name }, token), cancellation);

    /// <summary>Writes a value under a name and answers its version.</summary>
    public Task<int> PutAsync(string name, byte[] value, DateTimeOffset now, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            await session.ExecuteAsync(Sql["put_secret"], new { name, value, now }, token);
            return (await session.FindAsync<StoredSecret>(Sql["find_secret"], new { name }, token))?.Version ?? 0;
        },
        cancellation);

    /// <summary>Replaces all sealed values in one transaction.</summary>
    /// <returns>False: one of them changed meanwhile, and nothing was written.</returns>
    public async Task<bool> ResealAsync(IReadOnlyList<StoredSecret> resealed, CancellationToken cancellation)
    {
        try
        {
            await database.WriteAsync(
                async (session, token) =>
                {
                    var known = await session.QueryAsync<StoredSecret>(Sql["list_secrets"], cancellation: token);
                    foreach (var secret in resealed)
                    {
                        if (await session.ExecuteAsync(Sql["reseal_secret"], new { name = secret.Name, version = secret.Version, value = secret.Sealed }, token) == 0)
                        {
                            throw new ChangedMeanwhileException();
                        }
                    }

                    return known.Count == resealed.Count ? 0 : throw new ChangedMeanwhileException();
                },
                cancellation);
            return true;
        }
        catch (ChangedMeanwhileException)
        {
            return false;
        }
    }

    /// <returns>False: there was none.</returns>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellation) =>
        await database.WriteAsync((session, token) => session.ExecuteAsync(Sql["remove_secret"], new { name }, token), cancellation) > 0;

    // Undoes the transaction.
    private sealed class ChangedMeanwhileException : Exception;
}
