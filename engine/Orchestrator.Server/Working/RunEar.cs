using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Activities;
using Activity = System.Diagnostics.Activity;
using ActivityContext = System.Diagnostics.ActivityContext;
using ActivityKind = System.Diagnostics.ActivityKind;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Server.Hosting;

namespace Orchestrator.Server.Working;

/// <summary>Hears what happens in a run that this server works on, and tells it to followers, log, metrics and traces. Called on the run's own turn, so it is quick.</summary>
internal sealed partial class RunEar(RunFeed feed, ServerMeters meters, ILogger<RunEar> log) : IRunListener
{
    private readonly Dictionary<AttemptId, (Activity? Span, DateTimeOffset Since)> attempts = [];
    private readonly Dictionary<TaskName, DateTimeOffset> turns = [];
    private RunId run;
    private Activity? span;
    private volatile PipelineGraph? graph;

    public void OnBegin(RunId run, RunState state) => (this.run, graph) = (run, state.Graph);

    public void OnEvents(RunState state, IReadOnlyList<RunEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        var pipeline = state.Graph.Definition.Name;
        graph = state.Graph;
        feed.Tell(run, pipeline, state.Sequence - events.Count + 1, events);
        foreach (var change in events)
        {
            Hear(pipeline, state, change);
        }
    }

    public IRunListener ForChild(RunId child) => new RunEar(feed, meters, log);

    public void OnProgress(TaskKey key, double? fraction, string? message)
    {
        if (graph is { } known)
        {
            feed.Tell(run, new ProgressDocument { Task = known.Nodes[key.Task].Definition.Name.Value, Item = key.IsItem ? key.Item : null, Fraction = fraction, Message = message });
        }
    }

    private void Hear(string pipeline, RunState state, RunEvent change)
    {
        switch (change)
        {
            case RunAccepted:
                meters.RunsStarted.Add(1, new KeyValuePair<string, object?>("pipeline", pipeline));
                LogAccepted(log, pipeline, run);
                break;
            case RunEnded ended:
                End(pipeline, ended);
                break;
            case TaskTurnCame { Item: null } turn:
                turns[turn.Task] = turn.At;
                break;
            case AttemptStarted started:
                Begin(pipeline, state, started);
                break;
            case AttemptSucceeded done:
                EndAttempt(done, done.Attempt, "succeeded", null);
                break;
            case AttemptFailed failed:
                EndAttempt(failed, failed.Attempt, "failed", failed.Failure);
                break;
            case AttemptLost lost:
                EndAttempt(lost, lost.Attempt, "lost", lost.Failure);
                break;
            default:
                break;
        }
    }

    private void Begin(string pipeline, RunState state, AttemptStarted started)
    {
        // A run that was resumed has no span of its beginning; what this server does of it has one from here on.
        span ??= ServerMeters.Traces.StartActivity($"run {pipeline}", ActivityKind.Internal, default(ActivityContext), startTime: state.Accepted, tags: [new("orc.run", run.Value), new("orc.pipeline", pipeline)]);
        var attempt = span is null ? null : ServerMeters.Traces.StartActivity(
            $"task {started.Task}", ActivityKind.Internal, span.Context, startTime: started.At,
            tags: [new("orc.run", run.Value), new("orc.task", started.Task.Value), new("orc.attempt", started.Attempt.Value), new("orc.item", started.Item), new("orc.attempt.number", started.Number)]);
        attempts[started.Attempt] = (attempt, started.At);
        if (started.Item is null && turns.Remove(started.Task, out var turn))
        {
            meters.TaskWait.Record(Math.Max(0, (started.At - turn).TotalSeconds), new KeyValuePair<string, object?>("pipeline", pipeline));
        }

        LogStarted(log, run, started.Task, started.Item, started.Number, started.Attempt);
    }

    private void EndAttempt(TaskEvent change, AttemptId attempt, string outcome, Failure? failure)
    {
        meters.AttemptsEnded.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        if (attempts.Remove(attempt, out var begun))
        {
            meters.AttemptTime.Record(Math.Max(0, (change.At - begun.Since).TotalSeconds), new KeyValuePair<string, object?>("outcome", outcome));
            begun.Span?.SetStatus(failure is null ? ActivityStatusCode.Ok : ActivityStatusCode.Error, failure?.Code);
            begun.Span?.SetEndTime(change.At.UtcDateTime);
            begun.Span?.Dispose();
        }

        if (failure is null)
        {
            LogSucceeded(log, run, change.Task, change.Item, attempt);
        }
        else
        {
            LogFailed(log, run, change.Task, change.Item, attempt, outcome, failure.Code, failure.Message);
        }
    }

    private void End(string pipeline, RunEnded ended)
    {
        var status = RunWords.Of(ended.Status);
        meters.RunsEnded.Add(1, new KeyValuePair<string, object?>("pipeline", pipeline), new KeyValuePair<string, object?>("status", status));
        span?.SetTag("orc.status", status);
        span?.SetStatus(ended.Status == RunStatus.Succeeded ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
        span?.SetEndTime(ended.At.UtcDateTime);
        span?.Dispose();
        LogEnded(log, pipeline, run, status);
    }

    [LoggerMessage(6101, LogLevel.Information, "{Pipeline} run {Run} accepted")]
    private static partial void LogAccepted(ILogger log, string pipeline, RunId run);

    [LoggerMessage(6102, LogLevel.Information, "{Pipeline} run {Run} {Status}")]
    private static partial void LogEnded(ILogger log, string pipeline, RunId run, string status);

    [LoggerMessage(6103, LogLevel.Information, "run {Run} task {Task} item {Item} attempt {Number} {Attempt} started")]
    private static partial void LogStarted(ILogger log, RunId run, TaskName task, int? item, int number, AttemptId attempt);

    [LoggerMessage(6104, LogLevel.Information, "run {Run} task {Task} item {Item} attempt {Attempt} succeeded")]
    private static partial void LogSucceeded(ILogger log, RunId run, TaskName task, int? item, AttemptId attempt);

    [LoggerMessage(6105, LogLevel.Warning, "run {Run} task {Task} item {Item} attempt {Attempt} {Outcome}: {Code} {Reason}")]
    private static partial void LogFailed(ILogger log, RunId run, TaskName task, int? item, AttemptId attempt, string outcome, string code, string reason);
}
