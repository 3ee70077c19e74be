using Orchestrator.Storage.Databases;

namespace Orchestrator.Tracking.Tests;

/// <summary>A real database file with this family's tables, in a folder that goes away.</summary>
internal sealed class TrackingDatabase : IAsyncDisposable
{
    private readonly string folder;

    private TrackingDatabase(string folder, OrcDatabase database) => (this.folder, Database) = (folder, database);

    public OrcDatabase Database { get; }

    public static async Task<TrackingDatabase> OpenAsync()
    {
        var folder = Directory.CreateTempSubdirectory("orc-tracking-").FullName;
        var options = new DatabaseOptions { Migrations = [TrackingRegistration.Migrations] };
        return new TrackingDatabase(folder, await OrcDatabase.OpenAsync($"sqlite:{Path.Combine(folder, "orc.db")}", options));
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
