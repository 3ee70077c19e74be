using Orchestrator.Core.Values;
using Orchestrator.Scheduling;
using Orchestrator.Server.Access;
using Orchestrator.Server.Problems;
using Orchestrator.Storage;
using Orchestrator.Storage.Pipelines;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Server.Schedules;

/// <summary>A trigger that the caller may see, and its project.</summary>
internal readonly record struct SeenTrigger(TriggerInfo Info, string Project);

/// <summary>The only way to a trigger from outside: by what the caller may do in the project of its pipeline. One that may not be seen is one that is not there.</summary>
internal sealed class TriggerAccess(EngineStores stores, TriggerControl control)
{
    /// <param name="caller">Who asks.</param>
    /// <param name="kind">Another kind is not there; null: any.</param>
    /// <param name="key">Which.</param>
    /// <param name="permission">What is to be done with it.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ProblemException">There is none that the caller may see (ORC6043), or he may see it, and not do that (ORC6022).</exception>
    public async Task<SeenTrigger> FindAsync(Caller caller, string? kind, TriggerKey key, Permission permission, CancellationToken cancellation)
    {
        // What was registered a moment ago has its triggers already.
        await control.SyncAsync(cancellation);
        if (!TaskName.IsValid(key.Pipeline) || !TaskName.IsValid(key.Name)
            || await stores.Triggers.FindAsync(key, cancellation) is not { RetiredAt: null } trigger || (kind is not null && trigger.Kind != kind))
        {
            throw ServerErrors.NoSuchTrigger(key.ToString(), kind);
        }

        var project = await ProjectOfAsync(key.Pipeline, cancellation);
        if (!caller.May(Permission.Read, project))
        {
            throw ServerErrors.NoSuchTrigger(key.ToString(), kind);
        }

        caller.Check(permission, project);
        return new SeenTrigger(trigger, project);
    }

    /// <summary>Those that the caller may see, in the order of their names.</summary>
    public async Task<IReadOnlyList<SeenTrigger>> ListAsync(Caller caller, TriggerFilter filter, CancellationToken cancellation)
    {
        await control.SyncAsync(cancellation);
        var found = await stores.Triggers.ListAsync(filter with { Projects = caller.ProjectsWith(Permission.Read) }, cancellation);
        var projects = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pipeline in found.Select(trigger => trigger.Pipeline).Distinct())
        {
            projects[pipeline] = await ProjectOfAsync(pipeline, cancellation);
        }

        return [.. found.Select(trigger => new SeenTrigger(trigger, projects[trigger.Pipeline]))];
    }

    private async Task<string> ProjectOfAsync(string pipeline, CancellationToken cancellation) =>
        (await stores.Pipelines.FindAsync(pipeline, cancellation))?.Project ?? PipelineRegistration.DefaultProject;
}
