using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Json;

namespace Orchestrator.Dsl.Reading;

/// <summary>Makes triggers, and the calendars that they leave out, of their JSON.</summary>
internal static class TriggerBinder
{
    /// <summary>The members that say which kind of trigger it is; each has one of them.</summary>
    private static readonly string[] Kinds = ["schedule", "every", "workingDay", "dataset", "model", "pipeline", "alert", "file", "webhook", "all", "any"];

    private const string KindsInWords =
        "\"schedule\" (cron), \"every\" (a duration), \"workingDay\" (\"each\" or a number), \"dataset\", \"model\", \"pipeline\", \"alert\", \"webhook\" (names), \"file\" (a path), \"all\" and \"any\" (lists of triggers)";

    public static ImmutableArray<TriggerDefinition> Bind(JsonArraySyntax? list, string path, ReadContext context)
    {
        var triggers = ImmutableArray.CreateBuilder<TriggerDefinition>();
        for (var i = 0; i < (list?.Items.Count ?? 0); i++)
        {
            var item = list!.Items[i];
            if (item is JsonObjectSyntax members)
            {
                triggers.Add(BindOne(new ObjectReader(members, SourceMap.Join(path, i), "a trigger", context.Source.Span(item.Start, item.Start + 1), context), context));
                continue;
            }

            // Keeps its place in the list, so that the paths of those after it stay right.
            context.Broken.Add(SourceMap.Join(path, i));
            triggers.Add(new ScheduleTrigger { Schedule = "" });
            if (!item.IsBroken)
            {
                context.Found.Add(DiagnosticCatalog.WrongShape.At(
                    context.SpanOf(item), "not an object", $"a trigger should be an object and is {item.Kind}", "Write { \"schedule\": \"0 2 * * *\" } or { \"dataset\": \"customers\" }."));
            }
        }

        return triggers.ToImmutable();
    }

    public static ImmutableSortedDictionary<string, CalendarDefinition> BindCalendars(ObjectReader? reader)
    {
        var calendars = ImmutableSortedDictionary.CreateBuilder<string, CalendarDefinition>(StringComparer.Ordinal);
        foreach (var (member, one) in reader?.Objects("calendar") ?? [])
        {
            calendars[member.Name] = new CalendarDefinition { Weekdays = Weekdays(one, "weekdays"), Days = [.. one.Texts("days")] };
            one.End();
        }

        return calendars.ToImmutable();
    }

    private static TriggerDefinition BindOne(ObjectReader reader, ReadContext context)
    {
        var kinds = Kinds.Where(kind => reader.Value.Find(kind) is not null).ToArray();
        foreach (var other in kinds.Skip(1))
        {
            reader.Break(other);
            context.Found.Add(DiagnosticCatalog.WrongShape.At(
                context.NameOf(reader.Value.Find(other)!),
                "two reasons in one",
                $"this trigger has both \"{kinds[0]}\" and \"{other}\"",
                "Make it two triggers: a run starts for either.",
                why: "each trigger is one reason why a run starts"));
            reader.Find(other);
        }

        var trigger = BindKind(reader, kinds.FirstOrDefault(), context);
        trigger = trigger with { Name = reader.Text("name") };
        if (reader.Object("params", "\"params\"") is { } values)
        {
            trigger = trigger with { Params = TaskBinder.BindWith(values) };
        }

        reader.End();
        if (kinds.Length == 0)
        {
            reader.Require("schedule", $"A trigger has one of {KindsInWords}.");
        }

        return trigger;
    }

    private static TriggerDefinition BindKind(ObjectReader reader, string? kind, ReadContext context) => kind switch
    {
        "dataset" => Event(reader, new DatasetTrigger { Dataset = reader.Text("dataset") ?? "" }),
        "model" => Event(reader, new ModelTrigger { Model = reader.Text("model") ?? "", Alias = reader.Text("alias") ?? "champion" }),
        "pipeline" => Event(reader, new PipelineTrigger { Pipeline = reader.Text("pipeline") ?? "", Outcome = reader.Word("outcome", RunOutcome.Succeeded, Words.Kebab<RunOutcome>()) }),
        "alert" => Event(reader, new AlertTrigger
        {
            Alert = reader.Text("alert") ?? "", Severity = reader.Word("severity", AlertSeverity.Info, Words.Kebab<AlertSeverity>()), Subject = reader.Text("subject"),
        }),
        "file" => Event(reader, new FileTrigger
        {
            File = reader.Text("file") ?? "", Stable = reader.Duration("stable") ?? TimeSpan.FromSeconds(10), Poll = reader.Duration("poll") ?? TimeSpan.FromSeconds(30),
        }),
        "webhook" => Event(reader, new WebhookTrigger
        {
            Webhook = reader.Text("webhook") ?? "",
            Secret = reader.RequiredText("secret", "Add \"secret\" with the name of the secret that requests are signed with (orc secrets set NAME).") ?? "",
            Window = reader.Duration("window") ?? TimeSpan.FromMinutes(5),
        }),
        "all" or "any" => Event(reader, new CombinedTrigger { Of = Members(reader, kind, context), All = kind == "all", Within = reader.Duration("within"), Debounce = reader.Duration("debounce") }),
        "every" => Timed(reader, new IntervalTrigger { Every = reader.Duration("every") ?? TimeSpan.FromDays(1) }),
        "workingDay" => Timed(reader, new WorkingDayTrigger
        {
            Day = reader.Find("workingDay") is JsonTextSyntax { Value: "each" } ? null : reader.Integer("workingDay", -23, 23) ?? 1,
            At = [.. reader.Texts("at")],
            Weekend = Weekdays(reader, "weekend") is { IsEmpty: false } days ? days : [DayOfWeek.Saturday, DayOfWeek.Sunday],
        }),
        _ => Timed(reader, new ScheduleTrigger { Schedule = reader.Text("schedule") ?? "" }),
    };

