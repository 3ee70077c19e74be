using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Rows with harmless values, to be changed by <c>with</c>.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    public static readonly TaskName Train = new("train");

    public static StoredDefinition Definition(string pipeline = "churn") => new()
    {
        Hash = new DefinitionHash(new string('a', 64 - pipeline.Length) + pipeline),
        Pipeline = pipeline,
        Json = $$"""{"name":"{{pipeline}}"}""",
        SourceKind = "json",
        SourcePath = "/work/churn.json",
        CreatedAt = Start,
    };

    public static RunOwner Owner(string id = "owner-1") => new() { Id = id, Host = "host", ProcessId = 42, ProcessStartedAt = Start.AddHours(-1) };

    public static NewRun Run(string pipeline = "churn", RunOwner? owner = null) => new()
    {
        Id = Ids.NewRun(TimeProvider.System),
        Definition = Definition(pipeline),
        Status = "running",
        Params = Json("""{"minAuc":0.85}"""),
        BaseDirectory = "/work",
        CreatedAt = Start,
        Owner = owner,
        LeaseUntil = owner is null ? null : Start.AddSeconds(30),
        Events = [Event("run-accepted")],
    };

    public static NewEvent Event(string type) => new() { Type = type, Payload = $$"""{"type":"{{type}}"}""", At = Start };

    public static RunCommit Commit(RunInfo run, params NewEvent[] events) => new()
    {
        Run = run.Id,
        Epoch = run.Epoch,
        ExpectedSequence = run.Sequence,
        Now = Start,
        Events = events,
    };

    public static TaskInfo Task(string status, AttemptRow? attempt = null) => new()
    {
        Task = attempt?.Task ?? Train,
        MapIndex = attempt?.MapIndex,
        Status = status,
        AttemptId = attempt?.Id,
        AttemptNumber = attempt?.Number ?? 0,
    };

    public static AttemptRow Attempt(int number = 1) => new()
    {
        Id = Ids.NewAttempt(TimeProvider.System),
        Task = Train,
        Number = number,
        Status = "running",
        Lane = "inline",
        StartedAt = Start,
    };

    public static AttemptInfo Info(RunInfo run, AttemptRow attempt) => new()
    {
        Id = attempt.Id,
        Run = run.Id,
        Pipeline = run.Pipeline,
        Definition = run.Definition,
        Task = attempt.Task,
        MapIndex = attempt.MapIndex,
        Number = attempt.Number,
    };

    public static Failure Failure() => new()
    {
        Code = "ORC5299",
        Kind = FailureKind.Timeout,
        Message = "took \"too\" long ü",
        Retryable = true,
        RetryAfter = TimeSpan.FromSeconds(90),
        Details = ["line 1", "line 2"],
    };

    public static JsonElement Json(string text) => JsonElement.Parse(text);
}
