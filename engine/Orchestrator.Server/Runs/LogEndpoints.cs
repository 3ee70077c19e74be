using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Logs;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Events;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Server.Runs;

/// <summary>A line of an attempt's log.</summary>
public sealed record LogLineDocument
{
    public required string Task { get; init; }

    public int? Item { get; init; }

    /// <summary>The number of the attempt.</summary>
    public required int Attempt { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary><c>debug</c>, <c>info</c>, <c>warning</c> or <c>error</c>.</summary>
    public required string Severity { get; init; }

    public required string Text { get; init; }

    internal static LogLineDocument Of(AttemptRow attempt, LogLine line) => new()
    {
        Task = attempt.Task.Value, Item = attempt.MapIndex, Attempt = attempt.Number, At = line.At, Severity = line.Severity.ToString().ToLowerInvariant(), Text = line.Text,
    };
}

/// <summary>What attempts wrote: the file itself, in ranges, and lines as they come.</summary>
internal static class LogEndpoints
{
    private const string Resource = "logs";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public static void Map(RouteGroupBuilder api)
    {
        var runs = api.MapGroup("/runs").Needs(Permission.Read);
        runs.MapGet("/{run}/tasks/{task}/attempts/{number:int}/log", FileAsync)
            .Describe(Resource, "The log of an attempt as text; Range asks for a part of it. Without \"item\" that of the task itself", 404, 416)
            .Produces<string>(StatusCodes.Status200OK, "text/plain").Produces<string>(StatusCodes.Status206PartialContent, "text/plain");
        runs.MapGet("/{run}/logs/stream", FollowAsync)
            .Describe(Resource, "The lines of a run's logs, attempt after attempt, and then each soon after it is written, until the run has ended", 400, 404)
            .Produces<string>(StatusCodes.Status200OK, SseWriter.MediaType);
    }

    private static async Task<IResult> FileAsync(string run, string task, int number, HttpContext context, ServerParts parts, RunAccess access, int? item)
    {
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        var name = new TaskName(task.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));
        // The path is made of what the database says of the run, never of what was asked for.
        var attempt = (await parts.Stores.Runs.ListAttemptsAsync(seen.Id, context.RequestAborted)).FirstOrDefault(row => row.Task == name && row.Number == number && row.MapIndex == item)
            ?? throw ServerErrors.NoSuchAttempt(seen.Id.Value, task);
        var path = parts.Logs.PathOf(new LogKey(seen.Id, attempt.Task, attempt.MapIndex, attempt.Number));
        context.Response.Headers.CacheControl = "private, no-cache";
        return File.Exists(path)
            ? TypedResults.File(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), "text/plain; charset=utf-8", enableRangeProcessing: true)
            : TypedResults.Text("", "text/plain; charset=utf-8");
    }

    private static async Task FollowAsync(string run, HttpContext context, ServerParts parts, RunAccess access, ServerState state, string? task, int? item, int? attempt, bool? follow)
    {
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        var only = task is null ? null : TaskPath.NameOf(seen.Id.Value, task, (await parts.Stores.Runs.ListTasksAsync(seen.Id, context.RequestAborted)).Select(row => row.Task));
        bool IsWanted(AttemptRow row) =>
            (only is null || row.Task == only || row.Task.Value.StartsWith($"{only}/", StringComparison.Ordinal)) && (item is null || row.MapIndex == item) && (attempt is null || row.Number == attempt);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, state.Stopping);
        var writer = new SseWriter(context);
        try
        {
            await writer.BeginAsync(over.Token);
            await StreamAsync(writer, parts, seen.Id, IsWanted, follow ?? true, over.Token);
            await writer.SendAsync("end", null, new { run = seen.Id }, over.Token);
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            // The client is gone, or the server stops.
        }
    }

    private static async Task StreamAsync(SseWriter writer, ServerParts parts, RunId run, Func<AttemptRow, bool> isWanted, bool follow, CancellationToken cancellation)
    {
        var read = new HashSet<AttemptId>();
        var silentSince = parts.Time.GetTimestamp();
        while (true)
        {
            // Asked before the attempts are, so that those of the last moment are read too.
            var ended = (await parts.Stores.Runs.FindAsync(run, cancellation))?.EndedAt is not null;
            foreach (var attempt in (await parts.Stores.Runs.ListAttemptsAsync(run, cancellation)).Where(attempt => isWanted(attempt) && read.Add(attempt.Id)))
            {
                var over = follow ? OverAsync(parts, run, attempt.Id, cancellation) : Task.CompletedTask;
                await foreach (var line in parts.Logs.FollowAsync(new LogKey(run, attempt.Task, attempt.MapIndex, attempt.Number), over, cancellation))
                {
                    await writer.SendAsync("line", null, LogLineDocument.Of(attempt, line), cancellation);
                    silentSince = parts.Time.GetTimestamp();
                }
            }

            if (!follow || ended)
            {
                return;
            }

            if (parts.Time.GetElapsedTime(silentSince) > SseWriter.Silence)
            {
                await writer.KeepAliveAsync(cancellation);
                silentSince = parts.Time.GetTimestamp();
            }

            await Task.Delay(Look, parts.Time, cancellation);
        }
    }

    /// <summary>Completes when the attempt has ended, or the run has.</summary>
    private static async Task OverAsync(ServerParts parts, RunId run, AttemptId attempt, CancellationToken cancellation)
    {
        while ((await parts.Stores.Runs.FindAsync(run, cancellation))?.EndedAt is null
            && (await parts.Stores.Runs.ListAttemptsAsync(run, cancellation)).First(row => row.Id == attempt).EndedAt is null)
        {
            await Task.Delay(Look, parts.Time, cancellation);
        }
    }
}
