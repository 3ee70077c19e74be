using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Testing.Pipelines;

/// <summary>What came of a run in a test.</summary>
public sealed class PipelineRun
{
    private readonly RunState state;
    private readonly Dictionary<string, TaskRun> tasks;

    internal PipelineRun(RunId id, RunState state, IReadOnlyList<RunEvent> events, DateTimeOffset start, DateTimeOffset end)
    {
        this.state = state;
        Id = id;
        Events = events;
        Elapsed = end - start;
        tasks = state.Graph.Nodes.ToDictionary(node => node.Definition.Name.Value, node => new TaskRun(state, new TaskKey(node.Index), events, start), StringComparer.Ordinal);
    }

    public RunId Id { get; }

    /// <summary>The pipeline that ran, as it was read.</summary>
    public PipelineDefinition Pipeline => state.Graph.Definition;

    /// <summary>Ended, unless only somebody outside could go on with it; then <see cref="Waiting"/> says what for.</summary>
    public RunStatus Status => state.Status;

    /// <summary>The time that the run took by the test's clock.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>The tasks of which an attempt was started, by their first start. Among tasks that do not wait for each other the order is not promised.</summary>
    public IReadOnlyList<string> Order => [.. Events.OfType<AttemptStarted>().Select(started => started.Task.Value).Distinct()];

    /// <summary>Everything that happened, as it is stored.</summary>
    public IReadOnlyList<RunEvent> Events { get; }

    /// <summary>What the run yielded, as its pipeline declares it; null when it declares nothing or the run did not succeed.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Outputs => Events.OfType<RunEnded>().LastOrDefault()?.Outputs;

    /// <summary>What each unfinished task waits for; empty when the run has ended.</summary>
    public IReadOnlyList<WaitReason> Waiting => [.. WaitReasons.Of(state)];

    /// <summary>In the pipeline's order.</summary>
    public IReadOnlyList<TaskRun> Tasks => [.. state.Graph.Nodes.Where(node => !node.Definition.Name.IsInternal).Select(node => tasks[node.Definition.Name.Value])];

    /// <exception cref="KeyNotFoundException">The pipeline has no such task.</exception>
    public TaskRun this[string task] => tasks.TryGetValue(task, out var found)
        ? found
        : throw new KeyNotFoundException($"Pipeline \"{state.Graph.Definition.Name}\" has no task \"{task}\". Its tasks are {string.Join(", ", tasks.Keys)}.");

    /// <summary>The run in a few lines, for the message of a failed assertion.</summary>
    public override string ToString() => $"{Status} after {Elapsed}\n{string.Join('\n', Tasks)}";
}
