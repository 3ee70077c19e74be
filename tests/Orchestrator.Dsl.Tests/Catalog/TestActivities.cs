using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;

namespace Orchestrator.Dsl.Tests.Catalog;

/// <summary>
/// A few activities with every kind of input, so that baselines change only when the language does. They look like the real ones and do nothing.
/// </summary>
internal static class TestActivities
{
    public static ActivityCatalog Catalog { get; } = new(new[]
    {
        typeof(TestSnapshot), typeof(TestValidate), typeof(TestSplit), typeof(TestClassifier), typeof(TestSweep), typeof(TestCompare), typeof(TestDeploy), typeof(TestNotify), typeof(TestList), typeof(TestUpload), typeof(TestAsk),
    }.Select(ActivityDescriptor.Of));
}

[Activity("data.upload", Title = "Upload", Summary = "Takes secrets.", Kind = ActivityKind.Effect)]
public sealed class TestUpload : Activity
{
    public Input<string>? To { get; set; }

    public Input<SecretText>? Token { get; set; }

    public Input<IReadOnlyDictionary<string, SecretText>>? Environment { get; set; }

    protected override Task ExecuteAsync(ActivityContext context) => Task.CompletedTask;
}

public sealed record DatasetRef : INamedReference
{
    public static string Scheme => "datasets";

    public required string Name { get; init; }
}

public sealed record ModelRef : INamedReference
{
    public static string Scheme => "models";

    public required string Name { get; init; }
}

public enum RuleSeverity
{
    Unknown = 0,
    Error,
    Warn,
}

/// <summary>A record with optional members and a check of its own.</summary>
public sealed record ColumnRule : ICheckedValue
{
    public required string Column { get; init; }

    public bool NotNull { get; init; }

    public IReadOnlyList<double>? Between { get; init; }

    public string? Matches { get; init; }

    public RuleSeverity Severity { get; init; } = RuleSeverity.Error;

    public IEnumerable<ValueProblem> Check()
    {
        if (Matches is { } pattern && Problem(pattern) is { } wrong)
        {
            yield return new ValueProblem("matches", $"the pattern {pattern} is not a regular expression: {wrong}", "Escape brackets that stand for themselves with a backslash.");
        }

        if (Between is { Count: 2 } bounds && bounds[0] > bounds[1])
        {
            yield return new ValueProblem("between", $"the range ends at {bounds[1]} before it starts at {bounds[0]}");
        }
    }

    private static string? Problem(string pattern)
    {
        try
        {
            _ = new Regex(pattern);
            return null;
        }
        catch (RegexParseException wrong)
        {
            return wrong.Error.ToString();
        }
    }
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(BoostedTrees), "boosted-trees")]
[JsonDerivedType(typeof(LogisticRegression), "logistic-regression")]
public abstract record TestTrainer;

public sealed record BoostedTrees : TestTrainer
{
    public int Leaves { get; init; } = 31;

    public double? LearningRate { get; init; }
}

public sealed record LogisticRegression : TestTrainer
{
    public double L2 { get; init; } = 1;
}

[Activity("data.snapshot", Title = "Take a snapshot", Summary = "Reads a table.")]
public sealed class TestSnapshot : TestActivity
{
    [Input(Help = "The file to read.", Hint = "path")]
    public required Input<string> Source { get; set; }

    public required Input<string> Name { get; set; }

    public Output<DatasetRef> Version { get; } = new();
}

[Activity("data.validate", Title = "Validate", Summary = "Checks a table against rules.")]
public sealed class TestValidate : TestActivity
{
    public required Input<DatasetRef> Dataset { get; set; }

    public required InputList<ColumnRule> Expect { get; set; }

    public Output<bool> Passed { get; } = new();

    public Output<DatasetRef> Checked { get; } = new();
}

[Activity("data.split", Title = "Split", Summary = "Cuts a table in two.")]
public sealed class TestSplit : TestActivity
{
    public required Input<DatasetRef> Dataset { get; set; }

    [Input(Help = "The share of rows that is held out.", Minimum = 0.01, Maximum = 0.99)]
    public Input<double> Test { get; set; } = 0.2;

    public Input<string>? StratifyBy { get; set; }

    public Input<int> Seed { get; set; } = 7;

    public Output<DatasetRef> Train { get; } = new();

    public Output<DatasetRef> HeldOut { get; } = new();

    public Output<long> Rows { get; } = new();
}

[Activity("train.classifier", Title = "Train a classifier", Summary = "Learns to tell classes apart.", Lane = Lane.Process)]
public sealed class TestClassifier : TestActivity
{
    public required Input<DatasetRef> Data { get; set; }

    public required Input<string> Label { get; set; }

    public Input<TestTrainer> Trainer { get; set; } = new BoostedTrees();

    public Input<TimeSpan>? MaxTime { get; set; }

    public InputList<string>? Ignore { get; set; }

    public Output<ModelRef> Model { get; } = new();

    public Output<double> Auc { get; } = new();
}

[Activity("train.sweep", Title = "Sweep", Summary = "Tries many trainers.", Kind = ActivityKind.Action)]
public sealed class TestSweep : TestActivity
{
    public required ActivityInput Train { get; set; }

    [Input(Minimum = 1, Maximum = 1000)]
    public Input<int> Trials { get; set; } = 20;

    [Input(Choices = ["auc", "accuracy", "log-loss"])]
    public Input<string> Metric { get; set; } = "auc";

    public Output<ModelRef> Best { get; } = new();
}

[Activity("model.compare", Title = "Compare", Summary = "Compares a model with the champion.")]
public sealed class TestCompare : TestActivity
{
    public required Input<ModelRef> Candidate { get; set; }

    public ReferenceInput<ModelRef>? Baseline { get; set; }

    public required Input<DatasetRef> Data { get; set; }

    public Output<double> CandidateScore { get; } = new();

    public Output<bool> NotWorse { get; } = new();
}

[Activity("model.deploy", Title = "Deploy", Summary = "Puts a model behind an endpoint.", Kind = ActivityKind.Effect)]
public sealed class TestDeploy : TestActivity
{
    public required Input<ModelRef> Model { get; set; }

    public required Input<string> Endpoint { get; set; }
}

[Activity("notify.log", Title = "Write a message", Summary = "Tells people something.", Kind = ActivityKind.Effect)]
public sealed class TestNotify : TestActivity
{
    public required Input<string> Message { get; set; }

    public Input<JsonElement>? Details { get; set; }

    public Input<DateTimeOffset>? NotBefore { get; set; }
}

[Activity("data.list", Title = "List files", Summary = "Lists the files of a folder.")]
public sealed class TestList : TestActivity
{
    public required Input<string> Folder { get; set; }

    public Output<IReadOnlyList<string>> Files { get; } = new();
}

public abstract class TestActivity : Activity
{
    protected override Task ExecuteAsync(ActivityContext context) => Task.CompletedTask;
}

[Activity("test.ask", Title = "Ask", Summary = "Waits for a person.", Kind = ActivityKind.Wait)]
public sealed class TestAsk : Activity
{
    [Input(Help = "What is asked.")]
    public required Input<string> Prompt { get; set; }

    [Output(Help = "The answer.")]
    public Output<bool> Approved { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context) => Task.CompletedTask;
}
