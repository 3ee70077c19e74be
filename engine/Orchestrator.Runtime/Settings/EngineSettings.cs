using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Expressions;
using Orchestrator.Dsl.Scripting;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;
using Orchestrator.Runtime.Outgoing;
using Orchestrator.Runtime.Retention;
using Orchestrator.Runtime.Workers;

namespace Orchestrator.Runtime.Settings;

/// <summary>
/// The limits of a home: what its <c>settings.json</c> says (<c>{"task.output": "1MiB"}</c>), and the usual value for the rest. Read once when a program starts, so
/// that nothing sees half-changed settings; a change counts from the next start on.
/// </summary>
public sealed class EngineSettings
{
    public const string FileName = "settings.json";

    private const string NotificationsName = "notifications";

    private readonly ImmutableSortedDictionary<string, long> set;

    private EngineSettings(ImmutableSortedDictionary<string, long> set) => this.set = set;

    /// <summary>Nothing is set.</summary>
    public static EngineSettings Usual { get; } = new(ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal));

    /// <summary>What somebody has set, by name.</summary>
    public IReadOnlyDictionary<string, long> Set => set;

    public ReadOptions Reading => ReadOptions.Default with
    {
        MaxCharacters = Number(SettingNames.DefinitionCharacters), MaxTasks = Number(SettingNames.DefinitionTasks), MaxParameters = Number(SettingNames.DefinitionParameters),
    };

    public EngineLimits Engine => new()
    {
        MapItems = Number(SettingNames.MapItems),
        Expressions = new ExpressionLimits
        {
            Time = Time(SettingNames.ExpressionTime),
            MemoryInBytes = Value(SettingNames.ExpressionMemory) ?? long.MaxValue,
            Statements = Number(SettingNames.ExpressionSteps),
            Recursion = Number(SettingNames.ExpressionCalls),
            ListLength = Number(SettingNames.ExpressionList),
        },
    };

    public LaneOptions Lanes => new()
    {
        MaxOutputBytes = Number(SettingNames.TaskOutput),
        Facts = new FactLimits(Number(SettingNames.TaskFacts), Value(SettingNames.TaskFactBytes) ?? long.MaxValue),
        MaxMemoryBytes = Value(SettingNames.TaskMemory),
        TimeoutGrace = Time(SettingNames.TaskGrace),
        ProgramGrace = Time(SettingNames.ProgramGrace),
    };

    public AttemptLogOptions Logs => new() { MaxBytes = Value(SettingNames.TaskLog) ?? long.MaxValue, MaxLineLength = Number(SettingNames.TaskLogLine) };

    public WorkerPoolOptions Workers => new()
    {
        MaxWorkers = Number(SettingNames.WorkerCount),
        StartTimeout = Time(SettingNames.WorkerStart),
        SilenceLimit = Time(SettingNames.WorkerSilence),
        IdleLimit = Time(SettingNames.WorkerIdle),
        MaxAttempts = Number(SettingNames.WorkerAttempts),
        MaxIdleBytes = Value(SettingNames.WorkerMemory) ?? long.MaxValue,
    };

    public LanePlaceOptions Places => new()
    {
        Inline = Number(SettingNames.LaneInline),
        Process = Number(SettingNames.LaneProcess),
        Command = Number(SettingNames.LaneCommand),
        PoolPatience = Time(SettingNames.PoolPatience),
    };

    public GuardedHttpOptions Http => new() { AllowPrivate = Value(SettingNames.HttpPrivateNetworks) == 1 };

    public SendingLimits Sending => new()
    {
        Attempts = Number(SettingNames.NotifyAttempts),
        Delay = Time(SettingNames.NotifyDelay),
        MostDelay = Time(SettingNames.NotifyMostDelay),
        Time = Time(SettingNames.NotifyTime),
        Age = Time(SettingNames.NotifyAge),
    };

    /// <summary>What the file says about notifications, which is more than a limit; whoever sends them reads it. Null: nothing.</summary>
    public JsonElement? Notifications { get; private init; }

    public RetentionPolicy Retention => new()
    {
        Runs = Duration(SettingNames.RetentionRuns),
        FailedRuns = Duration(SettingNames.RetentionFailedRuns),
        KeepRuns = Number(SettingNames.RetentionKeepRuns),
        Logs = Duration(SettingNames.RetentionLogs),
        Artifacts = Duration(SettingNames.RetentionArtifacts),
        Events = Duration(SettingNames.RetentionEvents),
        Ticks = Duration(SettingNames.RetentionTicks),
        Every = Duration(SettingNames.RetentionEvery),
    };

    /// <summary>What scripts are compiled against, with these limits.</summary>
    public ScriptEnvironment Limit(ScriptEnvironment environment) => environment with
    {
        MaxCharacters = Number(SettingNames.ScriptCharacters),
        TimeLimit = Time(SettingNames.ScriptTime),
        MaxMemoryBytes = Value(SettingNames.ScriptMemory) ?? long.MaxValue,
        Limits = Reading,
    };

    /// <summary>The value that holds; null: no limit.</summary>
    public long? Value(string name) => set.TryGetValue(name, out var own) ? own : SettingCatalog.Get(name).Usual;

    /// <summary>The settings of a home. There need not be a home, nor a file in it.</summary>
    /// <exception cref="Core.Activities.ActivityException">The file is damaged (ORC5123), or says what cannot be (ORC5120 to ORC5122).</exception>
    public static EngineSettings Load(string home)
    {
        var path = Path.Combine(home, FileName);
        try
        {
            var members = File.Exists(path) ? JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(File.ReadAllText(path), OrcJson.Options) : [];
            return (members ?? []).Aggregate(Usual, (settings, pair) => pair.Key == NotificationsName
                ? new EngineSettings(settings.set) { Notifications = pair.Value }
                : settings.With(pair.Key, pair.Value.Deserialize<string>(OrcJson.Options) ?? ""));
        }
        catch (Exception wrong) when (wrong is JsonException || StorageFaults.IsStorage(wrong))
        {
            throw SettingErrors.Unreadable(path, wrong.Message);
        }
    }

    /// <summary>The same with one more set.</summary>
    /// <exception cref="Core.Activities.ActivityException">There is no such setting (ORC5120), that is no value for it (ORC5121), or out of its bounds (ORC5122).</exception>
    public EngineSettings With(string name, string text)
    {
        var setting = SettingCatalog.Get(name);
        var value = setting.Read(text) ?? throw SettingErrors.NotAValue(setting, text);
        return value < setting.Least || value > setting.Most ? throw SettingErrors.OutOfBounds(setting, text) : new EngineSettings(set.SetItem(name, value)) { Notifications = Notifications };
    }

    /// <summary>The same with one at its usual value.</summary>
    /// <exception cref="Core.Activities.ActivityException">There is no such setting (ORC5120).</exception>
    public EngineSettings Without(string name) => new(set.Remove(SettingCatalog.Get(name).Name)) { Notifications = Notifications };

    /// <summary>Writes them into a home, whole or not at all.</summary>
    /// <exception cref="Core.Activities.ActivityException">The file cannot be written (ORC5124).</exception>
    public void Save(string home)
    {
        var path = Path.Combine(home, FileName);
        var draft = $"{path}.{Environment.ProcessId}.draft";
        try
        {
            var members = set.ToDictionary(pair => pair.Key, pair => OrcJson.ToElement(SettingCatalog.Get(pair.Key).Write(pair.Value)));
            if (Notifications is { } notifications)
            {
                members.Add(NotificationsName, notifications);
            }

            File.WriteAllText(draft, JsonSerializer.Serialize(members, OrcJson.Indented));
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception failed) when (StorageFaults.IsStorage(failed))
        {
            throw SettingErrors.NotWritten(path, failed);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private int Number(string name) => (int)Math.Min(Value(name) ?? int.MaxValue, int.MaxValue);

    private TimeSpan? Duration(string name) => Value(name) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    private TimeSpan Time(string name) => TimeSpan.FromMilliseconds(Value(name) ?? 0);
}
