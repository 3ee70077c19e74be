using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;

namespace Orchestrator.Training.Evaluation;

/// <summary>Puts a model's predictions beside the true answers.</summary>
internal static class Scoring
{
    /// <summary>Predicts the rows of <paramref name="rows"/>.</summary>
    /// <param name="model">The loaded model.</param>
    /// <param name="whose">Its name for messages.</param>
    /// <param name="rows">The rows, labelled in <paramref name="classes"/>.</param>
    /// <param name="classes">The classes to answer in; the model's own are brought into this order by name, and one that it does not know gets probability 0.</param>
    /// <exception cref="ActivityException">The model answers something that is no number (ORC5456).</exception>
    public static ScoredRows Score(IPredictor model, string whose, EvaluationRows rows, IReadOnlyList<string> classes)
    {
        var predictions = model.Predict(rows.Table);
        if (model.Signature.Task == ModelTask.Regression)
        {
            CheckFinite(whose, predictions.Values, value => double.IsFinite(value));
            return new ValueScores { Actual = rows.Values, Predicted = predictions.Values };
        }

        CheckFinite(whose, predictions.Probabilities, row => Array.TrueForAll(row, p => p is >= 0 and <= 1));
        return new ClassScores { Classes = classes, Labels = rows.Labels, Probabilities = InOrder(predictions.Probabilities, model.Signature.Classes, classes) };
    }

    private static IReadOnlyList<double[]> InOrder(IReadOnlyList<double[]> probabilities, IReadOnlyList<string> from, IReadOnlyList<string> to)
    {
        if (from.SequenceEqual(to))
        {
            return probabilities;
        }

        int[] source = [.. to.Select(name => from.ToList().IndexOf(name))];
        return [.. probabilities.Select(row => source.Select(k => k < 0 ? 0 : row[k]).ToArray())];
    }

    private static void CheckFinite<T>(string whose, IReadOnlyList<T> answers, Func<T, bool> isFine)
    {
        int[] broken = [.. Enumerable.Range(0, answers.Count).Where(row => !isFine(answers[row]))];
        if (broken.Length > 0)
        {
            throw EvaluationErrors.NotFinite(whose, broken.Length, broken[0]);
        }
    }
}
