using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Runtime.Retention;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Problems;
using Orchestrator.Storage;
using Orchestrator.Storage.Pipelines;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Server.Runs;

/// <summary>A run that the caller may see, and its project.</summary>
internal readonly record struct SeenRun(RunInfo Info, string Project)
{
    public RunId Id => Info.Id;
}

/// <summary>The only way to a run from outside: by what the caller may do in its project. A run that may not be seen is one that is not there.</summary>
internal sealed class RunAccess(EngineStores stores, RetentionKeeper retention, TimeProvider time)
{
    /// <exception cref="Core.Activities.ActivityException">There is no such run, or the caller may not see it (ORC5240).</exception>
    /// <exception cref="Core.Activities.ActivityException">It was removed (ORC6400).</exception>
    /// <exception cref="ProblemException">The caller may see it, and not do that (ORC6022).</exception>
    public async Task<SeenRun> FindAsync(Caller caller, string id, Permission permission, CancellationToken cancellation)
    {
        var shown = ServerErrors.Shorten(id);
        if (!Query.IsIdentifier(id))
        {
            throw EngineErrors.NoSuchRun(shown);
        }

        if (await stores.Runs.FindAsync(new RunId(id.ToUpperInvariant()), cancellation) is not { } run)
        {
            throw await ExplainMissingAsync(caller, id, cancellation) ?? EngineErrors.NoSuchRun(shown);
        }

        var project = await ProjectOfAsync(run.Pipeline, cancellation);
        if (!caller.May(Permission.Read, project))
        {
            throw EngineErrors.NoSuchRun(shown);
        }

        caller.Check(permission, project);
        return new SeenRun(run, project);
    }

    /// <summary>That a run was removed is told to those who could have seen it.</summary>
    private async Task<ActivityException?> ExplainMissingAsync(Caller caller, string id, CancellationToken cancellation) =>
        await retention.FindRemovedAsync(id, cancellation) is { } removed
        && string.Equals(removed.RunId.Value, id, StringComparison.OrdinalIgnoreCase)
        && caller.May(Permission.Read, await ProjectOfAsync(removed.Pipeline, cancellation))
            ? RetentionErrors.RunRemoved(removed)
            : null;

    /// <summary>A pipeline that was never registered is of the default project.</summary>
    public async Task<string> ProjectOfAsync(string pipeline, CancellationToken cancellation) =>
        (await stores.Pipelines.FindAsync(pipeline, cancellation))?.Project ?? PipelineRegistration.DefaultProject;

    /// <summary>Where things lie on the server is for those who write what is done there.</summary>
    public RunDocument Document(Caller caller, SeenRun run) => RunDocuments.Of(run.Info, run.Project, RunDesk.IsAbandoned(run.Info, time.GetUtcNow()), caller.May(Permission.Register, run.Project));

    /// <summary>Documents of many, asking for each pipeline once.</summary>
    public async Task<IReadOnlyList<RunDocument>> DocumentsAsync(Caller caller, IReadOnlyList<RunInfo> runs, CancellationToken cancellation)
    {
        var projects = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pipeline in runs.Select(run => run.Pipeline).Distinct())
        {
            projects[pipeline] = await ProjectOfAsync(pipeline, cancellation);
        }

        return [.. runs.Select(run => Document(caller, new SeenRun(run, projects[run.Pipeline])))];
    }
}
