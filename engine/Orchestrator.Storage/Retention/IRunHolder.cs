using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Retention;

/// <summary>An activity family that refers to runs from tables of its own. Retention asks all of them, so that lineage leads to a run that is there.</summary>
public interface IRunHolder
{
    /// <summary>The runs that must stay, whatever their age.</summary>
    Task<IReadOnlyList<RunHold>> ListAsync(IReadSession session, CancellationToken cancellation);
}
