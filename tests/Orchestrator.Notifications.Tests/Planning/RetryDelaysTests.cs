using CsCheck;
using Orchestrator.Notifications.Planning;
using Orchestrator.Runtime.Outgoing;

namespace Orchestrator.Notifications.Tests.Planning;

/// <summary>How long it is waited between attempts.</summary>
public sealed class RetryDelaysTests
{
    private static readonly SendingLimits Limits = new() { Delay = TimeSpan.FromSeconds(10), MostDelay = TimeSpan.FromHours(1) };

    [Test]
    public void EachWaitIsTwiceTheOneBeforeUpToTheLongest() => Assert.That(
        Enumerable.Range(1, 12).Select(attempt => RetryDelays.After(attempt, Limits, null, draw: 0.999999).TotalSeconds),
        Is.EqualTo(new double[] { 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600 }).Within(0.01));

    [Test]
    public void TheOtherSideIsNotAskedEarlierThanItWants()
    {
        Assert.That(RetryDelays.After(1, Limits, TimeSpan.FromMinutes(5), 0.5), Is.EqualTo(TimeSpan.FromMinutes(5)));
        Assert.That(RetryDelays.After(1, Limits, TimeSpan.FromDays(300), 0.5), Is.EqualTo(Limits.MostDelay), "but not for ever");
    }

    [Test]
    public void AWaitIsAlwaysBetweenHalfOfItsStepAndAllOfIt() =>
        Gen.Select(Gen.Long[1, long.MaxValue], Gen.Double[0, 0.9999999], Gen.Int[100, 3_600_000], Gen.Int[100, 86_400_000]).Sample((attempt, draw, delay, most) =>
        {
            var limits = new SendingLimits { Delay = TimeSpan.FromMilliseconds(delay), MostDelay = TimeSpan.FromMilliseconds(most) };
            var wait = RetryDelays.After(attempt, limits, null, draw);
            return wait > TimeSpan.Zero && wait <= limits.MostDelay && wait >= (limits.Delay < limits.MostDelay ? limits.Delay : limits.MostDelay) / 2;
        });
}
