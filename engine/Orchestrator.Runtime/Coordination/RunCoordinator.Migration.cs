using System.Collections.Concurrent;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Faults;

namespace Orchestrator.Runtime.Coordination;

/// <content>The change of a run's definition while it is worked on.</content>
internal sealed partial class RunCoordinator
{
    /// <summary>Attempts of tasks that are restarted, until they have stopped: two attempts of one task never work at once.</summary>
    private readonly ConcurrentDictionary<AttemptId, TaskName> givenUp = [];

    private bool IsGivenUp(TaskName task) => !givenUp.IsEmpty && givenUp.Values.Contains(task);

    /// <summary>Indices mean other tasks now: what was asked by them is asked again, and what went without its task is stopped.</summary>
    private void BeginAnew(RunState before)
    {
        preparing.Clear();
        asked.Clear();
        expanding.Clear();
        foreach (var (attempt, key) in before.InFlight)
        {
            if (!state.InFlight.ContainsKey(attempt) && attempts.IsUnderWay(attempt))
            {
                givenUp[attempt] = before.NameOf(key);
            }
        }

        attempts.StopOthers(state.InFlight.ContainsKey);
    }

    private sealed partial class Turn
    {
        /// <summary>Takes a wish for another definition and stores what comes of it in a commit of its own: the events before it mean tasks of the old one.</summary>
        public async Task MigrateAsync(Message message)
        {
            if (events.Count > 0 && await CommitAsync() is { } pool)
            {
                throw new InvalidOperationException($"nothing was to start, and pool {pool} is full");
            }

            var before = owner.state;
            Take(message);
            if (ReferenceEquals(before.Graph, owner.state.Graph))
            {
                return;
            }

            FaultPoints.Reached("migration-decided");
            await owner.journal.CommitMigrationAsync(before, owner.state, events, requests);
            FaultPoints.Reached("migration-committed");
            owner.BeginAnew(before);
            owner.pools.Tell();
            owner.listener.OnEvents(owner.state, [.. events]);
            committed = owner.state;
            events.Clear();
            requests.Clear();
        }
    }
}
