using System.Text.Json;

namespace Orchestrator.Storage.Runs;

/// <summary>A message that a commit left to be handed out.</summary>
public sealed record OutboxMessage
{
    public required long Sequence { get; init; }

    public required string Kind { get; init; }

    public required JsonElement Payload { get; init; }

    public required DateTimeOffset At { get; init; }
}
