using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;

namespace Orchestrator.Testing.Pipelines;

/// <summary>The tasks of a pipeline that do work, those of its sub-pipelines included, under the names that a test calls them by.</summary>
internal static class TestedTasks
{
    /// <summary>What an activity does. A child run's tasks have the names that they have in their own run.</summary>
    public static IReadOnlyList<TaskDefinition> Of(PipelineDefinition pipeline) =>
        [.. new PipelineGraph(pipeline).Nodes.SelectMany(node => node switch
        {
            { Part: not NodePart.Task } => [],
            { Sub: { } child } => Of(child),
            _ => (IReadOnlyList<TaskDefinition>)[node.Definition],
        })];

    /// <summary>Every name that a test may use.</summary>
    public static IEnumerable<string> Names(PipelineDefinition pipeline) =>
        new PipelineGraph(pipeline).Nodes.Where(node => !node.Definition.Name.IsInternal)
            .SelectMany(node => node is { Part: NodePart.Task, Sub: { } child } ? Names(child).Prepend(node.Definition.Name.Value) : [node.Definition.Name.Value]);
}
