using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks triggers that wait for things that happen.</summary>
internal static class EventTriggerChecks
{
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromSeconds(1);

    public static void Check(CheckContext context, string path, EventTrigger trigger, TriggerExpressions expressions)
    {
        if (trigger.When is { } condition && !context.IsBroken($"{path}/when"))
        {
            expressions.CheckWhen($"{path}/when", condition);
        }

        switch (trigger)
        {
            case DatasetTrigger dataset:
                CheckName(context, $"{path}/dataset", dataset.Dataset, "a dataset", " The dataset is named by the task that makes it.");
                break;
            case ModelTrigger model:
                CheckPlain(context, $"{path}/model", model.Model, "a model");
                CheckPlain(context, $"{path}/alias", model.Alias, "an alias");
                break;
            case PipelineTrigger pipeline:
                CheckPipeline(context, path, pipeline);
                break;
            case AlertTrigger alert:
                CheckPlain(context, $"{path}/alert", alert.Alert, "an alert", "Write it as who raises it does: orc alerts list --all shows them.");
                break;
            case FileTrigger file:
                CheckFile(context, path, file);
                break;
            case WebhookTrigger hook:
                CheckHook(context, path, hook);
                break;
            case CombinedTrigger combined:
                CheckCombined(context, path, combined, expressions);
                break;
            default:
                break;
        }
    }

    private static void CheckName(CheckContext context, string path, string name, string what, string more = "")
    {
        if (!context.IsBroken(path) && !TaskName.IsValid(name))
        {
            context.Add(DiagnosticCatalog.BadName.At(context.Map.ValueOf(path), "bad name", $"\"{ParameterValues.Shorten(name)}\" is not the name of {what}", $"A name is {TaskName.Rule}.{more}"));
        }
    }

    private static void CheckPlain(CheckContext context, string path, string name, string what, string help = "Write it as the registry has it: orc models lists them.")
    {
        if (!context.IsBroken(path) && (name.Length is 0 or > 200 || name.Any(character => char.IsControl(character) || character is '/' or '@' or ' ')))
        {
            context.Add(DiagnosticCatalog.BadName.At(context.Map.ValueOf(path), "bad name", $"\"{ParameterValues.Shorten(name)}\" is not the name of {what}", help));
        }
    }

    private static void CheckPipeline(CheckContext context, string path, PipelineTrigger trigger)
    {
        CheckName(context, $"{path}/pipeline", trigger.Pipeline, "a pipeline");
        if (trigger.Pipeline == context.Definition.Name && trigger.When is null)
        {
            context.Add(DiagnosticCatalog.TriggersItself.At(
                context.Map.ValueOf($"{path}/pipeline"), "itself", $"pipeline \"{trigger.Pipeline}\" runs whenever a run of it has ended", "Name another pipeline, or say with \"when\" where it ends. To run again what failed, give its tasks \"retry\"."));
        }
    }

    private static void CheckFile(CheckContext context, string path, FileTrigger trigger)
    {
        var (folder, name) = (Path.GetDirectoryName(trigger.File) ?? "", Path.GetFileName(trigger.File));
        if (!context.IsBroken($"{path}/file") && (name.Length == 0 || folder.AsSpan().IndexOfAny('*', '?') >= 0))
        {
            context.Add(DiagnosticCatalog.BadFilePattern.At(
                context.Map.ValueOf($"{path}/file"),
                name.Length == 0 ? "names no file" : "in the folder",
                name.Length == 0 ? $"\"{ParameterValues.Shorten(trigger.File)}\" names a folder and no file in it" : $"\"{ParameterValues.Shorten(trigger.File)}\" has a wildcard in the name of a folder",
                name.Length == 0 ? $"For any file of it: \"{trigger.File}*\"." : "Make it one trigger for each folder."));
        }

        if (trigger.Poll < ShortestPoll && !context.IsBroken($"{path}/poll"))
        {
            context.Add(DiagnosticCatalog.BadSetting.At(context.Map.ValueOf($"{path}/poll"), "out of bounds", $"\"poll\" is {Durations.Format(trigger.Poll)} and should be at least 1s", "A folder that is looked at more often than that keeps its disk busy."));
        }
    }

    private static void CheckHook(CheckContext context, string path, WebhookTrigger trigger)
    {
        CheckName(context, $"{path}/webhook", trigger.Webhook, "a webhook");
        if (!context.IsBroken($"{path}/secret") && !SecretRef.TryParse(trigger.Secret, out _))
        {
            context.Add(DiagnosticCatalog.BadSecretName.At(
                context.Map.ValueOf($"{path}/secret"), "not a name", $"\"{ParameterValues.Shorten(trigger.Secret)}\" is not the name of a secret", "Write the name alone, as in secrets.NAME; store its value with: orc secrets set NAME."));
        }
    }

    private static void CheckCombined(CheckContext context, string path, CombinedTrigger trigger, TriggerExpressions expressions)
    {
        var list = $"{path}/{(trigger.All ? "all" : "any")}";
        if (trigger.Of.IsEmpty && context.IsWhole(list))
        {
            context.Add(DiagnosticCatalog.EmptyCombination.At(context.Map.ValueOf(list), "empty", "this trigger combines nothing", "Write what it waits for: { \"dataset\": \"customers\" }."));
        }

        for (var i = 0; i < trigger.Of.Length; i++)
        {
            var member = SourceMap.Join(list, i);
            if (!context.IsBroken(member))
            {
                Check(context, member, trigger.Of[i], expressions);
                CheckMember(context, member, trigger.Of[i]);
            }
        }
    }

    /// <summary>What belongs to the whole combination and would be passed over in one of its members.</summary>
    private static void CheckMember(CheckContext context, string path, EventTrigger member)
    {
        foreach (var (setting, given) in new[] { ("name", member.Name is not null), ("params", member.Params.Count > 0), ("overlap", member.Overlap != Overlap.QueueAll) })
        {
            if (given)
            {
                context.Add(DiagnosticCatalog.CannotBeCombined.At(
                    context.Map.NameOf($"{path}/{setting}"), "of the whole", $"\"{setting}\" stands in one of the triggers that are combined", $"Write \"{setting}\" beside the list.", why: "the combination as a whole starts a run"));
            }
        }
    }
}
