using CsCheck;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>What holds for every graph, every outcome and every order of delivery.</summary>
public sealed class RunMachineProperties
{
    private static readonly JoinRule[] Rules = [.. Enum.GetValues<JoinRule>().Where(rule => rule is not JoinRule.Unknown)];

    /// <summary>Graphs of up to 14 tasks: each task waits for some of those before it, by any rule; sometimes tasks on exit; sometimes a limit.</summary>
    private static readonly Gen<(PipelineDefinition Definition, Fate[] Fates)> Cases =
        from size in Gen.Int[1, 14]
        from edges in Gen.Int[0, (1 << 14) - 1].Array[size]
        from rules in Gen.Int[0, Rules.Length - 1].Select(index => Rules[index]).Array[size]
        from fates in Gen.Int[0, 4].Select(index => (Fate)index).Array[size]
        from attempts in Gen.Int[1, 4].Array[size]
        from exits in Gen.Int[0, 2]
        from parallel in Gen.Int[0, 3]
        select (Build(size, edges, rules, attempts, exits, parallel), fates);

    [Test]
    public void AnyOrderOfDeliveryEndsInTheSameOutcome() => Gen.Select(Cases, Gen.Int, Gen.Int).Sample((one, first, second) =>
    {
        var left = Run(one.Definition, one.Fates, first);
        var right = Run(one.Definition, one.Fates, second);
        Assert.That(Simulation.Outcome(left.State), Is.EqualTo(Simulation.Outcome(right.State)));
    }, iter: PropertyRuns.Of(2000));

    [Test]
    public void FoldingTheEventsIsTheLiveState() => Gen.Select(Cases, Gen.Int).Sample((one, seed) =>
    {
        var run = Run(one.Definition, one.Fates, seed);
        var replayed = RunFold.Replay(run.State.Graph, run.Events);
        Assert.That(Simulation.Describe(replayed), Is.EqualTo(Simulation.Describe(run.State)));
        Assert.That(replayed.Sequence, Is.EqualTo(run.Events.Count));
    }, iter: PropertyRuns.Of(1000));

    [Test]
    public void EventsSurviveTheirJson() => Gen.Select(Cases, Gen.Int).Sample((one, seed) =>
    {
        var run = Run(one.Definition, one.Fates, seed);
        var reread = run.Events.Select(change => OrcJson.FromElement<RunEvent>(OrcJson.ToElement(change)));
        Assert.That(Simulation.Describe(RunFold.Replay(run.State.Graph, reread)), Is.EqualTo(Simulation.Describe(run.State)));
    }, iter: PropertyRuns.Of(200));

    [Test]
    public void NothingThatEndedStartsAgainAndEverythingOpenHasAReason() => Gen.Select(Cases, Gen.Int).Sample((one, seed) =>
    {
        var run = Run(one.Definition, one.Fates, seed);
        var state = RunState.Empty(run.State.Graph);
        foreach (var change in run.Events)
        {
            var before = state;
            state = RunFold.Apply(state, change);
            foreach (var (task, ended) in before.Tasks.Where(pair => pair.Value is Ended))
            {
                Assert.That(state.Tasks[task], Is.SameAs(ended), $"{change} moved a task that had ended");
            }
        }

        foreach (var point in Enumerable.Range(1, run.Events.Count - 1))
        {
            var stopped = RunFold.Replay(run.State.Graph, run.Events.Take(point));
            var open = stopped.Tasks.Count(pair => pair.Value is not Ended);
            Assert.That(WaitReasons.Of(stopped).Count(reason => reason.Item is null), Is.EqualTo(stopped.IsEnded ? 0 : open));
        }
    }, iter: PropertyRuns.Of(200));

    [Test]
    public void ARunThatHasATaskThatCouldNotRunIsNoSuccess() => Gen.Select(Cases, Gen.Int).Sample((one, seed) =>
    {
        var state = Run(one.Definition, one.Fates, seed).State;
        var bad = state.Tasks.Values.Cast<Ended>().Any(end => end.Outcome is TaskOutcome.Failed or TaskOutcome.UpstreamFailed);
        Assert.That(state.Status, Is.EqualTo(bad ? RunStatus.Failed : RunStatus.Succeeded));
    }, iter: PropertyRuns.Of(1000));

    private static Simulation Run(PipelineDefinition definition, Fate[] fates, int seed)
    {
        var run = new Simulation(definition, fates, seed);
        run.Accept();
        run.RunToEnd();
        return run;
    }

    private static PipelineDefinition Build(int size, int[] edges, JoinRule[] rules, int[] attempts, int exits, int parallel) => new()
    {
        Name = "generated",
        Parallel = parallel == 0 ? null : parallel,
        Tasks = [.. Enumerable.Range(0, size).Select(index =>
        {
            var onExit = index >= size - exits && index > 0;
            var needs = Enumerable.Range(0, onExit ? 0 : index).Where(before => (edges[index] & (1 << before)) != 0).Select(before => $"t{before}").ToArray();
            return Simulation.Task($"t{index}", onExit ? JoinRule.AllSuccess : rules[index], needs, attempts[index]) with { OnExit = onExit, Priority = edges[index] % 3 };
        })],
    };
}
