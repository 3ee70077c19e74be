using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Runs;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc why RUN</c>: what every open task waits for, and why those that did not run did not.</summary>
internal static class WhyCommand
{
    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var only = new Argument<string?>("TASK") { Description = "Only this task", Arity = ArgumentArity.ZeroOrOne };
        var cache = new Option<bool>("--cache") { Description = "Say of each task whether an earlier result stood in, what its cache key is made of, and why it missed" };
        var command = new Command("why", "Says why a run waits, failed, skipped a task, or ran one again") { run, only, cache };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(session, parsed.GetValue(run), cancellation);
            var state = await session.ReplayAsync(info.Id, cancellation);
            var task = parsed.GetValue(only);
            if (task is not null && !state.Graph.Contains(new Core.Values.TaskName(task)))
            {
                throw RunArgument.NoSuchTask(info.Id.Value, task, state.Graph.Nodes.Select(node => node.Definition.Name));
            }

            if (parsed.GetValue(cache))
            {
                return await CacheReport.ShowAsync(globals, session, info, state, task, cancellation);
            }

            var asked = await session.Stores.Runs.ListRequestsOfRunAsync(info.Id, cancellation);
            var reasons = Reasons(state, OwnerWord(info, session)).Concat(asked.Select(PendingReason)).Where(reason => task is null || reason.Task == task).ToArray();
            if (globals.Json)
            {
                return Print.Json(globals, new { run = info.Id.Value, status = info.Status, reasons });
            }

            globals.Console.Out.WriteLine($"run {info.Id} of {info.Pipeline}: {info.Status}");
            if (reasons.Length == 0)
            {
                globals.Console.Out.WriteLine(task is null ? "nothing waits, failed or was skipped" : $"task {task}: {state[new Core.Values.TaskName(task)].Word}, and nothing more to say");
                return ExitCodes.Done;
            }

            Print.Table(globals, ["TASK", "STATUS", "WHY"], reasons.Select(reason => new[] { reason.Task, reason.Status, reason.Message }));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static string? OwnerWord(RunInfo run, OrcSession session) =>
        run.EndedAt is null && session.IsAbandoned(run) ? $"no process works on this run; go on with: orc run --resume {run.Id}" : null;

    private static IEnumerable<ReasonDocument> Reasons(RunState state, string? abandoned)
    {
        if (abandoned is not null)
        {
            yield return new ReasonDocument { Task = "", Status = "unowned", Kind = "owner", Message = abandoned };
        }

        foreach (var reason in WaitReasons.OfRun(state))
        {
            yield return new ReasonDocument { Task = "", Status = reason.Kind == WaitKind.Late ? "late" : RunWords.Of(state.Status), Kind = KindWord(reason.Kind), Message = reason.Message, Until = reason.Until };
        }

        foreach (var reason in WaitReasons.Of(state).Where(reason => reason.Item is null))
        {
            yield return new ReasonDocument
            {
                Task = reason.Task.Value, Status = state[reason.Task].Word, Kind = KindWord(reason.Kind), Message = reason.Message, Until = reason.Until, Late = reason.Late ? true : null,
            };
        }

        foreach (var node in state.Graph.Nodes)
        {
            if (state.Tasks[node.Index] is Ended ended && (ended.Reason ?? ended.Failure?.Message ?? ReusedWord(ended)) is { } message)
            {
                yield return new ReasonDocument { Task = node.Definition.Name.Value, Status = ended.Word, Kind = "ended", Message = ended.Failure is { } failure ? $"{failure.Code}: {message}" : message };
            }
        }
    }

    private static string KindWord(WaitKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>What somebody asked and no process has done yet.</summary>
    private static ReasonDocument PendingReason(RunRequest request) => new()
    {
        Task = request.Payload is { ValueKind: System.Text.Json.JsonValueKind.Object } payload && payload.TryGetProperty("task", out var task) ? task.GetString() ?? "" : "",
        Status = "asked",
        Kind = "request",
        Message = $"{request.Kind} asked by {request.By} at {request.At:u}; it takes effect when a process works on the run",
    };

    private static string? ReusedWord(Ended ended) => ended.ReusedFrom is { } from ? $"the same activity with the same inputs succeeded in run {from}, so its result stands in" : null;

    private sealed record ReasonDocument
    {
        public required string Task { get; init; }

        public required string Status { get; init; }

        public required string Kind { get; init; }

        public required string Message { get; init; }

        public DateTimeOffset? Until { get; init; }

        public bool? Late { get; init; }
    }
}
