using Orchestrator.Core.Values;
using Orchestrator.Storage.Retention;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Retention;

/// <summary>
/// Decides which runs go: those that are old enough, that nothing refers to, and that are neither among the newest of their pipeline nor its latest success. A run that stays keeps the runs that
/// it stands on, and they theirs. Pure.
/// </summary>
public static class RetentionPlanner
{
    private const string Succeeded = "succeeded", Failed = "failed";

    public static RunDecisions Decide(RetentionPolicy policy, RetentionFacts facts, DateTimeOffset now)
    {
        var kept = Keep(policy, facts, run => IsOld(run, AgeOf(run, policy), now));
        var remove = facts.Ended.Where(run => IsOld(run, AgeOf(run, policy), now) && !kept.ContainsKey(run.Id)).Reverse().ToArray();
        var gone = remove.Select(run => run.Id).ToHashSet();
        return new RunDecisions
        {
            Remove = remove,
            Kept = [.. facts.Ended.Where(run => kept.ContainsKey(run.Id) && IsOld(run, AgeOf(run, policy), now)).Select(run => new KeptRun { Run = run, Why = kept[run.Id] })],
            LogsOf = policy.Logs is null ? [] : [.. facts.Ended.Where(run => !gone.Contains(run.Id) && IsOld(run, policy.Logs, now))],
            EventsOf = Strip(policy, facts, gone, policy.Events, run => run.HasEvents, now),
            ArtifactsOf = Strip(policy, facts, gone, policy.Artifacts, run => run.HasArtifacts, now),
        };
    }

    private static RunHead[] Strip(RetentionPolicy policy, RetentionFacts facts, HashSet<RunId> gone, TimeSpan? age, Func<RunHead, bool> has, DateTimeOffset now)
    {
        if (age is null)
        {
            return [];
        }

        var kept = Keep(policy, facts, run => IsOld(run, age, now));
        return [.. facts.Ended.Where(run => !gone.Contains(run.Id) && has(run) && IsOld(run, age, now) && !kept.ContainsKey(run.Id))];
    }

    private static TimeSpan? AgeOf(RunHead run, RetentionPolicy policy) =>
        policy.Runs is { } usual && run.Status == Failed && policy.FailedRuns is { } failed && failed > usual ? failed : policy.Runs;

    private static bool IsOld(RunHead run, TimeSpan? age, DateTimeOffset now) => age is { } longest && run.EndedAt is { } end && now - end > longest;

    /// <summary>All runs that must stay, with the reason.</summary>
    private static Dictionary<RunId, string> Keep(RetentionPolicy policy, RetentionFacts facts, Func<RunHead, bool> isOld)
    {
        var keeping = new Keeping(facts);
        foreach (var run in facts.Open)
        {
            keeping.Add(run.Id, "it goes on");
        }

        foreach (var hold in facts.Holds)
        {
            keeping.Add(hold.Run, hold.Why);
        }

        foreach (var pipeline in facts.Ended.Where(run => run.Relation != RunRelations.Child).GroupBy(run => run.Pipeline, StringComparer.Ordinal))
        {
            var newest = pipeline.Reverse().ToArray();
            foreach (var run in newest.Take(policy.KeepRuns))
            {
                keeping.Add(run.Id, $"it is one of the newest {policy.KeepRuns} of {pipeline.Key}");
            }

            if (newest.FirstOrDefault(run => run.Status == Succeeded) is { } success)
            {
                keeping.Add(success.Id, $"it is the latest success of {pipeline.Key}");
            }
        }

        foreach (var run in facts.Ended.Where(run => !isOld(run)))
        {
            keeping.Add(run.Id, "it is not old enough");
        }

        return keeping.Spread();
    }

    /// <summary>From runs that stay to those that they stand on.</summary>
    private sealed class Keeping
    {
        private readonly Dictionary<RunId, string> kept = [];
        private readonly Queue<RunId> fresh = new();
        private readonly ILookup<RunId, (RunId Target, string Why)> stands;

        public Keeping(RetentionFacts facts)
        {
            var related = facts.Ended.Concat(facts.Open).Where(run => run.Parent is not null).SelectMany(run => Relatives(run, run.Parent ?? default));
            var reused = facts.References.Select(reference => (reference.Run, reference.Target, $"run {reference.Run} took results from it"));
            stands = related.Concat(reused).ToLookup(one => one.Item1, one => (one.Item2, one.Item3));
        }

        public void Add(RunId run, string why)
        {
            if (kept.TryAdd(run, why))
            {
                fresh.Enqueue(run);
            }
        }

        public Dictionary<RunId, string> Spread()
        {
            while (fresh.TryDequeue(out var run))
            {
                foreach (var (target, why) in stands[run])
                {
                    Add(target, why);
                }
            }

            return kept;
        }

        private static IEnumerable<(RunId Run, RunId Target, string Why)> Relatives(RunHead run, RunId parent) => run.Relation == RunRelations.Child
            ? [(run.Id, parent, $"run {run.Id} does the work of one of its tasks"), (parent, run.Id, $"it does the work of a task of run {parent}")]
            : [(run.Id, parent, $"run {run.Id} repeats it")];
    }
}