    private static EventTrigger Event(ObjectReader reader, EventTrigger trigger) => trigger with
    {
        When = reader.Text("when", "a text with an expression"),
        Overlap = reader.Word("overlap", Overlap.QueueAll, Words.Kebab<Overlap>()),
    };

    /// <summary>What is combined. Members keep their place, so that the paths of those after one that cannot be read stay right.</summary>
    private static ImmutableArray<EventTrigger> Members(ObjectReader reader, string kind, ReadContext context)
    {
        var path = reader.At(kind);
        var members = ImmutableArray.CreateBuilder<EventTrigger>();
        foreach (var (trigger, i) in Bind(reader.List(kind, "a list of triggers"), path, context).Select((trigger, i) => (trigger, i)))
        {
            if (trigger is EventTrigger and not CombinedTrigger)
            {
                members.Add((EventTrigger)trigger);
                continue;
            }

            members.Add(new DatasetTrigger { Dataset = "" });
            if (context.Broken.Add(SourceMap.Join(path, i)))
            {
                context.Found.Add(DiagnosticCatalog.CannotBeCombined.At(
                    context.Source.Span(reader.List(kind, "a list of triggers")!.Items[i].Start, reader.List(kind, "a list of triggers")!.Items[i].Start + 1),
                    "cannot be part of it",
                    trigger is CombinedTrigger ? $"\"{kind}\" has a combination among its triggers" : $"\"{kind}\" has a trigger by time among its triggers",
                    trigger is CombinedTrigger ? "Write its triggers into this list." : "Make it a trigger of its own beside this one.",
                    why: trigger is CombinedTrigger ? "one list says all that is waited for" : null));
            }
        }

        return members.ToImmutable();
    }

    private static TimeTrigger Timed(ObjectReader reader, TimeTrigger trigger) => trigger with
    {
        Zone = reader.Text("zone") ?? "UTC",
        Overlap = reader.Word("overlap", Overlap.Skip, Words.Overlaps),
        Missed = reader.Word("missed", Missed.RunLatest, Words.Kebab<Missed>()),
        MissedWindow = reader.Duration("missedWindow"),
        Jitter = reader.Duration("jitter"),
        Start = reader.Text("start", LocalInstants.Rule),
        End = reader.Text("end", LocalInstants.Rule),
        Exclude = [.. reader.Texts("exclude")],
        Excluded = reader.Word("excluded", ExcludedDay.Skip, Words.Kebab<ExcludedDay>()),
        MissingHour = reader.Word("missingHour", MissingTime.Shift, Words.Kebab<MissingTime>()),
        DoubledHour = reader.Word("doubledHour", DoubledTime.First, Words.Kebab<DoubledTime>()),
    };

    private static ImmutableArray<DayOfWeek> Weekdays(ObjectReader reader, string name)
    {
        var days = ImmutableArray.CreateBuilder<DayOfWeek>();
        var i = 0;
        foreach (var text in reader.Texts(name))
        {
            if (WeekdayWords.TryParse(text, out var day))
            {
                days.Add(day);
            }
            else
            {
                reader.WrongItem(name, i, reader.List(name, "a list of texts")!.Items[i], $"one of {Words.Or(WeekdayWords.All)}");
            }

            i++;
        }

        return days.ToImmutable();
    }
}

/// <summary><c>mon</c> to <c>sun</c>. A table of its own, because Sunday is zero and so has no word elsewhere.</summary>
internal static class WeekdayWords
{
    public static IReadOnlyList<string> All { get; } = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    public static bool TryParse(string word, out DayOfWeek day)
    {
        var index = All.ToList().IndexOf(word.ToLowerInvariant());
        day = (DayOfWeek)((index + 1) % 7);
        return index >= 0;
    }

    public static string Of(DayOfWeek day) => All[((int)day + 6) % 7];
}
