namespace Orchestrator.Core.Definitions;

/// <summary>The names of the limits that a home can change (<c>orc settings</c>). What they mean, their defaults and bounds are in the engine's catalog of settings.</summary>
public static class SettingNames
{
    public const string DefinitionCharacters = "definition.characters";

    public const string DefinitionTasks = "definition.tasks";

    public const string DefinitionParameters = "definition.parameters";

    public const string ScriptCharacters = "script.characters";

    public const string ScriptTime = "script.time";

    public const string ScriptMemory = "script.memory";

    public const string ExpressionTime = "expression.time";

    public const string ExpressionMemory = "expression.memory";

    public const string ExpressionSteps = "expression.steps";

    public const string ExpressionCalls = "expression.calls";

    public const string ExpressionList = "expression.list";

    public const string MapItems = "map.items";

    public const string TaskOutput = "task.output";

    public const string TaskFacts = "task.facts";

    public const string TaskFactBytes = "task.fact-bytes";

    public const string TaskLog = "task.log";

    public const string TaskLogLine = "task.log-line";

    public const string TaskMemory = "task.memory";

    public const string TaskGrace = "task.grace";

    public const string ProgramGrace = "program.grace";

    public const string HttpPrivateNetworks = "http.private-networks";

    public const string NotifyAttempts = "notify.attempts";

    public const string NotifyDelay = "notify.delay";

    public const string NotifyMostDelay = "notify.most-delay";

    public const string NotifyTime = "notify.time";

    public const string NotifyAge = "notify.age";

    public const string WorkerCount = "worker.count";

    public const string WorkerStart = "worker.start";

    public const string WorkerSilence = "worker.silence";

    public const string WorkerIdle = "worker.idle";

    public const string WorkerAttempts = "worker.attempts";

    public const string WorkerMemory = "worker.memory";

    public const string LaneInline = "lane.inline";

    public const string LaneProcess = "lane.process";

    public const string LaneCommand = "lane.command";

    public const string PoolPatience = "pool.patience";

    public const string RetentionRuns = "retention.runs";

    public const string RetentionFailedRuns = "retention.failed-runs";

    public const string RetentionKeepRuns = "retention.keep-runs";

    public const string RetentionLogs = "retention.logs";

    public const string RetentionArtifacts = "retention.artifacts";

    public const string RetentionEvents = "retention.events";

    public const string RetentionTicks = "retention.ticks";

    public const string RetentionEvery = "retention.every";

    /// <summary>The command that raises a limit, as messages show it.</summary>
    public static string Raise(string name) => $"orc settings set {name} VALUE";
}
