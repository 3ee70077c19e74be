using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Server.Runs;

/// <summary>A run.</summary>
public sealed record RunDocument
{
    public required string Id { get; init; }

    public required string Pipeline { get; init; }

    public required string Project { get; init; }

    /// <summary>The hash of the definition that the run is pinned to.</summary>
    public required string Definition { get; init; }

    /// <summary><c>queued</c>, <c>running</c>, <c>paused</c>, <c>cancelling</c>, <c>succeeded</c>, <c>failed</c>, <c>cancelled</c> or <c>skipped</c>.</summary>
    public required string Status { get; init; }

    public required JsonElement Params { get; init; }

    /// <summary>Why the run started, and the time it is for.</summary>
    public JsonElement? Trigger { get; init; }

    /// <summary>The folder of the server that its relative paths are relative to; only for who may register pipelines of the project.</summary>
    public string? BaseDirectory { get; init; }

    public string? GitCommit { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The run that it goes back to.</summary>
    public string? Parent { get; init; }

    /// <summary><c>rerun</c> or <c>child</c>, of the parent.</summary>
    public string? Relation { get; init; }

    public FailureDocument? Failure { get; init; }

    /// <summary>True: no process works on it, though it has not ended.</summary>
    public bool? Unowned { get; init; }

    /// <summary>The number of its last event.</summary>
    public required long Sequence { get; init; }

    /// <summary>What the run yielded; only where one run is shown.</summary>
    public JsonElement? Outputs { get; init; }

    /// <summary>Only where one run is shown: each after those it waits for. Steps of the engine's own are there when they failed.</summary>
    public IReadOnlyList<TaskDocument>? Tasks { get; init; }

    /// <summary>What waits for somebody's answer.</summary>
    public IReadOnlyList<QuestionDocument>? Questions { get; init; }
}

/// <summary>A task of a run, or an item of a mapped one.</summary>
public sealed record TaskDocument
{
    public required string Name { get; init; }

    /// <summary>The item's index; absent for a task.</summary>
    public int? Item { get; init; }

    /// <summary>What people call the item.</summary>
    public string? Label { get; init; }

    public required string Status { get; init; }

    /// <summary>How many attempts were started.</summary>
    public required int Attempts { get; init; }

    public DateTimeOffset? ReadyAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? Reason { get; init; }

    public JsonElement? Outputs { get; init; }

    public FailureDocument? Failure { get; init; }

    /// <summary>The run whose result stood in.</summary>
    public string? CachedFrom { get; init; }

    /// <summary>0 to 1, when the attempt says so.</summary>
    public double? Progress { get; init; }

    public string? ProgressMessage { get; init; }

    /// <summary>How many items of a mapped task are in each state; absent for others.</summary>
    public IReadOnlyDictionary<string, long>? Items { get; init; }
}

/// <summary>Why something failed.</summary>
public sealed record FailureDocument
{
    public required string Code { get; init; }

    /// <summary><c>work</c>, <c>infrastructure</c>, <c>timeout</c> or <c>unexpected</c>.</summary>
    public required string Kind { get; init; }

    public required string Message { get; init; }

    public string? Why { get; init; }

    public string? Help { get; init; }

    public required bool Retryable { get; init; }

    public IReadOnlyList<string>? Details { get; init; }

    /// <summary>How long the other side asked not to come back: <c>30s</c>.</summary>
    public string? RetryAfter { get; init; }

    internal static FailureDocument? Of(Failure? failure) => failure is null ? null : new FailureDocument
    {
        Code = failure.Code,
        Kind = JsonNamingPolicy.KebabCaseLower.ConvertName(failure.Kind.ToString()),
        Message = failure.Message,
        Why = failure.Why,
        Help = failure.Help,
        Retryable = failure.Retryable,
        Details = failure.Details.Count == 0 ? null : failure.Details,
        RetryAfter = failure.RetryAfter is { } wait ? Durations.Format(wait) : null,
    };
}

/// <summary>A task that waits for somebody's answer.</summary>
public sealed record QuestionDocument
{
    public required string Run { get; init; }

