using Orchestrator.Assets.Models;
using Orchestrator.Training.Features;

namespace Orchestrator.Training.Fitting;

/// <summary>How much each row counts while learning.</summary>
internal static class RowWeights
{
    public static float[] Ones(int count)
    {
        var weights = new float[count];
        Array.Fill(weights, 1f);
        return weights;
    }

    /// <exception cref="Core.Activities.ActivityException">A weight is for a class that the label does not have (ORC5409).</exception>
    public static float[] Of(TrainingRequest request, Labels labels)
    {
        if (request.Task != ModelTask.Classification || request.ClassWeights is { IsBalanced: false, ByClass.Count: 0 })
        {
            return Ones(labels.Values.Length);
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

        var byClass = request.ClassWeights.IsBalanced
            ? Array.ConvertAll(counts, count => (float)((double)labels.Values.Length / (counts.Length * Math.Max(1, count))))
            : [.. labels.Classes.Select(name => (float)request.ClassWeights.ByClass.GetValueOrDefault(name, 1))];
        return Array.ConvertAll(labels.Values, label => byClass[(int)label]);
    }
}
