using Orchestrator.Training.Sweeps;
using Orchestrator.Training.Sweeps.Tpe;

namespace Orchestrator.Training.Tests.Sweeps;

/// <summary>The functions that samplers are usually measured on, with their lowest values.</summary>
internal sealed record TestFunction(string Name, double Lowest, IReadOnlyList<SearchParameter> Space, Func<double[], double> Value)
{
    public static TestFunction Sphere { get; } = new("sphere-10", 0, Box(10, -5, 5), x => x.Sum(v => v * v));

    public static TestFunction Rosenbrock { get; } = new(
        "Rosenbrock-5", 0, Box(5, -2, 2), x => Enumerable.Range(0, x.Length - 1).Sum(i => 100 * Math.Pow(x[i + 1] - x[i] * x[i], 2) + Math.Pow(1 - x[i], 2)));

    public static TestFunction Branin { get; } = new(
        "Branin",
        0.397887,
        [SweepFunctions.Uniform("x0", -5, 10), SweepFunctions.Uniform("x1", 0, 15)],
        x => Math.Pow(x[1] - 5.1 / (4 * Math.PI * Math.PI) * x[0] * x[0] + 5 / Math.PI * x[0] - 6, 2) + 10 * (1 - 1 / (8 * Math.PI)) * Math.Cos(x[0]) + 10);

    public static TestFunction Hartmann6 { get; } = new("Hartmann6", -3.32237, Box(6, 0, 1), Hartmann);

    public static IReadOnlyList<TestFunction> All { get; } = [Sphere, Rosenbrock, Branin, Hartmann6];

    /// <summary>The lowest value that a sampler finds, one trial after the other.</summary>
    public double Minimize(SearchMethod method, long seed)
    {
        Dimension[] dimensions = [.. Space.Select(parameter => new Dimension(parameter))];
        var sampler = new TpeSampler(dimensions, method, seed);
        var history = new List<PastTrial>();
        for (var i = 0; i < method.Trials; i++)
        {
            var point = sampler.Propose(history, i);
            history.Add(new PastTrial(point, Value(point)));
        }

        return history.Min(trial => trial.Loss!.Value);
    }

    public override string ToString() => Name;

    private static SearchParameter[] Box(int dimensions, double low, double high) =>
        [.. Enumerable.Range(0, dimensions).Select(i => SweepFunctions.Uniform($"x{i}", low, high))];

    private static double Hartmann(double[] x)
    {
        double[] alpha = [1.0, 1.2, 3.0, 3.2];
        double[][] a = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]];
        double[][] p =
        [
            [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
            [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
            [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
            [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
        ];
        return -Enumerable.Range(0, 4).Sum(i => alpha[i] * Math.Exp(-Enumerable.Range(0, 6).Sum(j => a[i][j] * Math.Pow(x[j] - p[i][j], 2))));
    }
}
