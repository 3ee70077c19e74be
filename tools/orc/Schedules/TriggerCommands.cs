using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Scheduling.Triggers;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Cli.Schedules;

/// <summary><c>orc triggers</c>, and those of its commands that schedules have too: what registered pipelines wait for, and what became of it.</summary>
internal static class TriggerCommands
{
    private const int Most = 10_000;

    public static Command Create(CommandFrame frame) => new("triggers", "Says what registered pipelines wait for, and why runs started or did not")
    {
        CreateList(frame, schedules: false), CreateShow(frame), CreateHistory(frame, schedules: false), CreatePause(frame), CreateResume(frame),
    };

    public static Command CreateList(CommandFrame frame, bool schedules)
    {
        var pipeline = new Argument<string?>("PIPELINE") { Description = "Only those of this pipeline", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("list", schedules ? "Lists the schedules of registered pipelines" : "Lists the triggers of registered pipelines, schedules among them") { pipeline };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            await session.Triggers.SyncAsync(cancellation);
            if (parsed.GetValue(pipeline) is { } name)
            {
                await RegisteredPipeline.FindAsync(session, name, cancellation);
            }

            var all = (await session.Stores.Triggers.ListAsync(parsed.GetValue(pipeline), Most, cancellation)).Where(one => !schedules || one.Kind == "schedule").ToArray();
            var rows = new List<TriggerDocument>();
            foreach (var one in all)
            {
                rows.Add(await DescribeAsync(session, one, cancellation));
            }

            return globals.Json ? Print.Json(globals, rows) : PrintList(globals, rows, schedules);
        }));
        return command;
    }

    public static Command CreateShow(CommandFrame frame)
    {
        var trigger = TriggerArgument();
        var command = new Command("show", "Shows one trigger: what it waits for, when it is due next, what became of its ticks") { trigger };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await FindAsync(session, parsed.GetValue(trigger), cancellation);
            var counts = await session.Stores.Triggers.CountTicksAsync(info.Key, cancellation);
            var document = await DescribeAsync(session, info, cancellation) with { Ticks = counts.ToDictionary(one => one.Decision, one => one.Number) };
            if (globals.Json)
            {
                return Print.Json(globals, document);
            }

            Print.Pairs(
                globals,
                ("trigger", document.Trigger),
                ("waits for", document.For),
                ("definition", info.Definition.Short),
                ("next", document.NextAt is { } next ? Instant(next) : null),
                ("paused", info.WhyPaused),
                ("missed", info.Missed > 0 ? info.Missed.ToString(CultureInfo.InvariantCulture) : null),
                ("ticks", counts.Count > 0 ? string.Join(", ", counts.Select(one => $"{one.Number} {one.Decision}")) : "none yet"));
            return ExitCodes.Done;
        }));
        return command;
    }

    public static Command CreateHistory(CommandFrame frame, bool schedules)
    {
        var trigger = TriggerArgument();
        var limit = new Option<int>("--limit") { Description = "How many to show (1..1000)", DefaultValueFactory = _ => 20 };
        var command = new Command("history", schedules ? "What became of each time of a schedule, newest first" : "What became of each thing that happened, and why a run started or did not; newest first") { trigger, limit };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var most = parsed.GetValue(limit);
            if (most is < 1 or > 1000)
            {
                throw new WrongRequestException("ORC6203", $"--limit is {most} and should be between 1 and 1000");
            }

            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await FindAsync(session, parsed.GetValue(trigger), cancellation);
            var ticks = await session.Stores.Triggers.ListTicksAsync(info.Key, null, most, cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, ticks);
            }

            if (ticks.Count == 0)
            {
                globals.Console.Out.WriteLine($"nothing has come yet that {info.Key} waits for");
                return ExitCodes.Done;
            }

            Print.Table(globals, [info.Kind == "schedule" ? "FOR" : "AT", "DECISION", "RUN", "WHY"], ticks.Select(tick => new[]
            {
                Instant(tick.LogicalDate ?? tick.DueAt), tick.Decision, tick.RunId?.Value ?? "", tick.Reason ?? (tick.Event is { } happened ? happened.GetRawText() : ""),
            }));
            return ExitCodes.Done;
        }));
        return command;
    }

    public static Command CreatePause(CommandFrame frame)
    {
        var trigger = TriggerArgument();
        var reason = new Option<string?>("--reason") { Description = "Why; it stands in the history" };
        var command = new Command("pause", "Starts no runs by a trigger until it is resumed; what comes meanwhile is counted") { trigger, reason };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await FindAsync(session, parsed.GetValue(trigger), cancellation);
            await session.Triggers.PauseAsync(info, Environment.UserName, parsed.GetValue(reason), cancellation);
            return await TellAsync(globals, session, info.Key, $"{info.Key} is paused; go on with: orc {Family(info)} resume {info.Key}", cancellation);
        }));
        return command;
    }

    public static Command CreateResume(CommandFrame frame)
    {
        var trigger = TriggerArgument();
        var command = new Command("resume", "Ends a pause; what came while it lasted is passed over") { trigger };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await FindAsync(session, parsed.GetValue(trigger), cancellation);
            var passed = await session.Triggers.ResumeAsync(info.Key, cancellation);
            var more = passed == 0 || info.Kind != "schedule" ? "" : $"; {passed} time{(passed == 1 ? " was" : "s were")} passed over: orc backfill plan {info.Pipeline} --from T";
            return await TellAsync(globals, session, info.Key, $"{info.Key} goes on{more}", cancellation);
        }));
        return command;
    }

    private static Argument<string> TriggerArgument() => new("TRIGGER") { Description = "PIPELINE/NAME, or PIPELINE alone when it has one trigger" };

    private static string Family(TriggerInfo trigger) => trigger.Kind == "schedule" ? "schedules" : "triggers";

    private static async Task<TriggerInfo> FindAsync(OrcSession session, string? text, CancellationToken cancellation)
    {
        await session.Triggers.SyncAsync(cancellation);
        return await session.Triggers.FindAsync(text ?? "", cancellation);
    }

    private static async Task<int> TellAsync(Globals globals, OrcSession session, TriggerKey key, string words, CancellationToken cancellation)
    {
        if (globals.Json)
        {
            return Print.Json(globals, await DescribeAsync(session, await session.Stores.Triggers.FindAsync(key, cancellation) ?? throw new InvalidOperationException($"{key} was there"), cancellation));
        }

        globals.Console.Out.WriteLine(words);
        return ExitCodes.Done;
    }

    private static async Task<TriggerDocument> DescribeAsync(OrcSession session, TriggerInfo trigger, CancellationToken cancellation)
    {
        var words = await session.Triggers.DescribeAsync(trigger, cancellation) is ({ }, { } definition) ? TriggerWords.WithZone(definition) : trigger.Kind;
        return new TriggerDocument
        {
            Trigger = trigger.Key.ToString(),
            Pipeline = trigger.Pipeline,
            Name = trigger.Name,
            Kind = trigger.Kind,
            For = words,
            NextAt = trigger.IsPaused || trigger.Kind != "schedule" ? null : await NextAsync(session, trigger, cancellation),
            Paused = trigger.WhyPaused,
            Missed = trigger.Missed,
        };
    }

    /// <summary>Worked out anew: what the last scheduler wrote down may be long past.</summary>
    private static async Task<DateTimeOffset?> NextAsync(OrcSession session, TriggerInfo trigger, CancellationToken cancellation)
    {
        try
        {
            return await session.Triggers.DescribeAsync(trigger, cancellation) is ({ } pipeline, TimeTrigger timed)
                ? Core.Schedules.Timetables.Of(timed, pipeline.Calendars).After(session.Get<TimeProvider>().GetUtcNow()).Cast<DateTimeOffset?>().FirstOrDefault()
                : null;
        }
        catch (TimeZoneNotFoundException)
        {
            return null;
        }
    }

    private static int PrintList(Globals globals, List<TriggerDocument> rows, bool schedules)
    {
        if (rows.Count == 0)
        {
            globals.Console.Out.WriteLine($"no registered pipeline has a {(schedules ? "schedule" : "trigger")}");
            return ExitCodes.Done;
        }

        Print.Table(globals, ["TRIGGER", "WAITS FOR", "NEXT", "MISSED", "STATE"], rows.Select(row => new[]
        {
            row.Trigger, row.For, row.NextAt is { } next ? Instant(next) : "", row.Missed > 0 ? row.Missed.ToString(CultureInfo.InvariantCulture) : "", row.Paused ?? "",
        }));
        return ExitCodes.Done;
    }

    private static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>A trigger in the form that <c>--json</c> gives it.</summary>
internal sealed record TriggerDocument
{
    public required string Trigger { get; init; }

    public required string Pipeline { get; init; }

    public required string Name { get; init; }

    public required string Kind { get; init; }

    public required string For { get; init; }

    public DateTimeOffset? NextAt { get; init; }

    public string? Paused { get; init; }

    public required long Missed { get; init; }

    /// <summary>How many ticks were decided in which way.</summary>
    public IReadOnlyDictionary<string, long>? Ticks { get; init; }
}
