namespace Orchestrator.Training.Evaluation.Metrics;

/// <summary>Rows of two classes in the order of their scores, with the ties known: all that a ranking metric needs, sorted once.</summary>
internal sealed class RankedRows
{
    /// <param name="positives">n labels: true for the positive class.</param>
    /// <param name="scores">n scores; higher means more surely positive. Infinities are allowed, NaN is refused.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a score is NaN.</exception>
    public RankedRows(ReadOnlySpan<bool> positives, ReadOnlySpan<double> scores)
    {
        if (positives.Length != scores.Length)
        {
            throw new ArgumentException($"There are {positives.Length} labels and {scores.Length} scores; each row needs both.", nameof(scores));
        }

        var keys = scores.ToArray();
        if (Array.Exists(keys, double.IsNaN))
        {
            throw new ArgumentException("A score is NaN and has no place in an order.", nameof(scores));
        }

        Rows = new int[keys.Length];
        for (var row = 0; row < Rows.Length; row++)
        {
            Rows[row] = row;
        }

        Array.Sort(keys, Rows);
        // Array.Sort does not keep the order of equal keys; rows inside a tie in their own order make every sum the same on every runtime.
        Positive = new double[keys.Length];
        var ends = new List<int>();
        for (int start = 0, end; start < keys.Length; start = end)
        {
            end = start + 1;
            while (end < keys.Length && keys[end] == keys[start])
            {
                end++;
            }

            Array.Sort(Rows, start, end - start);
            ends.Add(end);
        }

        for (var place = 0; place < keys.Length; place++)
        {
            Positive[place] = positives[Rows[place]] ? 1 : 0;
        }

        TieEnds = [.. ends];
        Scores = keys;
    }

    /// <summary>The row at each place, by ascending score.</summary>
    public int[] Rows { get; }

    /// <summary>1 where the row at that place is of the positive class, else 0.</summary>
    public double[] Positive { get; }

    /// <summary>The score at each place.</summary>
    public double[] Scores { get; }

    /// <summary>For each distinct score, ascending, the place after its last row.</summary>
    public int[] TieEnds { get; }
}

/// <summary>Area under the ROC curve by ranks.</summary>
internal sealed class PreparedRocAuc(RankedRows ranked) : PreparedMetric
{
    public override double Evaluate(ReadOnlySpan<double> weights = default)
    {
        double negativesBelow = 0, positives = 0, won = 0;
        var place = 0;
        foreach (var end in ranked.TieEnds)
        {
            double positivesHere = 0, negativesHere = 0;
            for (; place < end; place++)
            {
                var weight = WeightOf(weights, ranked.Rows[place]);
                var positive = weight * ranked.Positive[place];
                positivesHere += positive;
                negativesHere += weight - positive;
            }

            // A pair of a positive and a negative with the same score counts as half won.
            won += positivesHere * (negativesBelow + (negativesHere / 2));
            negativesBelow += negativesHere;
            positives += positivesHere;
        }

        var pairs = positives * negativesBelow;
        return pairs > 0 ? won / pairs : double.NaN;
    }
}

/// <summary>Average precision: the area under the steps of the precision-recall curve.</summary>
internal sealed class PreparedAveragePrecision(RankedRows ranked) : PreparedMetric
{
    public override double Evaluate(ReadOnlySpan<double> weights = default)
    {
        double positives = 0, flagged = 0, area = 0;
        var ends = ranked.TieEnds;
        for (var tie = ends.Length - 1; tie >= 0; tie--)
        {
            var start = tie == 0 ? 0 : ends[tie - 1];
            var before = positives;
            for (var place = ends[tie] - 1; place >= start; place--)
            {
                var weight = WeightOf(weights, ranked.Rows[place]);
                positives += weight * ranked.Positive[place];
                flagged += weight;
            }

            if (flagged > 0)
            {
                area += (positives - before) * (positives / flagged);
            }
        }

        return positives > 0 ? area / positives : double.NaN;
    }
}
