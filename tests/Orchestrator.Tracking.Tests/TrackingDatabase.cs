using Orchestrator.Storage;
using Orchestrator.Storage.Databases;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Tracking.Tests;

/// <summary>A real database with this family's tables, which goes away: a file, or a schema of a server.</summary>
internal sealed class TrackingDatabase : IAsyncDisposable
{
    private readonly string? folder;

    private TrackingDatabase(string? folder, string url, OrcDatabase database) => (this.folder, Url, Database) = (folder, url, database);

    public string Url { get; }

    public OrcDatabase Database { get; }

    /// <param name="dialect"><c>sqlite</c> or <c>postgres</c>.</param>
    public static async Task<TrackingDatabase> OpenAsync(string dialect = "sqlite")
    {
        var folder = dialect == "sqlite" ? Directory.CreateTempSubdirectory("orc-tracking-").FullName : null;
        var url = folder is null ? PostgreSqlServer.Instance.CreateUrl() : $"sqlite:{Path.Combine(folder, "orc.db")}";
        var options = new DatabaseOptions { Migrations = [EngineStores.Migrations, TrackingRegistration.Migrations] };
        return new TrackingDatabase(folder, url, await OrcDatabase.OpenAsync(url, options));
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (folder is null)
        {
            PostgreSqlServer.Instance.Remove(Url);
        }
        else
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
