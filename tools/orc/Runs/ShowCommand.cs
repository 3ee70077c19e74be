using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc show RUN</c>: one run with its tasks, outputs and failures.</summary>
internal static class ShowCommand
{
    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var items = new Option<bool>("--items") { Description = $"List the items of mapped tasks one by one (with --json those of tasks with up to {RunListing.FewItems} are there without it)" };
        var status = new Option<string[]>("--status") { Description = "With --items: only items with this status (failed, cached, running, …); may be given several times", HelpName = "STATUS" };
        var command = new Command("show", "Shows a run: its tasks, what they yielded and why they failed") { run, items, status };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var place = await RunPlace.OpenToLookAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(place.Runs, parsed.GetValue(run), cancellation);
            var wanted = parsed.GetValue(status) ?? [];
            CheckStatuses(wanted);
            var all = parsed.GetValue(items) || wanted.Length > 0;
            var listing = await place.Runs.ReadAsync(info, all ? new ItemWish(All: true, wanted) : ItemWish.Few, cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, RunJson.Of(info, listing));
            }

            PrintRun(globals, info, listing);
            if (all)
            {
                PrintItems(globals, listing);
            }

            await PrintChildrenAsync(globals, place.Runs, info, cancellation);
            await PrintReasonsAsync(globals, place.Runs, info, listing.Tasks, cancellation);
            return ExitCodes.Done;
        }));
        return command;
    }

    private static void PrintRun(Globals globals, RunInfo run, RunListing listing)
    {
        var trigger = run.Trigger is { } stored ? OrcJson.FromElement<RunTrigger>(stored) : null;
        Print.Pairs(
            globals,
            ("run", run.Id.Value),
            ("pipeline", $"{run.Pipeline} (definition {run.Definition.Short})"),
            ("status", run.Status),
            ("created", $"{run.CreatedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz}"),
            ("took", run.EndedAt is { } end ? Words.Elapsed(end - run.CreatedAt) : null),
            ("for", trigger is { LogicalDate: { } date, Interval: { } interval } ? $"{date.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, data from {interval.Start.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z to {interval.End.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z" : null),
            ("started by", trigger is null ? null : CauseOf(trigger)),
            ("folder", run.BaseDirectory),
            ("commit", run.GitCommit),
            ("parameters", run.Params.EnumerateObject().Any() ? string.Join(", ", run.Params.EnumerateObject().Select(one => $"{one.Name}={one.Value.GetRawText()}")) : null),
            (run.Relation == RunRelations.Child ? "child of" : "repeats", run.Parent?.Value));
        globals.Console.Out.WriteLine();
        Print.Table(globals, ["", "TASK", "STATUS", "TRIES", "TOOK", "DETAIL"], listing.Tasks.Select(task => new[]
        {
            TaskLine.Look(task.Status).Sign,
            task.Task.Value,
            task.Status,
            task.AttemptNumber == 0 ? "" : $"{task.AttemptNumber}",
            task is { StartedAt: { } from, EndedAt: { } to } ? Words.Elapsed(to - from) : "",
            DetailOf(task, listing.CountsOf(task.Task)),
        }));
        if (listing.Outputs is { } outputs)
        {
            globals.Console.Out.WriteLine();
            Print.Pairs(globals, [.. outputs.EnumerateObject().Select(output => ($"output {output.Name}", (string?)output.Value.ToString()))]);
        }

        foreach (var failed in listing.Tasks.Where(task => task.Failure is not null))
        {
            globals.Console.Out.WriteLine();
            globals.Console.Out.Write(FailureText.Of(failed.Failure ?? throw new InvalidOperationException("filtered"), $"task {failed.Task}"));
        }
    }

    /// <summary>What made a run start, in few words.</summary>
    private static string CauseOf(RunTrigger trigger) => string.Join(' ', new[]
    {
        trigger.Kind == TriggerKind.Manual ? trigger.By ?? "somebody" : trigger.Kind.ToString().ToLowerInvariant(),
        trigger.Name,
        trigger.Backfill,
        trigger.Kind == TriggerKind.Manual || trigger.By is null ? null : $"(asked by {trigger.By})",
    }.OfType<string>());

    /// <summary>The runs that do, or did, the work of tasks.</summary>
    private static async Task PrintChildrenAsync(Globals globals, IRuns runs, RunInfo run, CancellationToken cancellation)
    {
        var children = (await runs.ListAsync(new RunFilter { Parent = run.Id, Limit = 1000 }, cancellation)).Where(child => child.Relation == RunRelations.Child).ToArray();
        if (children.Length > 0)
        {
            globals.Console.Out.WriteLine();
            Print.Table(globals, ["CHILD RUN", "PIPELINE", "STATUS", "TOOK"], children.Reverse().Select(child => new[]
            {
                child.Id.Value, child.Pipeline, child.Status, child.EndedAt is { } end ? Words.Elapsed(end - child.CreatedAt) : "",
            }));
        }
    }

    private static void PrintItems(Globals globals, RunListing listing)
    {
        globals.Console.Out.WriteLine();
        Print.Table(globals, ["", "ITEM", "STATUS", "TRIES", "TOOK", "LABEL", "DETAIL"], listing.Tasks.SelectMany(task => listing.Items[task.Task]).Select(item => new[]
        {
            TaskLine.Look(item.Status).Sign,
            $"{item.Task}/{item.MapIndex}",
            item.Status,
            item.AttemptNumber == 0 ? "" : $"{item.AttemptNumber}",
            item is { StartedAt: { } from, EndedAt: { } to } ? Words.Elapsed(to - from) : "",
            item.Label ?? "",
            DetailOf(item, items: null),
        }));
    }

    private static void CheckStatuses(IEnumerable<string> wanted)
    {
        string[] known = ["ready", "running", "retrying", "succeeded", "cached", "failed", "skipped", "cancelled"];
        if (wanted.FirstOrDefault(status => !known.Contains(status)) is { } unknown)
        {
            throw new WrongRequestException("ORC5931", $"\"{unknown}\" is no status of an item", help: NearNames.Question(unknown, known) ?? $"They are {string.Join(", ", known)}.");
        }
    }

    /// <summary>What holds the run, that it is late, and how to answer what it asks.</summary>
    private static async Task PrintReasonsAsync(Globals globals, IRuns runs, RunInfo run, IReadOnlyList<TaskInfo> tasks, CancellationToken cancellation)
    {
        var lines = (await runs.ListOwnReasonsAsync(run, cancellation))
            .Select(reason => reason.Status == "late" ? $"warning: {reason.Message}" : reason.Message)
            .Concat(tasks.Where(task => task.Status == "suspended").Select(task => $"{task.Task} asks; answer with: orc approve {run.Id} {task.Task}"))
            .ToArray();
        if (lines.Length > 0)
        {
            globals.Console.Out.WriteLine();
            globals.Console.Out.WriteLine(string.Join(Environment.NewLine, lines));
        }
    }

    private static string DetailOf(TaskInfo task, string? items) => string.Join(" · ", new[]
    {
        items,
        task.CachedFrom is { } from ? $"result of run {from}" : null,
        task.Reason is { ValueKind: System.Text.Json.JsonValueKind.String } reason ? reason.GetString() : null,
        task.EndedAt is null ? task.ProgressMessage : null,
        task.Failure is { } failure ? $"{failure.Code}: {failure.Message.Split('\n')[0]}" : null,
    }.OfType<string>());
}
