namespace Orchestrator.Core.Definitions;

/// <summary>What one attempt of a task may use up. What is not said here is as the machine's settings say.</summary>
public sealed record TaskLimits
{
    /// <summary>The least that a limit on memory may be: a worker needs as much before it does anything.</summary>
    public const long LeastMemory = 64L << 20;

    public const long LeastLog = 64L << 10, MostLog = 64L << 30;

    public const long LeastOutput = 1L << 10, MostOutput = 16L << 20;

    /// <summary>Resident memory of the attempt's processes together. Only where they are processes of their own: lanes process and command.</summary>
    public long? MemoryInBytes { get; init; }

    /// <summary>The attempt's log; what comes after is counted, and only its end is kept.</summary>
    public long? LogInBytes { get; init; }

    /// <summary>The JSON of one output.</summary>
    public long? OutputInBytes { get; init; }
}
