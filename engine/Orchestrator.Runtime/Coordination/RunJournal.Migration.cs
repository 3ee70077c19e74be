using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <content>The commit that gives a run another definition.</content>
internal sealed partial class RunJournal
{
    /// <summary>Stores the migration with everything it changes: the run's definition and parameters, rows that go, come and change, attempts and slots that are given up.</summary>
    /// <inheritdoc cref="CommitAsync"/>
    public async Task CommitMigrationAsync(RunState before, RunState after, IReadOnlyList<RunEvent> events, IReadOnlyList<string> requests)
    {
        var (tasks, removed, givenUp) = rows.Migrate(before, after, events.OfType<RunMigrated>().Single());
        var result = await store.CommitAsync(
            new RunCommit
            {
                Run = run.Run,
                Epoch = epoch,
                ExpectedSequence = before.Sequence,
                Now = time.GetUtcNow(),
                Events = [.. events.Select(RunEvents.Write)],
                Change = new RunChange
                {
                    Status = RunWords.Of(after.Status),
                    EndedAt = after.IsEnded ? events[^1].At : null,
                    Failure = after.IsEnded ? after.Failure ?? FirstFailure(after) : null,
                    Definition = after.Definition,
                    Params = OrcJson.ToElement(after.Params),
                },
                Tasks = tasks,
                RemovedTasks = removed,
                Attempts = givenUp,
                FreeSlots = [.. givenUp.Select(attempt => attempt.Id)],
                HandledRequests = requests,
            },
            CancellationToken.None);
        if (result.Outcome != CommitOutcome.Committed)
        {
            throw result.Outcome is CommitOutcome.OwnershipLost or CommitOutcome.SequenceConflict
                ? new OwnershipLostException(run.Run)
                : new InvalidOperationException($"the migration of run {run.Run} was refused: {result.Outcome} {result.Attempt}");
        }
    }
}
