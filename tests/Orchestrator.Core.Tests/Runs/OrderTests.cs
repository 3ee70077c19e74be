using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>The orders that queues and timers are sorted by, with all their operators.</summary>
public sealed class OrderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void ATimerIsOrderedByTimeThenTaskThenKind()
    {
        RunTimer[] inOrder =
        [
            new(Noon, new TaskKey(1), TimerKind.Retry), new(Noon, new TaskKey(1), TimerKind.Queue), new(Noon, new TaskKey(2), TimerKind.Retry), new(Noon.AddTicks(1), new TaskKey(0), TimerKind.Retry),
        ];
        Check([.. inOrder.Order()], (a, b) => (Less: a < b, More: a > b, NotMore: a <= b, NotLess: a >= b));
        Assert.That(inOrder.Order().Select(timer => (timer.Until, timer.Key)), Is.EqualTo(new[] { (Noon, new TaskKey(1)), (Noon, new TaskKey(1)), (Noon, new TaskKey(2)), (Noon.AddTicks(1), new TaskKey(0)) }));
        Assert.That(inOrder.Order().Take(2).Select(timer => timer.Kind), Is.Ordered.And.Unique);
    }

    [Test]
    public void APlaceInTheQueueIsOrderedByPriorityThenAgeThenTask()
    {
        ReadyEntry[] inOrder = [new(5, 9, new TaskKey(9)), new(1, 1, new TaskKey(3)), new(1, 2, new TaskKey(1)), new(1, 2, new TaskKey(2))];
        Assert.That(inOrder.Reverse().Order(), Is.EqualTo(inOrder));
        Check(inOrder, (a, b) => (Less: a < b, More: a > b, NotMore: a <= b, NotLess: a >= b));
    }

    [Test]
    public void ALineIsOrderedByLaneThenPool()
    {
        ReadyLine[] inOrder = [.. new ReadyLine[] { new(Lane.Inline, "b"), new(Lane.Process, "a"), new(Lane.Inline, null), new(Lane.Inline, "a") }.Order()];
        Assert.That(inOrder.Select(line => line.Pool), Is.EqualTo(new[] { null, "a", "b", "a" }));
        Check(inOrder, (a, b) => (Less: a < b, More: a > b, NotMore: a <= b, NotLess: a >= b));
        Assert.That(inOrder[0].CompareTo(null), Is.EqualTo(1));
    }

    [Test]
    public void ATaskComesBeforeItsItems()
    {
        TaskKey[] inOrder = [new(0), new(0, 0), new(0, 1), new(1)];
        Assert.That(inOrder.Reverse().Order(), Is.EqualTo(inOrder));
        Check(inOrder, (a, b) => (Less: a < b, More: a > b, NotMore: a <= b, NotLess: a >= b));
    }

    private static void Check<T>(IReadOnlyList<T> inOrder, Func<T, T, (bool Less, bool More, bool NotMore, bool NotLess)> compare)
    {
        foreach (var (left, i) in inOrder.Select((value, index) => (value, index)))
        {
            foreach (var (right, j) in inOrder.Select((value, index) => (value, index)))
            {
                Assert.That(compare(left, right), Is.EqualTo((Less: i < j, More: i > j, NotMore: i <= j, NotLess: i >= j)), $"{left} and {right}");
            }
        }
    }
}
