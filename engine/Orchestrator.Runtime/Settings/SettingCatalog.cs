using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Expressions;
using Orchestrator.Dsl.Scripting;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;
using Orchestrator.Runtime.Outgoing;
using Orchestrator.Runtime.Retention;
using Orchestrator.Runtime.Workers;

namespace Orchestrator.Runtime.Settings;

/// <summary>Every setting there is. The defaults are those of the options themselves, so that they stand in one place.</summary>
public static class SettingCatalog
{
    private const long Kilo = 1L << 10, Mega = 1L << 20, Giga = 1L << 30, Second = 1000, Hour = 3600 * Second, Day = 24 * Hour;

    /// <summary>In the order of the documentation.</summary>
    public static IReadOnlyList<Setting> All { get; } = [.. Definitions(), .. Expressions(), .. Tasks(), .. Outgoing(), .. Workers(), .. Places(), .. Retention()];

    private static readonly Dictionary<string, Setting> ByName = All.ToDictionary(setting => setting.Name, StringComparer.Ordinal);

    public static Setting? Find(string name) => ByName.GetValueOrDefault(name);

    /// <exception cref="Core.Activities.ActivityException">There is none of the name (ORC5120).</exception>
    public static Setting Get(string name) => Find(name) ?? throw SettingErrors.NoSuchSetting(name);

    private static Setting[] Definitions() =>
    [
        Count(SettingNames.DefinitionCharacters, ReadOptions.Default.MaxCharacters, Kilo, 256 * Mega, "characters of a definition's file", "ORC1014"),
        Count(SettingNames.DefinitionTasks, ReadOptions.Default.MaxTasks, 1, 1_000_000, "tasks of a definition", "ORC2013"),
        Count(SettingNames.DefinitionParameters, ReadOptions.Default.MaxParameters, 1, 100_000, "parameters of a definition", "ORC2040"),
        Count(SettingNames.ScriptCharacters, ScriptEnvironment.UsualCharacters, Kilo, 64 * Mega, "characters of a C# script", "ORC4008"),
        Duration(SettingNames.ScriptTime, ScriptEnvironment.UsualTimeLimit, Second / 10, Hour, "how long a script may write its pipeline", "ORC4009"),
        Size(SettingNames.ScriptMemory, ScriptEnvironment.UsualMemoryBytes, 64 * Mega, 64 * Giga, "memory that a script may use while it writes its pipeline", "ORC4031"),
    ];

    private static Setting[] Expressions() =>
    [
        Duration(SettingNames.ExpressionTime, ExpressionLimits.Default.Time, 10, 300 * Second, "time of one evaluation of an expression", "ORC5015"),
        Size(SettingNames.ExpressionMemory, ExpressionLimits.Default.MemoryInBytes, Mega, 4 * Giga, "memory of one evaluation", "ORC5015"),
        Count(SettingNames.ExpressionSteps, ExpressionLimits.Default.Statements, 100, 1_000_000_000, "steps of one evaluation", "ORC5015"),
        Count(SettingNames.ExpressionCalls, ExpressionLimits.Default.Recursion, 10, 500, "calls inside each other in one evaluation", "ORC5015"),
        Count(SettingNames.ExpressionList, ExpressionLimits.Default.ListLength, 1, 10_000_000, "items of a list that an expression makes", "ORC5015"),
        Count(SettingNames.MapItems, new EngineLimits().MapItems, 1, 10_000_000, "items of a task's map", "ORC5234"),
    ];

    private static Setting[] Tasks() =>
    [
        Size(SettingNames.TaskOutput, new LaneOptions().MaxOutputBytes, TaskLimits.LeastOutput, TaskLimits.MostOutput, "JSON of one output, where the task does not say (limits.output)", "ORC5206"),
        Count(SettingNames.TaskFacts, new FactLimits().Count, 0, 100_000_000, "facts (metrics and the like) of one attempt", "ORC5208"),
        Size(SettingNames.TaskFactBytes, new FactLimits().Bytes, Kilo, 64 * Giga, "JSON of the facts of one attempt together", "ORC5215"),
        Size(SettingNames.TaskLog, new AttemptLogOptions().MaxBytes, TaskLimits.LeastLog, TaskLimits.MostLog, "log of one attempt, where the task does not say (limits.log)", "dropped and counted; the last 1,000 lines stay"),
        Count(SettingNames.TaskLogLine, new AttemptLogOptions().MaxLineLength, 256, Mega, "characters of one line of a log", "cut and counted"),
        Size(SettingNames.TaskMemory, null, TaskLimits.LeastMemory, 1000L << 40, "resident memory of one attempt's processes, where the task does not say (limits.memory)", "ORC5209"),
        Duration(SettingNames.TaskGrace, new LaneOptions().TimeoutGrace, 0, Hour, "how long an attempt that passed its timeout may take to end by itself", "killed"),
        Duration(SettingNames.ProgramGrace, new LaneOptions().ProgramGrace, 0, Hour, "how long a program that got SIGTERM may take to end", "killed"),
    ];

