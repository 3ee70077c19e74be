using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks the expressions of one task, and notes what they make it wait for.</summary>
internal sealed class ExpressionChecks(CheckContext context, TaskDefinition task)
{
    private readonly HashSet<string> dependsOn = new(StringComparer.Ordinal);

    /// <summary>Checks one expression.</summary>
    /// <param name="path">The part that is, or holds, its text.</param>
    /// <param name="expression">Its text.</param>
    /// <param name="offset">Where it starts in the part's text.</param>
    /// <param name="item">True where <c>item</c> and <c>index</c> exist.</param>
    /// <param name="secret">True in an input that takes secrets.</param>
    /// <returns>What it yields; unknown when something is wrong with it.</returns>
    public ExpressionType Check(string path, string expression, int offset, bool item, bool secret = false)
    {
        var syntax = ExpressionSyntax.Parse(expression);
        var dashed = DashedNames(syntax);
        foreach (var problem in syntax.Problems)
        {
            // "my-task" is one name to its author; what JavaScript makes of its second half is an echo.
            if (dashed.Any(place => problem.Offset > place.Offset && problem.Offset < place.Offset + place.Length))
            {
                continue;
            }

            context.ExpressionsInDoubt |= problem.Rule.Code != DiagnosticCatalog.UnknownNameInExpression.Code;
            context.Add(problem.Rule.At(
                context.Map.TextIn(path, offset + problem.Offset, problem.Length),
                problem.Label,
                problem.Message,
                problem.Help,
                problem.Near is { } near ? [near] : null));
        }

        var before = context.Found.Count;
        foreach (var reference in syntax.References)
        {
            if (reference.IsTask)
            {
                CheckTask(path, expression, reference, offset);
            }
            else
            {
                CheckParameter(path, reference, offset);
            }
        }

        if (!item && syntax.ItemPlaces is [var (place, length), ..])
        {
            var word = expression.Substring(place, length);
            context.Add(DiagnosticCatalog.ItemOutsideMap.At(
                context.Map.TextIn(path, offset + place, length),
                "no item here",
                task.Map is null ? $"task \"{task.Name}\" uses \"{word}\" and has no \"map\"" : $"\"{word}\" is used where the list itself is made",
                task.Map is null ? "Add \"map\": { \"over\": … } to repeat the task for every item of a list." : null));
        }

        if (item && task.Map is { Lists: { IsEmpty: false } lists })
        {
            CheckItemMembers(path, syntax, offset, [.. lists.Select(list => list.Name)]);
        }

        if (syntax.SecretPlaces is [var first, ..])
        {
            SecretChecks.Check(context, path, syntax, offset, first, secret);
        }

        return syntax.Problems.IsEmpty && context.Found.Count == before ? ExpressionTypes.Infer(syntax, context.TypeOf) : ExpressionType.Unknown;
    }

    /// <summary>An item of named lists has their names and no others.</summary>
    private void CheckItemMembers(string path, ExpressionSyntax syntax, int offset, List<string> names)
    {
        foreach (var (name, place, length) in syntax.ItemMembers.Where(member => !names.Contains(member.Name)))
        {
            context.Add(DiagnosticCatalog.UnknownItemMember.At(
                context.Map.TextIn(path, offset + place, length),
                "unknown member",
                $"an item of task \"{task.Name}\" has no \"{name}\"",
                NearNames.Question(name, names) ?? $"It has {string.Join(", ", names)}.",
                NearNames.FindAll(name, names)));
        }
    }

    /// <summary>Where a task's name with <c>-</c> in it is written after a dot, so that JavaScript reads a difference.</summary>
    private List<(int Offset, int Length)> DashedNames(ExpressionSyntax syntax) =>
    [
        .. syntax.References
            .Where(reference => reference.IsTask && context.FindTask(reference.Name) is null)
            .Select(reference => (Offset: reference.NameOffset, Name: DashedName(reference.Name, syntax.Text[reference.NameOffset..])))
            .Where(found => found.Name is not null)
            .Select(found => (found.Offset, found.Name?.Length ?? 0)),
    ];

    private string? DashedName(string name, string written) => context.TaskNames.FirstOrDefault(known =>
        known.Length > name.Length && known[name.Length] == '-' && written.StartsWith(known, StringComparison.Ordinal));

