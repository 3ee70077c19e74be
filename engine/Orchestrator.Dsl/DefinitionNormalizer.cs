using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Dsl;

/// <summary>Gives what means the same the same form, so that it has the same hash whichever front end wrote it: inputs that only repeat a default go.</summary>
public static class DefinitionNormalizer
{
    /// <summary>The normal form. Doing it twice changes nothing. Every front end ends with it.</summary>
    /// <param name="definition">A definition without errors.</param>
    /// <param name="catalog">The activities there are.</param>
    public static PipelineDefinition Normalize(PipelineDefinition definition, ActivityCatalog catalog) =>
        definition with { Tasks = [.. definition.Tasks.Select(task => Normalize(task, catalog.Find(task.Uses)))] };

    private static TaskDefinition Normalize(TaskDefinition task, ActivityDescriptor? activity) =>
        activity is null ? task : task with { With = task.With.RemoveRange(task.With.Where(pair => IsDefault(activity.FindInput(pair.Key), pair.Value)).Select(pair => pair.Key)) };

    private static bool IsDefault(InputDescriptor? input, System.Text.Json.JsonElement value) =>
        input?.Default is { } usual && System.Text.Json.JsonElement.DeepEquals(usual, value);
}
