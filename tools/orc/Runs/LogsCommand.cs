using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Logs;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc logs RUN [TASK]</c>: what attempts wrote, also while they run.</summary>
internal static class LogsCommand
{
    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var task = new Argument<string?>("TASK") { Description = "Only this task; TASK/3 is item 3 of a mapped task; of a sub-pipeline all its tasks", Arity = ArgumentArity.ZeroOrOne };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the run has ended" };
        var attempt = new Option<int?>("--attempt") { Description = "Only this attempt (1 is the first)" };
        var command = new Command("logs", "Prints the logs of a run's attempts") { run, task, follow, attempt };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(session, parsed.GetValue(run), cancellation);
            var wish = new Wish(info.Id, RunArgument.ParseTask(parsed.GetValue(task)), parsed.GetValue(attempt));
            var lines = new List<LogDocument>();
            await foreach (var line in ReadAsync(session, wish, parsed.GetValue(follow), cancellation))
            {
                if (globals.Json)
                {
                    lines.Add(line);
                }
                else
                {
                    globals.Console.Out.WriteLine($"{line.At.ToLocalTime():HH:mm:ss.fff} {(line.Item is { } item ? $"{line.Task}/{item}" : line.Task)}#{line.Attempt} {line.Severity,-7} {line.Text}");
                }
            }

            return globals.Json ? Print.Json(globals, lines) : ExitCodes.Done;
        }));
        return command;
    }

    private static async IAsyncEnumerable<LogDocument> ReadAsync(OrcSession session, Wish wish, bool follow, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var read = new HashSet<AttemptId>();
        while (true)
        {
            var ended = (await session.Stores.Runs.FindAsync(wish.Run, cancellation))?.EndedAt is not null;
            var attempts = await session.Stores.Runs.ListAttemptsAsync(wish.Run, cancellation);
            CheckTask(wish, await session.Stores.Runs.ListWholeTasksAsync(wish.Run, cancellation));
            foreach (var attempt in attempts.Where(attempt => wish.Wants(attempt) && read.Add(attempt.Id)))
            {
                var over = follow ? OverAsync(session, wish.Run, attempt.Id, cancellation) : Task.CompletedTask;
                await foreach (var line in session.Logs.FollowAsync(new LogKey(wish.Run, attempt.Task, attempt.MapIndex, attempt.Number), over, cancellation))
                {
                    yield return new LogDocument
                    {
                        Task = attempt.Task.Value, Item = attempt.MapIndex, Attempt = attempt.Number, At = line.At, Severity = line.Severity.ToString().ToLowerInvariant(), Text = line.Text,
                    };
                }
            }

            if (!follow || ended)
            {
                yield break;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellation);
        }
    }

    /// <summary>Completes when the attempt has ended, or the run has.</summary>
    private static async Task OverAsync(OrcSession session, RunId run, AttemptId attempt, CancellationToken cancellation)
    {
        while ((await session.Stores.Runs.FindAsync(run, cancellation))?.EndedAt is null
            && (await session.Stores.Runs.ListAttemptsAsync(run, cancellation)).First(row => row.Id == attempt).EndedAt is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellation);
        }
    }

    private static void CheckTask(Wish wish, IReadOnlyList<TaskInfo> tasks)
    {
        if (wish.Task.Task is { } name && tasks.All(task => task.Task.Value != name))
        {
            throw RunArgument.NoSuchTask(wish.Run.Value, name, tasks.Select(task => task.Task).Distinct());
        }
    }

    private sealed record Wish(RunId Run, (string? Task, int? Item) Task, int? Attempt)
    {
        public bool Wants(AttemptRow row) =>
            (Task.Task is null || row.Task.Value == Task.Task || row.Task.Value.StartsWith($"{Task.Task}/", StringComparison.Ordinal)) && (Task.Item is null || row.MapIndex == Task.Item) && (Attempt is null || row.Number == Attempt);
    }

    private sealed record LogDocument
    {
        public required string Task { get; init; }

        public int? Item { get; init; }

        public required int Attempt { get; init; }

        public required DateTimeOffset At { get; init; }

        public required string Severity { get; init; }

        public required string Text { get; init; }
    }
}
