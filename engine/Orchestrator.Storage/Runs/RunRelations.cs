namespace Orchestrator.Storage.Runs;

/// <summary>What a run is to its parent.</summary>
public static class RunRelations
{
    /// <summary>It repeats the parent, or a part of it.</summary>
    public const string Rerun = "rerun";

    /// <summary>It does the work of one of the parent's tasks.</summary>
    public const string Child = "child";
}
