using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Pipelines;
using Orchestrator.Cli.Runs;
using Orchestrator.Cli.Schedules;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Scheduling.Backfills;
using Orchestrator.Storage.Backfills;
using Orchestrator.Storage.Definitions;

namespace Orchestrator.Cli.Backfills;

/// <summary><c>orc backfill</c>: runs over logical dates, planned and shown before anything runs.</summary>
internal static class BackfillCommands
{
    public static Command Create(CommandFrame frame) => new("backfill", "Plans runs over dates that have passed, and then runs exactly that plan")
    {
        CreatePlan(frame),
        CreateRun(frame),
        CreateShow(frame),
        CreateList(frame),
        CreateChange(frame, "pause", "Starts no more of its runs; those that go on go on", async (session, backfill, cancellation) =>
        {
            await session.Backfills.PauseAsync(backfill, cancellation);
            return $"backfill {backfill.Id} is paused; go on with: orc backfill run {backfill.Id}";
        }),
        CreateChange(frame, "resume", "Lets a paused backfill go on where a server runs it; here: orc backfill run", async (session, backfill, cancellation) =>
        {
            await session.Backfills.RunAsync(backfill, cancellation);
            return $"backfill {backfill.Id} may go on; a server does so, or: orc backfill run {backfill.Id}";
        }),
        CreateChange(frame, "cancel", "Starts no more of its runs, for good, and asks those that go on to cancel", async (session, backfill, cancellation) =>
            await session.Backfills.CancelAsync(backfill, Environment.UserName, cancellation) is > 0 and var asked
                ? $"backfill {backfill.Id} is cancelled; {asked} run{(asked == 1 ? " was" : "s were")} asked to end"
                : $"backfill {backfill.Id} is cancelled"),
        CreateChange(frame, "retry", "Gives dates whose run failed or was cancelled another one", async (session, backfill, cancellation) =>
            $"{await session.Backfills.RetryAsync(backfill, cancellation)} of its dates run again; go on with: orc backfill run {backfill.Id}"),
    };

