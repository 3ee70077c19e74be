using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks tasks whose work is a pipeline: the pipeline itself, what it is given, and which settings mean something.</summary>
internal sealed class SubPipelineChecks(CheckContext context, TaskDefinition task, SubPipelineDefinition pipeline, ExpressionChecks expressions)
{
    private readonly string path = CheckContext.PathOf(task);

    private string Place => $"{path}/pipeline";

    public void Check()
    {
        CheckSettings();
        if (pipeline.Definition is not { } inner)
        {
            if (!context.IsBroken(Place))
            {
                context.Add(DiagnosticCatalog.SubPipelineNotFound.At(
                    context.Map.ValueOf(Place), "no folder to look in", $"the pipeline of task \"{task.Name}\" is the file \"{pipeline.Path}\", and this text is not in a folder", "Write the sub-pipeline in place, or put both into files."));
            }

            CheckExpressionsOnly();
            return;
        }

        if (pipeline.Path is null)
        {
            var found = DefinitionValidator.Validate(inner, context.Catalog, new PrefixedSourceMap(context.Map, Place), context.Options, context.BrokenBelow(Place));
            context.Found.AddRange(found);
        }

        CheckDepth(inner);
        CheckInner(inner);
        CheckArguments(inner);
    }

    private void CheckDepth(PipelineDefinition inner)
    {
        if (SubPipelineDefinition.DepthOf(inner) < SubPipelineDefinition.MaxDepth)
        {
            return;
        }

        var way = new List<string> { context.Definition.Name, inner.Name };
        for (var at = inner; Deepest(at) is { } next; at = next)
        {
            way.Add(next.Name);
        }

        context.Add(DiagnosticCatalog.SubPipelinesTooDeep.At(
            context.Map.ValueOf(Place),
            $"{way.Count - 1} deep",
            $"{way.Count - 1} pipelines stand inside one another, and at most {SubPipelineDefinition.MaxDepth} may: {string.Join(" -> ", way)}",
            "Let one of them do the work of the one inside it."));
    }

    private static PipelineDefinition? Deepest(PipelineDefinition pipeline) =>
        pipeline.Tasks.Select(one => one.Pipeline?.Definition).OfType<PipelineDefinition>().MaxBy(SubPipelineDefinition.DepthOf);

    /// <summary>What a pipeline says of its runs, and which no run of its own will ever hear.</summary>
    private void CheckInner(PipelineDefinition inner)
    {
        if (pipeline.As != SubPipelineMode.Inline)
        {
            return;
        }

        foreach (var setting in new[] { (inner.Timeout is not null, "timeout"), (inner.Deadline is not null, "deadline"), (inner.Parallel is not null, "parallel") }.Where(one => one.Item1).Select(one => one.Item2))
        {
            context.Add(DiagnosticCatalog.SettingWithoutEffect.At(
                context.Map.ValueOf(Place),
                $"has a \"{setting}\"",
                $"pipeline \"{inner.Name}\" has a \"{setting}\", which means nothing while task \"{task.Name}\" runs it inline",
                "Say it of the pipeline around it, or run this one as a run of its own: \"as\": \"run\"."));
        }
    }

    private void CheckSettings()
    {
        var inline = pipeline.As == SubPipelineMode.Inline;
        (bool Given, string Setting, string Help)[] settings =
        [
            (inline && task.Map is not null, "map", "Items are runs of their own: add \"as\": \"run\"."),
            (inline && task.Retry is not null, "retry", "Say it of the tasks inside, or add \"as\": \"run\" to repeat the whole."),
            (inline && task.Timeout is not null, "timeout", "Say it of the tasks inside, or add \"as\": \"run\"."),
            (inline && task.Deadline is not null, "deadline", "Say it of the tasks inside, or add \"as\": \"run\"."),
            (!inline && task.Priority != 0, "priority", "A child run's tasks have their own; the task that waits for it needs no place."),
            (task.Cache is not null, "cache", "Say it of the tasks inside: each result is kept by itself."),
            (task.Pool is not null, "pool", "Say it of the tasks inside: a sub-pipeline itself takes no place."),
            (task.PoolSlots != 1, "poolSlots", "Say it of the tasks inside: a sub-pipeline itself takes no place."),
            (task.QueueTimeout is not null, "queueTimeout", "Say it of the tasks inside: a sub-pipeline itself waits for no place."),
            (task.Heartbeat is not null, "heartbeat", "Say it of the tasks inside: a sub-pipeline itself has no attempt that could be silent."),
            (task.Limits is not null, "limits", "Say it of the tasks inside: a sub-pipeline itself uses nothing up."),
        ];
        foreach (var (_, setting, help) in settings.Where(one => one.Given))
        {
            context.Add(DiagnosticCatalog.SettingOfSubPipeline.At(
                context.Map.NameOf($"{path}/{setting}"),
                inline ? "not of an inline sub-pipeline" : "not of a child run",
                $"task \"{task.Name}\" is {(inline ? "an inline sub-pipeline" : "a child run")} and has a \"{setting}\"",
                help));
        }
    }

