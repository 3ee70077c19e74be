using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What a coordinator works with.</summary>
internal sealed record RunParts
{
    public required RunJournal Journal { get; init; }

    public required TaskPreparer Preparer { get; init; }

    public required AttemptRunner Attempts { get; init; }

    public required ChildRuns Children { get; init; }

    public required LanePlaces Places { get; init; }

    public required PoolWatch Pools { get; init; }

    public required KeyWatch Keys { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>For the jitter of retries.</summary>
    public required Random Random { get; init; }

    /// <summary>Takes what attempts say of their progress, for other processes to see.</summary>
    public required Action<TaskName, TaskKey, AttemptId, double?, string?> Progress { get; init; }
}
