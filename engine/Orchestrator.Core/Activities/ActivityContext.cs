using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Activities;

/// <summary>What one attempt of an activity may know and use. The lanes implement it; tests use the environment in the testing library.</summary>
public abstract class ActivityContext
{
    public abstract AttemptInfo Attempt { get; }

    /// <summary>
    /// The same for every attempt of the same task (and item) of the same run: what to give to the outside world so that doing it twice counts once.
    /// </summary>
    public string IdempotencyKey => Attempt.MapIndex is { } index ? $"{Attempt.Run}/{Attempt.Task}/{index}" : $"{Attempt.Run}/{Attempt.Task}";

    /// <summary>Cancelled when the attempt should stop: run cancelled, timeout, lease lost, program stopping.</summary>
    public abstract CancellationToken Cancellation { get; }

    public abstract TimeProvider Time { get; }

    public abstract IArtifactStore Artifacts { get; }

    /// <summary>An empty folder for this attempt alone; gone after it.</summary>
    public abstract string WorkingDirectory { get; }

    /// <summary>What relative paths in inputs are relative to: the folder of the pipeline's file.</summary>
    public abstract string BaseDirectory { get; }

    /// <summary>The largest JSON of one output. Default 256 KiB.</summary>
    public virtual int MaxOutputBytes => 256 * 1024;

    /// <summary>The finished items, for the reduce of a <see cref="MappedActivity"/>; empty otherwise.</summary>
    public virtual IReadOnlyList<ItemResult> Items => [];

    /// <summary>Writes a line to the attempt's log, which can be followed while the attempt runs.</summary>
    public abstract void Log(LogSeverity severity, string message);

    public void Log(string message) => Log(LogSeverity.Info, message);

    /// <summary>Tells how far the attempt is; also renews its lease sooner.</summary>
    /// <param name="fraction">0..1, or null when nobody can say.</param>
    /// <param name="message">A few words: <c>round 40 of 200, auc 0.91</c>.</param>
    public abstract void Progress(double? fraction, string? message = null);

    /// <summary>
    /// Leaves a fact for the tables of an activity family (a metric, a dataset version). Facts are stored in the transaction that ends the attempt,
    /// so those of an attempt that was lost or is no longer current never appear. Those of a failed attempt do.
    /// </summary>
    public abstract void Record<T>(T fact) where T : IFact;

    /// <summary>Sets an output. The last value before the attempt ends counts.</summary>
    public void Set<T>(Output<T> output, T value) =>
        SetOutput(output.Name ?? throw new InvalidOperationException("The output's activity was not created by its descriptor."), OrcJson.ToElement(value));

    /// <summary>A service of the engine's process, for activities of <see cref="Lane.Inline"/>.</summary>
    /// <exception cref="InvalidOperationException">The lane has no such port.</exception>
    public abstract T Port<T>() where T : class;

    /// <summary>
    /// A text with its secrets in it, to give to the program or service that needs them. Keep it out of outputs, facts and files that stay; in what the attempt logs
    /// and leaves the engine covers it with <c>***</c>.
    /// </summary>
    /// <exception cref="ActivityException">A secret is not there, or cannot be read (ORC525x).</exception>
    public virtual string Reveal(SecretText text) => text.Reveal(secret => throw new InvalidOperationException($"This context has no secret {secret}."));

    protected internal abstract void SetOutput(string name, JsonElement value);

    /// <summary>A full path for a path written in a pipeline.</summary>
    public string ResolvePath(string path) => Path.GetFullPath(path, BaseDirectory);
}

/// <summary>Which attempt this is.</summary>
public sealed record AttemptInfo
{
    public required AttemptId Id { get; init; }

    public required RunId Run { get; init; }

    public required string Pipeline { get; init; }

    public required DefinitionHash Definition { get; init; }

    public required TaskName Task { get; init; }

    /// <summary>The item's index in a mapped task; null for the task itself.</summary>
    public int? MapIndex { get; init; }

    /// <summary>1 for the first attempt.</summary>
    public required int Number { get; init; }

    /// <summary>The git commit of <see cref="ActivityContext.BaseDirectory"/> when the run started, with <c>-dirty</c> after it when files had changed; null outside git.</summary>
    public string? GitCommit { get; init; }
}

public enum LogSeverity
{
    Unknown = 0,
    Debug,
    Info,
    Warning,
    Error,
}

/// <summary>A fact that an attempt leaves for the tables of a family. Its kind names it in storage for ever.</summary>
public interface IFact
{
    /// <summary><c>tracking.metric</c>; never reused for another meaning.</summary>
    static abstract string Kind { get; }
}

/// <summary>Files by content hash.</summary>
public interface IArtifactStore
{
    /// <summary>Puts a file in by copying it. The same bytes twice are one artifact.</summary>
    /// <param name="path">An existing file; stays the caller's.</param>
    /// <param name="name">The name for people; null: the file's own.</param>
    /// <param name="mediaType">Null: guessed from the name's ending.</param>
    Task<ArtifactRef> AddFileAsync(string path, string? name = null, string? mediaType = null, CancellationToken cancellation = default);

    Task<ArtifactRef> AddTextAsync(string text, string name, string? mediaType = null, CancellationToken cancellation = default);

    /// <summary>The path of an artifact's bytes, to read only. Verified against the hash when it was stored.</summary>
    /// <exception cref="ActivityException">The artifact is not in this store (ORC5101).</exception>
    string PathOf(ArtifactRef artifact);

    /// <summary>The path of an artifact of which only the hash is known: a script that a definition names.</summary>
    /// <exception cref="ActivityException">The artifact is not in this store (ORC5101).</exception>
    string PathOf(string hash);
}
