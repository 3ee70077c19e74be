using Orchestrator.Core.Schedules;

namespace Orchestrator.Core.Tests.Schedules;

/// <summary>Dates and times as people write them.</summary>
public sealed class LocalInstantTests
{
    [TestCase("2026-03-01", ExpectedResult = true)]
    [TestCase("1900-01-01", ExpectedResult = true)]
    [TestCase("2199-12-31T23:59:59Z", ExpectedResult = true)]
    [TestCase("2199-12-31T23:59:59", ExpectedResult = true)]
    [TestCase("0001-01-01", ExpectedResult = false)]
    [TestCase("0001-01-01T00:00Z", ExpectedResult = false)]
    [TestCase("2200-01-01", ExpectedResult = false)]
    [TestCase("9999-12-31T23:59:59", ExpectedResult = false)]
    [TestCase("9999-12-31T23:59:59Z", ExpectedResult = false)]
    [TestCase("tomorrow", ExpectedResult = false)]
    public bool OnlyDatesOfYearsWhoseClocksAreKnownAreDates(string text) => LocalInstants.TryParse(text, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), out _);
}
