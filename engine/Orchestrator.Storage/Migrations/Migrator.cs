using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Migrations;

/// <summary>Compares what was applied with what the program has, and applies what is missing.</summary>
internal sealed class Migrator(string database, IReadOnlyList<MigrationSet> sets, TimeProvider time)
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(Migrator).Assembly, "", "migrations");

    /// <summary>Looks without the write lock, so that a start on a database that is up to date does not wait for a writer.</summary>
    /// <returns>True when something is missing.</returns>
    public async Task<bool> IsNeededAsync(IReadSession session, CancellationToken cancellation) =>
        await session.FindAsync<long>(Sql["has_history"], cancellation: cancellation) == 0
        || Missing(await LoadAppliedAsync(session, cancellation), session.Dialect).Count > 0;

    /// <summary>Applies what is missing. The session's transaction must hold the lock for writing: whoever comes second finds nothing missing.</summary>
    public async Task<IReadOnlyList<MigrationStatus>> ApplyAsync(IWriteSession session, CancellationToken cancellation)
    {
        await session.ExecuteAsync(Sql["create_history"], cancellation: cancellation);
        var applied = new List<MigrationStatus>();
        foreach (var (set, step) in Missing(await LoadAppliedAsync(session, cancellation), session.Dialect))
        {
            try
            {
                await session.ExecuteAsync(step.Text, cancellation: cancellation);
            }
            catch (StorageException failed) when (failed.Kind is StorageErrorKind.Defect or StorageErrorKind.Constraint)
            {
                throw StorageErrors.MigrationFailed(database, set, step.File, failed);
            }

            var appliedAt = time.GetUtcNow();
            await session.ExecuteAsync(Sql["record"], new { set, step.Number, step.File, step.Sha256, appliedAt }, cancellation);
            applied.Add(new MigrationStatus { Set = set, Number = step.Number, File = step.File, AppliedAt = appliedAt });
        }

        return applied;
    }

    /// <summary>All steps that the database or the program knows, set by set. Changes nothing.</summary>
    public async Task<IReadOnlyList<MigrationStatus>> ListAsync(IReadSession session, CancellationToken cancellation)
    {
        var applied = await session.FindAsync<long>(Sql["has_history"], cancellation: cancellation) == 0
            ? Array.Empty<AppliedMigration>().ToLookup(step => step.SetName, StringComparer.Ordinal)
            : await LoadAppliedAsync(session, cancellation);
        return [.. sets.SelectMany(set =>
        {
            var (known, old) = (set.For(session.Dialect), applied[set.Name].ToDictionary(step => step.Number));
            return known
                .Select(step => new MigrationStatus { Set = set.Name, Number = step.Number, File = step.File, AppliedAt = old.GetValueOrDefault(step.Number)?.AppliedAt })
                .Concat(old.Values.Where(step => step.Number > known.Count).Select(step => new MigrationStatus { Set = set.Name, Number = step.Number, File = step.File, AppliedAt = step.AppliedAt, IsKnown = false }));
        })];
    }

    private static async Task<ILookup<string, AppliedMigration>> LoadAppliedAsync(IReadSession session, CancellationToken cancellation) =>
        (await session.QueryAsync<AppliedMigration>(Sql["list_applied"], cancellation: cancellation)).ToLookup(applied => applied.SetName, StringComparer.Ordinal);

    private List<(string Set, Migration Step)> Missing(ILookup<string, AppliedMigration> applied, Dialect dialect)
    {
        var missing = new List<(string, Migration)>();
        foreach (var set in sets)
        {
            var steps = set.For(dialect);
            foreach (var old in applied[set.Name])
            {
                if (old.Number > steps.Count)
                {
                    throw StorageErrors.NewerDatabase(database, $"it has step {old.Number} of \"{set.Name}\" ({old.File}), and this version knows {steps.Count}");
                }

                if (old.Sha256 != steps[old.Number - 1].Sha256)
                {
                    throw StorageErrors.EditedMigration(database, set.Name, old.File, old.Sha256, steps[old.Number - 1].Sha256);
                }
            }

            missing.AddRange(steps.Skip(applied[set.Name].Count()).Select(step => (set.Name, step)));
        }

        return missing;
    }

    private sealed class AppliedMigration
    {
        public required string SetName { get; init; }

        public required int Number { get; init; }

        public required string File { get; init; }

        public required string Sha256 { get; init; }

        public required DateTimeOffset AppliedAt { get; init; }
    }
}
