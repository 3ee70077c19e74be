using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
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
        CreatedAt = run.CreatedAt,
        EndedAt = run.EndedAt,
        Parent = run.Parent?.Value,
        Relation = run.Relation,
        Failure = run.Failure,
    };

    public static RunDocument Of(RunInfo run, IReadOnlyCollection<TaskInfo> tasks)
    {
        var items = tasks.Where(task => task.MapIndex is not null).ToLookup(task => task.Task);
        return Of(run) with { Outputs = OutputsOf(tasks), Tasks = [.. tasks.Where(task => task.MapIndex is null && !task.Task.IsInternal).Select(task => Of(task, items[task.Task]))] };
    }

    /// <summary>What the run yielded, as its pipeline declares it; null when it declares nothing or the run has not succeeded.</summary>
    public static JsonElement? OutputsOf(IEnumerable<TaskInfo> tasks) => tasks.FirstOrDefault(task => task.Task == RunState.OutputsTask)?.Outputs;

    public static IReadOnlyList<QuestionDocument>? Of(IEnumerable<OpenQuestion> questions) =>
        questions.Select(question => new QuestionDocument { Task = question.Task.Value, Message = question.Reason?.ToString() ?? "" }).ToArray() is { Length: > 0 } open ? open : null;

    private static TaskDocument Of(TaskInfo task, IEnumerable<TaskInfo> items) => new()
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
        Items = items.Select(item => new ItemDocument
        {
            Index = item.MapIndex ?? 0, Label = item.Label, Status = item.Status, Attempts = item.AttemptNumber, Outputs = item.Outputs, Failure = item.Failure,
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

    public IReadOnlyList<ItemDocument>? Items { get; init; }
}

internal sealed record ItemDocument
{
    public required int Index { get; init; }

    public string? Label { get; init; }

    public required string Status { get; init; }

    public required int Attempts { get; init; }

    public JsonElement? Outputs { get; init; }

    public Failure? Failure { get; init; }
}
