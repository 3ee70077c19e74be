using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Problems;
using Orchestrator.Server.Runs;
using Orchestrator.Storage;
using Orchestrator.Storage.Backfills;

namespace Orchestrator.Server.Backfills;

/// <summary>A backfill that the caller may see, and its project.</summary>
internal readonly record struct SeenBackfill(BackfillInfo Info, string Project);

/// <summary>The only way to a backfill from outside: by what the caller may do in the project of its pipeline. One that may not be seen is one that is not there.</summary>
internal sealed class BackfillAccess(EngineStores stores, RunAccess runs)
{
    /// <exception cref="ProblemException">There is none that the caller may see (ORC6052), or he may see it, and not do that (ORC6022).</exception>
    public async Task<SeenBackfill> FindAsync(Caller caller, string id, Permission permission, CancellationToken cancellation)
    {
        if (!Query.IsIdentifier(id) || await stores.Backfills.FindAsync(id.ToUpperInvariant(), cancellation) is not { } backfill)
        {
            throw ServerErrors.NoSuchBackfill(id);
        }

        var project = await runs.ProjectOfAsync(backfill.Pipeline, cancellation);
        if (!caller.May(Permission.Read, project))
        {
            throw ServerErrors.NoSuchBackfill(id);
        }

        caller.Check(permission, project);
        return new SeenBackfill(backfill, project);
    }

    public async Task<IReadOnlyList<BackfillDocument>> ListAsync(BackfillFilter filter, CancellationToken cancellation)
    {
        var documents = new List<BackfillDocument>();
        foreach (var backfill in await stores.Backfills.ListAsync(filter, cancellation))
        {
            documents.Add(await DocumentAsync(new SeenBackfill(backfill, await runs.ProjectOfAsync(backfill.Pipeline, cancellation)), cancellation));
        }

        return documents;
    }

    public async Task<BackfillDocument> DocumentAsync(SeenBackfill seen, CancellationToken cancellation) => BackfillDocument.Of(seen.Info, seen.Project, await stores.Backfills.CountItemsAsync(seen.Info.Id, cancellation));
}
