using System.Text.Json;

namespace Orchestrator.Server.Runs;

/// <summary>A wish for a run: of a registered pipeline, or of a definition that comes along.</summary>
public sealed record StartRun
{
    /// <summary>The name of a registered pipeline.</summary>
    public string? Pipeline { get; init; }

    /// <summary>The number of a version; absent: the current one.</summary>
    public int? Version { get; init; }

    /// <summary>In the place of <c>pipeline</c>: a definition in JSON. It is run and not registered; whoever may register it may run it.</summary>
    public JsonElement? Json { get; init; }

    /// <summary>The C# scripts that steps of <c>json</c> are run from. They are code: a permission of its own.</summary>
    public IReadOnlyList<ScriptText>? Scripts { get; init; }

    /// <summary>With <c>json</c>: the full path of the folder that relative paths are relative to. Only for whoever owns the home.</summary>
    public string? BaseDirectory { get; init; }

    /// <summary>Values for the pipeline's parameters, by name; the others have their defaults.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Params { get; init; }

    /// <summary>Tasks to leave out.</summary>
    public IReadOnlyList<string>? Skip { get; init; }

    /// <summary>Tasks that run although an earlier result could stand in.</summary>
    public IReadOnlyList<string>? Refresh { get; init; }

    /// <summary>This task and all after it run; the results before it are taken over from the newest run that has them.</summary>
    public string? From { get; init; }

    /// <summary>Tasks whose result is taken over from a run: by the task's name the run's id.</summary>
    public IReadOnlyDictionary<string, string>? Pin { get; init; }

    /// <summary>The time that the run is for: <c>2026-03-01</c>, <c>2026-03-01T02:00</c> in the zone of the pipeline's schedule, or <c>2026-03-01T02:00Z</c>.</summary>
    public string? LogicalDate { get; init; }
}

/// <summary>A C# script.</summary>
public sealed record ScriptText
{
    /// <summary>The file's name.</summary>
    public required string Name { get; init; }

    public required string Text { get; init; }
}

/// <summary>What to run again.</summary>
public sealed record RetryRun
{
    /// <summary>This task and all after it; absent: whatever did not succeed.</summary>
    public string? From { get; init; }

    /// <summary>This task alone.</summary>
    public string? Only { get; init; }

    /// <summary>Other values for parameters; tasks that read them run again.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Params { get; init; }
}

/// <summary>What to cancel, and why.</summary>
public sealed record CancelRunBody
{
    /// <summary>Only this task; absent: the whole run.</summary>
    public string? Task { get; init; }

    /// <summary>True: the task and everything after it, whatever their rules.</summary>
    public bool Branch { get; init; }

    /// <summary>True: attempts are killed at once, and tasks on exit are not run.</summary>
    public bool Terminate { get; init; }

    public string? Reason { get; init; }
}

/// <summary>An answer to what a task asks.</summary>
public sealed record AnswerTaskBody
{
    /// <summary>Yes or no.</summary>
    public required bool Approved { get; init; }

    /// <summary>What the form asks for.</summary>
    public JsonElement? Answer { get; init; }

    /// <summary>What else there is to say; kept with the run.</summary>
    public string? Comment { get; init; }

    /// <summary>In whose name; absent: the caller's. Only for whoever owns the home; who asked is kept beside it.</summary>
    public string? By { get; init; }
}

/// <summary>How a task is to end by hand.</summary>
public sealed record MarkTaskBody
{
    /// <summary><c>succeeded</c> or <c>skipped</c>.</summary>
    public required string As { get; init; }

    /// <summary>Why; kept with the run.</summary>
    public required string Reason { get; init; }

    /// <summary>The outputs that later tasks read, by name.</summary>
    public JsonElement? Outputs { get; init; }
}

/// <summary>Which version an unfinished run is to go on with.</summary>
public sealed record MigrateRunBody
{
    /// <summary>The number of a version of its pipeline; absent: the current one.</summary>
    public int? Version { get; init; }

    /// <summary>Values for parameters that the run does not have, or is to have otherwise; the others keep theirs.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Params { get; init; }