    public required string Task { get; init; }

    /// <summary>Who is asked what.</summary>
    public required string Message { get; init; }

    internal static QuestionDocument Of(OpenQuestion question) => new() { Run = question.RunId.Value, Task = question.Task.Value, Message = question.Reason?.ToString() ?? "" };
}

/// <summary>An attempt of a task.</summary>
public sealed record AttemptDocument
{
    public required string Id { get; init; }

    public required string Task { get; init; }

    public int? Item { get; init; }

    /// <summary>1 is the first.</summary>
    public required int Number { get; init; }

    public required string Status { get; init; }

    public required string Lane { get; init; }

    public string? Worker { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? HeartbeatAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public FailureDocument? Failure { get; init; }

    internal static AttemptDocument Of(AttemptRow row) => new()
    {
        Id = row.Id.Value, Task = row.Task.Value, Item = row.MapIndex, Number = row.Number, Status = row.Status, Lane = row.Lane, Worker = row.Worker, StartedAt = row.StartedAt,
        HeartbeatAt = row.HeartbeatAt, EndedAt = row.EndedAt, Failure = FailureDocument.Of(row.Failure),
    };
}

/// <summary>An event of a run, as it is stored.</summary>
public sealed record EventDocument
{
    /// <summary>1, 2, … without gaps.</summary>
    public required long Sequence { get; init; }

    public required string Type { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>All that is stored of it, <c>type</c> and <c>at</c> included.</summary>
    public required JsonElement Event { get; init; }

    internal static EventDocument Of(StoredEvent stored) => new() { Sequence = stored.Sequence, Type = stored.Type, At = stored.At, Event = JsonElement.Parse(stored.Payload) };
}

/// <summary>Makes documents of rows.</summary>
internal static class RunDocuments
{
    public static RunDocument Of(RunInfo run, string project, bool unowned, bool withPlaces) => new()
    {
        Id = run.Id.Value,
        Pipeline = run.Pipeline,
        Project = project,
        Definition = run.Definition.Value,
        Status = run.Status,
        Params = run.Params,
        Trigger = run.Trigger,
        BaseDirectory = withPlaces ? run.BaseDirectory : null,
        GitCommit = run.GitCommit,
        CreatedAt = run.CreatedAt,
        StartedAt = run.StartedAt,
        EndedAt = run.EndedAt,
        Parent = run.Parent?.Value,
        Relation = run.Relation,
        Failure = FailureDocument.Of(run.Failure),
        Unowned = unowned ? true : null,
        Sequence = run.Sequence,
    };

    /// <summary>With its tasks; of mapped ones the number of items in each state.</summary>
    public static RunDocument WithTasks(RunDocument run, RunListing listing) => run with
    {
        Outputs = listing.Outputs,
        Tasks =
        [
            .. listing.Tasks.Select(task => Of(task) with
            {
                Items = listing.Counts[task.Task].OrderBy(count => count.Status, StringComparer.Ordinal).ToDictionary(count => count.Status, count => count.Count) is { Count: > 0 } counts ? counts : null,
            }),
        ],
    };

    public static TaskDocument Of(TaskInfo task) => new()
    {
        Name = task.Task.Value,
        Item = task.MapIndex,
        Label = task.Label,
        Status = task.Status,
        Attempts = task.AttemptNumber,
        ReadyAt = task.ReadyAt,
        StartedAt = task.StartedAt,
        EndedAt = task.EndedAt,
        Reason = task.Reason is { ValueKind: JsonValueKind.String } reason ? reason.GetString() : null,
        Outputs = task.Outputs,
        Failure = FailureDocument.Of(task.Failure),
        CachedFrom = task.CachedFrom?.Value,
        Progress = task.Progress,
        ProgressMessage = task.ProgressMessage,
    };
}
