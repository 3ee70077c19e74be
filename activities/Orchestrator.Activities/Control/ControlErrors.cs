using Orchestrator.Core.Activities;

namespace Orchestrator.Activities.Control;

/// <summary>What activities that steer a run refuse, ORC568x.</summary>
internal static class ControlErrors
{
    public static ActivityException BadForm(string problem) => new(
        "ORC5680",
        problem,
        why: "an answer that nobody could check would pass for one that was",
        help: "Correct the form of the task.");
}