    /// <summary>Tasks whose attempt is given up and that run by the new definition.</summary>
    public IReadOnlyList<string>? Restart { get; init; }

    /// <summary>Tasks to let go although they have started: the new definition does not have them.</summary>
    public IReadOnlyList<string>? Drop { get; init; }

    /// <summary>Why; kept with the run.</summary>
    public string? Reason { get; init; }
}

/// <summary>What a migration would change.</summary>
public sealed record MigrationDocument
{
    public required string Run { get; init; }

    /// <summary>False: it would be refused for the problems.</summary>
    public required bool Allowed { get; init; }

    /// <summary>The hash of the definition that the run has.</summary>
    public required string From { get; init; }

    /// <summary>The hash of the definition that it would have.</summary>
    public required string To { get; init; }

    public required IReadOnlyList<MigratedTaskDocument> Tasks { get; init; }

    /// <summary>The parameters that it would have.</summary>
    public required JsonElement Params { get; init; }

    public required IReadOnlyList<FailureDocument> Problems { get; init; }

    internal static MigrationDocument Of(Core.Values.RunId run, Runtime.People.MigrationCheck check) => new()
    {
        Run = run.Value,
        Allowed = check.Plan.IsAllowed,
        From = check.Plan.From.Value,
        To = check.Plan.To.Value,
        Tasks = [.. check.Plan.Tasks.Select(task => new MigratedTaskDocument { Task = task.Task.Value, Status = task.Status, Becomes = JsonNamingPolicy.KebabCaseLower.ConvertName(task.Becomes.ToString()), Changes = task.Changes })],
        Params = Core.Values.OrcJson.ToElement(check.Request.Params),
        Problems = [.. check.Plan.Problems.Select(FailureDocument.Of).OfType<FailureDocument>()],
    };
}

/// <summary>What would become of a task.</summary>
public sealed record MigratedTaskDocument
{
    public required string Task { get; init; }

    /// <summary>Absent: the run does not have it.</summary>
    public string? Status { get; init; }

    /// <summary><c>kept</c>, <c>continues</c>, <c>waits</c>, <c>reconsidered</c>, <c>restarted</c>, <c>new</c> or <c>dropped</c>.</summary>
    public required string Becomes { get; init; }

    /// <summary>What is another in the new definition.</summary>
    public required IReadOnlyList<string> Changes { get; init; }
}

/// <summary>What became of something that was asked of a run.</summary>
public sealed record RequestDocument
{
    public required string Run { get; init; }

    /// <summary><c>taken</c>: whoever works on the run has done it; <c>stored</c>: nobody does, and it is done first when somebody does.</summary>
    public required string Status { get; init; }

    public required string What { get; init; }
}

/// <summary>What a run would do.</summary>
public sealed record PlanDocument
{
    public required string Pipeline { get; init; }

    public required string Definition { get; init; }

    /// <summary>Every parameter with its value.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Params { get; init; }

    /// <summary>What its concurrency key would mean for it and for others; absent: it has none.</summary>
    public Runtime.People.KeyPlan? Concurrency { get; init; }

    /// <summary>The run that results are taken over from.</summary>
    public string? Parent { get; init; }

    public required IReadOnlyList<PlannedTaskDocument> Tasks { get; init; }
}

/// <summary>What would become of a task.</summary>
public sealed record PlannedTaskDocument
{
    public required string Task { get; init; }

    /// <summary><c>run</c>, <c>cached</c>, <c>kept</c>, <c>skipped</c>, <c>failed</c>, <c>upstream_failed</c> or <c>open</c>.</summary>
    public required string Step { get; init; }

    public required string Why { get; init; }

    /// <summary>The run whose result would stand in.</summary>
    public string? From { get; init; }

    internal static PlannedTaskDocument Of(Runtime.Coordination.PlannedTask task) => new()
    {
        Task = task.Task.Value, Step = JsonNamingPolicy.SnakeCaseLower.ConvertName(task.Step.ToString()), Why = task.Why, From = task.From?.Value,
    };
}
