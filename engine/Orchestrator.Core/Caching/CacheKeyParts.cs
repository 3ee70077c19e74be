using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Caching;

/// <summary>Everything a task's result depends on. Two tasks with the same parts have the same result, in whatever pipeline and run they stand.</summary>
public sealed record CacheKeyParts
{
    /// <summary>The activity's type.</summary>
    public required string Activity { get; init; }

    public required int Version { get; init; }

    /// <summary>The resolved inputs. Files are in them by content hash, datasets and models by theirs.</summary>
    public required ImmutableSortedDictionary<string, JsonElement> Inputs { get; init; }

    /// <summary>What the activity found outside its inputs: the hash of a source file, of a command's scripts.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>For a task with <c>map</c>: the template that its items are made from.</summary>
    public string? Map { get; init; }

    /// <summary>The pipeline that alone may take the result over; null: every one of the home.</summary>
    public string? Scope { get; init; }

    /// <summary>The variables that the author named, with their values; null values: not set. Null: none was named.</summary>
    public ImmutableSortedDictionary<string, string?>? Environment { get; init; }

    /// <summary>The parts of the key that a piece of work was given.</summary>
    /// <param name="work">Of an activity that is cached.</param>
    /// <param name="version">Of its activity.</param>
    public static CacheKeyParts Of(Runs.TaskWork work, int version) => new()
    {
        Activity = work.Uses,
        Version = version,
        Inputs = work.Inputs,
        Fingerprint = work.Fingerprint,
        Scope = work.CacheScope,
        Environment = work.CacheEnvironment,
    };

    /// <summary>SHA-256 of the parts in canonical JSON, 64 lowercase hexadecimal digits.</summary>
    public string Hash()
    {
        var canonical = new StringBuilder();
        CanonicalJson.Write(canonical, OrcJson.ToElement(this));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())));
    }
}
