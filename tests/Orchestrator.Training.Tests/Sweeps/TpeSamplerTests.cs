using System.Diagnostics;
using System.Globalization;
using Orchestrator.Training.Sweeps;
using Orchestrator.Training.Sweeps.Tpe;

namespace Orchestrator.Training.Tests.Sweeps;

public sealed class TpeSamplerTests
{
    private static readonly SearchMethod Univariate = SweepFunctions.Tpe(100, multivariate: false);

    internal static IReadOnlyList<TestFunction> Functions => TestFunction.All;

    [TestCaseSource(nameof(Functions))]
    public void Propose_HundredTrials_IsClearlyBetterThanRandom(object function)
    {
        // Also prints the rows of the table in the README of the project.
        var measured = (TestFunction)function;
        var random = Measure(measured, "random", SweepFunctions.RandomSearch(100));
        var joint = Measure(measured, "multivariate", SweepFunctions.Tpe(100));
        var univariate = Measure(measured, "univariate", Univariate);

        Assert.Multiple(() =>
        {
            Assert.That(joint - measured.Lowest, Is.LessThan(0.6 * (random - measured.Lowest)));
            Assert.That(univariate - measured.Lowest, Is.LessThan(0.6 * (random - measured.Lowest)));
        });
    }

    [TestCase(100)]
    [TestCase(1000)]
    public void Propose_ManyTrials_IsTimed(int trials)
    {
        foreach (var (name, space) in new (string, IReadOnlyList<SearchParameter>)[] { ("numbers", TestFunction.Sphere.Space), ("integers", [.. Enumerable.Range(0, 10).Select(i => SweepFunctions.Integer($"x{i}", 8, 256))]) })
        {
            var history = History(space, trials);
            var sampler = new TpeSampler([.. space.Select(parameter => new Dimension(parameter))], SweepFunctions.Tpe(trials), 1);
            sampler.Propose(history, 0);
            var clock = Stopwatch.StartNew();
            var points = Enumerable.Range(0, 20).Select(i => sampler.Propose(history, i)).ToList();
            TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"10 {name} after {trials} trials: {clock.Elapsed.TotalMilliseconds / 20:0.000} ms"));
            Assert.That(points, Has.Count.EqualTo(20));
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Propose_EveryKindOfParameter_StaysInRangeAndOnItsGrid(bool multivariate)
    {
        SearchParameter[] space =
        [
            SweepFunctions.LogUniform("a", 0.001, 10),
            SweepFunctions.Uniform("b", -1, 1, step: 0.25),
            SweepFunctions.Integer("c", 3, 20, step: 4),
            SweepFunctions.LogInteger("d", 1, 1000),
            SweepFunctions.Choice("e", "x", "y", 3),
            SweepFunctions.Uniform("f", 2, 2),
        ];
        Dimension[] dimensions = [.. space.Select(parameter => new Dimension(parameter))];
        var sampler = new TpeSampler(dimensions, SweepFunctions.Tpe(200, multivariate: multivariate), 3);
        var history = new List<PastTrial>();
        for (var i = 0; i < 200; i++)
        {
            var point = sampler.Propose(history, i);
            var values = dimensions.Select((dimension, d) => dimension.ToValue(point[d])).ToArray();
            Assert.Multiple(() =>
            {
                Assert.That(values[0].GetDouble(), Is.InRange(0.001, 10));
                Assert.That(values[1].GetDouble() % 0.25, Is.Zero);
                Assert.That(new[] { 3, 7, 11, 15, 19 }, Does.Contain(values[2].GetInt32()));
                Assert.That(values[3].GetInt32(), Is.InRange(1, 1000));
                Assert.That(new[] { "\"x\"", "\"y\"", "3" }, Does.Contain(values[4].GetRawText()));
                Assert.That(values[5].GetDouble(), Is.EqualTo(2));
            });
            history.Add(new PastTrial(point, Math.Abs(values[0].GetDouble() - 0.1) + values[2].GetInt32() + values[4].GetRawText().Length));
        }
    }

    [Test]
    public void Propose_ChoiceThatIsAlwaysBest_IsTriedMoreAndMore()
    {
        SearchParameter[] space = [SweepFunctions.Choice("e", "a", "b", "c", "d")];
        Dimension[] dimensions = [.. space.Select(parameter => new Dimension(parameter))];
        var sampler = new TpeSampler(dimensions, SweepFunctions.Tpe(60), 1);
        var history = new List<PastTrial>();
        for (var i = 0; i < 60; i++)
        {
            var point = sampler.Propose(history, i);
            history.Add(new PastTrial(point, point[0] == 2 ? 0 : 1));
        }

        Assert.That(history.Skip(30).Count(trial => trial.Point[0] == 2), Is.GreaterThan(20));
    }

