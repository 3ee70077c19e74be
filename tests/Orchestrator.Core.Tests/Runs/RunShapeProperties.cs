using CsCheck;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>The promises of the state machine over generated runs with maps, crashes and people. Each state on the way is checked by <see cref="StateRules"/>.</summary>
public sealed class RunShapeProperties
{
    private static long Runs => PropertyRuns.Of(1_500, inFull: 50_000);

    [Test]
    public void AnyOrderOfDeliveryEndsInTheSameOutcome() => Gen.Select(Shapes.All, Gen.Int, Gen.Int).Sample(
        (shape, first, second) => Assert.That(Outcome(shape, first), Is.EqualTo(Outcome(shape, second))), iter: Runs);

    [Test]
    public void DyingAnywhereChangesNothingInTheEnd() => Gen.Select(Shapes.All, Gen.Int, Gen.Int[1, 3]).Sample((shape, seed, crashes) =>
    {
        var killed = new CrashingShell(shape, seed) { Crashes = crashes }.RunToEnd();
        Assert.That(Simulation.Outcome(killed.State), Is.EqualTo(Outcome(shape, seed)));
    }, iter: Runs);

    [Test]
    public void ADefinitionThatSaysTheSameInAnotherOrderChangesNothingInTheEnd() => Gen.Select(Shapes.All, Gen.Int, Gen.Int[0, 2], Gen.Int[1, 3]).Sample((shape, seed, crashes, migrations) =>
    {
        var migrated = new CrashingShell(shape, seed) { Crashes = crashes, Migrations = migrations }.RunToEnd();
        Assert.That(ByName(migrated.State), Is.EqualTo(ByName(new CrashingShell(shape, seed).RunToEnd().State)));
        Assert.That(migrated.Successes.Where(pair => pair.Key.Task >= 0 && pair.Value > 1), Is.Empty);
    }, iter: Runs);

    /// <summary>How each task of the shape ended, and the run.</summary>
    private static string ByName(RunState state) => string.Join('\n', state.Graph.Nodes
        .Where(node => node.Definition.Name.Value[0] == 't')
        .OrderBy(node => node.Definition.Name)
        .Select(node => (node.Definition.Name, End: (Ended)state.Tasks[node.Index]))
        .Select(task => $"{task.Name} {task.End.Outcome} {System.Text.Json.JsonSerializer.Serialize(task.End.Outputs)}")) + $"\n{state.Status}";

    [Test]
    public void NothingSucceedsTwiceWhateverDiesAndWhoeverInterferes() => Gen.Select(Shapes.All, Gen.Int, Gen.Int[0, 3], Gen.Int[0, 5].Array[0, 3]).Sample((shape, seed, crashes, wishes) =>
    {
        var run = Interfered(shape, seed, crashes, wishes);
        Assert.That(run.Successes.Where(pair => pair.Value > 1), Is.Empty);
    }, iter: Runs);

    [Test]
    public void TheEventsAreTheRunWhoeverInterferes() => Gen.Select(Shapes.All, Gen.Int, Gen.Int[0, 5].Array[1, 3]).Sample((shape, seed, wishes) =>
    {
        var run = Interfered(shape, seed, 0, wishes);
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

        Assert.That(Simulation.Describe(state), Is.EqualTo(Simulation.Describe(run.State)));
        Assert.That(run.Events.OfType<RunEnded>().Count(), Is.EqualTo(1));
        Assert.That(run.Events[^1], Is.TypeOf<RunEnded>());
    }, iter: Runs);

    [Test]
    public void SubPipelinesEndTheSameInAnyOrderAndWhateverDies() => Gen.Select(Shapes.Nested, Gen.Int, Gen.Int[1, 3]).Sample((shape, seed, crashes) =>
    {
        var killed = new CrashingShell(shape, seed) { Crashes = crashes }.RunToEnd();
        Assert.That(Simulation.Outcome(killed.State), Is.EqualTo(Outcome(shape, seed / 2)));
        SubPipelineRules.Check(killed.State);
    }, iter: Runs / 3);

    [Test]
    public void SubPipelinesHoldTogetherWhoeverInterferes() => Gen.Select(Shapes.Nested, Gen.Int, Gen.Int[0, 3], Gen.Int[0, 5].Array[1, 3]).Sample((shape, seed, crashes, wishes) =>
    {
        var run = Interfered(shape, seed, crashes, wishes);
        Assert.That(run.Successes.Where(pair => pair.Value > 1), Is.Empty);
        SubPipelineRules.Check(run.State);
    }, iter: Runs / 3);

    private static CrashingShell Interfered(Shape shape, int seed, int crashes, int[] wishes)
    {
        var run = new CrashingShell(shape, seed) { Crashes = crashes };
        foreach (var wish in wishes)
        {
            run.Wishes.Enqueue(WishOf(shape, wish, seed));
        }

        return run.RunToEnd();
    }

    private static string Outcome(Shape shape, int seed) => Simulation.Outcome(new CrashingShell(shape, seed).RunToEnd().State);

    internal static RunCommand WishOf(Shape shape, int wish, int seed)
    {
        var index = (int)((uint)seed % shape.Fates.Length);
        var task = new TaskName($"t{index}");
        return wish switch
        {
            0 => new PauseRun("ann"),
            1 => new ResumeRun("ann"),
            2 => new CancelRun("ann", "wrong data"),
            3 => new CancelTask(task, "ann"),
            4 => new MarkTask(task, TaskOutcome.Succeeded, "ann", "done by hand"),
            _ => new MarkTask(task, TaskOutcome.Skipped, "ann", "not needed"),
        };
    }
}
