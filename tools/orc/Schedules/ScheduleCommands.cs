using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Pipelines;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules;
using Orchestrator.Scheduling.Triggers;

namespace Orchestrator.Cli.Schedules;

/// <summary><c>orc schedules next FILE</c>: when the triggers of a pipeline are due.</summary>
internal static class ScheduleCommands
{
    private const int Most = 1000;

    public static Command Create(CommandFrame frame)
    {
        var file = new Argument<string>("PIPELINE") { Description = "A pipeline: C# script (.csx), JSON (.json), or the name of a registered one" };
        var count = new Option<int>("--count", "-n") { Description = "How many times to show for each trigger", DefaultValueFactory = _ => 10 };
        var after = new Option<string?>("--after") { Description = "An instant to start from, 2026-03-28T00:00Z; now unless given" };
        var next = new Command("next", "Shows when a pipeline's schedules are due next, in their own time and in UTC") { file, count, after };
        next.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var number = parsed.GetValue(count);
            if (number is < 1 or > Most)
            {
                throw new WrongRequestException("ORC5981", $"--count is {number} and should be from 1 to {Most}");
            }

            var pipeline = await ReadAsync(globals, parsed.GetValue(file) ?? "", cancellation);
            return Show(globals, pipeline, number, After(globals, parsed.GetValue(after)));
        }));
        return new Command("schedules", "Says when runs start by themselves, and what became of each time")
        {
            next, TriggerCommands.CreateList(frame, schedules: true), TriggerCommands.CreateShow(frame), TriggerCommands.CreateHistory(frame, schedules: true), TriggerCommands.CreatePause(frame), TriggerCommands.CreateResume(frame),
        };
    }

    /// <summary>A file, or the name of what is registered; a name that is a file too is the file.</summary>
    private static async Task<PipelineDefinition> ReadAsync(Globals globals, string text, CancellationToken cancellation)
    {
        if (!IsName(text))
        {
            return ValidateCommand.Require(globals, await DefinitionFile.ReadAsync(globals, text, Families.Catalog(), cancellation));
        }

        await using var session = await OrcSession.OpenAsync(globals, cancellation);
        return (await RegisteredPipeline.FindAsync(session, text, cancellation)).Definition;
    }

    /// <summary>True for what can only be the name of a registered pipeline.</summary>
    internal static bool IsName(string text) => Core.Values.TaskName.IsValid(text) && !File.Exists(text) && !Directory.Exists(text);

    private static DateTimeOffset After(Globals globals, string? text) =>
        text is null ? globals.Time.GetUtcNow()
        : LocalInstants.TryParse(text, TimeZoneInfo.Utc, out var instant) ? instant
        : throw new WrongRequestException("ORC5982", $"--after is \"{text}\", which is no date or time", help: "Write 2026-03-28, 2026-03-28T00:30Z or 2026-03-28T00:30+01:00; without an offset it is UTC.");

    private static int Show(Globals globals, PipelineDefinition pipeline, int count, DateTimeOffset after)
    {
        var schedules = pipeline.Triggers.OfType<TimeTrigger>()
            .Select(trigger => (Trigger: trigger, Zone: ZoneOf(trigger), Times: Timetables.Of(trigger, pipeline.Calendars)))
            .Select(one => (one.Trigger, one.Zone, Planned: one.Times.After(after).Take(count).Select(one.Times.Plan).ToList()))
            .ToList();
        if (globals.Json)
        {
            return Print.Json(globals, schedules.Select(one => new
            {
                trigger = TriggerWords.Of(one.Trigger),
                zone = one.Trigger.Zone,
                next = one.Planned.Select(planned => new { logicalDate = planned.LogicalDate, dataInterval = new { from = planned.From, to = planned.To } }),
            }));
        }

        if (schedules.Count == 0)
        {
            globals.Console.Out.WriteLine($"pipeline {pipeline.Name} has no schedule; add \"triggers\": [{{ \"schedule\": \"0 2 * * *\" }}]");
        }

        foreach (var (trigger, zone, planned) in schedules)
        {
            globals.Console.Out.WriteLine($"{TriggerWords.Of(trigger)}, {trigger.Zone}{(trigger.Jitter is { } jitter ? $", up to {Core.Values.Durations.Format(jitter)} later" : "")}");
            if (planned.Count == 0)
            {
                globals.Console.Out.WriteLine("  not due any more");
            }

            foreach (var one in planned)
            {
                var local = TimeZoneInfo.ConvertTime(one.LogicalDate, zone);
                globals.Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"  {local:ddd yyyy-MM-dd HH:mm:ss zzz}   {one.LogicalDate.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z   for {one.From.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z to {one.To.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z"));
            }
        }

        return ExitCodes.Done;
    }

    private static TimeZoneInfo ZoneOf(TimeTrigger trigger) =>
        trigger.Zone == "UTC" ? TimeZoneInfo.Utc
        : TimeZoneInfo.TryFindSystemTimeZoneById(trigger.Zone, out var zone) ? zone
        : throw new WrongRequestException("ORC5983", $"this machine does not know the time zone \"{trigger.Zone}\"", help: "Install its time zone data (tzdata on Debian and Ubuntu).");
}
