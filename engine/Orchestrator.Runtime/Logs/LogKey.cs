using System.Globalization;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Homes;

namespace Orchestrator.Runtime.Logs;

/// <summary>Which attempt a log is of.</summary>
public readonly record struct LogKey(RunId Run, TaskName Task, int? MapIndex, int Attempt)
{
    public static LogKey Of(AttemptInfo attempt) => new(attempt.Run, attempt.Task, attempt.MapIndex, attempt.Number);

    /// <summary><c>RUN/TASK/ATTEMPT.log</c>, or <c>RUN/TASK.INDEX/ATTEMPT.log</c> for an item of a mapped task; a task of a sub-pipeline is in the folder of that.</summary>
    public string RelativePath
    {
        get
        {
            var task = MapIndex is { } index ? string.Create(CultureInfo.InvariantCulture, $"{Task}.{index}") : Task.Value;
            return Path.Combine([FileNames.Checked(Run.Value), .. task.Split('/').Select(FileNames.Checked), string.Create(CultureInfo.InvariantCulture, $"{Attempt}.log")]);
        }
    }
}

/// <summary>One line of an attempt's log.</summary>
public readonly record struct LogLine
{
    /// <summary>UTC, to the millisecond. A further line of one message has the message's time.</summary>
    public required DateTimeOffset At { get; init; }

    public required LogSeverity Severity { get; init; }

    public required string Text { get; init; }

    /// <summary>True for the second and further lines of one message.</summary>
    public bool Continues { get; init; }
}

/// <summary>Limits of attempt logs.</summary>
public sealed class AttemptLogOptions
{
    /// <summary>The largest log of one attempt; what comes after is counted, and only its last lines are kept. Default 64 MiB.</summary>
    public long MaxBytes { get; set; } = 64L << 20;

    /// <summary>The longest line, in characters; the rest is cut and counted. Default 16,384.</summary>
    public int MaxLineLength { get; set; } = 16 * 1024;

    /// <summary>How many last lines failure messages show. Default 20.</summary>
    public int TailLines { get; set; } = 20;

    /// <summary>How many last lines are written at the end of a log that reached its limit. Default 1,000; at least <see cref="TailLines"/>.</summary>
    public int EndLines { get; set; } = 1000;

    /// <summary>How often a follower looks for more. Default 100 ms.</summary>
    public TimeSpan FollowInterval { get; set; } = TimeSpan.FromMilliseconds(100);
}
