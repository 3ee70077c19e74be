using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>What is true of sub-pipelines in a run that has ended.</summary>
internal static class SubPipelineRules
{
    public static void Check(RunState state)
    {
        foreach (var node in state.Graph.Nodes)
        {
            if (node.Gate is { } gate && EndOf(state, gate).Outcome != TaskOutcome.Succeeded)
            {
                Assert.That(EndOf(state, node.Index).Outcome, Is.Not.EqualTo(TaskOutcome.Succeeded), $"{node.Definition.Name} ran although its sub-pipeline never began");
            }

            if (node.Begin is { } begin && EndOf(state, node.Index) is { Outcome: TaskOutcome.Succeeded, Reason: null })
            {
                Assert.That(EndOf(state, begin).Outcome, Is.EqualTo(TaskOutcome.Succeeded));
                Assert.That(node.Upstream.Select(index => EndOf(state, index).Outcome), Has.None.EqualTo(TaskOutcome.Failed).And.None.EqualTo(TaskOutcome.Cancelled), $"{node.Definition.Name} succeeded with a failure inside");
            }

            if (node is { Part: NodePart.End, Begin: not null } && EndOf(state, node.Index).Outcome == TaskOutcome.Skipped && EndOf(state, node.Index).Reason?.StartsWith("marked", StringComparison.Ordinal) != true)
            {
                Assert.That(state.Graph.Members(node.Index).Select(index => EndOf(state, index).Outcome), Has.None.EqualTo(TaskOutcome.Failed));
            }
        }
    }

    private static Ended EndOf(RunState state, int index) => (Ended)state.Tasks[index];
}
