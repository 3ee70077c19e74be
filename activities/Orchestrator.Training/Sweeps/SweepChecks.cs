using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Training.Trainers;

namespace Orchestrator.Training.Sweeps;

/// <summary>What a sweep's inputs must meet before the first trial starts, so that no trial is spent on a typing error.</summary>
internal static class SweepChecks
{
    /// <exception cref="ActivityException">The first thing that is wrong (ORC5410, ORC5440 to 5442).</exception>
    public static void Check(ActivityTemplate template, IReadOnlyList<SearchParameter> space, SearchMethod search, string metric, int parallel)
    {
        if (space.Count == 0)
        {
            throw TrainingErrors.EmptySpace();
        }

        if (string.IsNullOrWhiteSpace(metric) || parallel < 1)
        {
            throw TrainingErrors.BadSweep(string.IsNullOrWhiteSpace(metric) ? "a sweep needs the name of a metric" : $"a sweep runs at least one trial at a time, not {parallel}", "For example: metric \"auc\", parallel 2.");
        }

        foreach (var problem in search.Check().Concat(space.SelectMany(parameter => parameter.Check())))
        {
            throw TrainingErrors.BadSweep(problem.Message, problem.Help);
        }

        if (space.GroupBy(parameter => parameter.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw TrainingErrors.BadSweep($"the search space has \"{twice.Key}\" twice", "Keep one of the two.");
        }

        CheckTemplate(template, space);
    }

    private static void CheckTemplate(ActivityTemplate template, IReadOnlyList<SearchParameter> space)
    {
        if (TrialTemplate.DescriptorOf(template) is not { } descriptor)
        {
            return;
        }

        foreach (var trainer in TrainersOf(template, space))
        {
            if (TrainerKind.Find(trainer) is not { } kind)
            {
                throw TrainingErrors.UnknownTrainer(trainer);
            }

            foreach (var parameter in space.Where(parameter => !TrialTemplate.IsInput(template, parameter.Name)))
            {
                if (kind.FindParameter(parameter.Name) is not { } hyper)
                {
                    throw TrainingErrors.UnknownSearchParameter(parameter.Name, kind, descriptor);
                }

                CheckRange(parameter, hyper, kind.Name);
            }
        }
    }

    /// <summary>The trainers that trials may use: the template's, or those that the space chooses from.</summary>
    private static IEnumerable<string> TrainersOf(ActivityTemplate template, IReadOnlyList<SearchParameter> space) =>
        space.FirstOrDefault(parameter => parameter.Name == "trainer")?.Values is { } values
            ? values.Select(value => OrcJson.FromElement<Trainer>(value).Kind)
            : [TrialTemplate.TrainerOf(template).Kind];

    private static void CheckRange(SearchParameter parameter, HyperParameter hyper, string trainer)
    {
        var ends = parameter.Kind == SearchKind.Choice
            ? (parameter.Values ?? []).Select(value => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN)
            : [parameter.Low ?? double.NaN, parameter.High ?? double.NaN];
        foreach (var end in ends)
        {
            if (hyper.ProblemWith(end) is { } problem)
            {
                throw TrainingErrors.BadSweep($"the search space leaves what {trainer} takes: {problem}", hyper.Help);
            }
        }

        if (hyper.IsInteger && parameter.Kind is (SearchKind.Uniform or SearchKind.LogUniform))
        {
            throw TrainingErrors.BadSweep($"\"{parameter.Name}\" of {trainer} is a whole number and the search space gives any number", "Use integer or log-integer.");
        }
    }
}