    private static Command CreatePlan(CommandFrame frame)
    {
        var pipeline = new Argument<string>("PIPELINE") { Description = "The name of a registered pipeline, or a file" };
        var from = new Option<string?>("--from") { Description = "The first date of the range, inclusive", HelpName = "T" };
        var to = new Option<string?>("--to") { Description = "The end of the range, inclusive; now unless given", HelpName = "T" };
        var dates = new Option<string[]>("--dates") { Description = "Dates in place of a range, separated by commas", HelpName = "T,T", CustomParser = parsed => [.. parsed.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))] };
        var only = new Option<string>("--only") { Description = "Which dates run: those without a run (missing), those whose newest run failed (failed), or all", DefaultValueFactory = _ => "missing" };
        only.AcceptOnlyFromAmong("missing", "failed", "all");
        var order = new Option<string>("--order") { Description = "Which date comes first: newest or oldest", DefaultValueFactory = _ => "oldest" };
        order.AcceptOnlyFromAmong("newest", "oldest");
        var parallel = new Option<int>("--parallel") { Description = "How many of its runs go on at once", DefaultValueFactory = _ => 1 };
        var schedule = new Option<string?>("--schedule") { Description = "The schedule whose times and parameters count; the pipeline's first one unless given", HelpName = "NAME" };
        var param = new Option<string[]>("--param", "-p") { Description = "A parameter as NAME=VALUE; may be given several times", HelpName = "NAME=VALUE" };
        var command = new Command("plan", "Stores and shows which dates would run, and why; nothing runs yet") { pipeline, from, to, dates, only, order, parallel, schedule, param };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var (definition, stored, folder) = await ReadAsync(globals, session, parsed.GetValue(pipeline) ?? "", cancellation);
            var (backfill, items) = await session.Backfills.PlanAsync(
                new BackfillWish
                {
                    Pipeline = definition,
                    Definition = stored,
                    BaseDirectory = folder,
                    Selection = new BackfillSelection
                    {
                        From = Date(definition, parsed.GetValue(from), "--from"),
                        To = Date(definition, parsed.GetValue(to), "--to"),
                        Dates = [.. (parsed.GetValue(dates) ?? []).Select(text => LogicalDateOption.Parse(definition, text, "--dates"))],
                        Only = parsed.GetValue(only) switch { "failed" => BackfillOnly.Failed, "all" => BackfillOnly.All, _ => BackfillOnly.Missing },
                        Order = parsed.GetValue(order) == "newest" ? BackfillOrder.Newest : BackfillOrder.Oldest,
                        Schedule = parsed.GetValue(schedule),
                    },
                    Params = Given(globals, definition, RunParameters.Parse(parsed.GetValue(param) ?? [])),
                    Parallel = parsed.GetValue(parallel),
                    By = Environment.UserName,
                },
                cancellation);
            return BackfillReport.Show(globals, backfill, items);
        }));
        return command;
    }

    private static Command CreateRun(CommandFrame frame)
    {
        var id = IdArgument();
        var command = new Command("run", "Runs a plan to its end, or goes on with it; Ctrl-C leaves it to be gone on with") { id };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            return await BackfillDriver.DriveAsync(globals, session, await session.Backfills.FindAsync(parsed.GetValue(id) ?? "", cancellation), cancellation);
        }));
        return command;
    }

    private static Command CreateShow(CommandFrame frame)
    {
        var id = IdArgument();
        var command = new Command("show", "Shows a backfill: each of its dates, and how far it is") { id };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var backfill = await session.Backfills.FindAsync(parsed.GetValue(id) ?? "", cancellation);
            return BackfillReport.Show(globals, backfill, await session.Stores.Backfills.ListItemsAsync(backfill.Id, cancellation));
        }));
        return command;
    }

    private static Command CreateList(CommandFrame frame)
    {
        var pipeline = new Argument<string?>("PIPELINE") { Description = "Only those of this pipeline", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("list", "Lists backfills, newest first") { pipeline };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var rows = new List<BackfillDocument>();
            foreach (var backfill in await session.Stores.Backfills.ListAsync(new BackfillFilter { Pipeline = parsed.GetValue(pipeline), Limit = 100 }, cancellation))
            {
                rows.Add(BackfillReport.Of(backfill, await session.Stores.Backfills.ListItemsAsync(backfill.Id, cancellation)));
            }

            return globals.Json ? Print.Json(globals, rows.Select(row => row with { Items = null })) : BackfillReport.List(globals, rows);
        }));
        return command;
    }

    private static Command CreateChange(CommandFrame frame, string name, string description, Func<OrcSession, BackfillInfo, CancellationToken, Task<string>> change)
    {
        var id = IdArgument();
        var command = new Command(name, description) { id };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var backfill = await session.Backfills.FindAsync(parsed.GetValue(id) ?? "", cancellation);
            var words = await change(session, backfill, cancellation);
            if (globals.Json)
            {
                backfill = await session.Backfills.FindAsync(backfill.Id, cancellation);
                return Print.Json(globals, BackfillReport.Of(backfill, await session.Stores.Backfills.ListItemsAsync(backfill.Id, cancellation)));
            }

            globals.Console.Out.WriteLine(words);
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Argument<string> IdArgument() => new("BACKFILL") { Description = "A backfill's id, or its first characters" };

    private static async Task<(PipelineDefinition Definition, StoredDefinition Stored, string Folder)> ReadAsync(Globals globals, OrcSession session, string text, CancellationToken cancellation)
    {
        if (ScheduleCommands.IsName(text))
        {
            var registered = await RegisteredPipeline.FindAsync(session, text, cancellation);
            return (registered.Definition, registered.Stored, registered.Info.BaseDirectory);
        }

        var file = await DefinitionFile.ReadAsync(globals, text, Families.Catalog(), cancellation);
        var pipeline = ValidateCommand.Require(globals, file);
        foreach (var script in file.Scripts)
        {
            await HomeStarts.StoreScriptAsync(session, script.Text, script.Name);
        }

        return (pipeline, file.ToStored(pipeline, globals.Time.GetUtcNow()), file.BaseDirectory);
    }

    private static DateTimeOffset? Date(PipelineDefinition pipeline, string? text, string option) => text is null ? null : LogicalDateOption.Parse(pipeline, text, option);

    /// <summary>What was given, as values of the parameters' types. The others come from the schedule, so they are not looked at here.</summary>
    private static ImmutableSortedDictionary<string, JsonElement> Given(Globals globals, PipelineDefinition pipeline, Dictionary<string, string> given)
    {
        var asked = pipeline with { Params = [.. pipeline.Params.Where(parameter => given.ContainsKey(parameter.Name))] };
        return RunParameters.Bind(globals, given.Count == 0 ? asked : asked with { Params = asked.Params.IsEmpty ? pipeline.Params : asked.Params }, given);
    }
}
