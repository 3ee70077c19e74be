using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Training.Trainers;

namespace Orchestrator.Training.Sweeps;

/// <summary>Puts a trial's values into the template. A name means the template's input of that name; if there is none, the parameter of its trainer.</summary>
internal static class TrialTemplate
{
    private const string TrainerInput = "trainer";

    /// <summary>What is known of the template's activity; null for one from elsewhere, whose every name is taken for an input.</summary>
    public static ActivityDescriptor? DescriptorOf(ActivityTemplate template) => template.Uses switch
    {
        "train.classifier" => ActivityDescriptor.Of(typeof(TrainClassifier)),
        "train.regressor" => ActivityDescriptor.Of(typeof(TrainRegressor)),
        _ => null,
    };

    /// <summary>True: the name addresses an input of the template, not its trainer.</summary>
    public static bool IsInput(ActivityTemplate template, string name) => DescriptorOf(template)?.FindInput(name) is not null || DescriptorOf(template) is null;

    public static Trainer TrainerOf(ActivityTemplate template) => template.With.TryGetValue(TrainerInput, out var trainer)
        ? OrcJson.FromElement<Trainer>(trainer)
        : new Trainer { Kind = "lightgbm" };

    public static ActivityTemplate With(ActivityTemplate template, IReadOnlyDictionary<string, JsonElement> values)
    {
        var with = new SortedDictionary<string, JsonElement>(template.With.ToDictionary(), StringComparer.Ordinal);
        foreach (var (name, value) in values.Where(pair => IsInput(template, pair.Key)))
        {
            with[name] = value;
        }

        var own = values.Where(pair => !IsInput(template, pair.Key)).ToList();
        if (own.Count > 0)
        {
            var trainer = TrainerOf(template with { With = with });
            var parameters = new SortedDictionary<string, double>(trainer.Parameters.ToDictionary(), StringComparer.Ordinal);
            foreach (var (name, value) in own)
            {
                parameters[name] = value.GetDouble();
            }

            with[TrainerInput] = OrcJson.ToElement(trainer with { Parameters = parameters });
        }

        return template with { With = with };
    }

    /// <summary>The template with the sweep's own way of scoring instead of its own.</summary>
    public static ActivityTemplate ScoredBy(ActivityTemplate template, IReadOnlyDictionary<string, JsonElement> scoring)
    {
        if (scoring.Count == 0)
        {
            return template;
        }

        var with = new SortedDictionary<string, JsonElement>(template.With.ToDictionary(), StringComparer.Ordinal);
        foreach (var (name, value) in scoring)
        {
            with[name] = value;
        }

        return template with { With = with };
    }

    /// <summary>The template that learns from all rows, with a fixed number of rounds because nothing is left to stop by.</summary>
    public static ActivityTemplate Retrain(ActivityTemplate template, int rounds)
    {
        var with = JsonSerializer.SerializeToNode(template.With, OrcJson.Options)?.AsObject() ?? [];
        with.Remove("folds");
        with.Remove("validation");
        with["validationFraction"] = 0;
        with["earlyStopping"] = 0;
        var trainer = TrainerOf(template);
        if (rounds > 0 && TrainerKind.Find(trainer.Kind)?.FindParameter("rounds") is not null)
        {
            var parameters = new SortedDictionary<string, double>(trainer.Parameters.ToDictionary(), StringComparer.Ordinal) { ["rounds"] = rounds };
            with[TrainerInput] = JsonSerializer.SerializeToNode(trainer with { Parameters = parameters }, OrcJson.Options);
        }

        return template with { With = with.ToDictionary(member => member.Key, member => OrcJson.ToElement<JsonNode?>(member.Value)) };
    }
}
