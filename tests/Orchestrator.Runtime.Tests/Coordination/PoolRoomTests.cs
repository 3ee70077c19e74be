using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Pools;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>What a run may take of a pool, by what is free and who stands before it.</summary>
public sealed class PoolRoomTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    // What the run may take with 4 slots of which some are used, having waited for some seconds; others wait as "slots priority seconds".
    [TestCase(0, 5, "", 4)]
    [TestCase(4, 5, "", 0)]
    [TestCase(3, 5, "1 0 9", 0, Description = "another has waited longer")]
    [TestCase(3, 5, "1 0 3", 1, Description = "another has waited less")]
    [TestCase(2, 5, "1 0 9", 1, Description = "room for both")]
    [TestCase(2, 5, "1 0 9|1 0 8", 0)]
    [TestCase(3, 5, "1 7 1", 0, Description = "a higher priority goes first")]
    [TestCase(3, 5, "1 -1 9", 1, Description = "a lower one does not")]
    [TestCase(3, 5, "2 0 9", 1, Description = "one that cannot start holds nobody back")]
    [TestCase(3, 5, "2 0 99", -1, Description = "unless it has waited for too long")]
    [TestCase(2, 5, "4 0 9|1 0 8", 1, Description = "behind it the next one counts")]
    public void ItIsWhatIsFreeLessWhatOthersTakeBefore(int used, int waited, string others, int expected)
    {
        var line = others.Split('|', StringSplitOptions.RemoveEmptyEntries).Select((text, index) => text.Split(' ').Select(int.Parse).ToArray() is var numbers ? new PoolWaiter
        {
            Pool = "p", RunId = new RunId($"other-{index}"), Slots = numbers[0], Priority = numbers[1], Since = Now.AddSeconds(-numbers[2]), ExpiresAt = Now.AddSeconds(3),
        } : throw new InvalidOperationException());
        var view = new PoolView([new PoolInfo { Name = "p", Size = 4, Used = used }], [.. line, new PoolWaiter { Pool = "p", RunId = new RunId("own"), Slots = 4, Since = Now.AddSeconds(-9999), ExpiresAt = Now }]);

        var room = new PoolRoom(new RunId("own"), view, Now, TimeSpan.FromSeconds(60), _ => Now.AddSeconds(-waited));

        Assert.That(room.Of("p", priority: 0), Is.EqualTo(expected));
        Assert.That(room.IsShared("p"), Is.EqualTo(others.Length > 0), "its own place is not another's");
        Assert.That(room.Of("other pool", priority: 0), Is.Zero);
    }
}
