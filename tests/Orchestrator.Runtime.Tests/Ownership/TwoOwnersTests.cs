using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Tests.Coordination;

namespace Orchestrator.Runtime.Tests.Ownership;

/// <summary>
/// Every way in which two processes can claim, renew, release, start, complete, fail, cancel, die and give up each other's attempts, up to a depth, with a clock
/// between them: no task succeeds twice. The same paths are then driven through the real store, which must answer each step as the model does.
/// </summary>
[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class TwoOwnersTests(string dialect)
{
    private static readonly Move[] Moves =
    [
        new(Act.Tick, 0),
        .. Enum.GetValues<Act>().Where(act => act != Act.Tick).SelectMany(act => new[] { new Move(act, 0), new Move(act, 1) }),
    ];

    private static bool IsLong => Environment.GetEnvironmentVariable("ORC_LONG") == "1";

    [Test]
    public async Task NoWayOfTwoOwnersCompletesATaskTwice()
    {
        var explored = await ExploreAsync(IsLong ? 12 : 9);
        TestContext.Out.WriteLine($"{explored.Count} different worlds");
        Assert.That(explored, Has.Count.GreaterThan(500));
        Assert.That(explored.Count(path => path.Any(step => step.Outcome == "lost")), Is.GreaterThan(20), "late owners must have been met");

        await using var harness = await EngineHarness.OnAsync(dialect);
        // The deepest first: they pass through the others.
        var driven = explored.OrderByDescending(path => path.Length).Where((_, index) => IsLong || index % Math.Max(1, explored.Count / 300) == 0).ToArray();
        var number = 0;
        await Parallel.ForEachAsync(driven, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (path, _) =>
        {
            var run = new RunId($"RUN{Interlocked.Increment(ref number):D23}");
            var real = new OwnersWorld(await RealOwnerStore.CreateAsync(harness.Stores.Runs, run, OwnersWorld.Pipeline, OwnersWorld.First));
            var model = new OwnersWorld(new ModelOwnerStore(OwnersWorld.First));
            foreach (var step in path)
            {
                Assert.That(await real.StepAsync(step.Move), Is.EqualTo(step.Outcome), $"{step.Move} of {string.Join(", ", path)}");
                await model.StepAsync(step.Move);
            }

            Assert.That(await real.KeyAsync(), Is.EqualTo(await model.KeyAsync()), string.Join(", ", path));
            await real.CheckAsync();
        });
        TestContext.Out.WriteLine($"{driven.Length} paths driven through the real store");
    }

    /// <summary>One shortest path to every world that can be reached.</summary>
    private static async Task<List<(Move Move, string Outcome)[]>> ExploreAsync(int depth)
    {
        var seen = new HashSet<string>();
        var found = new List<(Move Move, string Outcome)[]>();
        List<(Move Move, string Outcome)[]> edge = [[]];
        for (var level = 0; level < depth; level++)
        {
            var next = new List<(Move Move, string Outcome)[]>();
            foreach (var path in edge)
            {
                foreach (var move in Moves)
                {
                    var world = new OwnersWorld(new ModelOwnerStore(OwnersWorld.First));
                    foreach (var step in path)
                    {
                        await world.StepAsync(step.Move);
                    }

                    if (await world.StepAsync(move) is { } outcome)
                    {
                        await world.CheckAsync();
                        if (seen.Add(await world.KeyAsync()))
                        {
                            next.Add([.. path, (move, outcome)]);
                        }
                    }
                }
            }

            found.AddRange(next);
            edge = next;
        }

        return found;
    }
}
