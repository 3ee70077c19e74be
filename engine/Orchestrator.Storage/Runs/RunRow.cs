using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Runs;

/// <summary>The columns of a run as they are read.</summary>
internal sealed class RunRow
{
    public required RunId Id { get; init; }

    public required string Pipeline { get; init; }

    public required DefinitionHash Definition { get; init; }

    public required string Status { get; init; }

    public required JsonElement Params { get; init; }

    public JsonElement? Overrides { get; init; }

    public JsonElement? Trigger { get; init; }

    public required string BaseDirectory { get; init; }

    public string? GitCommit { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public Failure? Failure { get; init; }

    public string? OwnerId { get; init; }

    public string? OwnerHost { get; init; }

    public int? OwnerPid { get; init; }

    public DateTimeOffset? OwnerProcessStart { get; init; }

    public required long Epoch { get; init; }

    public DateTimeOffset? LeaseUntil { get; init; }

    public RunId? Parent { get; init; }

    public string? Relation { get; init; }

    public required long Sequence { get; init; }

    public string? IdempotencyKey { get; init; }

    public RunInfo ToInfo() => new()
    {
        Id = Id,
        Pipeline = Pipeline,
        Definition = Definition,
        Status = Status,
        Params = Params,
        Overrides = Overrides,
        Trigger = Trigger,
        BaseDirectory = BaseDirectory,
        GitCommit = GitCommit,
        CreatedAt = CreatedAt,
        StartedAt = StartedAt,
        EndedAt = EndedAt,
        Failure = Failure,
        Owner = OwnerId is { } id && OwnerHost is { } host && OwnerPid is { } process && OwnerProcessStart is { } started
            ? new RunOwner { Id = id, Host = host, ProcessId = process, ProcessStartedAt = started }
            : null,
        Epoch = Epoch,
        LeaseUntil = LeaseUntil,
        Parent = Parent,
        Relation = Relation,
        Sequence = Sequence,
        IdempotencyKey = IdempotencyKey,
    };
}
