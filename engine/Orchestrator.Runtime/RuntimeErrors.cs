using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime;

/// <summary>Every text that homes, artifacts, logs, lanes and workers fail with. 51xx: storage and home. 520x-522x: lanes and workers.</summary>
internal static class RuntimeErrors
{
    // Artifacts

    public static ActivityException ArtifactMissing(string hash, string? name = null) => Infrastructure(
        "ORC5101",
        $"artifact {Short(hash)}{(name is null ? "" : $" ({name})")} is not in the artifact store",
        why: "Tasks refer to files by the hash of their bytes, and the file of that hash is gone.",
        help: "Run the task that made it again (orc run --from TASK), or copy the file back into the home's artifacts folder.",
        retryable: false);

    public static ActivityException ArtifactDamaged(string hash, string path, string how) => Infrastructure(
        "ORC5102",
        $"artifact {Short(hash)} is damaged: {how}",
        why: "An artifact is named by the SHA-256 of its bytes, so its bytes may never change.",
        help: $"Delete {path} and run the task that made it again.",
        retryable: false);

    public static ActivityException ArtifactNoRoom(string name, string folder, Exception inner) => Infrastructure(
        "ORC5103",
        $"there is no room to store {name}: the file system of {folder} is full",
        help: "Free some space or move the home to a larger disk (--home DIR); nothing half-written was kept.",
        retryable: true,
        inner: inner);

    public static ActivityException ArtifactSourceUnreadable(string path, Exception inner) => new(
        new Failure
        {
            Code = "ORC5104",
            Kind = FailureKind.Work,
            Message = $"cannot read the file {path} to store it as an artifact: {inner.Message}",
            Help = "Check the path and its permissions.",
        },
        inner);

    public static ActivityException ArtifactStoreNotWritable(string folder, Exception inner) => Infrastructure(
        "ORC5105",
        $"cannot write into the artifact store {folder}: {inner.Message}",
        help: "Check its owner and permissions, or choose another home with --home DIR.",
        retryable: false,
        inner: inner);

    public static ActivityException ArtifactHashMalformed(string hash) => new(
        "ORC5106",
        $"\"{hash}\" is not the hash of an artifact",
        why: "An artifact's hash is its SHA-256: 64 lowercase hexadecimal digits.");

    // Home

    public static ActivityException HomeIsNewer(string folder, int format, int known) => Infrastructure(
        "ORC5110",
        $"the home {folder} was made by a newer version of orc (format {format}; this version knows {known})",
        why: "An older program could misread or destroy what a newer one has written.",
        help: "Use the newer orc for this home, or give this one its own with --home DIR.",
        retryable: false);

    public static ActivityException HomeIsNoFolder(string folder) => Infrastructure(
        "ORC5111",
        $"the home {folder} is a file, not a folder",
        help: "Move the file away or choose another home with --home DIR.",
        retryable: false);

    public static ActivityException HomeNotWritable(string folder, Exception inner) => Infrastructure(
        "ORC5112",
        $"the home {folder} cannot be written: {inner.Message}",
        why: "Runs, logs and artifacts are kept there.",
        help: "Check its owner, its permissions and whether its file system is read-only, or choose another home with --home DIR.",
        retryable: false,
        inner: inner);

    public static ActivityException HomeNoRoom(string folder, Exception inner) => Infrastructure(
        "ORC5113",
        $"there is no room in the home {folder}: its file system is full",
        help: "Free some space or choose another home with --home DIR.",
        retryable: true,
        inner: inner);

    public static ActivityException HomeUnreadable(string path, Exception inner) => Infrastructure(
        "ORC5114",
        $"cannot understand {path}: {inner.Message}",
        why: "It says which version of orc made the home.",
        help: "Restore the file from a copy; if only this file is damaged, put {\"format\":1} in it.",
        retryable: false,
        inner: inner);

    public static ActivityException HomeMissing(string folder) => Infrastructure(
        "ORC5115",
        $"there is no home at {folder}",
        help: "Run a pipeline first (orc run FILE) or name the right home with --home DIR.",
        retryable: false);

    // Lanes

    public static Failure TimedOut(TimeSpan limit) => new()
    {
        Code = "ORC5201",
        Kind = FailureKind.Timeout,
        Message = $"the attempt took longer than its timeout of {Durations.Format(limit)}",
        Help = "Raise the task's timeout, or make the work smaller.",
        Retryable = true,
    };

    public static Failure Unexpected(Exception error) => new()
    {
        Code = "ORC5202",
        Kind = FailureKind.Unexpected,
        Message = $"unexpected error: {error.Message} ({error.GetType().Name})",
        Help = "The attempt's log has the stack. If it looks like a fault of the program, please report it with that log.",
        Retryable = true,
    };

    public static Failure OutputUnknown(ActivityDescriptor activity, string output) => Work(
        "ORC5203",
        $"activity {activity.Type} set an output \"{output}\" that it does not have",
        $"Its outputs are {string.Join(", ", activity.Outputs.Select(o => o.Name))}.");

    public static Failure OutputWrongType(ActivityDescriptor activity, OutputDescriptor output, string is_, string why) => Work(
        "ORC5204",
        $"output \"{output.Name}\" of {activity.Type} should be {output.TypeName} and is {is_}",
        help: null,
        why);