    private void CheckParameter(string path, NameReference reference, int offset)
    {
        context.UsedParameters.Add(reference.Name);
        var declared = SourceMap.Join("/params", reference.Name);
        if (context.FindParameter(reference.Name) is not null || context.IsBroken(declared))
        {
            return;
        }

        var near = NearNames.FindAll(reference.Name, context.ParameterNames);
        context.Add(DiagnosticCatalog.UnknownParameter.At(
            context.Map.TextIn(path, offset + reference.NameOffset, reference.NameLength),
            "unknown parameter",
            $"the expression refers to \"{reference.Name}\", which is not a parameter of this pipeline",
            NearNames.Question(reference.Name, context.ParameterNames) ?? $"Declare it: \"params\": {{ \"{reference.Name}\": {{ \"type\": … }} }}.",
            near,
            context.Declared("a parameter", "/params", near)));

        // The one that was meant is not unused.
        context.UsedParameters.UnionWith(near);
    }

    private void CheckTask(string path, string expression, NameReference reference, int offset)
    {
        var name = context.Map.TextIn(path, offset + reference.NameOffset, reference.NameLength);
        if (context.FindTask(reference.Name) is not { } other)
        {
            if (!context.IsBroken(SourceMap.Join("/tasks", reference.Name)))
            {
                AddUnknownTask(path, expression, reference, offset);
            }

            return;
        }

        if (other.Name == task.Name)
        {
            context.Add(DiagnosticCatalog.SelfReference.At(
                context.Map.TextIn(path, offset + reference.Offset, reference.Length), "itself", $"task \"{task.Name}\" reads its own output", "Read the output of a task that ends before it."));
            return;
        }

        if (other.OnExit && !task.OnExit)
        {
            context.Add(DiagnosticCatalog.NeedsExitTask.At(
                name,
                "runs on exit",
                $"task \"{task.Name}\" reads an output of \"{other.Name}\", which runs on exit",
                $"Take \"onExit\" away from \"{other.Name}\", or give it to \"{task.Name}\" too.",
                notes: [new DiagnosticNote($"\"{other.Name}\" says \"onExit\"", context.Map.NameOf($"{CheckContext.PathOf(other)}/onExit"))]));
            return;
        }

        CheckOutput(path, reference, offset, other);
        if (dependsOn.Add($"{other.Name} {reference.Optional}"))
        {
            context.Dependencies.Add(new Dependency(
                task, other, context.Map.TextIn(path, offset + reference.Offset, reference.Length), IsData: !reference.Optional, $"tasks.{reference.Name}{(reference.Member is { } member ? $".{member}" : "")}"));
        }
    }

    private void AddUnknownTask(string path, string expression, NameReference reference, int offset)
    {
        if (DashedName(reference.Name, expression[reference.NameOffset..]) is { } dashed)
        {
            context.Add(DiagnosticCatalog.UnknownTaskInExpression.At(
                context.Map.TextIn(path, offset + reference.NameOffset, dashed.Length),
                "read as a difference",
                $"JavaScript reads {dashed} as \"{reference.Name}\" minus \"{dashed[(reference.Name.Length + 1)..]}\"",
                $"A name with - is written in brackets: tasks['{dashed}'].",
                [$"tasks['{dashed}']"]));
            return;
        }

        var near = NearNames.FindAll(reference.Name, context.TaskNames);
        context.Add(DiagnosticCatalog.UnknownTaskInExpression.At(
            context.Map.TextIn(path, offset + reference.NameOffset, reference.NameLength),
            "unknown task",
            $"the expression refers to \"{reference.Name}\", which is not a task of this pipeline",
            NearNames.Question(reference.Name, context.TaskNames) ?? $"Add a task named \"{reference.Name}\", or refer to another.",
            near,
            context.Declared("a task", "/tasks", near)));
    }

    private void CheckOutput(string path, NameReference reference, int offset, TaskDefinition other)
    {
        if (reference.Member is not { } member || OutputsOf(other) is not { } known || known.Contains(member))
        {
            return;
        }

        context.Add(DiagnosticCatalog.UnknownOutput.At(
            context.Map.TextIn(path, offset + reference.MemberOffset, reference.MemberLength),
            "unknown output",
            $"task \"{other.Name}\" ({other.Uses}) has no output \"{member}\"",
            NearNames.Question(member, known) ?? (known.Count == 0 ? $"{(other.Pipeline is { Definition: { } inner } ? $"Pipeline \"{inner.Name}\"" : other.Uses)} has no outputs." : $"Its outputs are {string.Join(", ", known)}."),
            NearNames.FindAll(member, known)));
    }

    /// <summary>The names of a task's outputs; null when nobody knows them.</summary>
    private List<string>? OutputsOf(TaskDefinition other) =>
        other.Pipeline is { } pipeline ? pipeline.Definition?.Outputs.Keys.ToList() : context.Catalog.Find(other.Uses)?.Outputs.Select(output => output.Name).ToList();
}
