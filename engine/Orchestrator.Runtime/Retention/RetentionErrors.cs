using Orchestrator.Core.Activities;
using Orchestrator.Storage.Retention;

namespace Orchestrator.Runtime.Retention;

/// <summary>What retention has to say to people. 640x.</summary>
public static class RetentionErrors
{
    public static ActivityException RunRemoved(RemovedRun run) => new(
        "ORC6400",
        $"run {run.RunId} is no longer here: retention removed it at {run.RemovedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z",
        why: $"it was a run of {run.Pipeline}, {run.Status} at {run.EndedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, and older than what this home keeps",
        help: "How long runs are kept: orc settings (retention.runs). What was removed is in backups only.");

    public static ActivityException EventsRemoved(string run) => new(
        "ORC6401",
        $"the events of run {run} are no longer here: retention removed them",
        why: "repeating a run, changing it or saying why it did what it did takes its events; its tasks and outputs are still there",
        help: $"See them with: orc show {run}. How long events are kept: orc settings (retention.events).");

    public static ActivityException Busy() => new(
        new Failure
        {
            Code = "ORC6402",
            Kind = FailureKind.Infrastructure,
            Message = "another process applies retention to this database right now",
            Help = "Wait until it has done so; it takes minutes at most. A process that died leaves its place within 5 minutes.",
        });

    public static ActivityException FilesStay(Exception inner) => new(
        new Failure
        {
            Code = "ORC6404",
            Kind = FailureKind.Infrastructure,
            Message = $"retention stopped in the middle: a file of the home cannot be removed: {inner.Message}",
            Help = "Check the owner and the permissions of the home's folders and do it again: what is gone is gone, and what is left is found.",
        },
        inner);

    public static ActivityException StillInUse(string what) => new(
        "ORC6403",
        $"files cannot go at once: {what}",
        why: "a run that goes on may be about to refer to a file that nothing refers to yet",
        help: "Leave out --no-grace: such files go by themselves, once runs that could know of them have ended.");
}
