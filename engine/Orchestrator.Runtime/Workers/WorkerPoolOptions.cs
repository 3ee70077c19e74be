namespace Orchestrator.Runtime.Workers;

/// <summary>How worker processes are started, kept and given up.</summary>
public sealed class WorkerPoolOptions
{
    /// <summary>The program to start. Null: this program itself.</summary>
    public string? FileName { get; set; }

    /// <summary>Arguments before the worker's own (<c>worker --home DIR …</c>).</summary>
    public IReadOnlyList<string> Arguments { get; set; } = [];

    /// <summary>Environment variables that workers get beside the engine's own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; set; } = new Dictionary<string, string>();

    /// <summary>The most workers at once; more attempts wait. Default: one per core.</summary>
    public int MaxWorkers { get; set; } = System.Environment.ProcessorCount;

    /// <summary>True: while attempts come, a worker more than is busy is started and kept, up to <see cref="MaxWorkers"/>. It costs some memory and saves the next attempt the start.</summary>
    public bool KeepSpare { get; set; } = true;

    /// <summary>How long a worker may take from its start to its first word. Default 30 s.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a worker is asked for a sign of life. Default 2 s.</summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a worker may give none before it is killed. Default 60 s: a swapping machine must not lose an hour of training.</summary>
    public TimeSpan SilenceLimit { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a worker without work is kept. Default 2 min.</summary>
    public TimeSpan IdleLimit { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How many attempts a worker serves before it is replaced. Default 500.</summary>
    public int MaxAttempts { get; set; } = 500;

    /// <summary>A worker with more resident memory than this after an attempt is replaced. Default 1 GiB.</summary>
    public long MaxIdleBytes { get; set; } = 1L << 30;
}
