using Orchestrator.Core.Activities;

namespace Orchestrator.Training.Trainers;

/// <summary>What scripts write for <c>Trainer = …</c> and <c>ClassWeights = …</c>. A parameter left out has the default of <see cref="TrainerKind"/>.</summary>
[ScriptFunctions]
public static class TrainerFunctions
{
    /// <summary>Gradient boosted trees by LightGBM.</summary>
    public static Trainer LightGbm(
        int? leaves = null,
        double? learningRate = null,
        int? rounds = null,
        int? minExamplesPerLeaf = null,
        int? maxDepth = null,
        double? minSplitGain = null,
        double? l1 = null,
        double? l2 = null,
        double? featureFraction = null,
        double? rowFraction = null) => Make(
        "lightgbm",
        (nameof(leaves), leaves),
        (nameof(learningRate), learningRate),
        (nameof(rounds), rounds),
        (nameof(minExamplesPerLeaf), minExamplesPerLeaf),
        (nameof(maxDepth), maxDepth),
        (nameof(minSplitGain), minSplitGain),
        (nameof(l1), l1),
        (nameof(l2), l2),
        (nameof(featureFraction), featureFraction),
        (nameof(rowFraction), rowFraction));

    /// <summary>Gradient boosted trees by FastTree.</summary>
    public static Trainer FastTree(int? leaves = null, double? learningRate = null, int? rounds = null, int? minExamplesPerLeaf = null, double? featureFraction = null) => Make(
        "fasttree",
        (nameof(leaves), leaves),
        (nameof(learningRate), learningRate),
        (nameof(rounds), rounds),
        (nameof(minExamplesPerLeaf), minExamplesPerLeaf),
        (nameof(featureFraction), featureFraction));

    /// <summary>Logistic regression, for classification.</summary>
    public static Trainer LogisticRegression(double? l1 = null, double? l2 = null) => Make("logistic", (nameof(l1), l1), (nameof(l2), l2));

    /// <summary>Linear regression, for numbers.</summary>
    public static Trainer LinearRegression(double? l2 = null) => Make("linear", (nameof(l2), l2));

    /// <summary>Class weights that make every class count the same in sum.</summary>
    public static ClassWeights Balanced() => ClassWeights.Balanced;

    /// <summary>Class weights by class: <c>Weights(("yes", 5), ("no", 1))</c>.</summary>
    public static ClassWeights Weights(params (string Class, double Weight)[] weights) =>
        new() { ByClass = new SortedDictionary<string, double>(weights.ToDictionary(pair => pair.Class, pair => pair.Weight), StringComparer.Ordinal) };

    private static Trainer Make(string kind, params (string Name, double? Value)[] parameters)
    {
        var written = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in parameters)
        {
            if (value is { } number)
            {
                written.Add(name, number);
            }
        }

        return new Trainer { Kind = kind, Parameters = written };
    }
}
