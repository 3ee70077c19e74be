namespace Orchestrator.Storage.Databases;

/// <summary>When a write is safe from a power cut. It is safe from the end of any process as soon as it is answered, either way.</summary>
public enum Durability
{
    Unknown = 0,

    /// <summary>Answered when it is on the disk: the default, and right for everything that somebody outside is told of.</summary>
    Synced,

    /// <summary>
    /// Answered when it is written; on the disk within <see cref="DatabaseOptions.SyncWithin"/>, together with all writes before it. For steps that nobody has been told of
    /// and that can be done again: after a power cut the database is as it was before some write of the last moment, never without one in the middle.
    /// </summary>
    Deferred,
}
