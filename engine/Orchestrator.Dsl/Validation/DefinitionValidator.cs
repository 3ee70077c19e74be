using System.Collections.Immutable;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks a definition against the activities there are, whichever front end wrote it.</summary>
public static class DefinitionValidator
{
    /// <summary>Everything that is wrong with a definition, in the order of the text.</summary>
    /// <param name="definition">Names and references in it may be wrong.</param>
    /// <param name="catalog">The activities there are.</param>
    /// <param name="map">Where the parts were written. Of two tasks with one name the second is at <c>/tasks/NAME#2</c>, likewise parameters.</param>
    /// <param name="options">The limits.</param>
    /// <param name="broken">Paths of parts that an earlier stage has found wrong; nothing more is said about them.</param>
    public static ImmutableArray<Diagnostic> Validate(
        PipelineDefinition definition,
        ActivityCatalog catalog,
        SourceMap map,
        ReadOptions? options = null,
        IReadOnlySet<string>? broken = null)
    {
        var found = new DiagnosticBag();
        foreach (var task in definition.Tasks)
        {
            var path = SourceMap.Join("/tasks", task.Name.Value);
            if (catalog.Find(task.Uses) is null && broken?.Contains($"{path}/uses") != true)
            {
                var known = catalog.Activities.Select(activity => activity.Type).ToList();
                found.Add(DiagnosticCatalog.UnknownActivity.At(
                    map.ValueOf($"{path}/uses"),
                    "unknown activity",
                    $"task \"{task.Name}\" uses \"{task.Uses}\", which is not an activity of this program",
                    NearNames.Question(task.Uses, known) ?? "orc schema lists all activities.",
                    NearNames.FindAll(task.Uses, known)));
            }
        }

        return found.ToSorted();
    }
}
