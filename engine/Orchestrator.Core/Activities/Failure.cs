using System.Text.Json.Serialization;

namespace Orchestrator.Core.Activities;

/// <summary>Whose doing a failure is; retry rules and exit codes read this, never the text.</summary>
public enum FailureKind
{
    Unknown = 0,

    /// <summary>The work said no: data that does not pass, a model that is worse, a wrong input.</summary>
    Work,

    /// <summary>The machinery broke: worker died, disk full, lease lost. Retried on its own allowance.</summary>
    Infrastructure,

    /// <summary>A time limit passed.</summary>
    Timeout,

    /// <summary>An error nobody foresaw, with its stack in the attempt's log.</summary>
    Unexpected,
}

/// <summary>Why an attempt or a task failed: data, not a message to be parsed.</summary>
public sealed record Failure
{
    /// <summary>Names the mistake for ever: <c>ORC5203</c>.</summary>
    public required string Code { get; init; }

    public required FailureKind Kind { get; init; }

    /// <summary>What is wrong, with the place in it.</summary>
    public required string Message { get; init; }

    /// <summary>Why it is a rule.</summary>
    public string? Why { get; init; }

    /// <summary>How to fix it.</summary>
    public string? Help { get; init; }

    /// <summary>False: trying again with the same inputs cannot help.</summary>
    public bool Retryable { get; init; }

    /// <summary>True: this is no failure. There was nothing to do, and the task ends as skipped with <see cref="Message"/> as its reason.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Skips { get; init; }

    /// <summary>When the other side asked not to come back earlier.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>More lines for people: offending rows, the tail of a log.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];
}

/// <summary>Ends an attempt as failed, with everything a person needs to act.</summary>
public sealed class ActivityException : Exception
{
    public ActivityException(Failure failure, Exception? inner = null) : base(failure.Message, inner) => Failure = failure;

    /// <summary>A failure of kind <see cref="FailureKind.Work"/> that trying again cannot help.</summary>
    public ActivityException(string code, string message, string? why = null, string? help = null)
        : this(new Failure { Code = code, Kind = FailureKind.Work, Message = message, Why = why, Help = help })
    {
    }

    public Failure Failure { get; }
}
