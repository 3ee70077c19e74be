using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What the engine says to requests that it cannot take. 524x.</summary>
public static class EngineErrors
{
    public static ActivityException NoSuchRun(string run) => new(
        "ORC5240", $"there is no run \"{run}\" in this home", help: "`orc runs` lists them; the first characters of an id are enough when they are unique.");

    internal static ActivityException CannotResume(RunId run, ClaimResult claim) => claim.Outcome switch
    {
        ClaimOutcome.Finished => new ActivityException(
            "ORC5241", $"run {run} has ended: {claim.Run?.Status}", why: "only an unfinished run can be resumed", help: $"To run its failed tasks again, use: orc retry {run}"),
        ClaimOutcome.Held => new ActivityException(
            "ORC5242",
            $"run {run} is being worked on by process {claim.Run?.Owner?.ProcessId} on {claim.Run?.Owner?.Host}",
            why: "two processes on one run would do its work twice",
            help: "Follow it with `orc show`, or stop that process first."),
        _ => NoSuchRun(run.Value),
    };
}
