using CsCheck;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Retention;
using Orchestrator.Storage.Retention;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Tests.Retention;

/// <summary>Which runs go, and why the others stay.</summary>
public sealed class RetentionPlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private static readonly RetentionPolicy TenDays = new() { Runs = TimeSpan.FromDays(10), KeepRuns = 0 };

    [Test]
    public void Decide_OldRun_Goes()
    {
        Assert.That(Ids(Decide(TenDays, [Run(1, days: 30), Run(2, days: 20), Run(3, days: 5)]).Remove), Is.EqualTo(new[] { 2, 1 }));
    }

    [Test]
    public void Decide_NoAge_KeepsAll() => Assert.That(Decide(new RetentionPolicy { KeepRuns = 0 }, [Run(1, 3000), Run(2, 3000, "failed")]).Remove, Is.Empty);

    [Test]
    public void Decide_FailedRun_IsKeptLonger()
    {
        var policy = TenDays with { FailedRuns = TimeSpan.FromDays(25) };

        Assert.That(Ids(Decide(policy, [Run(1, 30, "failed"), Run(2, 20, "failed"), Run(3, 20), Run(4, 1)]).Remove), Is.EqualTo(new[] { 3, 1 }));
        Assert.That(Ids(Decide(policy with { FailedRuns = TimeSpan.FromDays(1) }, [Run(1, 5, "failed"), Run(2, 1)]).Remove), Is.Empty, "never shorter than the others");
    }

    [Test]
    public void Decide_NewestOfEachPipeline_Stay()
    {
        var decided = Decide(TenDays with { KeepRuns = 2 }, [Run(1, 40, "failed"), Run(2, 30, "failed"), Run(3, 20, "failed"), Run(4, 20, "failed", "other")]);

        Assert.That(Ids(decided.Remove), Is.EqualTo(new[] { 1 }));
        Assert.That(Why(decided, 4), Is.EqualTo("it is one of the newest 2 of other"));
    }

    [Test]
    public void Decide_LatestSuccess_Stays()
    {
        var decided = Decide(TenDays, [Run(1, 40), Run(2, 30), Run(3, 1, "failed")]);

        Assert.That(Ids(decided.Remove), Is.EqualTo(new[] { 1 }));
        Assert.That(Why(decided, 2), Is.EqualTo("it is the latest success of churn"));
    }

    [Test]
    public void Decide_RunThatStandsOnOthers_KeepsThem()
    {
        var facts = new RetentionFacts
        {
            Ended = [Run(1, 50, "failed"), Run(2, 40, "failed"), Run(3, 30, "failed") with { Parent = Id(2), Relation = RunRelations.Rerun }, Run(4, 1) with { Parent = Id(3), Relation = RunRelations.Rerun }, Run(5, 45, "failed")],
            References = [new RunReference(Id(2), Id(1))],
        };

        var decided = RetentionPlanner.Decide(TenDays, facts, Now);

        Assert.That(Ids(decided.Remove), Is.EqualTo(new[] { 5 }));
        Assert.That(Why(decided, 3), Does.Match("run .*4 repeats it"));
        Assert.That(Why(decided, 1), Does.Match("run .*2 took results from it"));
    }

    [Test]
    public void Decide_ParentAndChild_GoTogether()
    {
        var child = Run(2, 40) with { Parent = Id(1), Relation = RunRelations.Child };
        var last = Run(9, 1);

        Assert.That(Ids(Decide(TenDays, [Run(1, 40), child, last]).Remove), Is.EqualTo(new[] { 2, 1 }), "the child first");
        var decided = Decide(TenDays, [Run(1, 5), child, last]);
        Assert.That(decided.Remove, Is.Empty);
        Assert.That(Why(decided, 2), Does.Contain("does the work of a task of run"));
        Assert.That(Decide(TenDays, [Run(1, 40), child with { EndedAt = Now.AddDays(-5) }, last]).Remove, Is.Empty, "the child is young");
    }

    [Test]
    public void Decide_OpenRun_KeepsWhatItStandsOn()
    {
        var facts = new RetentionFacts { Ended = [Run(1, 50), Run(2, 50), Run(3, 1)], Open = [Run(4, 0) with { EndedAt = null, Status = "running", Parent = Id(1), Relation = RunRelations.Rerun }], References = [new RunReference(Id(4), Id(2))] };

        Assert.That(RetentionPlanner.Decide(TenDays, facts, Now).Remove, Is.Empty);
    }

    [Test]
    public void Decide_Held_StaysWithItsReason()
    {
        var facts = new RetentionFacts { Ended = [Run(1, 50), Run(2, 1)], Holds = [new RunHold(Id(1), "model churn version 3 was made by it")] };

        Assert.That(Why(RetentionPlanner.Decide(TenDays, facts, Now), 1), Is.EqualTo("model churn version 3 was made by it"));
    }

    [Test]
    public void Decide_PartsOfRunsThatStay_GoByAgesOfTheirOwn()
    {
        var policy = new RetentionPolicy { Runs = TimeSpan.FromDays(100), Logs = TimeSpan.FromDays(1), Events = TimeSpan.FromDays(10), Artifacts = TimeSpan.FromDays(20), KeepRuns = 1 };
        var runs = new[] { Run(1, 300), Run(2, 50), Run(3, 50) with { HasArtifacts = false }, Run(4, 15), Run(5, 2), Run(6, 0) };

        var decided = Decide(policy, runs, [new RunReference(Id(5), Id(2))]);

        Assert.That(Ids(decided.Remove), Is.EqualTo(new[] { 1 }));
        Assert.That(Ids(decided.LogsOf), Is.EqualTo(new[] { 2, 3, 4, 5 }));
        Assert.That(Ids(decided.EventsOf), Is.EqualTo(new[] { 3, 4 }), "2 is what a young run stands on");
        Assert.That(Ids(decided.ArtifactsOf), Is.Empty, "3 has none, and a young run stands on 2");
    }

    [Test]
    public void Decide_WhateverTheRuns_NothingThatStaysMissesAnything() => Histories.Sample(history =>
    {
        var decided = RetentionPlanner.Decide(history.Policy, history.Facts, Now);
        var gone = decided.Remove.Select(run => run.Id).ToHashSet();
        var stays = history.Facts.Ended.Concat(history.Facts.Open).Where(run => !gone.Contains(run.Id)).ToArray();

        Assert.That(stays.Where(run => run.Parent is { } parent && gone.Contains(parent)), Is.Empty, "a parent of a run that stays");
        Assert.That(history.Facts.References.Where(one => !gone.Contains(one.Run) && gone.Contains(one.Target)), Is.Empty, "results that a run that stays took");
        Assert.That(history.Facts.Holds.Where(hold => gone.Contains(hold.Run)), Is.Empty);
        Assert.That(decided.Remove.Where(run => Now - run.EndedAt <= TenDays.Runs), Is.Empty, "young");
        foreach (var (run, at) in decided.Remove.Select((run, at) => (run, at)))
        {
            Assert.That(decided.Remove.Skip(at + 1).Where(later => later.Parent == run.Id), Is.Empty, "what refers to a run goes before it");
        }

        // What is kept is kept for a reason: without any reason it goes.
        Assert.That(decided.Remove.Count + decided.Kept.Count, Is.EqualTo(history.Facts.Ended.Count(run => Now - run.EndedAt > AgeOf(run, history.Policy))));
    });

    private static TimeSpan AgeOf(RunHead run, RetentionPolicy policy) => run.Status == "failed" && policy.FailedRuns > policy.Runs ? policy.FailedRuns.Value : policy.Runs ?? TimeSpan.MaxValue;

    private static Gen<(RetentionPolicy Policy, RetentionFacts Facts)> Histories { get; } =
        from count in Gen.Int[1, 30]
        from ages in Gen.Int[0, 40].Array[count]
        from kinds in Gen.Int[0, 5].Array[count]
        from links in Gen.Int[0, 29].Array[count]
        from keep in Gen.Int[0, 3]
        from failed in Gen.Int[0, 30]
        select (TenDays with { KeepRuns = keep, FailedRuns = TimeSpan.FromDays(failed) }, FactsOf(ages, kinds, links));

    private static RetentionFacts FactsOf(int[] ages, int[] kinds, int[] links)
    {
        var runs = ages.Select((age, i) => Run(i + 1, age, i % 3 == 0 ? "failed" : "succeeded", i % 2 == 0 ? "churn" : "other") with
        {
            EndedAt = kinds[i] == 5 ? null : Now.AddDays(-age),
            Parent = kinds[i] is 1 or 2 && links[i] < i ? Id(links[i] + 1) : null,
            Relation = kinds[i] switch { 1 => RunRelations.Child, 2 => RunRelations.Rerun, _ => null },
        }).ToArray();
        return new RetentionFacts
        {
            Ended = [.. runs.Where(run => run.EndedAt is not null)],
            Open = [.. runs.Where(run => run.EndedAt is null)],
            References = [.. kinds.Select((kind, i) => (kind, i)).Where(one => one.kind == 3 && links[one.i] < one.i).Select(one => new RunReference(Id(one.i + 1), Id(links[one.i] + 1)))],
            Holds = [.. kinds.Select((kind, i) => (kind, i)).Where(one => one.kind == 4 && links[one.i] % 3 == 0).Select(one => new RunHold(Id(one.i + 1), "held"))],
        };
    }

    private static RunDecisions Decide(RetentionPolicy policy, RunHead[] runs, RunReference[]? references = null) =>
        RetentionPlanner.Decide(policy, new RetentionFacts { Ended = runs, References = references ?? [] }, Now);

    private static RunId Id(int number) => new($"01M{number:D23}");

    private static RunHead Run(int number, int days, string status = "succeeded", string pipeline = "churn") => new()
    {
        Id = Id(number), Pipeline = pipeline, Status = status, CreatedAt = Now.AddDays(-days).AddHours(-1), EndedAt = Now.AddDays(-days),
    };

    private static int[] Ids(IEnumerable<RunHead> runs) => [.. runs.Select(run => int.Parse(run.Id.Value[3..], System.Globalization.CultureInfo.InvariantCulture))];

    private static string? Why(RunDecisions decided, int number) => decided.Kept.FirstOrDefault(kept => kept.Run.Id == Id(number))?.Why;
}
