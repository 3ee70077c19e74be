using Orchestrator.Storage.Tests.Conformance;

namespace Orchestrator.Storage.Tests.Sqlite;

/// <summary>Databases in folders of their own under the system's folder for temporary files.</summary>
internal sealed class SqliteProvider : DatabaseProvider
{
    public override bool HasManyWriters => true;

    public override bool HasTransactionalSchema => true;

    public override string CreateUrl() => $"sqlite:{Path.Combine(Directory.CreateTempSubdirectory("orc-storage-").FullName, "orc.db")}";

    public override void Remove(string url) => Directory.Delete(Path.GetDirectoryName(PathOf(url))!, recursive: true);

    public static string PathOf(string url) => url["sqlite:".Length..];
}