    private void CheckArguments(PipelineDefinition inner)
    {
        var names = inner.Params.Select(parameter => parameter.Name).ToList();
        var probably = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in task.With)
        {
            var place = SourceMap.Join($"{path}/with", name);
            if (inner.Params.FirstOrDefault(parameter => parameter.Name == name) is { } parameter)
            {
                probably.Add(name);
                CheckArgument(parameter, value, place);
                continue;
            }

            var near = NearNames.FindAll(name, names.Where(known => !task.With.ContainsKey(known)));
            probably.UnionWith(near);
            context.Add(DiagnosticCatalog.UnknownArgument.At(
                context.Map.NameOf(place),
                "unknown parameter",
                $"pipeline \"{inner.Name}\" has no parameter \"{ParameterValues.Shorten(name)}\"",
                NearNames.Question(name, near) ?? (names.Count == 0 ? "It has no parameters." : $"Its parameters are {string.Join(", ", names)}."),
                near));
            new InputChecks(context, task, expressions).CheckExpressionsOnly(place, value);
        }

        if (context.IsBroken($"{path}/with"))
        {
            return;
        }

        foreach (var parameter in inner.Params.Where(parameter => parameter.Default is null && !probably.Contains(parameter.Name) && !context.IsBroken(SourceMap.Join($"{path}/with", parameter.Name))))
        {
            context.Add(DiagnosticCatalog.MissingArgument.At(
                context.Map.NameOf(task.With.IsEmpty ? path : $"{path}/with"),
                $"no \"{parameter.Name}\"",
                $"parameter \"{parameter.Name}\" of pipeline \"{inner.Name}\" has no default and got no value from task \"{task.Name}\"",
                $"Add \"{parameter.Name}\" to \"with\": {ParameterValues.Describe(parameter.Type)}."));
        }
    }

    private void CheckArgument(ParameterDefinition parameter, JsonElement value, string place)
    {
        var inputs = new InputChecks(context, task, expressions);
        if (value.ValueKind == JsonValueKind.Null || context.IsBroken(place))
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.String && inputs.CheckText(place, value.GetString() ?? "", secret: false) is { } yields)
        {
            if (!CanBe(parameter.Type, yields))
            {
                context.Add(DiagnosticCatalog.BadArgument.At(
                    context.Map.ValueOf(place),
                    $"yields a {yields.Name}",
                    $"parameter \"{parameter.Name}\" of task \"{task.Name}\" gets a {yields.Name} and should be {ParameterValues.Describe(parameter.Type)}",
                    parameter.Help));
            }

            return;
        }

        if (Templates.HasExpression(value))
        {
            inputs.CheckExpressionsOnly(place, value);
        }

        var shown = ParameterValues.Shorten(value.GetRawText());
        if (!ParameterValues.Fits(parameter.Type, value))
        {
            context.Add(DiagnosticCatalog.BadArgument.At(
                context.Map.ValueOf(place),
                $"not {ParameterValues.Describe(parameter.Type)}",
                $"parameter \"{parameter.Name}\" of task \"{task.Name}\" is {shown} and should be {ParameterValues.Describe(parameter.Type)}",
                parameter.Help));
        }
        else if (ParameterValues.Refusal(parameter, value) is { } refusal)
        {
            context.Add(DiagnosticCatalog.ArgumentOutOfBounds.At(context.Map.ValueOf(place), "refused", $"parameter \"{parameter.Name}\" of task \"{task.Name}\" is {shown} and {refusal}", parameter.Help));
        }
    }

    /// <summary>Silent when unsure.</summary>
    private static bool CanBe(ParameterType type, ExpressionType yields)
    {
        var declared = yields.Declared is { } known ? Nullable.GetUnderlyingType(known) ?? known : null;
        if (type == ParameterType.Json || yields.Kind == ExpressionKind.Unknown || (declared is not null && ValueTypes.IsJson(declared)))
        {
            return true;
        }

        return type switch
        {
            ParameterType.String => yields.Kind == ExpressionKind.Text || declared == typeof(string) || declared?.IsEnum == true,
            ParameterType.Number or ParameterType.Integer => yields.Kind == ExpressionKind.Number || (declared is not null && ValueTypes.IsNumber(declared)),
            ParameterType.Boolean => yields.Kind == ExpressionKind.Boolean || declared == typeof(bool),
            ParameterType.Duration => yields.Kind == ExpressionKind.Text || declared == typeof(TimeSpan) || declared == typeof(string),
            _ => true,
        };
    }

    private void CheckExpressionsOnly()
    {
        var inputs = new InputChecks(context, task, expressions);
        foreach (var (name, value) in task.With)
        {
            inputs.CheckExpressionsOnly(SourceMap.Join($"{path}/with", name), value);
        }
    }

    /// <summary>Checks what a pipeline says it yields.</summary>
    public static void CheckOutputs(CheckContext context)
    {
        if (context.Definition.Outputs.IsEmpty)
        {
            return;
        }

        // Outputs are read when all has ended, so what they read makes no task wait.
        var reader = new TaskDefinition { Name = new TaskName("outputs of the pipeline"), Uses = SubPipelineDefinition.Uses, OnExit = true };
        var inputs = new InputChecks(context, reader, new ExpressionChecks(context, reader));
        var waits = context.Dependencies.Count;
        foreach (var (name, value) in context.Definition.Outputs)
        {
            var place = SourceMap.Join("/outputs", name);
            if (!TaskName.IsValid(name))
            {
                context.Add(DiagnosticCatalog.BadName.At(context.Map.NameOf(place), "bad name", $"the name of output \"{ParameterValues.Shorten(name)}\" is not a legal name", $"A name is {TaskName.Rule}."));
            }

            inputs.CheckExpressionsOnly(place, value);
        }

        context.Dependencies.RemoveRange(waits, context.Dependencies.Count - waits);
        context.ExpressionsInDoubt |= context.IsBroken("/outputs");
    }
}
