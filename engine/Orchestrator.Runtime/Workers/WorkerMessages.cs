using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Workers;

/// <summary>What engine and worker say to each other. One attempt at a time; within it messages keep their order.</summary>
internal abstract record WorkerMessage
{
    /// <summary>Raised with any change of these messages; engine and worker must have the same.</summary>
    public const int Protocol = 3;
}

/// <summary>Worker, first: who it is. The token proves that the engine started it.</summary>
internal sealed record HelloMessage : WorkerMessage
{
    public required int Version { get; init; }

    public required int Worker { get; init; }

    public required string Token { get; init; }
}

/// <summary>Engine: run this.</summary>
internal sealed record ExecuteMessage : WorkerMessage
{
    public required AttemptInfo Attempt { get; init; }

    public required string Uses { get; init; }

    /// <summary>The activity's class with its assembly, so that a worker need not look through all families for one activity. Null, or not to be found there: it looks.</summary>
    public string? Class { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> Inputs { get; init; }

    public required string BaseDirectory { get; init; }

    public required string WorkingDirectory { get; init; }

    public required IReadOnlyList<ItemResult> Items { get; init; }

    /// <summary>The largest JSON of one output.</summary>
    public required int MaxOutputBytes { get; init; }

    /// <summary>Values by name. The socket is private to engine and worker, and nothing of a message is kept.</summary>
    public required IReadOnlyDictionary<string, string> Secrets { get; init; }

    /// <summary>Why a secret has no value, by name.</summary>
    public required IReadOnlyDictionary<string, Failure> MissingSecrets { get; init; }

    /// <summary>Without the values.</summary>
    public override string ToString() => $"execute {Attempt.Id}";
}

/// <summary>Worker: the attempt has begun. If it dies before this, another worker may take the attempt without it counting as tried.</summary>
internal sealed record StartedMessage : WorkerMessage;

/// <summary>Engine: ask that attempt to stop. Names it, since it may have ended meanwhile.</summary>
internal sealed record CancelMessage : WorkerMessage
{
    public required AttemptId Attempt { get; init; }
}

/// <summary>Engine: are you there?</summary>
internal sealed record PingMessage : WorkerMessage;

/// <summary>Worker: yes.</summary>
internal sealed record PongMessage : WorkerMessage;

internal sealed record LogMessage : WorkerMessage
{
    public required LogSeverity Severity { get; init; }

    public required string Message { get; init; }
}

internal sealed record ProgressMessage : WorkerMessage
{
    public double? Fraction { get; init; }

    public string? Message { get; init; }
}

internal sealed record FactMessage : WorkerMessage
{
    public required string Kind { get; init; }

    public required JsonElement Value { get; init; }
}

/// <summary>Worker, last: outputs, or a failure, or neither when the attempt was cancelled.</summary>
internal sealed record EndedMessage : WorkerMessage
{
    public IReadOnlyDictionary<string, JsonElement>? Outputs { get; init; }

    public Failure? Failure { get; init; }

    /// <summary>The worker's resident memory.</summary>
    public required long ResidentBytes { get; init; }
}
