using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;
using Orchestrator.Runtime.Logs;
using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Runtime.Lanes;

/// <summary>A place where attempts run. Safe to call from several threads; holds no state of runs.</summary>
public interface ILane
{
    Lane Kind { get; }

    /// <summary>Attempts of this lane will come soon: what takes long to start may be started now. Returns at once.</summary>
    void Foresee()
    {
    }

    /// <summary>Runs one attempt to its end. Never throws for what the activity does: every end is a result.</summary>
    /// <param name="stop">Asks the activity to end (its context's cancellation). It may still succeed.</param>
    /// <param name="kill">Ends it now: a process is killed with all it started; code in the engine's process is left alone and no longer heard.</param>
    Task<AttemptResult> RunAsync(AttemptRequest request, IAttemptObserver observer, CancellationToken stop, CancellationToken kill);
}

/// <summary>Everything a lane needs to run one attempt.</summary>
public sealed record AttemptRequest
{
    public required AttemptInfo Attempt { get; init; }

    public required ActivityDescriptor Activity { get; init; }

    /// <summary>By input name; no expression and no textual reference is left in them.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Inputs { get; init; }

    /// <summary>The full path that relative paths in inputs are relative to.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>Where the attempt writes. The caller opens it before and disposes it after.</summary>
    public required AttemptLog Log { get; init; }

    /// <summary>The longest the attempt may run, from the moment it starts running. Null: no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What the attempt may use up beside time; null: as the lane's options say.</summary>
    public TaskLimits? Limits { get; init; }

    /// <summary>The secrets that the task's definition names; the attempt gets these and no others.</summary>
    public IReadOnlyList<SecretRef> Secrets { get; init; } = [];

    /// <summary>Their values, put in by <see cref="SecretLane{TLane}"/>.</summary>
    internal RevealedSecrets Revealed { get; init; } = RevealedSecrets.None;

    /// <summary>The finished items, for the reduce of a mapped activity.</summary>
    public IReadOnlyList<ItemResult> Items { get; init; } = [];
}

/// <summary>Hears of an attempt while it runs. Called from any thread; must be quick and must not throw.</summary>
public interface IAttemptObserver
{
    /// <param name="fraction">0..1, or null when nobody can say.</param>
    void OnProgress(double? fraction, string? message);

    /// <summary>The attempt's process has answered.</summary>
    void OnHeartbeat();
}

/// <summary>A fact that an attempt left, as JSON.</summary>
/// <param name="Kind">Names the fact in storage, <c>tracking.metric</c>.</param>
public readonly record struct RecordedFact(string Kind, JsonElement Value);

/// <summary>How an attempt ended.</summary>
public abstract record AttemptResult
{
    private AttemptResult()
    {
    }

    /// <summary>What the attempt left for the tables of families, in order. Stored whether it succeeded or not.</summary>
    public IReadOnlyList<RecordedFact> Facts { get; init; } = [];

    /// <summary>The work is done.</summary>
    /// <param name="Outputs">By output name; checked against the activity's descriptor.</param>
    public sealed record Succeeded(IReadOnlyDictionary<string, JsonElement> Outputs) : AttemptResult;

    /// <summary>The work is not done.</summary>
    public sealed record Failed(Failure Failure) : AttemptResult;

    /// <summary>The attempt was asked to stop, or was killed, and ended for that reason.</summary>
    public sealed record Cancelled : AttemptResult;
}
