using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Dsl.Validation;

/// <summary>What the outputs of a sub-pipeline are, as far as its text tells.</summary>
internal static class SubPipelineOutputs
{
    /// <summary>The type of an output that is nothing but one output or parameter of the pipeline; null when nobody knows.</summary>
    public static Type? TypeOf(PipelineDefinition pipeline, string output, ActivityCatalog catalog)
    {
        if (!pipeline.Outputs.TryGetValue(output, out var template) || template.ValueKind != JsonValueKind.String
            || Templates.Split(template.GetString() ?? "") is not [{ IsExpression: true } only])
        {
            return null;
        }

        return ExpressionTypes.Infer(ExpressionSyntax.Parse(only.Text), reference => TypeOf(pipeline, reference, catalog)).Declared;
    }

    /// <summary>The declared type of what a reference in a pipeline names; null when nobody knows it.</summary>
    public static Type? TypeOf(PipelineDefinition pipeline, NameReference reference, ActivityCatalog catalog)
    {
        if (!reference.IsTask)
        {
            return pipeline.Params.FirstOrDefault(parameter => parameter.Name == reference.Name) is { } parameter ? ParameterValues.TypeOf(parameter.Type) : null;
        }

        return reference.Member is { } member && pipeline.Tasks.FirstOrDefault(task => task.Name.Value == reference.Name) is { } task ? TypeOf(task, member, catalog) : null;
    }

    /// <summary>The declared type of a task's output; a list of it when the task is mapped.</summary>
    public static Type? TypeOf(TaskDefinition task, string output, ActivityCatalog catalog)
    {
        var type = task.Pipeline is { } pipeline
            ? pipeline.Definition is { } inner ? TypeOf(inner, output, catalog) : null
            : catalog.Find(task.Uses)?.FindOutput(output)?.ValueType;
        return type is null || task.Map is null ? type : typeof(IReadOnlyList<>).MakeGenericType(type);
    }
}
