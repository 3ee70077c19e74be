using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>The table of <see cref="JoinRules"/>, case by case. A tally is written as total: succeeded failed skipped.</summary>
public sealed class JoinRulesTests
{
    [TestCase(JoinRule.AllSuccess, 0, 0, 0, 0, JoinVerdict.Run)]
    [TestCase(JoinRule.AllSuccess, 2, 1, 0, 0, JoinVerdict.Wait)]
    [TestCase(JoinRule.AllSuccess, 2, 2, 0, 0, JoinVerdict.Run)]
    [TestCase(JoinRule.AllSuccess, 2, 0, 1, 0, JoinVerdict.UpstreamFailed)]
    [TestCase(JoinRule.AllSuccess, 2, 0, 0, 1, JoinVerdict.Wait)]
    [TestCase(JoinRule.AllSuccess, 2, 1, 0, 1, JoinVerdict.Skip)]
    [TestCase(JoinRule.AllSuccess, 2, 0, 1, 1, JoinVerdict.UpstreamFailed)]
    [TestCase(JoinRule.AllDone, 2, 1, 0, 0, JoinVerdict.Wait)]
    [TestCase(JoinRule.AllDone, 2, 0, 1, 1, JoinVerdict.Run)]
    [TestCase(JoinRule.AllFailed, 0, 0, 0, 0, JoinVerdict.Skip)]
    [TestCase(JoinRule.AllFailed, 2, 0, 1, 0, JoinVerdict.Wait)]
    [TestCase(JoinRule.AllFailed, 2, 0, 2, 0, JoinVerdict.Run)]
    [TestCase(JoinRule.AllFailed, 2, 1, 0, 0, JoinVerdict.Skip)]
    [TestCase(JoinRule.AllFailed, 2, 0, 1, 1, JoinVerdict.Skip)]
    [TestCase(JoinRule.OneSuccess, 3, 1, 0, 0, JoinVerdict.Run)]
    [TestCase(JoinRule.OneSuccess, 2, 0, 1, 0, JoinVerdict.Wait)]
    [TestCase(JoinRule.OneSuccess, 2, 0, 1, 1, JoinVerdict.UpstreamFailed)]
    [TestCase(JoinRule.OneSuccess, 2, 0, 0, 2, JoinVerdict.Skip)]
    [TestCase(JoinRule.OneFailed, 3, 0, 1, 0, JoinVerdict.Run)]
    [TestCase(JoinRule.OneFailed, 2, 1, 0, 0, JoinVerdict.Wait)]
    [TestCase(JoinRule.OneFailed, 2, 1, 0, 1, JoinVerdict.Skip)]
    [TestCase(JoinRule.NoneFailed, 2, 1, 0, 1, JoinVerdict.Run)]
    [TestCase(JoinRule.NoneFailed, 2, 0, 0, 2, JoinVerdict.Run)]
    [TestCase(JoinRule.NoneFailed, 2, 0, 1, 0, JoinVerdict.UpstreamFailed)]
    [TestCase(JoinRule.NoneFailed, 2, 1, 0, 0, JoinVerdict.Wait)]
    [TestCase(JoinRule.NoneFailedMinOneSuccess, 2, 1, 0, 1, JoinVerdict.Run)]
    [TestCase(JoinRule.NoneFailedMinOneSuccess, 2, 0, 0, 2, JoinVerdict.Skip)]
    [TestCase(JoinRule.NoneFailedMinOneSuccess, 2, 1, 1, 0, JoinVerdict.UpstreamFailed)]
    [TestCase(JoinRule.Always, 2, 0, 0, 0, JoinVerdict.Run)]
    public void Decide_Tally_Verdict(JoinRule rule, int total, int succeeded, int failed, int skipped, JoinVerdict expected) =>
        Assert.That(JoinRules.Decide(rule, new JoinTally(total, succeeded, failed, skipped)), Is.EqualTo(expected));

    /// <summary>A verdict, once given, is the verdict of every tally that can follow: that is what makes the order of the ends irrelevant.</summary>
    [Test]
    public void AVerdictGivenEarlyIsTheVerdictGivenLate([Values] JoinRule rule)
    {
        Assume.That(rule, Is.Not.EqualTo(JoinRule.Unknown));
        const int total = 4;
        foreach (var early in Tallies(total))
        {
            var verdict = JoinRules.Decide(rule, early);
            foreach (var late in Tallies(total).Where(t => verdict != JoinVerdict.Wait && t.AllDone && Follows(early, t)))
            {
                Assert.That(JoinRules.Decide(rule, late), Is.EqualTo(verdict), $"{rule}: {early}, then {late}");
            }
        }
    }

    [Test]
    public void EveryRuleDecidesWhenAllHaveEnded([Values] JoinRule rule)
    {
        Assume.That(rule, Is.Not.EqualTo(JoinRule.Unknown));
        Assert.That(Tallies(3).Where(tally => tally.AllDone).Select(tally => JoinRules.Decide(rule, tally)), Has.None.EqualTo(JoinVerdict.Wait));
    }

    private static IEnumerable<JoinTally> Tallies(int total) =>
        from succeeded in Enumerable.Range(0, total + 1)
        from failed in Enumerable.Range(0, total + 1 - succeeded)
        from skipped in Enumerable.Range(0, total + 1 - succeeded - failed)
        select new JoinTally(total, succeeded, failed, skipped);

    private static bool Follows(JoinTally early, JoinTally late) =>
        late.Succeeded >= early.Succeeded && late.Failed >= early.Failed && late.Skipped >= early.Skipped;
}