    [Test]
    public void Propose_TrialsUnderWay_AreKeptAwayFrom()
    {
        SearchParameter[] space = [SweepFunctions.Uniform("x", 0, 1)];
        var sampler = new TpeSampler([.. space.Select(parameter => new Dimension(parameter))], SweepFunctions.Tpe(100), 5);
        var ended = Enumerable.Range(0, 30).Select(i => new PastTrial([i / 29.0], Math.Abs(i / 29.0 - 0.5))).ToList();
        var distance = Enumerable.Range(0, 40).Average(i => Math.Abs(sampler.Propose(ended, i)[0] - 0.5));
        var crowded = ended.Concat(Enumerable.Repeat(new PastTrial([0.5], null), 30)).ToList();
        var crowdedDistance = Enumerable.Range(0, 40).Average(i => Math.Abs(sampler.Propose(crowded, i)[0] - 0.5));

        Assert.That(crowdedDistance, Is.GreaterThan(distance));
    }

    [Test]
    public void LogDensity_OverTheRange_SumsToOne()
    {
        // A line by the trapezoid, a grid by its cells, a choice by its values: each density has mass 1.
        var line = new Dimension(SweepFunctions.Uniform("x", -2, 3));
        var grid = new Dimension(SweepFunctions.Integer("x", 1, 40, step: 3));
        var choice = new Dimension(SweepFunctions.Choice("x", 1, 2, 3));
        Assert.Multiple(() =>
        {
            Assert.That(Enumerable.Range(0, 50_000).Sum(i => Density(line, [[-1.9], [0.3], [0.31], [2]], -2 + (i + 0.5) * 1e-4) * 1e-4), Is.EqualTo(1).Within(1e-4));
            Assert.That(Enumerable.Range(0, 14).Sum(i => Density(grid, [[1], [7], [7], [40]], 1 + 3 * i)), Is.EqualTo(1).Within(1e-4));
            Assert.That(Enumerable.Range(0, 3).Sum(i => Density(choice, [[0], [2]], i)), Is.EqualTo(1).Within(1e-9));
        });
    }

    [Test]
    public void LogDensity_SmallSamples_AreWorkedOutByHand()
    {
        var dimension = new Dimension(SweepFunctions.Uniform("x", 0, 1));
        double Kernel(double mu, double sigma) => Math.Exp(-0.5 * Math.Pow((0.6 - mu) / sigma, 2)) / (sigma * Math.Sqrt(2 * Math.PI)) / Normal.Between(-mu / sigma, (1 - mu) / sigma);

        Assert.Multiple(() =>
        {
            // Alone at 0.2 its wider gap is to the end, 0.8. The prior stands at 0.5 and is as wide as the range.
            Assert.That(Density(dimension, [[0.2]], 0.6), Is.EqualTo(0.5 * Kernel(0.2, 0.8) + 0.5 * Kernel(0.5, 1)).Within(1e-6));
            // Two at 0.2 and 0.3: the ends no longer count, the gap 0.1 is below the least width, 1 / (1 + 3).
            Assert.That(Density(dimension, [[0.2], [0.3]], 0.6), Is.EqualTo((Kernel(0.2, 0.25) + Kernel(0.3, 0.25) + Kernel(0.5, 1)) / 3).Within(1e-6));
        });
    }

    [TestCase(-1.0, 1.0, 0.6826894921370859)]
    [TestCase(3.0, 4.0, 0.0013182267897969746)]
    [TestCase(-9.0, -8.0, 6.219832158711595e-16)]
    public void Between_KnownIntervals_MatchesTheTable(double low, double high, double expected) =>
        Assert.That(Normal.Between(low, high), Is.EqualTo(expected).Within(1e-6 * expected));

    private static double Density(Dimension dimension, double[][] points, double x)
    {
        var estimator = new ParzenEstimator([dimension], [0], points);
        return Math.Exp(estimator.LogDensity([x], new double[estimator.KernelCount]));
    }

    private static double Measure(TestFunction function, string name, SearchMethod method)
    {
        var clock = Stopwatch.StartNew();
        var values = Enumerable.Range(0, 20).Select(seed => function.Minimize(method, seed)).Order().ToArray();
        var each = clock.Elapsed.TotalMilliseconds / 2000;
        var median = (values[9] + values[10]) / 2;
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{function.Name} {name}: {median:0.000} [{values[5]:0.000}, {values[14]:0.000}], {each:0.000} ms a trial"));
        return median;
    }

    private static List<PastTrial> History(IReadOnlyList<SearchParameter> space, int trials)
    {
        var random = new TpeSampler([.. space.Select(parameter => new Dimension(parameter))], SweepFunctions.RandomSearch(trials), 9);
        return [.. Enumerable.Range(0, trials).Select(i => random.Propose([], i)).Select(point => new PastTrial(point, point.Sum(v => v * v)))];
    }
}
