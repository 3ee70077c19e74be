namespace Orchestrator.Activities.Containers;

/// <summary>A file or folder of the machine that a container sees.</summary>
public sealed record ContainerMount
{
    /// <summary>An existing path, relative to the folder of the pipeline's file.</summary>
    public required string From { get; init; }

    /// <summary>A full path in the container.</summary>
    public required string To { get; init; }

    /// <summary>True: the container may write there.</summary>
    public bool Write { get; init; }
}
