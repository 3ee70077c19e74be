using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules;

namespace Orchestrator.Cli.Schedules;

/// <summary><c>--logical-date T</c>: the time that a run is for.</summary>
internal static class LogicalDateOption
{
    public static Option<string?> Create() => new("--logical-date")
    {
        Description = "The time that the run is for (run.logicalDate in expressions): 2026-03-01, 2026-03-01T02:00 in the zone of the pipeline's schedule, or 2026-03-01T02:00Z", HelpName = "T",
    };

    /// <summary>Null when no date was given.</summary>
    public static DateTimeOffset? DateOf(PipelineDefinition pipeline, string? text) => text is null ? null : Parse(pipeline, text, "--logical-date");

    public static DateTimeOffset Parse(PipelineDefinition pipeline, string text, string option)
    {
        try
        {
            return LogicalDates.TryParse(pipeline, text, out var date) ? date : throw new WrongRequestException(
                "ORC6201", $"{option} is \"{text}\", which is no date or time", help: $"Write {LocalInstants.Rule}.");
        }
        catch (TimeZoneNotFoundException)
        {
            throw new WrongRequestException(
                "ORC6202", $"{option} is in a time zone that this machine does not know", help: "Install its time zone data (tzdata on Debian and Ubuntu), or give the date with its offset: 2026-03-01T02:00Z.");
        }
    }
}
