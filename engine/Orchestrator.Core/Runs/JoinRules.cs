using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>How many of the tasks before a task have ended, and how.</summary>
/// <param name="Total">All tasks before it.</param>
/// <param name="Failed">Failed, cancelled, or could not run because of such a one.</param>
public readonly record struct JoinTally(int Total, int Succeeded, int Failed, int Skipped)
{
    public int Done => Succeeded + Failed + Skipped;

    public bool AllDone => Done == Total;

    public JoinTally Add(TaskOutcome outcome) => outcome switch
    {
        TaskOutcome.Succeeded => this with { Succeeded = Succeeded + 1 },
        TaskOutcome.Skipped => this with { Skipped = Skipped + 1 },
        TaskOutcome.Failed or TaskOutcome.UpstreamFailed or TaskOutcome.Cancelled => this with { Failed = Failed + 1 },
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "not the end of a task"),
    };
}

/// <summary>What a join says.</summary>
public enum JoinVerdict
{
    Unknown = 0,
    Wait,
    Run,
    Skip,
    UpstreamFailed,
}

/// <summary>
/// Decides from the ends of the tasks before a task whether it runs.
/// </summary>
/// <remarks>
/// <code>
/// rule                         runs when                                     skipped when                          upstream_failed when
/// all_success                  all succeeded                                 all ended, none failed, one skipped   one failed
/// all_done                     all ended                                     never                                 never
/// all_failed                   all failed                                    one succeeded or was skipped          never
/// one_success                  one succeeded                                 all were skipped                      all ended, none succeeded, one failed
/// one_failed                   one failed                                    all ended, none failed                never
/// none_failed                  all ended, none failed                        never                                 one failed
/// none_failed_min_one_success  all ended, none failed, one succeeded         all were skipped                      one failed
/// always                       at once                                       never                                 never
/// </code>
/// "Failed" covers failed, cancelled and upstream_failed. A verdict is given as early as no later end can change it, so the order of the ends never matters.
/// </remarks>
public static class JoinRules
{
    public static JoinVerdict Decide(JoinRule rule, JoinTally tally) => rule switch
    {
        JoinRule.AllSuccess => Pick(
            upstreamFailed: tally.Failed > 0,
            run: tally.Succeeded == tally.Total,
            skip: tally.AllDone),
        JoinRule.AllDone => Pick(run: tally.AllDone),
        JoinRule.AllFailed => Pick(
            skip: tally.Succeeded + tally.Skipped > 0 || tally.Total == 0,
            run: tally.Failed == tally.Total && tally.Total > 0),
        JoinRule.OneSuccess => Pick(
            run: tally.Succeeded > 0,
            upstreamFailed: tally.AllDone && tally.Succeeded == 0 && tally.Failed > 0,
            skip: tally.AllDone),
        JoinRule.OneFailed => Pick(
            run: tally.Failed > 0,
            skip: tally.AllDone),
        JoinRule.NoneFailed => Pick(
            upstreamFailed: tally.Failed > 0,
            run: tally.AllDone),
        JoinRule.NoneFailedMinOneSuccess => Pick(
            upstreamFailed: tally.Failed > 0,
            run: tally.AllDone && tally.Succeeded > 0,
            skip: tally.AllDone),
        JoinRule.Always => JoinVerdict.Run,
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "not a join rule"),
    };

    // At most one of the early verdicts can hold at a time; "skip" is what is left, so it is asked last.
    private static JoinVerdict Pick(bool run = false, bool skip = false, bool upstreamFailed = false) =>
        upstreamFailed ? JoinVerdict.UpstreamFailed
        : run ? JoinVerdict.Run
        : skip ? JoinVerdict.Skip
        : JoinVerdict.Wait;
}
