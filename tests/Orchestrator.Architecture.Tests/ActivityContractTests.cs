using Orchestrator.Cli.Composition;
using Orchestrator.Core.Activities;

namespace Orchestrator.Architecture.Tests;

/// <summary>What every activity of the product owes to those who write pipelines.</summary>
public sealed class ActivityContractTests
{
    private static IEnumerable<ActivityDescriptor> Activities => Families.Catalog().Activities;

    [TestCaseSource(nameof(Activities))]
    public void AnActivitySaysWhatItIs(ActivityDescriptor activity)
    {
        Assert.That(activity.Type, Does.Match(@"^[a-z]+(\.[a-z-]+)?$"));
        Assert.That(activity.Title, Is.Not.Empty);
        Assert.That(activity.Summary, Does.EndWith("."));
        Assert.That(activity.Lane, Is.Not.EqualTo(Lane.Unknown));
        Assert.That(activity.ClassType.IsSealed);
    }

    [TestCaseSource(nameof(Activities))]
    public void EveryInputAndOutputHasHelp(ActivityDescriptor activity)
    {
        var silent = activity.Inputs.Where(input => string.IsNullOrEmpty(input.Help)).Select(input => input.Name)
            .Concat(activity.Outputs.Where(output => string.IsNullOrEmpty(output.Help)).Select(output => output.Name));

        Assert.That(silent, Is.Empty, "the designer and the schema show this text");
    }
}
