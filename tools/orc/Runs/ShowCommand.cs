using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Graph;
using Orchestrator.Dsl;
using Orchestrator.Core.Runs;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc show RUN</c>: one run with its tasks, outputs and failures.</summary>
internal static class ShowCommand
{
    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var command = new Command("show", "Shows a run: its tasks, what they yielded and why they failed") { run };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(session, parsed.GetValue(run), cancellation);
            var tasks = await InOrderAsync(session, info, await session.Stores.Runs.ListTasksAsync(info.Id, cancellation), cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, RunJson.Of(info, tasks));
            }

            PrintRun(globals, info, tasks);
            await PrintChildrenAsync(globals, session, info, cancellation);
            await PrintReasonsAsync(globals, session, info, tasks, cancellation);
            return ExitCodes.Done;
        }));
        return command;
    }

    /// <summary>Every task after those it waits for, its items behind it.</summary>
    private static async Task<IReadOnlyList<TaskInfo>> InOrderAsync(OrcSession session, RunInfo run, IReadOnlyList<TaskInfo> tasks, CancellationToken cancellation)
    {
        if (await session.Stores.Definitions.FindAsync(run.Definition, cancellation) is not { } stored)
        {
            return tasks;
        }

        var places = new PipelineGraph(DefinitionReader.Load(stored.Json)).InTopologicalOrder().Select((node, place) => (node.Definition.Name, place)).ToDictionary(one => one.Name, one => one.place);
        return [.. tasks.OrderBy(task => places.GetValueOrDefault(task.Task, int.MaxValue))];
    }

    private static void PrintRun(Globals globals, RunInfo run, IReadOnlyList<TaskInfo> tasks)
    {
        Print.Pairs(
            globals,
            ("run", run.Id.Value),
            ("pipeline", $"{run.Pipeline} (definition {run.Definition.Short})"),
            ("status", run.Status),
            ("created", $"{run.CreatedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz}"),
            ("took", run.EndedAt is { } end ? Words.Elapsed(end - run.CreatedAt) : null),
            ("folder", run.BaseDirectory),
            ("commit", run.GitCommit),
            ("parameters", run.Params.EnumerateObject().Any() ? string.Join(", ", run.Params.EnumerateObject().Select(one => $"{one.Name}={one.Value.GetRawText()}")) : null),
            (run.Relation == RunRelations.Child ? "child of" : "repeats", run.Parent?.Value));
        globals.Console.Out.WriteLine();
        var items = tasks.Where(task => task.MapIndex is not null).ToLookup(task => task.Task);
        Print.Table(globals, ["", "TASK", "STATUS", "TRIES", "TOOK", "DETAIL"], tasks.Where(task => task.MapIndex is null && (!task.Task.IsInternal || task.Failure is not null)).Select(task => new[]
        {
            TaskLine.Look(task.Status).Sign,
            task.Task.Value,
            task.Status,
            task.AttemptNumber == 0 ? "" : $"{task.AttemptNumber}",
            task is { StartedAt: { } from, EndedAt: { } to } ? Words.Elapsed(to - from) : "",
            DetailOf(task, [.. items[task.Task]]),
        }));
        if (RunJson.OutputsOf(tasks) is { } outputs)
        {
            globals.Console.Out.WriteLine();
            Print.Pairs(globals, [.. outputs.EnumerateObject().Select(output => ($"output {output.Name}", (string?)output.Value.ToString()))]);
        }

        foreach (var failed in tasks.Where(task => task is { Failure: not null, MapIndex: null }))
        {
            globals.Console.Out.WriteLine();
            globals.Console.Out.Write(FailureText.Of(failed.Failure ?? throw new InvalidOperationException("filtered"), $"task {failed.Task}"));
        }
    }

    /// <summary>The runs that do, or did, the work of tasks.</summary>
    private static async Task PrintChildrenAsync(Globals globals, OrcSession session, RunInfo run, CancellationToken cancellation)
    {
        var children = (await session.Stores.Runs.ListAsync(new RunFilter { Parent = run.Id, Limit = 1000 }, cancellation)).Where(child => child.Relation == RunRelations.Child).ToArray();
        if (children.Length > 0)
        {
            globals.Console.Out.WriteLine();
            Print.Table(globals, ["CHILD RUN", "PIPELINE", "STATUS", "TOOK"], children.Reverse().Select(child => new[]
            {
                child.Id.Value, child.Pipeline, child.Status, child.EndedAt is { } end ? Words.Elapsed(end - child.CreatedAt) : "",
            }));
        }
    }

    /// <summary>What holds the run, that it is late, and how to answer what it asks.</summary>
    private static async Task PrintReasonsAsync(Globals globals, OrcSession session, RunInfo run, IReadOnlyList<TaskInfo> tasks, CancellationToken cancellation)
    {
        var definition = await session.Stores.Definitions.FindAsync(run.Definition, cancellation);
        // A replay costs what the run has done; of a run that has ended only one with a deadline has more to tell.
        if (run.EndedAt is not null && run.Status != "skipped" && definition?.Json.Contains("\"deadline\"", StringComparison.Ordinal) != true)
        {
            return;
        }

        var state = await session.ReplayAsync(run.Id, cancellation);
        var held = state.Queued is { } queued ? KeyReport.Describe(await KeyReport.BeforeAsync(session, queued.Key, run.Id, cancellation)) : null;
        var lines = WaitReasons.OfRun(state).Select(reason => reason.Kind == WaitKind.Late ? $"warning: {reason.Message}" : reason.Key is null || held is null ? reason.Message : $"{reason.Message}; {held}")
            .Concat(tasks.Where(task => task.Status == "suspended").Select(task => $"{task.Task} asks; answer with: orc approve {run.Id} {task.Task}"))
            .ToArray();
        if (lines.Length > 0)
        {
            globals.Console.Out.WriteLine();
            globals.Console.Out.WriteLine(string.Join(Environment.NewLine, lines));
        }
    }

    private static string DetailOf(TaskInfo task, TaskInfo[] items) => string.Join(" · ", new[]
    {
        items.Length > 0 ? $"{items.Count(item => item.Status is "succeeded")} of {items.Length} items succeeded" : null,
        task.CachedFrom is { } from ? $"result of run {from}" : null,
        task.Reason is { ValueKind: System.Text.Json.JsonValueKind.String } reason ? reason.GetString() : null,
        task.EndedAt is null ? task.ProgressMessage : null,
        task.Failure is { } failure ? $"{failure.Code}: {failure.Message.Split('\n')[0]}" : null,
    }.OfType<string>());
}
