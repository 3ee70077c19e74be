using System.Collections.Concurrent;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Storage.Runs;

namespace Orchestrator.EndToEnd.Tests.Crash;

/// <summary>Several programs work on one home and are killed at any moment, again and again, until all runs have ended. Short: 9 runs, up to 18 kills. With ORC_LONG=1: 50 runs, up to 250 kills, of which some come too late.</summary>
public sealed class RandomKillTests
{
    /// <summary>A task that loses more attempts than this has failed, so that work which kills its engine does not do so for ever.</summary>
    private const int KillsPerRun = RetryPolicy.DefaultLosses;

    private static bool IsLong => Environment.GetEnvironmentVariable("ORC_LONG") == "1";

    [Test]
    public async Task RunsOfAllShapesSurviveKillsAtRandomMoments()
    {
        var shapes = CrashShapes.All.Keys.Where(shape => IsLong || shape != "code").ToArray();
        var calm = await CalmAsync(shapes);
        using var home = new CrashHome(shapes);
        await home.MakePoolAsync();
        var random = new Random(20261123);
        // In the short form one of each shape, and a second one of those that must not go on together.
        var plan = Enumerable.Range(0, IsLong ? 50 : shapes.Length + 1).Select(index => new Plan(!IsLong && index == shapes.Length ? "keyed" : shapes[index % shapes.Length], IsLong ? KillsPerRun : 1 + (index % 3), random.Next())).ToArray();

        await Parallel.ForEachAsync(plan, new ParallelOptions { MaxDegreeOfParallelism = IsLong ? 4 : 3 }, async (one, _) => await DriveAsync(home, one));

        var ends = await home.LookAsync();
        Assert.That(ends, Has.Count.EqualTo(plan.Sum(one => 1 + CrashShapes.Children(one.Shape))), "a run is lost, or was made twice");
        foreach (var end in ends)
        {
            CrashHome.CheckFinished(end, calm[KindOf(end)], plan.SelectMany(one => one.Seen).Where(before => before.Run.Id == end.Run.Id));
        }

        await home.CheckNoSlotIsTakenAsync();

        // Whoever was killed last left its folder to the next program that runs attempts.
        await home.Orc.RunAsync("run", "chain.json");
        home.CheckNothingIsLeft();
        TestContext.Out.WriteLine($"{plan.Length} runs, {plan.Sum(one => one.Killed)} kills, {ends.Sum(end => end.Events.OfType<AttemptLost>().Count())} attempts lost");
    }

    private static async Task<Dictionary<string, string>> CalmAsync(IEnumerable<string> shapes)
    {
        var calm = new Dictionary<string, string>();
        foreach (var shape in shapes)
        {
            using var home = new CrashHome(shape);
            await home.MakePoolAsync();
            var run = await home.Orc.RunAsync("run", $"{shape}.json");
            Assert.That(run.ExitCode, Is.EqualTo(CrashShapes.Fails(shape) ? 1 : 0), run.ToString());
            foreach (var picture in await home.LookAsync())
            {
                calm[KindOf(picture)] = picture.Outcome;
            }
        }

        return calm;
    }

    /// <summary>Starts one run and resumes it until it has ended, killing the program as often as planned.</summary>
    private static async Task DriveAsync(CrashHome home, Plan plan)
    {
        var random = new Random(plan.Seed);
        string? run = null;
        while (true)
        {
            using var program = run is null ? home.Orc.Start("run", $"{plan.Shape}.json") : home.Orc.Start("run", "--resume", run);
            run = (await program.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
            if (plan.Killed < Math.Min(plan.Kills, KillsPerRun))
            {
                // The moment is part of what is tried, not something that is waited for.
                await Task.WhenAny(Task.Delay(random.Next(0, 700)), program.Process.WaitForExitAsync());
                if (!program.Process.HasExited)
                {
                    await program.KillAsync();
                    plan.Killed++;
                }
            }

            var ended = await program.EndAsync();
            var pictures = (await home.LookAsync()).Where(picture => picture.Run.Id.Value == run || picture.Run is { Relation: RunRelations.Child, Parent: { } parent } && parent.Value == run).ToArray();
            foreach (var picture in pictures)
            {
                CrashHome.CheckInterrupted(picture);
                plan.Seen.Add(picture);
            }

            if (pictures[0].State.IsEnded)
            {
                return;
            }

            Assert.That(ended.ExitCode, Is.EqualTo(137), $"{plan.Shape} was left unfinished: {ended}");
        }
    }

    /// <summary>Runs that must end alike: the children of one parent differ by their parameters.</summary>
    private static string KindOf(RunPicture run) => $"{run.Run.Pipeline} {run.Run.Params}";

    private sealed record Plan(string Shape, int Kills, int Seed)
    {
        public int Killed { get; set; }

        public ConcurrentBag<RunPicture> Seen { get; } = [];
    }
}
