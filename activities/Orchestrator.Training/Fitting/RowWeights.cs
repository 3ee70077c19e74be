using Orchestrator.Assets.Models;
using Orchestrator.Training.Features;

namespace Orchestrator.Training.Fitting;

/// <summary>How much each row counts while learning.</summary>
internal static class RowWeights
{
    private const float NoticeableToAFloat = 1e-6f;

    public static float[] Ones(int count)
    {
        var weights = new float[count];
        Array.Fill(weights, 1f);
        return weights;
    }

    /// <summary>One weight per row of training data.</summary>
    /// <param name="labels">The label of each row, a class by its place.</param>
    /// <param name="byClass">What <see cref="ByClass"/> answered.</param>
    public static float[] Of(double[] labels, float[]? byClass) => byClass is null ? Ones(labels.Length) : Array.ConvertAll(labels, label => byClass[(int)label]);

    /// <summary>
    /// Weights of rows that decide when to stop. They count as training rows of their class do: the loss that is watched is then the loss that is made smaller,
    /// where a loss without weights can grow from the first round on although the model learns what it was told to.
    /// </summary>
    /// <remarks>
    /// ML.NET hands equal weights to LightGBM as none at all, and LightGBM gives rows that were made beside weighted ones the weight 0 when it hears of none: their
    /// loss is then no number, and training stops after one round. So beside unequal weights there are never only equal ones; the last bits of one weight differ.
    /// </remarks>
    public static float[] OfValidation(double[] labels, int[] rows, float[]? byClass)
    {
        var weights = Of(labels, byClass);
        if (byClass is not null && rows.Length > 0 && byClass.Distinct().Count() > 1 && Array.TrueForAll(rows, row => weights[row] == weights[rows[0]]))
        {
            weights[rows[0]] *= 1 + NoticeableToAFloat;
        }

        return weights;
    }

    /// <summary>The weight of each class, by its place; null when every row counts once.</summary>
    /// <exception cref="Core.Activities.ActivityException">A weight is for a class that the label does not have (ORC5409).</exception>
    public static float[]? ByClass(TrainingRequest request, Labels labels)
    {
        if (request.Task != ModelTask.Classification || request.ClassWeights is { IsBalanced: false, ByClass.Count: 0 })
        {
            return null;
        }

        foreach (var name in request.ClassWeights.ByClass.Keys.Where(name => !labels.Classes.Contains(name)))
        {
            throw TrainingErrors.WeightOfUnknownClass(name, request.Label, labels.Classes);
        }

        var counts = new int[labels.Classes.Count];
        foreach (var label in labels.Values)
        {
            counts[(int)label]++;
        }

        return request.ClassWeights.IsBalanced
            ? Array.ConvertAll(counts, count => (float)((double)labels.Values.Length / (counts.Length * Math.Max(1, count))))
            : [.. labels.Classes.Select(name => (float)request.ClassWeights.ByClass.GetValueOrDefault(name, 1))];
    }
}
