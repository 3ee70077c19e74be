using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc why RUN</c>: what every open task waits for, and why those that did not run did not.</summary>
internal static class WhyCommand
{
    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var only = new Argument<string?>("TASK") { Description = "Only this task; TASK/3 is item 3 of a mapped task", Arity = ArgumentArity.ZeroOrOne };
        var cache = new Option<bool>("--cache") { Description = "Say of each task whether an earlier result stood in, what its cache key is made of, and why it missed" };
        var command = new Command("why", "Says why a run waits, failed, skipped a task, or ran one again") { run, only, cache };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(session, parsed.GetValue(run), cancellation);
            var state = await session.ReplayAsync(info.Id, cancellation);
            var (task, item) = RunArgument.ParseTask(parsed.GetValue(only));
            if (task is not null && !state.Graph.Contains(new TaskName(task)))
            {
                throw RunArgument.NoSuchTask(info.Id.Value, task, state.Graph.Nodes.Select(node => node.Definition.Name));
            }

            if (task is not null && item is { } index && !state.Items.ContainsKey(new TaskKey(state.Graph[new TaskName(task)].Index, index)))
            {
                throw NoSuchItem(state, task, index);
            }

            if (parsed.GetValue(cache))
            {
                return await CacheReport.ShowAsync(globals, session, info, state, task, item, cancellation);
            }

            var reasons = await session.Reasons.ExplainAsync(info, state, task, item, cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, new { run = info.Id.Value, status = info.Status, reasons });
            }

            globals.Console.Out.WriteLine($"run {info.Id} of {info.Pipeline}: {info.Status}");
            if (reasons.Count == 0)
            {
                globals.Console.Out.WriteLine(task is null ? "nothing waits, failed or was skipped" : $"task {task}: {state[new TaskName(task)].Word}, and nothing more to say");
                return ExitCodes.Done;
            }

            Print.Table(globals, ["TASK", "STATUS", "WHY"], reasons.Select(reason => new[] { reason.Item is { } place ? $"{reason.Task}/{place}" : reason.Task, reason.Status, reason.Message }));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static WrongRequestException NoSuchItem(RunState state, string task, int item)
    {
        var index = state.Graph[new TaskName(task)].Index;
        var count = state.Tasks[index] is Mapping mapping ? mapping.Items.Count : Enumerable.Range(0, int.MaxValue).TakeWhile(place => state.Items.ContainsKey(new TaskKey(index, place))).Count();
        return new WrongRequestException("ORC5932", $"task \"{task}\" has no item {item}", help: count == 0 ? "It has no items; leave out the number." : $"Its items so far are 0 to {count - 1}.");
    }
}
