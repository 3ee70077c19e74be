using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Facts;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>A fresh database with the engine's tables for every test.</summary>
public abstract class ConformanceSuite(DatabaseProvider provider)
{
    private readonly List<OrcDatabase> opened = [];

    protected static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    protected DatabaseProvider Provider { get; } = provider;

    protected string Url { get; private set; } = "";

    protected OrcDatabase Database { get; private set; } = null!;

    protected EngineStores Stores { get; private set; } = null!;

    protected virtual IEnumerable<IFactHandler> FactHandlers => [];

    [SetUp]
    public async Task OpenAsync()
    {
        Url = Provider.CreateUrl();
        Database = await OpenAnotherAsync();
        Stores = new EngineStores(Database, FactHandlers);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        foreach (var database in opened)
        {
            await database.DisposeAsync();
        }

        opened.Clear();
        Provider.Remove(Url);
    }

    /// <summary>Opens the same database once more, as another process would.</summary>
    protected async Task<OrcDatabase> OpenAnotherAsync()
    {
        var database = await OrcDatabase.OpenAsync(Url, new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        opened.Add(database);
        return database;
    }
}
