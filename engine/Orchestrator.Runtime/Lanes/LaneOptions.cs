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
}
