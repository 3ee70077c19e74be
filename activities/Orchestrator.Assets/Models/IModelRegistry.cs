using Orchestrator.Core.Values;

namespace Orchestrator.Assets.Models;

/// <summary>Registered models, their versions and aliases. A port of the engine's process.</summary>
public interface IModelRegistry
{
    /// <summary>The version behind <c>name@alias</c> or <c>name/version</c>; null when there is none.</summary>
    Task<ModelRef?> FindAsync(string name, string aliasOrVersion, CancellationToken cancellation);

    /// <summary>Makes the next version of a model, once per key: asked again with the same key it answers the version it made then.</summary>
    Task<ModelRef> RegisterAsync(string name, ModelRef model, string idempotencyKey, AttemptId by, CancellationToken cancellation);

    /// <summary>Points an alias at a version and answers the version it pointed at before; null when it was new.</summary>
    Task<int?> SetAliasAsync(string name, string alias, int version, CancellationToken cancellation);
}
