using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Dsl;

namespace Orchestrator.Runtime.Coordination;

/// <summary>The parameters of a sub-pipeline, made of what its task gives it at run time.</summary>
internal static class SubPipelineParameters
{
    /// <summary>A value for every parameter.</summary>
    /// <exception cref="ActivityException">A value does not fit (ORC5270). What can be said before the run starts has been said by the checks of the definition.</exception>
    public static IReadOnlyDictionary<string, JsonElement> Bind(PipelineDefinition pipeline, IEnumerable<KeyValuePair<string, JsonElement>> given)
    {
        // What is null is absent, in parameters as in inputs.
        var bound = ParameterBinder.Bind(pipeline, given.Where(pair => pair.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)).ToDictionary(StringComparer.Ordinal));
        return bound.Values ?? throw new ActivityException(new Failure
        {
            Code = "ORC5270",
            Kind = FailureKind.Work,
            Message = string.Join("; ", bound.Diagnostics.Where(found => found.IsError).Select(found => found.Message)),
            Why = $"pipeline \"{pipeline.Name}\" takes only the parameters that it declares, with values of their types and within their bounds",
            Help = bound.Diagnostics.Select(found => found.Help).FirstOrDefault(help => help is not null),
        });
    }

    /// <summary>The work of a task, or of an item, that a run of its own does: its inputs are that run's parameters.</summary>
    public static TaskWork WorkOf(PipelineDefinition child, IEnumerable<KeyValuePair<string, JsonElement>> given) => new()
    {
        Uses = SubPipelineDefinition.Uses, Lane = Lane.Child, Inputs = Bind(child, given).ToImmutableSortedDictionary(StringComparer.Ordinal),
    };
}
