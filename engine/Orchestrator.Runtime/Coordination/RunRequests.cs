using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>The stored form of what people ask of a run, and the commands that it stands for.</summary>
public static class RunRequests
{
    /// <summary>The command that a request asks for; null when this version does not know its kind.</summary>
    public static RunCommand? ToCommand(RunRequest request)
    {
        try
        {
            return request.Kind switch
            {
                "cancel" => new CancelRun(request.By, request.Payload is { ValueKind: JsonValueKind.String } reason ? reason.GetString() : null),
                "terminate" => new CancelRun(request.By, request.Payload is { ValueKind: JsonValueKind.String } why ? why.GetString() : null) { Terminate = true },
                "cancel-task" when Read<CancelTaskRequest>(request) is { } cancel => new CancelTask(cancel.Task, request.By, cancel.Reason) { Branch = cancel.Branch },
                "pause" => new PauseRun(request.By),
                "resume" => new ResumeRun(request.By),
                "answer" when Read<AnswerRequest>(request) is { } answer => new AnswerTask(answer.Task, request.By)
                {
                    Approved = answer.Approved, Answer = answer.Answer, Comment = answer.Comment, Via = answer.Via, Given = request.At,
                },
                "mark" when Read<MarkRequest>(request) is { } mark => new MarkTask(mark.Task, mark.As, request.By, mark.Reason) { Outputs = mark.Outputs },
                _ => null,
            };
        }
        catch (JsonException)
        {
            // Written by a version that says more: not understood is not known.
            return null;
        }
    }

    private static T? Read<T>(RunRequest request) where T : class => request.Payload?.Deserialize<T>(OrcJson.Options);
}

/// <summary>The payload of <c>cancel-task</c>.</summary>
public sealed record CancelTaskRequest
{
    public required TaskName Task { get; init; }

    /// <summary>True: everything after it too.</summary>
    public bool Branch { get; init; }

    public string? Reason { get; init; }
}

/// <summary>The payload of <c>answer</c>.</summary>
public sealed record AnswerRequest
{
    public required TaskName Task { get; init; }

    public required bool Approved { get; init; }

    public JsonElement? Answer { get; init; }

    public string? Comment { get; init; }

    /// <summary>Who typed it, when that is somebody else than who asks.</summary>
    public string? Via { get; init; }
}

/// <summary>The payload of <c>mark</c>.</summary>
public sealed record MarkRequest
{
    public required TaskName Task { get; init; }

    public required TaskOutcome As { get; init; }

    public required string Reason { get; init; }

    public ImmutableDictionary<string, JsonElement> Outputs { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;
}
