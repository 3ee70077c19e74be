using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Cli.Pipelines;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>Starts runs and follows them.</summary>
internal interface IRunStarts
{
    /// <summary>A registered pipeline as it is now.</summary>
    /// <exception cref="ActivityException">There is none of that name.</exception>
    Task<NamedPipeline> FindPipelineAsync(string name, CancellationToken cancellation);

    Task<IFollowedRun> StartAsync(RunOrder order, IRunListener listener);

    Task<IFollowedRun> RetryAsync(RetryOrder order, IRunListener listener);

    /// <summary>Goes on with an unfinished run, or follows it while somebody else does.</summary>
    Task<IFollowedRun> ResumeAsync(RunInfo run, IRunListener listener);

    Task<RunPlan> PlanAsync(RunOrder order);

    Task<RunPlan> PlanAsync(RetryOrder order);
}

/// <summary>A pipeline that is registered where the run is to be.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Definition">Its current definition.</param>
internal sealed record NamedPipeline(string Name, PipelineDefinition Definition);

/// <summary>A wish for a run: of a file, or of a registered pipeline.</summary>
internal sealed record RunOrder
{
    /// <summary>The definition, whichever it is from.</summary>
    public required PipelineDefinition Pipeline { get; init; }

    /// <summary>Null: <see cref="Pipeline"/> is registered.</summary>
    public DefinitionFile? File { get; init; }

    /// <summary>Every parameter, with its value.</summary>
    public required ImmutableSortedDictionary<string, JsonElement> Params { get; init; }

    /// <summary>The names of those that somebody gave.</summary>
    public required IReadOnlyCollection<string> Given { get; init; }

    public ImmutableArray<TaskName> Skip { get; init; } = [];

    public ImmutableArray<TaskName> Refresh { get; init; } = [];

    public TaskName? From { get; init; }

    /// <summary>Runs whose result of a task is taken over.</summary>
    public IReadOnlyList<(string Task, RunInfo Run)> Pins { get; init; } = [];

    public DateTimeOffset? LogicalDate { get; init; }
}

/// <summary>A wish to run again what did not succeed.</summary>
internal sealed record RetryOrder
{
    public required RunInfo Run { get; init; }

    public required RepeatWish Wish { get; init; }

    /// <summary>Other values for parameters, as they were written.</summary>
    public required IReadOnlyDictionary<string, string> Params { get; init; }
}

/// <summary>A run that is shown while it goes on.</summary>
internal interface IFollowedRun : IDisposable
{
    RunId Id { get; }

    /// <summary>Ends with the last state that was seen: ended, or not when the run was left.</summary>
    Task<RunState> Completion { get; }

    /// <summary>What is said when somebody wants it to stop, and what when he wants it again.</summary>
    (string First, string Second) StopWords { get; }

    /// <summary>What is said of a run that was left before its end; <c>{0}</c> is its id.</summary>
    string LeftWords { get; }

    /// <summary>Waits until what was asked of it before is done, so that nothing that was answered is taken for a question.</summary>
    Task SettleAsync();

    /// <summary>Leaves it: attempts of this process are asked to stop; a run that a server works on goes on there.</summary>
    void Interrupt();

    /// <summary>After <see cref="Interrupt"/>: does not wait any longer.</summary>
    void Kill();
}

/// <summary>What a run would do.</summary>
internal sealed record RunPlan
{
    public required string Pipeline { get; init; }

    public required DefinitionHash Definition { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> Params { get; init; }

    public KeyPlan? Concurrency { get; init; }

    public required IReadOnlyList<PlannedStepLine> Tasks { get; init; }
}

/// <summary>What would become of a task.</summary>
internal sealed record PlannedStepLine
{
    public required string Task { get; init; }

    /// <summary>A word: <c>run</c>, <c>cached</c>, …</summary>
    public required string Step { get; init; }

    public required string Why { get; init; }

    public string? From { get; init; }
}
