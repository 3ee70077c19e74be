using System.Text.RegularExpressions;
using Orchestrator.Core.Values;

namespace Orchestrator.EndToEnd.Tests.Crash;

/// <summary>
/// The program is killed at each moment that engine/Orchestrator.Storage/Faults/README.md lists, started again, and must end as if nothing had been.
/// Short form: each moment once. With ORC_LONG=1: each at its first ten times.
/// </summary>
public sealed partial class FaultPointTests
{
    private const int Killed = 137;

    private static readonly string[] OnResume = ["run-claimed", "run-loaded"];

    /// <summary>Moments that no run passes; their own tests kill there: MigrateTests, RetentionTests, BackupTests, those of artifacts and child runs below.</summary>
    private static readonly string[] Elsewhere = ["child-", "artifact-", "migration-", "run-condemned", "events-removed", "run-removed", "backup-", "restore-"];

    private static string? calm;

    private static bool IsLong => Environment.GetEnvironmentVariable("ORC_LONG") == "1";

    private static IEnumerable<TestCaseData> Moments() =>
        from moment in Documented()
        where !Elsewhere.Any(family => moment.StartsWith(family, StringComparison.Ordinal))
        // The first writes make the database; a later one is a step of the run.
        from time in IsLong ? Enumerable.Range(1, 10) : moment.StartsWith("write-", StringComparison.Ordinal) ? [1, 6] : [1]
        where time == 1 || !(OnResume.Contains(moment) || moment is "run-accepted" or "run-ended" or "retry-due" or "items-found")
        select new TestCaseData(moment, time);

    [OneTimeSetUp]
    public async Task RunOnceInPeaceAsync()
    {
        using var home = new CrashHome("mixed");
        var run = await home.Orc.RunAsync("run", "mixed.json", "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        calm = (await home.LookAsync()).Single().Outcome;
    }

    [TestCaseSource(nameof(Moments))]
    public async Task AKillAtThisMomentLosesAndRepeatsNothing(string moment, int time)
    {
        using var home = new CrashHome("mixed");
        if (OnResume.Contains(moment))
        {
            await DieAsync(home, "attempt-ended", 3, "run", "mixed.json");
            await DieAsync(home, moment, 1, "run", "--resume", (await home.LookAsync()).Single().Run.Id.Value);
        }
        else
        {
            await DieAsync(home, moment, time, "run", "mixed.json");
        }

        var before = await home.LookAsync();
        if (before.Count == 0)
        {
            Assert.That(moment, Does.StartWith("write-"), "only what was never accepted may be gone");
            return;
        }

        CrashHome.CheckInterrupted(before[0]);
        if (!before[0].State.IsEnded)
        {
            var resumed = await home.Orc.RunAsync("run", "--resume", before[0].Run.Id.Value);
            Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());
        }

        CrashHome.CheckFinished((await home.LookAsync()).Single(), calm ?? "", before);
        if (!before[0].State.IsEnded)
        {
            home.CheckNothingIsLeft();
        }
    }

    /// <summary>Of the two children the first or the second, and moments of runs that a parent and its children share.</summary>
    [TestCase("child-begun", 1)]
    [TestCase("child-begun", 2)]
    [TestCase("child-ended", 1)]
    [TestCase("child-ended", 2)]
    [TestCase("run-accepted", 2)]
    [TestCase("attempt-ended", 3)]
    [TestCase("run-ended", 1)]
    [TestCase("run-ended", 2)]
    public async Task AKillWhileAChildIsAtWorkMakesNoSecondChild(string moment, int time)
    {
        using var peace = new CrashHome("child");
        Assert.That((await peace.Orc.RunAsync("run", "child.json")).ExitCode, Is.Zero);
        var ends = (await peace.LookAsync()).Select(run => run.Outcome).ToArray();
        using var home = new CrashHome("child");

        await DieAsync(home, moment, time, "run", "child.json");
        var before = await home.LookAsync();
        foreach (var run in before)
        {
            CrashHome.CheckInterrupted(run);
        }

        var resumed = await home.Orc.RunAsync("run", "--resume", before[0].Run.Id.Value);

        Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());
        var after = await home.LookAsync();
        Assert.That(after, Has.Count.EqualTo(ends.Length), "a parent and its two children");
        foreach (var (run, index) in after.Select((run, index) => (run, index)))
        {
            CrashHome.CheckFinished(run, ends[index], before.Where(picture => picture.Run.Id == run.Run.Id));
        }

        home.CheckNothingIsLeft();
    }

    /// <summary>A script is stored as an artifact before its run is accepted.</summary>
    [TestCase("artifact-written")]
    [TestCase("artifact-published")]
    public async Task AKillWhileAnArtifactIsStoredLeavesNoHalfOfIt(string moment)
    {
        using var home = new CrashHome();
        home.Orc.Write("script.csx", "var p = Pipeline(\"script\");\np.Add(\"say\", new NotifyLog { Message = \"hello\" });\nreturn p;\n");
        await DieAsync(home, moment, 1, "run", "script.csx");

        var again = await home.Orc.RunAsync("run", "script.csx");

        Assert.That(again.ExitCode, Is.Zero, again.ToString());
        Assert.That(await home.LookAsync(), Has.Count.EqualTo(1), "a run that was not accepted is not there");
        home.CheckNothingIsLeft();
    }

    [Test]
    public void TheListOfMomentsIsThatOfTheCode()
    {
        var inCode = new[] { "engine", "activities", "tools" }
            .SelectMany(folder => Directory.EnumerateFiles(Repository.Path(folder), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(path => Reached().Matches(File.ReadAllText(path)))
            .SelectMany(call => Name().Matches(call.Value))
            .Select(name => name.Groups[1].Value);

        Assert.That(inCode.Distinct().Order(StringComparer.Ordinal), Is.EqualTo(Documented().Order(StringComparer.Ordinal)));
    }

    private static async Task DieAsync(CrashHome home, string moment, int time, params string[] arguments)
    {
        home.Orc.Fault = $"{moment}:{time}";
        var died = await home.Orc.RunAsync(arguments);
        home.Orc.Fault = null;
        Assert.That(died.ExitCode, Is.EqualTo(Killed), $"the program did not reach {moment} {time} times: {died}");
    }

    private static IEnumerable<string> Documented() => File.ReadLines(Repository.Path("engine", "Orchestrator.Storage", "Faults", "README.md"))
        .Select(line => Row().Match(line))
        .Where(row => row.Success)
        .Select(row => row.Groups[1].Value);

    [GeneratedRegex(@"^\| `([a-z-]+)` \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"FaultPoints\.Reached\([^;]*\);")]
    private static partial Regex Reached();

    [GeneratedRegex("\"([a-z-]+)\"")]
    private static partial Regex Name();
}
