using Microsoft.Extensions.Time.Testing;
using Orchestrator.Storage.Identifiers;

namespace Orchestrator.Storage.Tests.Identifiers;

[TestFixture]
internal sealed class IdsTests
{
    [Test]
    public void New_ManyAtOnce_AreDifferentAndEachThreadSeesThemGrow()
    {
        var all = Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4).Select(_ => Enumerable.Range(0, 20_000).Select(_ => Ids.New(TimeProvider.System)).ToList()).ToList();

        Assert.That(all.SelectMany(ids => ids).Distinct().Count(), Is.EqualTo(80_000));
        foreach (var ids in all)
        {
            Assert.That(ids, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
        }
    }

    [Test]
    public void New_ClockGoesBack_KeepsGrowing()
    {
        // Years ahead, so that this test's clock is the latest that the process has seen.
        var ahead = new FakeTimeProvider(new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var before = Ids.New(ahead);

        Assert.That(string.CompareOrdinal(Ids.New(TimeProvider.System), before), Is.Positive);
    }

    [Test]
    public void New_TimeOfTheSpecification_IsWrittenInTheFirstTenCharacters()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2091, 1, 1, 0, 0, 0, TimeSpan.Zero));

        var id = Ids.New(time);

        const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        Assert.That(id, Does.Match("^[0-9A-HJKMNP-TV-Z]{26}$"));
        Assert.That(id[..10].Aggregate(0L, (sum, letter) => (sum * 32) + Alphabet.IndexOf(letter, StringComparison.Ordinal)), Is.EqualTo(time.GetUtcNow().ToUnixTimeMilliseconds()));
    }
}
