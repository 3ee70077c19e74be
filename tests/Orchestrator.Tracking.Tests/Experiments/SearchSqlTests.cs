using Orchestrator.Storage.Databases;
using Orchestrator.Tests.Shared;
using Orchestrator.Tracking.Experiments;

namespace Orchestrator.Tracking.Tests.Experiments;

/// <summary>The search for runs is made from its filter and stands in no .sql file; the T-SQL among it is read here.</summary>
public sealed class SearchSqlTests
{
    private static readonly TrackingRunFilter Everything = new()
    {
        Status = TrackingStatus.Finished,
        Pipeline = "churn",
        Parent = "p",
        OrderByMetric = "auc",
        Metrics = [new MetricCondition("auc", MetricComparison.AtLeast, 0.5)],
        Params = new Dictionary<string, string> { ["leaves"] = "8" },
        Tags = new Dictionary<string, string> { ["team"] = "a" },
    };

    [Test]
    public void TSqlOfEverySegmentIsUnderstoodByMicrosoftsParser([Values("ByStart", "Numbers", "NotNumbers", "Missing")] string segment)
    {
        var search = new TrackingRunSearch(Dialect.SqlServer, Everything, experiment: 1, Enum.Parse<MetricSegment>(segment));

        Assert.That(TSqlRules.Check(search.Rows(10, 20).For(Dialect.SqlServer)), Is.Empty);
        Assert.That(TSqlRules.Check(search.Count().For(Dialect.SqlServer)), Is.Empty);
        Assert.That(TSqlRules.ParametersOf(search.Rows(10, 20).For(Dialect.SqlServer)), Is.EquivalentTo(search.Parameters.Keys.Select(name => $"@{name}")));
    }
}
