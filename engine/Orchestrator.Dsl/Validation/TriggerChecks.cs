using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks when runs start.</summary>
internal static class TriggerChecks
{
    public static void Check(CheckContext context)
    {
        for (var i = 0; i < context.Definition.Triggers.Length; i++)
        {
            var path = SourceMap.Join("/triggers", i);
            if (context.IsBroken(path))
            {
                continue;
            }

            switch (context.Definition.Triggers[i])
            {
                case ScheduleTrigger schedule:
                    CheckSchedule(context, path, schedule);
                    break;
                case DatasetTrigger { Dataset: var dataset } when !TaskName.IsValid(dataset):
                    context.Add(DiagnosticCatalog.BadName.At(
                        context.Map.ValueOf($"{path}/dataset"), "bad name", $"\"{ParameterValues.Shorten(dataset)}\" is not the name of a dataset", $"A name is {TaskName.Rule}. The dataset is named by the task that makes it."));
                    break;
                default:
                    break;
            }
        }
    }

    private static void CheckSchedule(CheckContext context, string path, ScheduleTrigger trigger)
    {
        if (!context.IsBroken($"{path}/schedule"))
        {
            foreach (var problem in CronSyntax.Check(trigger.Schedule))
            {
                context.Add(DiagnosticCatalog.BadCron.At(
                    context.Map.TextIn($"{path}/schedule", problem.Offset, problem.Length), problem.Label, problem.Message, problem.Help));
            }
        }

        if (!context.IsBroken($"{path}/zone") && !TimeZones.Exists(trigger.Zone))
        {
            var near = TimeZones.Near(trigger.Zone);
            context.Add(DiagnosticCatalog.UnknownZone.At(
                context.Map.ValueOf($"{path}/zone"),
                "unknown zone",
                $"\"{ParameterValues.Shorten(trigger.Zone)}\" is not a time zone that this machine knows",
                near.Count > 0 ? $"did you mean {Reading.Words.Or(near)}?" : "Write a zone of the IANA database: \"Europe/Berlin\", \"America/New_York\", \"UTC\".",
                near));
        }
    }
}

/// <summary>The IANA time zones of this machine.</summary>
internal static class TimeZones
{
    public static bool Exists(string zone) =>
        zone is "UTC" || (zone.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _)) || !MachineHasZones();

    /// <summary>Zones that may have been meant; the place alone (<c>Berlin</c>) finds its zone too.</summary>
    public static IReadOnlyList<string> Near(string zone)
    {
        var known = TimeZoneInfo.GetSystemTimeZones().Select(info => info.Id).Where(id => id.Contains('/', StringComparison.Ordinal)).ToList();
        var place = zone.Replace(' ', '_');
        var named = known.Where(id => id.EndsWith($"/{place}", StringComparison.OrdinalIgnoreCase)).Take(3).ToList();
        return named.Count > 0 ? named : NearNames.FindAll(zone, known);
    }

    // A container without time zone data knows UTC alone. What it cannot check it must not refuse; the scheduler says so when it starts.
    private static bool MachineHasZones() => TimeZoneInfo.TryFindSystemTimeZoneById("Europe/London", out _);
}
