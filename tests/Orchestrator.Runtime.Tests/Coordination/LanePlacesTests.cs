using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>Who gets a lane's place that comes free.</summary>
public sealed class LanePlacesTests
{
    private readonly List<string> granted = [];
    private LanePlaces places = null!;
    private LanePlaces.Claimant holder = null!;

    [SetUp]
    public void Fill()
    {
        granted.Clear();
        places = new LanePlaces(new LanePlaceOptions { Inline = 1, Command = 1 });
        holder = places.Join(() => { });
        Assert.That(holder.TryTake(Lane.Inline, 0), Is.True);
    }

    [Test]
    public void WhoCameFirstIsFirstAmongEquals()
    {
        var (one, two) = (Claimant("one"), Claimant("two"));
        Assert.That(new[] { one.TryTake(Lane.Inline, 0), two.TryTake(Lane.Inline, 0), one.TryTake(Lane.Inline, 0) }, Is.All.False);

        holder.Release(Lane.Inline);
        Assert.That(granted, Is.EqualTo(new[] { "one" }));
        Assert.That(two.TryTake(Lane.Inline, 0), Is.False, "it was set aside for the other");
        Assert.That(one.TryTake(Lane.Inline, 0), Is.True);
    }

    [Test]
    public void UrgentWorkGoesBeforeWhatCameEarlier()
    {
        var (usual, urgent) = (Claimant("usual"), Claimant("urgent"));
        usual.TryTake(Lane.Inline, 0);
        urgent.TryTake(Lane.Inline, 5);

        holder.Release(Lane.Inline);
        urgent.TryTake(Lane.Inline, 5);
        urgent.Release(Lane.Inline);

        Assert.That(granted, Is.EqualTo(new[] { "urgent", "usual" }));
    }

    [Test]
    public void APlaceInLineHasThePriorityOfWhatWaitsNow()
    {
        var (one, two) = (Claimant("one"), Claimant("two"));
        one.TryTake(Lane.Inline, 5);
        two.TryTake(Lane.Inline, 3);
        one.TryTake(Lane.Inline, 3);

        holder.Release(Lane.Inline);
        Assert.That(granted, Is.EqualTo(new[] { "one" }), "as urgent as the other now, and there before it");
    }

    [Test]
    public void WhoLeavesStandsInNoLine()
    {
        var (one, two) = (Claimant("one"), Claimant("two"));
        one.TryTake(Lane.Inline, 9);
        two.TryTake(Lane.Inline, 0);
        one.Leave();

        holder.Release(Lane.Inline);
        Assert.That(granted, Is.EqualTo(new[] { "two" }));
    }

    [Test]
    public void WhatIsSetAsideAndNotNeededGoesToTheNext()
    {
        var (one, two) = (Claimant("one"), Claimant("two"));
        one.TryTake(Lane.Inline, 0);
        two.TryTake(Lane.Inline, 0);
        holder.Release(Lane.Inline);
        one.GiveBack();

        Assert.That(granted, Is.EqualTo(new[] { "one", "two" }));
        two.GiveBack();
        Assert.That(holder.TryTake(Lane.Inline, 0), Is.True, "nobody waits, so it is free");
    }

    [Test]
    public void LanesAreApart()
    {
        var other = Claimant("other");
        Assert.That(other.TryTake(Lane.Inline, 9), Is.False);
        Assert.That(other.TryTake(Lane.Command, 0), Is.True);
    }

    private LanePlaces.Claimant Claimant(string name) => places.Join(() => granted.Add(name));
}
