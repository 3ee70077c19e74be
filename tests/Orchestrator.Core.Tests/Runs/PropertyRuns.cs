namespace Orchestrator.Core.Tests.Runs;

/// <summary>
/// How many generated runs a property looks at: its usual number; with <c>ORC_LONG=1</c> many more; with <c>ORC_PROPERTY_RUNS=N</c> at most N, which is how mutation
/// testing affords the properties for each of its mutants.
/// </summary>
internal static class PropertyRuns
{
    private static readonly long? Most = long.TryParse(Environment.GetEnvironmentVariable("ORC_PROPERTY_RUNS"), out var most) ? most : null;

    public static long Of(long usual) => Math.Min(usual, Most ?? usual);

    public static long Of(long usual, long inFull) => Of(Environment.GetEnvironmentVariable("ORC_LONG") == "1" ? inFull : usual);
}
