using System.Collections.Immutable;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Caching;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Coordination;

/// <summary>Makes the cache keys of tasks and of items.</summary>
/// <param name="pipeline">The run's pipeline, for results that it keeps to itself.</param>
/// <param name="baseDirectory">What relative paths are relative to.</param>
/// <param name="variable">The value of a variable of the environment; null: it is not set.</param>
internal sealed class CacheKeys(string pipeline, string baseDirectory, Func<string, string?> variable)
{
    /// <summary>Tells what many fingerprints have in common only once.</summary>
    public FingerprintContext Begin(CancellationToken cancellation) => new() { BaseDirectory = baseDirectory, Cancellation = cancellation };

    /// <summary>What the task says of its cache, unless whoever started the run wants a new result. A task that never stores one is not made to.</summary>
    public static CacheMode ModeOf(RunState state, TaskDefinition definition)
    {
        var mode = definition.Cache?.Mode ?? CacheMode.Auto;
        return mode == CacheMode.Auto && state.Refresh.Contains(definition.Name) ? CacheMode.Refresh : mode;
    }

    /// <summary>The instant before which results are too old; null: none is.</summary>
    public static DateTimeOffset? Since(TaskDefinition definition, DateTimeOffset now) => definition.Cache?.Expires is { } age ? now - age : null;

    /// <summary>The work with its key; as it was when its result neither stands in for another nor another for it.</summary>
    /// <param name="about">The work's activity.</param>
    /// <param name="instance">The same with its inputs.</param>
    /// <param name="definition">The task whose work, or whose item's work, it is.</param>
    /// <exception cref="ActivityException">What the result depends on cannot be read.</exception>
    public async Task<TaskWork> AddAsync(ActivityDescriptor about, Activity instance, TaskDefinition definition, TaskWork work, FingerprintContext context)
    {
        if (!about.Cacheable || definition.Cache?.Mode == CacheMode.Never)
        {
            return work;
        }

        var fingerprint = await ActivityRunner.FingerprintAsync(instance, context);
        if (Fingerprints.IsUnknown(fingerprint))
        {
            return work;
        }

        var keyed = work with
        {
            Fingerprint = fingerprint,
            CacheScope = definition.Cache?.Scope == CacheScope.Pipeline ? pipeline : null,
            CacheEnvironment = definition.Cache?.Environment is { IsEmpty: false } names
                ? names.Distinct().ToImmutableSortedDictionary(name => name, variable, StringComparer.Ordinal)
                : null,
        };
        return keyed with { CacheKey = CacheKeyParts.Of(keyed, about.Version).Hash() };
    }
}
