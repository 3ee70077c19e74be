using System.Collections.Frozen;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Dsl.Validation;

/// <summary>What all checks of one definition share.</summary>
internal sealed class CheckContext
{
    private readonly Dictionary<string, TaskDefinition> tasks;
    private readonly Dictionary<string, ParameterDefinition> parameters;
    private readonly IReadOnlySet<string> broken;

    /// <summary>The paths in the part below a path, for what is checked by itself.</summary>
    public IReadOnlySet<string> BrokenBelow(string path) => broken.Where(one => one.StartsWith(path, StringComparison.Ordinal)).Select(one => one[path.Length..]).ToHashSet(StringComparer.Ordinal);


    public CheckContext(PipelineDefinition definition, ActivityCatalog catalog, SourceMap map, ReadOptions options, IReadOnlySet<string>? broken)
    {
        Definition = definition;
        Catalog = catalog;
        Map = map;
        Options = options;
        this.broken = broken ?? FrozenSet<string>.Empty;
        tasks = definition.Tasks.DistinctBy(task => task.Name).ToDictionary(task => task.Name.Value, StringComparer.Ordinal);
        parameters = definition.Params.DistinctBy(parameter => parameter.Name).ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);
    }

    public PipelineDefinition Definition { get; }

    public ActivityCatalog Catalog { get; }

    public SourceMap Map { get; }

    public ReadOptions Options { get; }

    public DiagnosticBag Found { get; } = new();

    /// <summary>Parameters that something refers to.</summary>
    public HashSet<string> UsedParameters { get; } = new(StringComparer.Ordinal);

    /// <summary>True once an expression could not be understood, so that nobody knows what else it uses.</summary>
    public bool ExpressionsInDoubt { get; set; }

    /// <summary>Which task waits for which, and where that is written.</summary>
    public List<Dependency> Dependencies { get; } = [];

    /// <summary>True when an earlier stage has found the part, or one around it, wrong.</summary>
    public bool IsBroken(string path)
    {
        if (broken.Count == 0)
        {
            return false;
        }

        for (var at = path; at.Length > 0; at = at[..at.LastIndexOf('/')])
        {
            if (broken.Contains(at))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when no earlier stage has found anything wrong in the part, around it or inside.</summary>
    public bool IsWhole(string path) => !IsBroken(path) && !broken.Any(inside => inside.StartsWith($"{path}/", StringComparison.Ordinal));

    public static string PathOf(TaskDefinition task) => SourceMap.Join("/tasks", task.Name.Value);

    public TaskDefinition? FindTask(string name) => tasks.GetValueOrDefault(name);

    public ParameterDefinition? FindParameter(string name) => parameters.GetValueOrDefault(name);

    public IEnumerable<string> TaskNames => tasks.Keys;

    public IEnumerable<string> ParameterNames => parameters.Keys;

    public void Add(Diagnostic diagnostic) => Found.Add(diagnostic);

    /// <summary>The declared type of what an expression refers to; null when nobody knows it.</summary>
    public Type? TypeOf(NameReference reference)
    {
        if (!reference.IsTask)
        {
            return FindParameter(reference.Name) is { } parameter ? ParameterValues.TypeOf(parameter.Type) : null;
        }

        return reference.Member is { } member && FindTask(reference.Name) is { } task ? SubPipelineOutputs.TypeOf(task, member, Catalog) : null;
    }

    /// <summary>A note that says where something with a close name is declared.</summary>
    public IEnumerable<DiagnosticNote> Declared(string what, string root, IReadOnlyList<string> near) =>
        near is [var nearest, ..] ? [new DiagnosticNote($"{what} with a close name, \"{nearest}\", is declared", Map.NameOf(SourceMap.Join(root, nearest)))] : [];
}

/// <summary>One task waits for another.</summary>
/// <param name="Of">The one that waits.</param>
/// <param name="On">The one it waits for.</param>
/// <param name="Span">Where it says so.</param>
/// <param name="IsData">True: it reads an output, and has no answer to its absence.</param>
/// <param name="Reference">What it reads; null when it is named in <c>needs</c>.</param>
internal sealed record Dependency(TaskDefinition Of, TaskDefinition On, SourceSpan Span, bool IsData, string? Reference);
