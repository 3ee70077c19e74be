namespace Orchestrator.Runtime.Lanes;

/// <summary>What all lanes agree on.</summary>
public sealed class LaneOptions
{
    /// <summary>How long an attempt that passed its timeout may take to end by itself before it is killed. Default 10 s.</summary>
    public TimeSpan TimeoutGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a program that was asked to end (SIGTERM) may take before it is killed. Default 10 s.</summary>
    public TimeSpan ProgramGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest JSON of one output. Default 256 KiB.</summary>
    public int MaxOutputBytes { get; set; } = 256 * 1024;

    /// <summary>What facts (metrics and the like) one attempt may leave.</summary>
    public FactLimits Facts { get; set; } = new();

    /// <summary>The most resident memory of one attempt's processes together, where the task does not say. Null, the default: no limit.</summary>
    public long? MaxMemoryBytes { get; set; }

    /// <summary>How often memory is looked at, while something has a limit. Default 100 ms.</summary>
    public TimeSpan MemoryInterval { get; set; } = TimeSpan.FromMilliseconds(100);
}

/// <summary>
/// What facts one attempt may leave. They wait in memory for the end of the attempt, about 1 KB each, and are stored with it in one transaction, for which other runs wait:
/// 500,000 metrics were seen to take 560 MB and 3.4 s. A few large ones would do the same, so their JSON has a bound too.
/// </summary>
/// <param name="Count">How many. Default 250,000.</param>
/// <param name="Bytes">The size of their JSON together. Default 128 MiB.</param>
public sealed record FactLimits(int Count = 250_000, long Bytes = 128L << 20);
