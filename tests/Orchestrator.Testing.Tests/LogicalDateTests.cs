using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Values;
using Orchestrator.Testing.Pipelines;

namespace Orchestrator.Testing.Tests;

/// <summary>The time that a run is for, as expressions see it.</summary>
public sealed class LogicalDateTests
{
    private static readonly DateTimeOffset Date = new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero);

    private static PipelineTest Of(string tasks) => PipelineTest.OfJson($$"""{ "name": "daily", "tasks": { {{tasks}} } }""").With(typeof(LogicalDateTests).Assembly).Fake("sample.double", call => new { twice = call.Input<long>("number") });

    [TestCase("Number(run.logicalDate.slice(0, 4))", 2026)]
    [TestCase("run.interval.end === run.logicalDate ? 1 : 0", 1)]
    [TestCase("Number(run.interval.start.slice(8, 10))", 28)]
    [TestCase("run.trigger.kind === 'schedule' ? 1 : 0", 1)]
    public async Task ExpressionsSeeTheTimeThatARunIsFor(string expression, long expected)
    {
        var run = await Of($$""" "a": { "uses": "sample.double", "with": { "number": "${ {{expression}} }" } } """).LogicalDate(Date, Date.AddDays(-1)).RunAsync();

        Assert.That(run["a"].Output<long>("twice"), Is.EqualTo(expected));
    }

    [Test]
    public async Task ARunForNoTimeHasNone()
    {
        var run = await Of(""" "a": { "uses": "sample.double", "with": { "number": "${run.logicalDate ? 1 : 2}" } } """).RunAsync();

        Assert.That(run["a"].Output<long>("twice"), Is.EqualTo(2));
    }

    [Test]
    public async Task AChildRunIsForTheTimeOfItsParent()
    {
        var run = await Of("""
            "a": { "as": "run", "pipeline": { "outputs": { "year": "${tasks.x.twice}" }, "tasks": { "x": { "uses": "sample.double", "with": { "number": "${Number(run.logicalDate.slice(0, 4))}" } } } } },
            "b": { "uses": "sample.double", "with": { "number": "${tasks.a.year}" } }
            """).LogicalDate(Date).RunAsync();

        Assert.That(run["b"].Output<long>("twice"), Is.EqualTo(2026));
    }

    [Test]
    public void ADateIsReadInTheZoneOfTheSchedule()
    {
        var pipeline = new PipelineDefinition { Name = "daily", Triggers = [new ScheduleTrigger { Schedule = "0 2 * * *", Zone = "Europe/Berlin" }] };

        Assert.That(LogicalDates.TryParse(pipeline, "2026-07-01T02:00", out var date), Is.True);
        Assert.That(date, Is.EqualTo(new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero)));
        Assert.That(LogicalDates.IntervalOf(pipeline, date), Is.EqualTo(new DataInterval { Start = date.AddDays(-1), End = date }));
        Assert.That(LogicalDates.TryParse(pipeline, "soon", out _), Is.False);
        Assert.That(LogicalDates.IntervalOf(pipeline with { Triggers = [] }, date), Is.EqualTo(new DataInterval { Start = date, End = date }));
    }
}
