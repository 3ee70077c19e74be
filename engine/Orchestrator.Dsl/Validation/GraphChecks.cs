using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks names, <c>needs</c> and cycles.</summary>
internal static class GraphChecks
{
    /// <summary>Whether the pipeline has tasks, and not more of anything than may be.</summary>
    public static bool CheckSize(CheckContext context)
    {
        CheckTasks(context);
        CheckParameters(context);
        return SubPipelineDefinition.CountTasks(context.Definition) <= context.Options.MaxTasks && context.Definition.Params.Length <= context.Options.MaxParameters;
    }

    private static void CheckTasks(CheckContext context)
    {
        var tasks = context.Definition.Tasks;
        if (tasks.IsEmpty && !context.IsBroken("/tasks"))
        {
            context.Add(DiagnosticCatalog.NoTasks.At(context.Map.ValueOf("/tasks"), "no task in it", "the pipeline has no tasks", "Add one: \"first\": { \"uses\": … }."));
        }

        var count = SubPipelineDefinition.CountTasks(context.Definition);
        if (count > context.Options.MaxTasks)
        {
            context.Add(DiagnosticCatalog.TooManyTasks.At(
                context.Map.NameOf("/tasks"),
                $"{count} tasks",
                $"the pipeline has {count} tasks; at most {context.Options.MaxTasks} are allowed",
                $"Repeat one task over a list with \"map\". To raise the limit: {SettingNames.Raise(SettingNames.DefinitionTasks)}"));
        }
    }

    private static void CheckParameters(CheckContext context)
    {
        if (context.Definition.Params.Length is var count && count > context.Options.MaxParameters)
        {
            context.Add(DiagnosticCatalog.TooManyParameters.At(
                context.Map.NameOf("/params"),
                $"{count} parameters",
                $"the pipeline has {count} parameters; at most {context.Options.MaxParameters} are allowed",
                $"Put the values into one parameter of type json, or into a file that a task reads. To raise the limit: {SettingNames.Raise(SettingNames.DefinitionParameters)}"));
        }
    }

    public static void CheckNames(CheckContext context)
    {
        if (!context.IsBroken("/name"))
        {
            CheckName(context, "/name", context.Definition.Name, "the pipeline", context.Map.ValueOf("/name"));
        }

        CheckNames(context, "/params", "parameter", context.Definition.Params.Select(parameter => parameter.Name));
        CheckNames(context, "/tasks", "task", context.Definition.Tasks.Select(task => task.Name.Value));
    }

    /// <summary>Checks what a task names in <c>needs</c>, and notes it.</summary>
    public static void CheckNeeds(CheckContext context, TaskDefinition task)
    {
        var path = CheckContext.PathOf(task);
        var first = new Dictionary<TaskName, int>();
        for (var i = 0; i < task.Needs.Length; i++)
        {
            var need = task.Needs[i];
            var place = SourceMap.Join($"{path}/needs", i);
            var span = context.Map.ValueOf(place);
            if (!first.TryAdd(need, i))
            {
                context.Add(DiagnosticCatalog.RepeatedNeed.At(
                    span, "named before", $"task \"{task.Name}\" names \"{need}\" twice in \"needs\"", "Remove one of them.", notes: [new DiagnosticNote("the first mention is", context.Map.ValueOf(SourceMap.Join($"{path}/needs", first[need])))]));
            }
            else if (context.FindTask(need.Value) is { } other)
            {
                CheckNeed(context, task, other, span);
            }
            else if (!context.IsBroken(SourceMap.Join("/tasks", need.Value)))
            {
                AddUnknownNeed(context, task, need.Value, span);
            }
        }
    }

    private static void CheckNeed(CheckContext context, TaskDefinition task, TaskDefinition other, SourceSpan span)
    {
        if (other.Name == task.Name)
        {
            context.Add(DiagnosticCatalog.SelfReference.At(span, "itself", $"task \"{task.Name}\" names itself in \"needs\"", "Remove it."));
        }
        else if (other.OnExit && !task.OnExit)
        {
            context.Add(DiagnosticCatalog.NeedsExitTask.At(
                span,
                "runs on exit",
                $"task \"{task.Name}\" needs \"{other.Name}\", which runs on exit",
                $"Take \"onExit\" away from \"{other.Name}\", or give it to \"{task.Name}\" too.",
                notes: [new DiagnosticNote($"\"{other.Name}\" says \"onExit\"", context.Map.NameOf($"{CheckContext.PathOf(other)}/onExit"))]));
        }
        else
        {
            context.Dependencies.Add(new Dependency(task, other, span, IsData: false, Reference: null));
        }
    }

    private static void AddUnknownNeed(CheckContext context, TaskDefinition task, string need, SourceSpan span)
    {
        var near = NearNames.FindAll(need, context.TaskNames.Where(name => name != task.Name.Value));
        var question = NearNames.Question(need, near);
        context.Add(DiagnosticCatalog.UnknownNeed.At(
            span,
            "unknown task",
            $"task \"{task.Name}\" depends on \"{ParameterValues.Shorten(need)}\", which is not a task of this pipeline",
            question is null ? $"Add a task named \"{ParameterValues.Shorten(need)}\", or remove it here." : $"{question} Otherwise add a task named \"{need}\".",
            near,
            context.Declared("a task", "/tasks", near)));
    }

    private static void CheckNames(CheckContext context, string root, string what, IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var path = SourceMap.Join(root, name);
            if (!seen.Add(name))
            {
                context.Add(DiagnosticCatalog.DuplicateName.At(
                    context.Map.NameOf($"{path}#2"), "same name again", $"there are two {what}s with the name \"{name}\"", "Rename one of them.", notes: [new DiagnosticNote($"the first \"{name}\" is", context.Map.NameOf(path))]));
            }

            CheckName(context, path, name, $"{what} \"{ParameterValues.Shorten(name)}\"", context.Map.NameOf(path));
        }
    }

    private static void CheckName(CheckContext context, string path, string name, string subject, SourceSpan span)
    {
        if (!TaskName.IsValid(name) && !context.IsBroken(path))
        {
            context.Add(DiagnosticCatalog.BadName.At(span, "bad name", $"the name of {subject}{(subject == "the pipeline" ? $", \"{ParameterValues.Shorten(name)}\"," : "")} is not a legal name", $"A name is {TaskName.Rule}{Suggestion(name)}."));
        }
    }

    private static string Suggestion(string name)
    {
        var made = new string([.. name.Trim().Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '-')]).Trim('-');
        return TaskName.IsValid(made) ? $": \"{made}\"" : "";
    }
}
