namespace Orchestrator.Core.Definitions;

/// <summary>A pipeline as the work of a task of another one.</summary>
public sealed record SubPipelineDefinition
{
    /// <summary>In place of an activity's type.</summary>
    public const string Uses = "pipeline";

    /// <summary>How many pipelines may stand inside one another below the one that is run.</summary>
    public const int MaxDepth = 16;

    /// <summary>Everything about it, so that the hash of the pipeline around it pins this one too. Null until <see cref="Path"/> has been read.</summary>
    public PipelineDefinition? Definition { get; init; }

    /// <summary>The file as its author named it; not part of what the pipeline is, and forgotten with the reading.</summary>
    public string? Path { get; init; }

    public SubPipelineMode As { get; init; } = SubPipelineMode.Inline;

    /// <summary>How many levels of pipelines stand below this definition; 0 when it has no sub-pipeline.</summary>
    public static int DepthOf(PipelineDefinition definition) =>
        definition.Tasks.Select(task => task.Pipeline?.Definition is { } inner ? 1 + DepthOf(inner) : 0).DefaultIfEmpty().Max();

    /// <summary>How many tasks there are, those of inline sub-pipelines included; a child run's are its own.</summary>
    public static int CountTasks(PipelineDefinition definition) =>
        definition.Tasks.Sum(task => task.Pipeline is { As: SubPipelineMode.Inline, Definition: { } inner } ? 1 + CountTasks(inner) : 1);
}

/// <summary>How a sub-pipeline runs.</summary>
public enum SubPipelineMode
{
    Unknown = 0,

    /// <summary>Its tasks are tasks of the same run, under names like <c>features/train</c>.</summary>
    Inline,

    /// <summary>A run of its own, which the task waits for.</summary>
    Run,
}
