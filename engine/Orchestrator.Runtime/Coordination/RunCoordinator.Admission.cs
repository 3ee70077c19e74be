using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <content>A run that waits for its concurrency key: when it tries to be let in.</content>
internal sealed partial class RunCoordinator
{
    /// <summary>True when there may be a permit for the run: at first, and each time the watch says so.</summary>
    private volatile bool mayBeAdmitted = true;

    private bool tasksShown;

    private void TryAgain()
    {
        mayBeAdmitted = true;
        Wake();
    }

    private sealed partial class Turn
    {
        /// <summary>
        /// Lets the run in if there is a permit for it, in a commit of its own: refused, it must not take along what people asked. What has arrived was heard before, so a run
        /// that is to be cancelled or paused is not started first.
        /// </summary>
        public async Task AdmitAsync()
        {
            if (owner.interrupted || !owner.mayBeAdmitted || owner.state is not { Status: RunStatus.Queued, Queued: { } queued })
            {
                return;
            }

            owner.mayBeAdmitted = false;
            if (events.Count > 0)
            {
                await CommitAsync();
            }

            var before = owner.state;
            Accept(RunMachine.Decide(before, new AdmitRun(), owner.time.GetUtcNow()));
            if (await CommitAsync(RunKeys.PermitOf(queued.Key)) is null)
            {
                owner.keys.Forget(owner.journal.Run);
                return;
            }

            owner.state = before;
            events.Clear();
            if (queued.Key.Overlap == Overlap.Skip)
            {
                var others = await owner.keys.OthersAsync(queued.Key.Name, owner.journal.Run, owner.leaving);
                Accept(RunMachine.Decide(before, new SkipRun([.. others.Where(other => other.Permit is not null).Select(other => other.RunId)]), owner.time.GetUtcNow()));
                return;
            }

            await ShowTasksAsync();
            owner.keys.WaitFor(owner.journal.Run, owner.TryAgain);
        }

        /// <summary>The rows of tasks come with the first step of a run, and this one may be long in coming: who looks at the run should see what it consists of.</summary>
        private async Task ShowTasksAsync()
        {
            if (!owner.tasksShown)
            {
                owner.tasksShown = true;
                await owner.journal.CommitAsync(committed, committed, [], [], [], told: false);
            }
        }
    }
}
