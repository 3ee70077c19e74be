using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Notifications;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Notifications.Planning;

/// <summary>Puts what happened into words.</summary>
internal sealed class NoticeWriter(IRunStore runs)
{
    private const int MostText = 2000;

    /// <summary>The notice of a cause, and what makes it one; null: there is nothing to tell of it any more.</summary>
    public async Task<(Notice Notice, string Key)?> WriteAsync(OutboxMessage cause, CancellationToken cancellation) => cause.Kind switch
    {
        Causes.RunFailed => await FailedAsync(cause, cancellation),
        Causes.RunRecovered => Recovered(cause),
        Causes.RunLate => Late(cause),
        Causes.ApprovalWanted => Wanted(cause),
        Causes.AlertRaised => Raised(cause),
        _ => null,
    };

    private async Task<(Notice, string)?> FailedAsync(OutboxMessage cause, CancellationToken cancellation)
    {
        var run = Text(cause.Payload, "run");
        if (await runs.FindAsync(new RunId(run), cancellation) is not { } info)
        {
            return null;
        }

        var text = info.Failure is { } failure ? $"{failure.Code}: {failure.Message}{(failure.Help is { } help ? $"\n{help}" : "")}" : null;
        return (Of(Events.RunFailed, cause, "warning", $"{info.Pipeline} failed", text, $"orc show {run}"), $"run-failed:{run}");
    }

    private static (Notice, string) Recovered(OutboxMessage cause)
    {
        var failures = cause.Payload.TryGetProperty("failures", out var count) ? count.GetInt64() : 1;
        var since = DateTimeOffset.UnixEpoch.AddMicroseconds(cause.Payload.TryGetProperty("since", out var began) ? began.GetInt64() : 0);
        var text = string.Create(CultureInfo.InvariantCulture, $"{failures} failed run{(failures == 1 ? "" : "s")} before it, the first at {Words.Instant(since)}");
        return (Of(Events.RunRecovered, cause, "info", $"{Text(cause.Payload, "pipeline")} succeeded again", text, $"orc show {Text(cause.Payload, "run")}"), $"run-recovered:{Text(cause.Payload, "failed")}");
    }

    private static (Notice, string) Late(OutboxMessage cause)
    {
        var (run, task, pipeline) = (Text(cause.Payload, "run"), Find(cause.Payload, "task"), Text(cause.Payload, "pipeline"));
        var what = cause.Payload.TryGetProperty("what", out var found) ? found : default;
        var (kind, after, then) = (Find(what, "type"), Find(what, "after"), Find(what, "then"));
        var text = kind == "run-timed-out" ? "the run has taken longer than its timeout, and ends as failed"
            : $"{(task is null ? "the run" : $"task {task}")} has taken longer than its deadline{(after is null ? "" : $" of {after}")}{(then is null or "notify" ? "" : $", and it will {then}")}";
        return (Of(Events.DeadlineMissed, cause, "warning", $"{pipeline} is late{(task is null ? "" : $": {task}")}", text, $"orc why {run}") with { Task = task }, $"late:{run}:{task}:{Find(what, "item")}:{kind}");
    }

    private static (Notice, string) Wanted(OutboxMessage cause)
    {
        var (run, task) = (Text(cause.Payload, "run"), Text(cause.Payload, "task"));
        var lines = new List<string> { Text(cause.Payload, "prompt") };
        if (cause.Payload.TryGetProperty("approvers", out var approvers) && approvers.ValueKind == JsonValueKind.Array && approvers.GetArrayLength() > 0)
        {
            lines.Add($"may answer: {string.Join(", ", approvers.EnumerateArray().Select(one => one.GetString()))}");
        }

        if (cause.Payload.TryGetProperty("deadline", out var deadline) && deadline.TryGetDateTimeOffset(out var until))
        {
            lines.Add($"until {Words.Instant(until)}");
        }

        var key = $"approval:{run}:{task}:{Find(cause.Payload, "item")}:{cause.Sequence.ToString(CultureInfo.InvariantCulture)}";
        return (Of(Events.ApprovalWanted, cause, "info", $"{Text(cause.Payload, "pipeline")} asks: {lines[0]}", string.Join('\n', lines), $"orc approve {run} {task}") with { Task = task }, key);
    }

    private static (Notice, string) Raised(OutboxMessage cause)
    {
        var (id, name, subject, severity) = (Text(cause.Payload, "id"), Text(cause.Payload, "alert"), Find(cause.Payload, "subject"), Text(cause.Payload, "severity"));
        var notice = Of(Events.AlertRaised, cause, severity, $"{severity} alert {name}{(string.IsNullOrEmpty(subject) ? "" : $": {subject}")}", Text(cause.Payload, "reason"), $"orc alerts show {id}");
        return (notice with { Alert = name, Subject = subject }, $"alert:{id}:{severity}");
    }

    private static Notice Of(string name, OutboxMessage cause, string severity, string title, string? text, string command) => new()
    {
        Event = name,
        Pipeline = Find(cause.Payload, "pipeline"),
        Run = Find(cause.Payload, "run"),
        Severity = severity,
        Title = Words.Line(title, 200),
        Text = text is null ? null : Words.Cut(text, MostText),
        Command = command,
        At = cause.At,
    };

    private static string Text(JsonElement payload, string name) => Find(payload, name) ?? "";

    private static string? Find(JsonElement payload, string name) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value.ToString() : null;
}
