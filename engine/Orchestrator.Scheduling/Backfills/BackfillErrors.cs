using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Backfills;

namespace Orchestrator.Scheduling.Backfills;

/// <summary>What is said to requests about backfills that cannot be taken. 622x.</summary>
internal static class BackfillErrors
{
    public static ActivityException NoSuchBackfill(string text) => new("ORC6220", $"there is no backfill \"{text}\" in this home", help: "`orc backfill list` lists them; the first characters of an id are enough when they are unique.");

    public static ActivityException SeveralBackfills(string text, IEnumerable<string> known) => new(
        "ORC6219", $"\"{text}\" is the beginning of several backfills: {string.Join(", ", known.Take(4))}", help: "Give more characters.");

    public static ActivityException NoSuchSchedule(string pipeline, string name, IEnumerable<string> known) => new(
        "ORC6221",
        $"pipeline \"{pipeline}\" has no schedule \"{name}\"",
        help: NearNames.Question(name, known) ?? (known.Any() ? $"Its schedules are {string.Join(", ", known)}." : "It has none; give the dates themselves."));

    public static ActivityException NoDates() => new("ORC6222", "a backfill of no dates", why: "a plan is made for a range of a schedule's times, or for a list of dates", help: "Say from when, and until when, or list the dates.");

    public static ActivityException NoSchedule(string pipeline) => new(
        "ORC6223", $"pipeline \"{pipeline}\" has no schedule that says which dates there are in a range", help: "List the dates themselves: --dates 2026-03-01,2026-03-02");

    public static ActivityException NothingInRange(string pipeline, DateTimeOffset from, DateTimeOffset to) => new(
        "ORC6224",
        $"no time of pipeline \"{pipeline}\" lies from {from.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z to {to.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z",
        help: "`orc schedules next` shows its times; the end of the range is now unless it is given.");

    public static ActivityException TooMany(string pipeline, int most, DateTimeOffset until) => new(
        "ORC6225",
        $"more than {most} times of pipeline \"{pipeline}\" lie in this range",
        why: "a plan is there to be looked at",
        help: $"Make several: the first {most} end at {until.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z.");

    public static ActivityException BadParallel(int parallel, int most) => new("ORC6226", $"{parallel} runs at once cannot be", help: $"Give a number from 1 to {most}.");

    public static ActivityException NotNow(BackfillInfo backfill, string what) => new("ORC6227", $"backfill {backfill.Id} cannot {what}: it is {backfill.Status}", help: $"orc backfill show {backfill.Id}");

    public static ActivityException NothingToRetry(BackfillInfo backfill) => new(
        "ORC6228", $"backfill {backfill.Id} has nothing to try again: it is {backfill.Status}", why: "only dates whose run has failed or was cancelled are tried again", help: $"orc backfill show {backfill.Id}");
}
