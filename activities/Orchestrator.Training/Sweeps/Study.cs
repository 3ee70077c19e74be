using System.Globalization;
using System.Text.Json;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Sweeps.Tpe;

namespace Orchestrator.Training.Sweeps;

/// <summary>One trial as the reduce sees it.</summary>
internal sealed record Trial
{
    public required int Index { get; init; }

    public required SortedDictionary<string, JsonElement> Parameters { get; init; }

    public required ItemStatus Status { get; init; }

    /// <summary>The metric; null when the trial failed or did not say it.</summary>
    public double? Score { get; init; }

    /// <summary>Why there is no score.</summary>
    public string? Problem { get; init; }

    public ModelRef? Model { get; init; }

    /// <summary>Rounds that the model kept.</summary>
    public int Rounds { get; init; }
}

/// <summary>
/// The rules of a sweep, as pure functions of its inputs and the ended items. Trial i is picked when all trials up to i − Parallel have ended, from the
/// results of exactly those: whatever ended meanwhile is not looked at, so the order of completion changes nothing.
/// </summary>
internal sealed class Study
{
    private readonly ActivityTemplate template;
    private readonly IReadOnlyList<SearchParameter> space;
    private readonly Dimension[] dimensions;
    private readonly TpeSampler sampler;
    private readonly int parallel;
    private readonly int maxFailed;
    private readonly bool retrain;
    private readonly SortedDictionary<string, JsonElement> scoring = new(StringComparer.Ordinal);

    private Study(Sweep sweep)
    {
        template = sweep.Train.Value;
        space = sweep.Space.Value;
        Search = sweep.Search.Value;
        // People write log_loss or PR-AUC; trainings say logLoss and prAuc.
        Metric = MetricInfo.Find(sweep.Metric.Value)?.Name ?? sweep.Metric.Value;
        Seed = sweep.Seed.Value;
        parallel = sweep.Parallel.Value;
        maxFailed = sweep.MaxFailedTrials.Value;
        retrain = sweep.Retrain.Value;
        Maximize = (sweep.Direction?.Value ?? DirectionOf(Metric)) == MetricDirection.Maximize;
        SweepChecks.Check(template, space, Search, Metric, parallel);
        dimensions = [.. space.Select(parameter => new Dimension(parameter))];
        sampler = new TpeSampler(dimensions, Search, Seed);
        if (sweep.Folds is { Value: var folds })
        {
            scoring.Add("folds", OrcJson.ToElement(folds));
        }

        if (sweep.ValidationFraction is { Value: var fraction })
        {
            scoring.Add("validationFraction", OrcJson.ToElement(fraction));
        }
    }

    public string Metric { get; }

    public bool Maximize { get; }

    public SearchMethod Search { get; }

    public int Seed { get; }

    public IReadOnlyList<SearchParameter> Space => space;

    public string Uses => template.Uses;

    /// <exception cref="ActivityException">An input makes no sense (ORC5440 to 5443).</exception>
    public static Study Of(Sweep sweep) => new(sweep);

    public Expansion Expand(IReadOnlyList<ItemResult> items)
    {
        var ended = 0;
        while (ended < Math.Min(items.Count, Search.Trials) && items[ended].Status != ItemStatus.UnderWay)
        {
            ended++;
        }

        if (items.Count > Search.Trials)
        {
            return new Expansion { Complete = true };
        }

        var history = ReadHistory(items);
        var next = new List<ExpansionItem>();
        for (var index = items.Count; index < Search.Trials; index++)
        {
            var visible = Math.Max(0, index - parallel + 1);
            if (visible > ended)
            {
                return new Expansion { Next = next };
            }

            var seen = history.Take(visible).Concat(history.Skip(visible).Select(trial => trial with { Loss = null })).ToList();
            if (CountFailed(items, visible) > maxFailed)
            {
                return new Expansion { Next = next, Complete = true };
            }

            var point = sampler.Propose(seen, index);
            history.Add(new PastTrial(point, null));
            next.Add(Issue(point));
        }

        return retrain ? ExpandRetrain(items, next, ended) : new Expansion { Next = next, Complete = true };
    }

    public IReadOnlyList<Trial> ReadTrials(IReadOnlyList<ItemResult> items)
    {
        var history = ReadHistory(items);
        return [.. items.Take(Search.Trials).Select(item => ReadTrial(item, history[item.Index].Point))];
    }

    /// <summary>The trial with the best score; of equal ones the first.</summary>
    /// <exception cref="ActivityException">Too many trials failed, or none has a score (ORC5444).</exception>
    public Trial PickBest(IReadOnlyList<Trial> trials)
    {
        var failed = trials.Where(trial => trial.Score is null).ToList();
        if (failed.Count > maxFailed || failed.Count == trials.Count)
        {
            throw TrainingErrors.TooManyFailedTrials(failed, trials.Count, maxFailed);
        }

        return Ranked(trials).First();
    }

    /// <summary>The trials that have a score, the best first; of equal ones the first that was tried.</summary>
    public IEnumerable<Trial> Ranked(IReadOnlyList<Trial> trials) =>
        trials.Where(trial => trial.Score is not null).OrderBy(trial => Loss(trial.Score)).ThenBy(trial => trial.Index);

    /// <summary>The model that was trained again on all data; null when the sweep does not do so.</summary>
    /// <exception cref="ActivityException">That training failed (ORC5445).</exception>
    public Trial? RetrainedOf(IReadOnlyList<ItemResult> items)
    {
        if (!retrain || items.Count <= Search.Trials)
        {
            return null;
        }

        var item = items[Search.Trials];
        return item.Status == ItemStatus.Succeeded ? ReadTrial(item, []) : throw TrainingErrors.RetrainFailed(item.Failure);
    }

