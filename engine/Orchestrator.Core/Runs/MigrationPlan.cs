using System.Collections.Immutable;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>What becomes of a task when its run is migrated.</summary>
public enum TaskMigration
{
    Unknown = 0,

    /// <summary>It has ended and keeps its end.</summary>
    Kept,

    /// <summary>It is under way and goes on.</summary>
    Continues,

    /// <summary>It has not started, and runs as the new definition says.</summary>
    Waits,

    /// <summary>Its condition, inputs and cache are looked at again, by the new definition.</summary>
    Reconsidered,

    /// <summary>Its attempt is given up, and it runs as the new definition says.</summary>
    Restarted,

    /// <summary>It is not in the definition until now.</summary>
    New,

    /// <summary>It is not in the new definition.</summary>
    Dropped,
}

/// <summary>One line of a <see cref="MigrationPlan"/>.</summary>
public sealed record MigratedTask
{
    public required TaskName Task { get; init; }

    public required TaskMigration Becomes { get; init; }

    /// <summary>The word of its state now; null when it is new.</summary>
    public string? Status { get; init; }

    /// <summary>What the new definition says otherwise: <c>activity</c>, <c>input left</c>, <c>needs</c>. Empty: nothing.</summary>
    public ImmutableArray<string> Changes { get; init; } = [];
}

/// <summary>What the migration of a run would change, and everything it is refused for.</summary>
public sealed record MigrationPlan
{
    public required DefinitionHash From { get; init; }

    public required DefinitionHash To { get; init; }

    /// <summary>The tasks of the new definition in its order, then those that go.</summary>
    public required ImmutableArray<MigratedTask> Tasks { get; init; }

    /// <summary>Why it is refused; empty: it is not.</summary>
    public required ImmutableArray<Failure> Problems { get; init; }

    public bool IsAllowed => Problems.IsEmpty;

    /// <summary>All reasons in one text, each with its code; null when there are none.</summary>
    public string? Refusal => IsAllowed ? null : string.Join("; ", Problems.Select(problem => $"{problem.Code}: {problem.Message}"));

    internal ImmutableArray<TaskName> NamesOf(TaskMigration becomes) => [.. Tasks.Where(task => task.Becomes == becomes).Select(task => task.Task)];
}
