using System.Globalization;
using System.Text.Json.Nodes;

namespace Orchestrator.Training.Trainers;

/// <summary>One algorithm: its name, what it needs of its features, and its hyper-parameters.</summary>
internal sealed record TrainerKind
{
    /// <summary>Gradient boosted trees by LightGBM: the usual first choice on tables.</summary>
    public static readonly TrainerKind LightGbm = new()
    {
        Name = "lightgbm",
        TakesMissing = true,
        IsTree = true,
        Parameters =
        [
            new("rounds", 200, 1, 20_000) { IsInteger = true, Help = "Trees at most; early stopping usually ends sooner." },
            new("learningRate", 0.1, 1e-6, 1) { Help = "Share of each tree that is added. Smaller needs more rounds and generalises better." },
            new("leaves", 31, 2, 8192) { IsInteger = true, Help = "Leaves of a tree. More fits finer patterns and noise." },
            new("minExamplesPerLeaf", 20, 1, 1_000_000) { IsInteger = true, Help = "Rows a leaf must have. On fewer than 400 rows the default shrinks to a twentieth of them." },
            new("maxDepth", 0, 0, 1000) { IsInteger = true, Help = "Depth of a tree; 0 is no limit." },
            new("minSplitGain", 0, 0, 1e6) { Help = "Gain a split must bring." },
            new("l1", 0, 0, 1e6) { Help = "L1 penalty on leaf values." },
            new("l2", 0, 0, 1e6) { Help = "L2 penalty on leaf values." },
            new("featureFraction", 1, 1e-3, 1) { Help = "Share of features each tree may see." },
            new("rowFraction", 1, 1e-3, 1) { Help = "Share of rows each tree sees (drawn again for every tree)." },
        ],
    };

    /// <summary>Gradient boosted trees by FastTree, all managed code but its histograms.</summary>
    public static readonly TrainerKind FastTree = new()
    {
        Name = "fasttree",
        IsTree = true,
        Parameters =
        [
            new("rounds", 100, 1, 20_000) { IsInteger = true, Help = "Trees at most; early stopping usually ends sooner." },
            new("learningRate", 0.2, 1e-6, 1) { Help = "Share of each tree that is added." },
            new("leaves", 20, 2, 8192) { IsInteger = true, Help = "Leaves of a tree." },
            new("minExamplesPerLeaf", 10, 1, 1_000_000) { IsInteger = true, Help = "Rows a leaf must have. On fewer than 200 rows the default shrinks to a twentieth of them." },
            new("featureFraction", 1, 1e-3, 1) { Help = "Share of features each tree may see." },
        ],
    };

    /// <summary>Logistic regression (multinomial for more than two classes), by L-BFGS.</summary>
    public static readonly TrainerKind Logistic = new()
    {
        Name = "logistic",
        Scales = true,
        ForRegression = false,
        Parameters =
        [
            new("l1", 0, 0, 1e6) { Help = "L1 penalty on weights; makes some of them zero." },
            new("l2", 1, 0, 1e6) { Help = "L2 penalty on weights." },
        ],
    };

    /// <summary>Linear regression with a ridge penalty, exact, without rounds.</summary>
    public static readonly TrainerKind Linear = new()
    {
        Name = "linear",
        Scales = true,
        ForClassification = false,
        Parameters =
        [
            new("l2", 1e-6, 1e-12, 1e6) { Help = "L2 penalty on the weights of standardised features, beside the mean squared error. Has to be above 0." },
        ],
    };

    public static IReadOnlyList<TrainerKind> All { get; } = [LightGbm, FastTree, Logistic, Linear];

    public required string Name { get; init; }

    /// <summary>True: learns from missing numbers as such. False: they are replaced by the median and marked in a slot of their own.</summary>
    public bool TakesMissing { get; init; }

    /// <summary>True: an ensemble of trees, built in rounds, so early stopping applies.</summary>
    public bool IsTree { get; init; }

    /// <summary>True: wants features of mean 0 and deviation 1.</summary>
    public bool Scales { get; init; }

    public bool ForClassification { get; init; } = true;

    public bool ForRegression { get; init; } = true;

    public required IReadOnlyList<HyperParameter> Parameters { get; init; }

    /// <summary>The trainer as an object with its hyper-parameters, any of which may be an expression.</summary>
    public JsonObject Schema => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject([KeyValuePair.Create("kind", (JsonNode?)new JsonObject { ["enum"] = new JsonArray(Name) }), .. Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, (JsonNode?)parameter.Schema))]),
        ["required"] = new JsonArray("kind"),
        ["additionalProperties"] = false,
    };

    public static TrainerKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);

    public static TrainerKind Get(string name) => Find(name) ?? throw new ArgumentException($"There is no trainer {name}.", nameof(name));

    public HyperParameter? FindParameter(string name) => Parameters.FirstOrDefault(parameter => parameter.Name == name);
}

/// <summary>One hyper-parameter of a trainer.</summary>
/// <param name="Name">The key in JSON, in scripts and in a search space.</param>
/// <param name="Default">Its value when nobody says one.</param>
/// <param name="Minimum">Lowest legal value, inclusive.</param>
/// <param name="Maximum">Highest legal value, inclusive.</param>
internal sealed record HyperParameter(string Name, double Default, double Minimum, double Maximum)
{
    public bool IsInteger { get; init; }

    public required string Help { get; init; }

    public JsonObject Schema => new()
    {
        ["description"] = Help,
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = IsInteger ? "integer" : "number", ["minimum"] = Minimum, ["maximum"] = Maximum },
            new JsonObject { ["type"] = "string", ["pattern"] = @"\$\{" }),
        ["default"] = Default,
    };

    /// <summary>What is wrong with a value, in words; null when nothing is.</summary>
    public string? ProblemWith(double value)
    {
        if (IsInteger && value != Math.Floor(value))
        {
            return string.Create(CultureInfo.InvariantCulture, $"\"{Name}\" is a whole number and is {value}");
        }

        return value >= Minimum && value <= Maximum
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"\"{Name}\" is {value}; it goes from {Minimum} to {Maximum}");
    }
}
