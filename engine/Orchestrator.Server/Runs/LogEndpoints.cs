using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Logs;
using Orchestrator.Runtime.People;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Events;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Runs;

/// <summary>A line of an attempt's log.</summary>
public sealed record LogLineDocument
{
    /// <summary>The child run that wrote it; absent when the run that was asked for did.</summary>
    public string? Run { get; init; }

    /// <summary>A task of a child run has the name of the task before it whose work that run is.</summary>
    public required string Task { get; init; }

    public int? Item { get; init; }

    /// <summary>The number of the attempt.</summary>
    public required int Attempt { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary><c>debug</c>, <c>info</c>, <c>warning</c> or <c>error</c>.</summary>
    public required string Severity { get; init; }

    public required string Text { get; init; }

    internal static LogLineDocument Of(RunLogLine line) => new()
    {
        Run = line.Run, Task = line.Task, Item = line.Item, Attempt = line.Attempt, At = line.At, Severity = line.Severity, Text = line.Text,
    };
}

/// <summary>What attempts wrote: the file itself, in ranges, and lines as they come.</summary>
internal static class LogEndpoints
{
    private const string Resource = "logs";

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

    private static async Task FollowAsync(string run, HttpContext context, ServerParts parts, RunAccess access, RunDesk desk, ServerState state, string? task, int? item, int? attempt, bool? follow)
    {
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        if (item is not null && task is null)
        {
            throw ServerErrors.WrongParameter("item", $"{item}", "given together with \"task\"");
        }

        var reader = new RunLogReader(parts.Stores.Runs, parts.Logs, desk, parts.Time, follow ?? true, attempt);
        var wish = item is null || task is null ? task : $"{task}/{item}";
        await reader.CheckAsync(seen.Id, wish is null ? null : ServerErrors.Shorten(wish, 1000), context.RequestAborted);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, state.Stopping);
        var writer = new SseWriter(context);
        try
        {
            await writer.BeginAsync(over.Token);
            await StreamAsync(writer, reader.ReadAsync(seen.Id, wish, over.Token), parts.Time, over.Token);
            await writer.SendAsync("end", null, new { run = seen.Id }, over.Token);
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            // The client is gone, or the server stops.
        }
    }

    private static async Task StreamAsync(SseWriter writer, IAsyncEnumerable<RunLogLine> lines, TimeProvider time, CancellationToken cancellation)
    {
        await using var reading = lines.GetAsyncEnumerator(cancellation);
        while (true)
        {
            var next = reading.MoveNextAsync().AsTask();
            while (await Task.WhenAny(next, Task.Delay(SseWriter.Silence, time, cancellation)) != next)
            {
                cancellation.ThrowIfCancellationRequested();
                await writer.KeepAliveAsync(cancellation);
            }

            if (!await next)
            {
                return;
            }

            await writer.SendAsync("line", null, LogLineDocument.Of(reading.Current), cancellation);
        }
    }
}
