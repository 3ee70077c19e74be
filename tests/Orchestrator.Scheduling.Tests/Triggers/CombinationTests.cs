using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Scheduling.Events;

namespace Orchestrator.Scheduling.Tests.Triggers;

/// <summary>When several things that happened are one reason to run. Pure: times are minutes after noon.</summary>
public sealed class CombinationTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CombinedTrigger Of(bool all, int? within = null, int? debounce = null) => new()
    {
        Of = [new DatasetTrigger { Dataset = "a" }, new DatasetTrigger { Dataset = "b" }],
        All = all,
        Within = within is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
        Debounce = debounce is { } quiet ? TimeSpan.FromMinutes(quiet) : null,
    };

    /// <summary>Lets things happen (<c>a5</c>: part a at minute 5) and time pass (<c>-9</c>: minute 9), and answers what fired when, with the minutes of its parts.</summary>
    private static string Play(CombinedTrigger trigger, string what)
    {
        var state = Combination.Of(trigger, null);
        var fired = new List<string>();
        var number = 0L;
        void Look(int minute)
        {
            (state, var forgotten) = state.Forget(trigger, Noon.AddMinutes(minute));
            fired.AddRange(forgotten.Select(one => $"forgot {one.Event}"));
            if (state.Ready(trigger, Noon.AddMinutes(minute)) is { } ready)
            {
                fired.Add($"{minute}:{ready.Event.GetProperty("events").GetRawText()}");
                state = state.Clear();
            }
        }

        foreach (var step in what.Split(' '))
        {
            var minute = int.Parse(step[1..]);
            Look(minute);
            if (step[0] != '-')
            {
                state = state.Add(step[0] - 'a', new Happened { Number = ++number, At = Noon.AddMinutes(minute), Event = OrcJson.ToElement(minute) });
            }

            Look(minute);
            // A restart in between changes nothing.
            state = Combination.Of(trigger, state.ToState());
        }

        return string.Join(' ', fired);
    }

    [TestCase("a1 b2", "2:[1,2]")]
    [TestCase("a1 a3 b4", "4:[3,4]", TestName = "The newest of each counts")]
    [TestCase("a1 b2 b3 a4", "2:[1,2] 4:[4,3]", TestName = "Each is used once")]
    [TestCase("a1 -99", "")]
    public void All(string what, string fired) => Assert.That(Play(Of(all: true), what), Is.EqualTo(fired));

    [TestCase("a1 b11", "11:[1,11]", TestName = "As long as it may")]
    [TestCase("a1 b12", "forgot 1", TestName = "Longer")]
    [TestCase("a1 b12 a20", "forgot 1 20:[20,12]")]
    public void AllWithin(string what, string fired) => Assert.That(Play(Of(all: true, within: 10), what), Is.EqualTo(fired));

    [TestCase("a1 b2", "1:[1,null] 2:[null,2]")]
    public void Any(string what, string fired) => Assert.That(Play(Of(all: false), what), Is.EqualTo(fired));

    [TestCase("a1 b3 a5 -9 -10", "10:[5,3]")]
    [TestCase("a1 -6 b7 -12", "6:[1,null] 12:[null,7]")]
    public void AnyWhenItIsQuiet(string what, string fired) => Assert.That(Play(Of(all: false, debounce: 5), what), Is.EqualTo(fired));

    [Test]
    public void ItSaysWhenToLookAgain()
    {
        var (quiet, within) = (Of(all: false, debounce: 5), Of(all: true, within: 10));
        var one = Combination.Of(quiet, null).Add(0, new Happened { Number = 1, At = Noon, Event = OrcJson.ToElement(1) });
        Assert.That(one.NextAt(quiet), Is.EqualTo(Noon.AddMinutes(5)));
        Assert.That(one.NextAt(within), Is.EqualTo(Noon.AddMinutes(10).AddTicks(10)));
        Assert.That(one.Clear().NextAt(quiet), Is.Null);
    }
}
