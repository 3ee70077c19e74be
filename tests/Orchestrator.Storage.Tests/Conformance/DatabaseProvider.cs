namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Where the suite gets its databases. One implementation per dialect; what a dialect cannot do is a flag, and the suite skips it with words.</summary>
public abstract class DatabaseProvider
{
    /// <summary>Two processes may write one database.</summary>
    public abstract bool HasManyWriters { get; }

    /// <summary>A schema change that fails leaves nothing behind.</summary>
    public abstract bool HasTransactionalSchema { get; }

    /// <summary>The URL of a database that does not exist yet, or is empty.</summary>
    public abstract string CreateUrl();

    /// <summary>Removes what <see cref="CreateUrl"/> led to.</summary>
    public abstract void Remove(string url);
}