    private static Setting[] Outgoing() =>
    [
        Make(SettingNames.HttpPrivateNetworks, SettingUnit.Switch, 0, 0, 1, "whether requests may go to this machine and to private networks", "ORC6320"),
        Count(SettingNames.NotifyAttempts, new SendingLimits().Attempts, 1, 1000, "attempts to send one message", "given up, and the reason kept"),
        Duration(SettingNames.NotifyDelay, new SendingLimits().Delay, Second / 10, Hour, "the wait after the first attempt that failed; each is about twice the one before", "tried again"),
        Duration(SettingNames.NotifyMostDelay, new SendingLimits().MostDelay, Second / 10, 24 * Hour, "the longest such wait", "tried again"),
        Duration(SettingNames.NotifyTime, new SendingLimits().Time, Second / 10, 600 * Second, "time of one attempt", "tried again"),
        Duration(SettingNames.NotifyAge, new SendingLimits().Age, Second, 365 * 24 * Hour, "age of what people are still told of when nobody could before", "left out"),
    ];

    private static Setting[] Workers() =>
    [
        Count(SettingNames.WorkerCount, new WorkerPoolOptions().MaxWorkers, 1, 1024, "worker processes at once (usually one per core)", "more attempts wait"),
        Duration(SettingNames.WorkerStart, new WorkerPoolOptions().StartTimeout, Second, Hour, "how long a worker may take to its first word", "ORC5212"),
        Duration(SettingNames.WorkerSilence, new WorkerPoolOptions().SilenceLimit, 5 * Second, 24 * Hour, "how long a worker may give no sign of life", "ORC5211"),
        Duration(SettingNames.WorkerIdle, new WorkerPoolOptions().IdleLimit, 0, 24 * Hour, "how long a worker without work is kept", "ended"),
        Count(SettingNames.WorkerAttempts, new WorkerPoolOptions().MaxAttempts, 1, 1_000_000, "attempts that one worker serves", "replaced"),
        Size(SettingNames.WorkerMemory, new WorkerPoolOptions().MaxIdleBytes, 64 * Mega, 1000L << 40, "resident memory that a worker may keep after an attempt", "replaced"),
    ];

    private static Setting[] Places() =>
    [
        Count(SettingNames.LaneInline, new LanePlaceOptions().Inline, 1, 10_000, "attempts at once in the engine's own process", "more attempts wait"),
        Count(SettingNames.LaneProcess, new LanePlaceOptions().Process, 1, 1024, "attempts at once in worker processes (usually one per core)", "more attempts wait"),
        Count(SettingNames.LaneCommand, new LanePlaceOptions().Command, 1, 1024, "attempts at once that are programs (usually one per core)", "more attempts wait"),
        Duration(SettingNames.PoolPatience, new LanePlaceOptions().PoolPatience, 0, 24 * Hour, "how long tasks that want fewer slots of a pool may pass one that wants more than are free", "slots are kept back for it"),
    ];

    private static Setting[] Retention() =>
    [
        Keep(SettingNames.RetentionRuns, "how long a run is kept after its end", "removed with all that is its own"),
        Keep(SettingNames.RetentionFailedRuns, "how long a failed run is kept, if that is longer", "removed with all that is its own"),
        Count(SettingNames.RetentionKeepRuns, RetentionPolicy.UsualKeepRuns, 0, 1_000_000, "how many newest runs of each pipeline are kept whatever their age", "older ones may be removed"),
        Keep(SettingNames.RetentionLogs, "how long the logs of a run are kept after its end", "removed; the run stays"),
        Keep(SettingNames.RetentionArtifacts, "how long the artifacts of a run are kept after its end, if nothing else refers to them", "removed; the run stays"),
        Keep(SettingNames.RetentionEvents, "how long the events of a run, and messages that were dealt with, are kept", "removed; the run stays"),
        Keep(SettingNames.RetentionTicks, "how long decisions of triggers that started no run are kept", "removed"),
        Make(SettingNames.RetentionEvery, SettingUnit.Duration, null, Second, 365 * Day, "how often a server applies all this by itself", "never, until it is set"),
    ];

    /// <summary>How long something is kept; usually for ever.</summary>
    private static Setting Keep(string name, string meaning, string beyond) => Make(name, SettingUnit.Duration, null, Second, 10_000 * Day, meaning, beyond);

    private static Setting Count(string name, long usual, long least, long most, string meaning, string beyond) => Make(name, SettingUnit.Count, usual, least, most, meaning, beyond);

    private static Setting Size(string name, long? usual, long least, long most, string meaning, string beyond) => Make(name, SettingUnit.Size, usual, least, most, meaning, beyond);

    private static Setting Duration(string name, TimeSpan usual, long least, long most, string meaning, string beyond) =>
        Make(name, SettingUnit.Duration, (long)usual.TotalMilliseconds, least, most, meaning, beyond);

    private static Setting Make(string name, SettingUnit unit, long? usual, long least, long most, string meaning, string beyond) =>
        new() { Name = name, Unit = unit, Usual = usual, Least = least, Most = most, Meaning = meaning, Beyond = beyond };
}