    public static Failure OutputMissing(ActivityDescriptor activity, OutputDescriptor output) => Work(
        "ORC5205",
        $"activity {activity.Type} ended without setting its output \"{output.Name}\"",
        help: "Set it before the end, or declare it nullable.",
        why: "Later tasks may refer to it, so every output that is not nullable must have a value.");

    public static Failure OutputTooLarge(ActivityDescriptor activity, string output, long bytes, long limit) => Work(
        "ORC5206",
        $"output \"{output}\" of {activity.Type} has {bytes:N0} bytes; an output may have {limit:N0}",
        help: $"Store it as an artifact and set the reference to it as the output, or raise the limit: limits.output of the task, or for all tasks {SettingNames.Raise(SettingNames.TaskOutput)}",
        why: "Outputs are small values kept in the database; files belong in the artifact store.");

    public static Failure NoRoomToWork(Exception full) => new()
    {
        Code = "ORC5207",
        Kind = FailureKind.Infrastructure,
        Message = $"the disk ran full while the activity worked: {full.Message}",
        Help = "Free some space, or move the home to a larger disk with --home DIR.",
        Retryable = true,
    };

    public static Failure TooManyFacts(int limit) => Work(
        "ORC5208",
        $"the attempt left more than {limit:N0} facts (metrics and the like)",
        help: $"Record fewer, for example one in ten steps, or write them to a file and store that as an artifact. To raise the limit: {SettingNames.Raise(SettingNames.TaskFacts)}",
        why: "They wait in the engine's memory until the attempt ends.");

    public static Failure FactsTooLarge(long limit) => Work(
        "ORC5215",
        $"the facts (metrics and the like) that the attempt left have more than {Sizes.About(limit)} of JSON",
        help: $"Keep facts small and store what is large, such as images or whole tables, as artifacts. To raise the limit: {SettingNames.Raise(SettingNames.TaskFactBytes)}",
        why: "They wait in the engine's memory until the attempt ends.");

    public static Failure MemoryExceeded(long used, long limit, IReadOnlyList<string> tail) => new()
    {
        Code = "ORC5209",
        Kind = FailureKind.Work,
        Message = $"the attempt used {Sizes.About(used)} of memory; its limit is {Sizes.About(limit)}",
        Why = "Its processes were killed, so that other tasks keep the memory they need.",
        Help = $"Raise the task's limits.memory (or for all tasks: {SettingNames.Raise(SettingNames.TaskMemory)}), or work on less data at a time.",
        Details = tail,
    };

    public static InvalidOperationException NoPort(Type port, string lane) => new(
        $"The {lane} lane has no port {port.Name}. Activities that need the engine's own services belong in Lane.Inline.");

    // Workers

    public static Failure WorkerDied(string how, IReadOnlyList<string> tail) => new()
    {
        Code = "ORC5210",
        Kind = FailureKind.Infrastructure,
        Message = $"the worker process died: {how}",
        Why = "A crash in native code or a kill from outside ends the worker; the engine and other tasks go on.",
        Help = "See the end of the attempt's log. If it was killed for memory, use a smaller table or a machine with more.",
        Retryable = true,
        Details = tail,
    };

    public static Failure WorkerSilent(IReadOnlyList<string> tail) => new()
    {
        Code = "ORC5211",
        Kind = FailureKind.Infrastructure,
        Message = "the worker process gave no sign of life for a long time and was ended",
        Why = "a worker answers from a thread of its own, so one that does not answer is stopped or stuck as a whole",
        Help = $"If the machine was only too busy for it, raise the limit: {SettingNames.Raise(SettingNames.WorkerSilence)}",
        Retryable = true,
        Details = tail,
    };

    public static Failure WorkerNotStarted(string why, IReadOnlyList<string> tail) => new()
    {
        Code = "ORC5212",
        Kind = FailureKind.Infrastructure,
        Message = $"no worker process could be started: {why}",
        Help = $"`orc doctor` looks for what is missing. If the machine was only too busy, raise the limit: {SettingNames.Raise(SettingNames.WorkerStart)}",
        Retryable = true,
        Details = tail,
    };

    public static Failure ProtocolBroken(string why) => new()
    {
        Code = "ORC5213",
        Kind = FailureKind.Infrastructure,
        Message = $"engine and worker do not understand each other: {why}",
        Help = "Engine and worker must be the same build; restart the engine after an update.",
        Retryable = true,
    };

    // Programs

    public static ActivityException ProgramNotStarted(string program, Exception inner) => Infrastructure(
        "ORC5220",
        $"cannot start {program}: {inner.Message}",
        help: "Check that it may be executed and that the working folder exists.",
        retryable: false,
        inner: inner);

    private static Failure Work(string code, string message, string? help, string? why = null) =>
        new() { Code = code, Kind = FailureKind.Work, Message = message, Why = why, Help = help };

    private static ActivityException Infrastructure(string code, string message, string? why = null, string? help = null, bool retryable = false, Exception? inner = null) =>
        new(new Failure { Code = code, Kind = FailureKind.Infrastructure, Message = message, Why = why, Help = help, Retryable = retryable }, inner);

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] : hash;
}