    private static MetricDirection DirectionOf(string metric) => MetricInfo.Find(metric) switch
    {
        { HigherIsBetter: true } => MetricDirection.Maximize,
        { } => MetricDirection.Minimize,
        null => throw TrainingErrors.UnknownDirection(metric),
    };

    private static string Format(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') && !char.IsAsciiDigit(text[0])
        ? text
        : value.GetRawText();

    private int CountFailed(IReadOnlyList<ItemResult> items, int visible) => items.Take(visible).Count(item => ReadScore(item).Score is null);

    private Expansion ExpandRetrain(IReadOnlyList<ItemResult> items, List<ExpansionItem> next, int ended)
    {
        if (ended < Search.Trials)
        {
            return new Expansion { Next = next };
        }

        var trials = ReadTrials(items);
        if (trials.Count(trial => trial.Score is null) is var failed && (failed > maxFailed || failed == trials.Count))
        {
            // The reduce says so.
            return new Expansion { Complete = true };
        }

        var best = PickBest(trials);
        var activity = TrialTemplate.Retrain(TrialTemplate.With(template, best.Parameters), best.Rounds);
        return new Expansion { Next = [new ExpansionItem { Activity = activity, Label = $"retrain best trial {best.Index}" }], Complete = true };
    }

    private ExpansionItem Issue(double[] point)
    {
        var parameters = ParametersAt(point);
        return new ExpansionItem
        {
            Activity = TrialTemplate.With(TrialTemplate.ScoredBy(template, scoring), parameters),
            Label = string.Join(' ', parameters.Select(pair => $"{pair.Key}={Format(pair.Value)}")),
        };
    }

    private SortedDictionary<string, JsonElement> ParametersAt(double[] point)
    {
        var parameters = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        for (var d = 0; d < point.Length; d++)
        {
            parameters[dimensions[d].Name] = dimensions[d].ToValue(point[d]);
        }

        return parameters;
    }

    /// <summary>
    /// The points of the issued trials with the losses of the ended ones. A point is read from its trial's label, which says every value exactly;
    /// should a label be lost or cut, it is picked again, which gives the same and only takes longer.
    /// </summary>
    private List<PastTrial> ReadHistory(IReadOnlyList<ItemResult> items)
    {
        var history = new List<PastTrial>(items.Count);
        foreach (var item in items.Take(Search.Trials))
        {
            history.Add(new PastTrial(ReadPoint(item.Label) ?? ProposeAgain(history, item.Index), Loss(ReadScore(item).Score)));
        }

        return history;
    }

    private double[] ProposeAgain(List<PastTrial> before, int index)
    {
        var visible = Math.Max(0, index - parallel + 1);
        return sampler.Propose([.. before.Select((trial, i) => i < visible ? trial : trial with { Loss = null })], index);
    }

    private double[]? ReadPoint(string? label)
    {
        if (label is null)
        {
            return null;
        }

        // The label that a point would have decides: nothing is parsed that was not written by this class.
        var point = new double[dimensions.Length];
        var rest = label.AsSpan();
        foreach (var (d, dimension) in dimensions.Index().OrderBy(pair => pair.Item.Name, StringComparer.Ordinal))
        {
            var head = $"{dimension.Name}=";
            if (!rest.StartsWith(head, StringComparison.Ordinal))
            {
                return null;
            }

            rest = rest[head.Length..];
            if (ReadCoordinate(dimension, rest, out var length) is not { } coordinate)
            {
                return null;
            }

            point[d] = coordinate;
            rest = rest[length..].TrimStart(' ');
        }

        return rest.IsEmpty ? point : null;
    }

    private static double? ReadCoordinate(Dimension dimension, ReadOnlySpan<char> text, out int length)
    {
        if (dimension.IsChoice)
        {
            for (var choice = 0; choice < dimension.ChoiceCount; choice++)
            {
                var written = Format(dimension.ToValue(choice));
                if (text.StartsWith(written, StringComparison.Ordinal) && (text.Length == written.Length || text[written.Length] == ' '))
                {
                    length = written.Length;
                    return choice;
                }
            }

            length = 0;
            return null;
        }

        length = text.IndexOf(' ') is var end and >= 0 ? end : text.Length;
        return double.TryParse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? dimension.FindCoordinate(OrcJson.ToElement(number))
            : null;
    }

    private Trial ReadTrial(ItemResult item, double[] point)
    {
        var (score, problem) = ReadScore(item);
        return new Trial
        {
            Index = item.Index,
            Parameters = ParametersAt(point),
            Status = item.Status,
            Score = score,
            Problem = problem,
            Model = item.Outputs.TryGetValue("model", out var model) ? OrcJson.FromElement<ModelRef>(model) : null,
            Rounds = item.Outputs.TryGetValue("rounds", out var rounds) && rounds.TryGetInt32(out var count) ? count : 0,
        };
    }

    private (double? Score, string? Problem) ReadScore(ItemResult item)
    {
        if (item.Status != ItemStatus.Succeeded)
        {
            return (null, item.Status == ItemStatus.Failed ? item.Failure is { } failure ? $"{failure.Code}: {failure.Message}" : "failed" : null);
        }

        var metrics = item.Outputs.GetValueOrDefault("metrics");
        if (metrics.ValueKind == JsonValueKind.Object && metrics.TryGetProperty(Metric, out var value) && value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()))
        {
            return (value.GetDouble(), null);
        }

        var names = metrics.ValueKind == JsonValueKind.Object ? string.Join(", ", metrics.EnumerateObject().Select(member => member.Name)) : "";
        return (null, names.Length == 0 ? $"it has no metrics, so no \"{Metric}\"" : $"it has no metric \"{Metric}\"; it has {names}");
    }

    private double? Loss(double? score) => Maximize ? -score : score;
}
