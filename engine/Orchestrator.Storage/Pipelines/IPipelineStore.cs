using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Pipelines;

/// <summary>
/// The registered pipelines. A pipeline has a history of versions, each a stored definition, and the newest of them is what new runs get. All changes of all pipelines are
/// numbered in the order of their commits, so whoever follows them needs one number: what it has seen.
/// </summary>
/// <remarks>
/// To follow: <see cref="ListChangedAsync"/> from 0 until a page is empty, keeping the largest <see cref="PipelineInfo.Revision"/>; then <see cref="WaitForChangeAsync"/> with it, and again from
/// there. A pipeline that changed twice meanwhile appears once, as it is now; one that was removed appears with <see cref="PipelineInfo.IsRemoved"/>. Definitions are immutable: read what
/// <see cref="PipelineInfo.Hash"/> names from <see cref="Definitions.IDefinitionStore"/> when the hash is a new one.
/// </remarks>
public interface IPipelineStore
{
    /// <summary>Makes a stored definition the newest version of its pipeline. The same definition from the same place as the current one changes nothing.</summary>
    /// <param name="registration">What, by whom.</param>
    /// <param name="also">Written in the same transaction, when something is changed; gets the pipeline as it is then.</param>
    /// <param name="cancellation">Ends the waiting for the writer.</param>
    /// <exception cref="StorageException">There is no such definition of this pipeline (ORC6000).</exception>
    Task<PipelineResult> RegisterAsync(PipelineRegistration registration, PipelineAlso? also, CancellationToken cancellation);

    /// <summary>Pauses, resumes or removes a pipeline. One that is so already is left as it is.</summary>
    /// <inheritdoc cref="RegisterAsync" path="/param"/>
    Task<PipelineResult> ChangeAsync(PipelineChange change, PipelineAlso? also, CancellationToken cancellation);

    /// <summary>Also one that was removed; null when the name was never registered.</summary>
    Task<PipelineInfo?> FindAsync(string pipeline, CancellationToken cancellation);

    /// <summary>By name; removed ones are left out.</summary>
    Task<IReadOnlyList<PipelineInfo>> ListAsync(PipelineFilter filter, CancellationToken cancellation);

    /// <summary>Pipelines that changed after a number, removed ones too, in the order of their newest change.</summary>
    /// <param name="after">0: all.</param>
    /// <param name="limit">1..1000.</param>
    /// <param name="cancellation">Ends the reading.</param>
    Task<IReadOnlyList<PipelineInfo>> ListChangedAsync(long after, int limit, CancellationToken cancellation);

    /// <summary>Waits until there is a change after a number, and answers the number of the newest. May answer early and twice for one change; never misses one.</summary>
    /// <param name="seen">The number of the newest change that the caller has seen.</param>
    /// <param name="lookEvery">Changes made through this object are told of at once; those of other processes are looked for this often.</param>
    /// <param name="time">Whose clock <paramref name="lookEvery"/> is of.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    Task<long> WaitForChangeAsync(long seen, TimeSpan lookEvery, TimeProvider time, CancellationToken cancellation);

    /// <summary>The versions of a pipeline, newest first.</summary>
    /// <param name="pipeline">Its name.</param>
    /// <param name="before">The last version of the page before; null: from the newest.</param>
    /// <param name="limit">1..1000.</param>
    /// <param name="cancellation">Ends the reading.</param>
    Task<IReadOnlyList<PipelineVersion>> ListVersionsAsync(string pipeline, int? before, int limit, CancellationToken cancellation);

    Task<PipelineVersion?> FindVersionAsync(string pipeline, int version, CancellationToken cancellation);
}

/// <summary>Writes of somebody else that are to be stored together with a change of a pipeline, or not at all.</summary>
/// <param name="session">The transaction. Await it and nothing else.</param>
/// <param name="now">The pipeline as the change leaves it.</param>
/// <param name="cancellation">Handed to the session.</param>
public delegate Task PipelineAlso(IWriteSession session, PipelineInfo now, CancellationToken cancellation);

/// <summary>Which pipelines to list, by name.</summary>
public sealed record PipelineFilter
{
    /// <summary>Only pipelines of these projects. Null: of all.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>Part of the name, in any case. Null: any name.</summary>
    public string? Search { get; init; }

    /// <summary>The last pipeline of the page before; null: from the first.</summary>
    public string? After { get; init; }

    /// <summary>The most rows to answer, 1..1000.</summary>
    public int Limit { get; init; } = 50;
}
