using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;

namespace Orchestrator.Server.Runs;

/// <summary>A definition that a run has, or had.</summary>
public sealed record RunDefinitionDocument
{
    public required string Run { get; init; }

    /// <summary>The hash of the definition.</summary>
    public required string Definition { get; init; }

    /// <summary>The definition itself.</summary>
    public required JsonElement Json { get; init; }
}

/// <summary>The graph of a run.</summary>
public sealed record GraphDocument
{
    public required IReadOnlyList<NodeDocument> Nodes { get; init; }

    public required IReadOnlyList<EdgeDocument> Edges { get; init; }

    internal static GraphDocument Of(RunState state)
    {
        var nodes = state.Graph.InTopologicalOrder().ToArray();
        return new GraphDocument
        {
            Nodes = [.. nodes.Where(node => !node.Definition.Name.IsInternal).Select(node => NodeDocument.Of(node.Definition, state.Tasks[node.Index]))],
            Edges =
            [
                .. nodes.Where(node => !node.Definition.Name.IsInternal).SelectMany(node => node.Upstream
                    .Select(before => state.Graph.Nodes[before].Definition.Name)
                    .Where(before => !before.IsInternal)
                    .Select(before => new EdgeDocument { From = before.Value, To = node.Definition.Name.Value })),
            ],
        };
    }
}

/// <summary>A task in the graph.</summary>
public sealed record NodeDocument
{
    /// <summary>A task of a sub-pipeline has the sub-pipeline's name before it: <c>features/train</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The activity's type.</summary>
    public required string Uses { get; init; }

    public string? Title { get; init; }

    public required string Status { get; init; }

    public required int Attempts { get; init; }

    public string? When { get; init; }

    public bool? Mapped { get; init; }

    public bool? OnExit { get; init; }

    public string? Reason { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Outputs { get; init; }

    /// <summary>The run that does its work.</summary>
    public string? Child { get; init; }

    internal static NodeDocument Of(TaskDefinition task, TaskState state) => new()
    {
        Name = task.Name.Value,
        Uses = task.Uses,
        Title = task.Title,
        Status = state.Word,
        Attempts = state.Tries.Attempts,
        When = task.When,
        Mapped = task.Map is null ? null : true,
        OnExit = task.OnExit ? true : null,
        Reason = state is Ended ended ? ended.Reason ?? ended.Failure?.Message : null,
        Outputs = state is Ended { Outputs: { IsEmpty: false } outputs } ? outputs : null,
        Child = state.Child?.Value,
    };
}

/// <summary>One task waits for another.</summary>
public sealed record EdgeDocument
{
    public required string From { get; init; }

    public required string To { get; init; }
}

/// <summary>Why a run and its tasks wait, failed, or did not run.</summary>
public sealed record WhyDocument
{
    public required string Run { get; init; }

    public required string Status { get; init; }

    public required IReadOnlyList<ReasonDocument> Reasons { get; init; }
}

/// <summary>A reason: a sentence, and the same as facts.</summary>
public sealed record ReasonDocument
{
    /// <summary>Empty: the run itself.</summary>
    public required string Task { get; init; }

    public int? Item { get; init; }

    public required string Status { get; init; }

    public required string Kind { get; init; }

    public required string Message { get; init; }

    public DateTimeOffset? Until { get; init; }

    public bool? Late { get; init; }

    /// <summary>The tasks it waits for.</summary>
    public IReadOnlyList<string>? Tasks { get; init; }

    /// <summary>The concurrency key that it waits for.</summary>
    public string? Key { get; init; }

    /// <summary>How many runs may have the key at once.</summary>
    public int? Limit { get; init; }

    /// <summary>Who shares the key and came first.</summary>
    public IReadOnlyList<KeyHolder>? Holders { get; init; }

    public PoolUse? Pool { get; init; }

    /// <summary>What the sentence says, by name.</summary>
    public JsonElement? Facts { get; init; }

    internal static ReasonDocument Of(ReasonInfo reason) => new()
    {
        Task = reason.Task,
        Item = reason.Item,
        Status = reason.Status,
        Kind = reason.Kind,
        Message = reason.Message,
        Until = reason.Until,
        Late = reason.Late,
        Tasks = reason.Tasks,
        Key = reason.Key,
        Limit = reason.Limit,
        Holders = reason.Holders,
        Pool = reason.Pool,
        Facts = reason.Facts is null ? null : Core.Values.OrcJson.ToElement(reason.Facts),
    };
}

/// <summary>What the result cache said about a task.</summary>
public sealed record CacheDocument
{
    public required string Task { get; init; }

    /// <summary>The item of a mapped task.</summary>
    public int? Item { get; init; }

    /// <summary>What people call the item.</summary>
    public string? Label { get; init; }

    /// <summary><c>hit</c>, <c>miss</c>, <c>partly</c> (some items of a mapped task) or <c>unused</c>.</summary>
    public required string Outcome { get; init; }

    public required string Why { get; init; }

    public string? Key { get; init; }

    /// <summary>What the key is made of.</summary>
    public JsonElement? Parts { get; init; }

    /// <summary>Of a mapped task: how many of its items were cached.</summary>
    public CacheItemCounts? Items { get; init; }

    internal static CacheDocument Of(CacheAnswer answer) => new()
    {
        Task = answer.Task.Value,
        Item = answer.Item,
        Label = answer.Label,
        Outcome = answer.Outcome,
        Why = answer.Why,
        Key = answer.Key,
        Parts = answer.Parts is null ? null : Core.Values.OrcJson.ToElement(answer.Parts),
        Items = answer.Items,
    };
}
