using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>A task of a script whose work is a pipeline. Made by <see cref="PipelineBuilder.Sub"/>; rules are said of it as of any task.</summary>
[Activity(SubPipelineDefinition.Uses, Title = "Sub-pipeline", Summary = "Runs another pipeline.", Kind = ActivityKind.Effect)]
public sealed class SubPipeline : Activity
{
    internal string Path { get; init; } = "";

    internal SubPipelineMode Mode { get; init; }

    internal ImmutableSortedDictionary<string, JsonElement> With { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>An output that the pipeline declares.</summary>
    public Expr this[string output] => new(References.Output(new TaskName((Authoring as TaskNotes)?.Name ?? throw new InvalidOperationException("A sub-pipeline that is no task.")), output));

    /// <summary>The members of an object as parameters: expressions as <c>${ … }</c>, other values as JSON.</summary>
    internal static ImmutableSortedDictionary<string, JsonElement> ReadParameters(object? given)
    {
        var with = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in given?.GetType().GetProperties() ?? [])
        {
            with[property.Name] = property.GetValue(given) switch
            {
                Expr expression => OrcJson.ToElement(Templates.Whole(expression.Text)),
                TextTemplate text => OrcJson.ToElement(text.Text),
                null => OrcJson.ToElement<object?>(null),
                var value => JsonSerializer.SerializeToElement(value, value.GetType(), OrcJson.Options),
            };
        }

        return with.ToImmutable();
    }

    protected override Task ExecuteAsync(ActivityContext context) => throw new InvalidOperationException("A sub-pipeline is run by the engine.");
}
