using Orchestrator.Storage.Databases;

namespace Orchestrator.Server.Assets;

/// <summary>Written in the transaction of a change, or not at all.</summary>
/// <param name="session">The transaction. Await it and nothing else.</param>
/// <param name="cancellation">Handed to the session.</param>
public delegate Task AlsoWrite(IWriteSession session, CancellationToken cancellation);

/// <summary>What families of activities keep. The server knows none of them: whoever composes it says who answers for them.</summary>
public sealed record ServedAssets
{
    public required IServedDatasets Datasets { get; init; }

    public required IServedModels Models { get; init; }

    public required IServedEndpoints Endpoints { get; init; }
}

/// <summary>Datasets and their versions. What is not there is an <see cref="Core.Activities.ActivityException"/> with a code of the family.</summary>
public interface IServedDatasets
{
    /// <summary>All, by name.</summary>
    Task<IReadOnlyList<DatasetDocument>> ListAsync(CancellationToken cancellation);

    /// <summary>The versions of a dataset, the newest first.</summary>
    Task<IReadOnlyList<DatasetVersionDocument>> VersionsAsync(string dataset, CancellationToken cancellation);

    /// <summary>One version with its profile and its newest validations.</summary>
    /// <param name="dataset">Its dataset.</param>
    /// <param name="version">A version, its first characters, or <c>latest</c>.</param>
    /// <param name="cancellation">Ends the reading.</param>
    Task<DatasetVersionDocument> GetVersionAsync(string dataset, string version, CancellationToken cancellation);

    /// <summary>What is different between two versions.</summary>
    Task<DatasetDiffDocument> DiffAsync(string dataset, string before, string after, CancellationToken cancellation);
}

/// <summary>Registered models, their versions and aliases.</summary>
public interface IServedModels
{
    /// <summary>All, by name.</summary>
    Task<IReadOnlyList<ModelDocument>> ListAsync(CancellationToken cancellation);

    /// <summary>A model with its versions, the newest first, and where its aliases have pointed, the latest change first.</summary>
    Task<ServedModel> GetAsync(string model, CancellationToken cancellation);

    /// <summary>Points an alias at a version, or takes it away.</summary>
    Task<AliasMoveResult> MoveAliasAsync(AliasMoveWish wish, AlsoWrite also, CancellationToken cancellation);
}

/// <summary>What answers predictions.</summary>
public interface IServedEndpoints
{
    /// <summary>All, by name.</summary>
    Task<IReadOnlyList<EndpointDocument>> ListAsync(CancellationToken cancellation);

    /// <summary>An endpoint with everything that ever answered it, the newest first.</summary>
    Task<ServedEndpoint> GetAsync(string endpoint, CancellationToken cancellation);

    /// <summary>Puts back what answered before.</summary>
    Task<RollbackDocument> RollBackAsync(RollbackWish wish, AlsoWrite also, CancellationToken cancellation);
}

/// <summary>A model with all that is known of it.</summary>
/// <param name="Model">As in a list.</param>
/// <param name="Versions">The newest first.</param>
/// <param name="AliasHistory">The latest change first.</param>
public sealed record ServedModel(ModelDocument Model, IReadOnlyList<ModelVersionDocument> Versions, IReadOnlyList<AliasChangeDocument> AliasHistory);

/// <summary>An endpoint with all that is known of it.</summary>
/// <param name="Endpoint">As in a list.</param>
/// <param name="History">The newest first.</param>
/// <param name="RollbackTarget">Where a rollback would go; null: nowhere.</param>
public sealed record ServedEndpoint(EndpointDocument Endpoint, IReadOnlyList<DeploymentDocument> History, DeploymentDocument? RollbackTarget);

/// <summary>Where an alias is to point.</summary>
public sealed record AliasMoveWish
{
    public required string Model { get; init; }

    public required string Alias { get; init; }

    /// <summary>Null: nowhere.</summary>
    public int? Version { get; init; }

    /// <summary>Only while it points at this version. Null: wherever it points.</summary>
    public int? From { get; init; }

    public string? Reason { get; init; }
}

/// <summary>Where an alias pointed.</summary>
/// <param name="Before">Null: there was no such alias.</param>
/// <param name="Refused">True: it points at another version than it was asked to be moved from, and nothing was changed.</param>
public readonly record struct AliasMoveResult(int? Before, bool Refused);

/// <summary>A wish to take an endpoint back.</summary>
public sealed record RollbackWish
{
    public required string Endpoint { get; init; }

    /// <summary>The version to go back to; null: what the current one took over from.</summary>
    public int? To { get; init; }

    public string? Reason { get; init; }

    /// <summary>The same key is answered the same and does nothing again. Null: each wish is its own.</summary>
    public string? Key { get; init; }
}
