using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>What is true of every state that a run can be in.</summary>
internal static class StateRules
{
    public static void Check(RunState state)
    {
        var all = CheckTasks(state);
        Assert.That(state.Timers, Has.Count.EqualTo(Keys<Backoff>(all).Count()));
        if (state.Queued is not null)
        {
            Assert.That(all.Where(one => one.State is not (Waiting or Ended)), Is.Empty, "nothing of a run moves before it is let in");
        }

        if (state.IsEnded)
        {
            CheckEnd(state, all);
        }
    }

    /// <summary>The same for runs that have limits in time.</summary>
    public static (TaskKey Key, TaskState State)[] CheckTasks(RunState state)
    {
        var all = state.Tasks.Select(pair => (Key: new TaskKey(pair.Key), State: pair.Value)).Concat(state.Items.Select(pair => (pair.Key, State: pair.Value))).ToArray();
        CheckLists(state, all);
        CheckCounts(state);
        CheckReasons(state);
        return all;
    }

    /// <summary>The work lists say what the tasks say.</summary>
    private static void CheckLists(RunState state, (TaskKey Key, TaskState State)[] all)
    {
        Assert.That(state.ToPrepare, Is.EquivalentTo(Keys<Preparing>(all).Select(key => key.Task)));
        Assert.That(state.Queues.Values.SelectMany(queue => queue).Select(entry => entry.Key), Is.EquivalentTo(Keys<Ready>(all)));
        Assert.That(state.InFlight.Values, Is.EquivalentTo(Keys<Running>(all)));
        Assert.That(state.ToExpand.Where(task => state.Tasks[task] is not Mapping), Is.Empty);
    }

    private static void CheckCounts(RunState state)
    {
        Assert.That(state.Open, Is.EqualTo(state.Tasks.Values.Count(task => task is not Ended)));
        Assert.That(state.Failed, Is.EqualTo(state.Tasks.Values.Count(task => task is Ended { Outcome: TaskOutcome.Failed or TaskOutcome.UpstreamFailed })));
        Assert.That(state.Cancelled, Is.EqualTo(state.Tasks.Values.Count(task => task is Ended { Outcome: TaskOutcome.Cancelled })));
        foreach (var (task, mapping) in state.Tasks.Where(pair => pair.Value is Mapping).Select(pair => (pair.Key, (Mapping)pair.Value)))
        {
            var items = state.Items.Where(pair => pair.Key.Task == task).Select(pair => pair.Value).ToArray();
            Assert.That(items, Has.Length.EqualTo(mapping.Items.Count));
            Assert.That(mapping.Ended, Is.EqualTo(items.Count(item => item is Ended)));
            Assert.That(mapping.InFlight, Is.EqualTo(items.Count(item => item is Running)));
        }
    }

    /// <summary>Everything that is open has a reason that a person can read.</summary>
    private static void CheckReasons(RunState state)
    {
        var reasons = WaitReasons.Of(state).ToArray();
        var open = state.IsEnded ? [] : state.Graph.Nodes.Where(node => state.Tasks[node.Index] is not Ended).Select(node => node.Definition.Name).ToArray();
        Assert.That(reasons.Where(reason => reason.Item is null).Select(reason => reason.Task), Is.EqualTo(open));
        Assert.That(reasons.Where(reason => reason.Kind == WaitKind.Unknown || reason.Message.Length == 0), Is.Empty);
        Assert.That(reasons.Where(reason => reason.Kind == WaitKind.Upstream && reason.Tasks.IsEmpty), Is.Empty, "who waits for tasks waits for some");
    }

    /// <summary>A run that has ended has nothing under way, and is no success when a task could not run.</summary>
    private static void CheckEnd(RunState state, (TaskKey Key, TaskState State)[] all)
    {
        Assert.That(all.Where(one => one.State is not Ended).Select(one => $"{one.Key} {one.State.Word}"), Is.Empty, "what an ended run leaves open holds its slots for ever");
        Assert.That(RunMachine.Effects(state), Is.Empty);
        if (state.Status == RunStatus.Succeeded)
        {
            Assert.That(state.Tasks.Values.Where(task => task is not Ended { Outcome: TaskOutcome.Succeeded or TaskOutcome.Skipped }), Is.Empty);
        }
    }

    private static IEnumerable<TaskKey> Keys<T>((TaskKey Key, TaskState State)[] all) where T : TaskState => all.Where(one => one.State is T).Select(one => one.Key);
}
