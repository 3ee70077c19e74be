using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>Runs and tasks in the form that <c>--json</c> gives them.</summary>
internal static class RunJson
{
    public static RunDocument Of(RunInfo run) => new()
    {
        Id = run.Id.Value,
        Pipeline = run.Pipeline,
        Definition = run.Definition.Value,
        Status = run.Status,
        Params = run.Params,
        BaseDirectory = run.BaseDirectory,
        GitCommit = run.GitCommit,
        Trigger = run.Trigger,
        CreatedAt = run.CreatedAt,
        EndedAt = run.EndedAt,
        Parent = run.Parent?.Value,
        Relation = run.Relation,
        Failure = run.Failure,
    };

    public static RunDocument Of(RunInfo run, RunListing listing) => Of(run) with { Outputs = listing.Outputs, Tasks = [.. listing.Tasks.Select(task => Of(task, listing.Counts[task.Task], listing.Items[task.Task]))] };

    public static IReadOnlyList<QuestionDocument>? Of(IEnumerable<OpenQuestion> questions) =>
        questions.Select(question => new QuestionDocument { Task = question.Task.Value, Message = question.Reason?.ToString() ?? "" }).ToArray() is { Length: > 0 } open ? open : null;

    private static TaskDocument Of(TaskInfo task, IEnumerable<ItemCount> counts, IEnumerable<TaskInfo> items) => new()
    {
        Name = task.Task.Value,
        Status = task.Status,
        Attempts = task.AttemptNumber,
        StartedAt = task.StartedAt,
        EndedAt = task.EndedAt,
        Reason = task.Reason is { ValueKind: JsonValueKind.String } reason ? reason.GetString() : null,
        Outputs = task.Outputs,
        Failure = task.Failure,
        CachedFrom = task.CachedFrom?.Value,
        ItemCounts = counts.ToDictionary(count => count.Status, count => count.Count, StringComparer.Ordinal) is { Count: > 0 } known ? known : null,
        Items = items.Select(item => new ItemDocument
        {
            Index = item.MapIndex ?? 0,
            Label = item.Label,
            Status = item.Status,
            Attempts = item.AttemptNumber,
            Reason = item.Reason is { ValueKind: JsonValueKind.String } why ? why.GetString() : null,
            Outputs = item.Outputs,
            Failure = item.Failure,
            CachedFrom = item.CachedFrom?.Value,
        }).ToArray() is { Length: > 0 } documents ? documents : null,
    };
}

internal sealed record RunDocument
{
    public required string Id { get; init; }

    public required string Pipeline { get; init; }

    public required string Definition { get; init; }

    public required string Status { get; init; }

    public required JsonElement Params { get; init; }

    public required string BaseDirectory { get; init; }

    public string? GitCommit { get; init; }

    /// <summary>Why it started, and the time it is for: <c>kind</c>, <c>name</c>, <c>logicalDate</c>, <c>interval</c>, <c>event</c>, <c>by</c>, <c>backfill</c>.</summary>
    public JsonElement? Trigger { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? Parent { get; init; }

    /// <summary><c>rerun</c> or <c>child</c>, of the parent.</summary>
    public string? Relation { get; init; }

    public Failure? Failure { get; init; }

    /// <summary>What the run yielded.</summary>
    public JsonElement? Outputs { get; init; }

    public IReadOnlyList<TaskDocument>? Tasks { get; init; }

    /// <summary>What waits for somebody's answer, in lists of runs.</summary>
    public IReadOnlyList<QuestionDocument>? Questions { get; init; }
}

internal sealed record QuestionDocument
{
    public required string Task { get; init; }

    public required string Message { get; init; }
}

internal sealed record TaskDocument
{
    public required string Name { get; init; }

    public required string Status { get; init; }

    public required int Attempts { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? Reason { get; init; }

    public JsonElement? Outputs { get; init; }

    public Failure? Failure { get; init; }

    public string? CachedFrom { get; init; }

    /// <summary>How many items have which status.</summary>
    public IReadOnlyDictionary<string, long>? ItemCounts { get; init; }

    /// <summary>The items one by one; absent where they are many and nobody asked for them.</summary>
    public IReadOnlyList<ItemDocument>? Items { get; init; }
}

internal sealed record ItemDocument
{
    public required int Index { get; init; }

    public string? Label { get; init; }

    public required string Status { get; init; }

    public required int Attempts { get; init; }

    public string? Reason { get; init; }

    public JsonElement? Outputs { get; init; }

    public Failure? Failure { get; init; }

    public string? CachedFrom { get; init; }
}
