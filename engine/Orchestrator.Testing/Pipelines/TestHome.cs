using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Definitions;

namespace Orchestrator.Testing.Pipelines;

/// <summary>
/// A home for one run of a test: the product's own stores over a database that lives in memory where the system has a folder there (<c>/dev/shm</c>), and
/// in the folder for temporary files elsewhere. A store written for tests could promise something else than the real one does.
/// </summary>
internal sealed class TestHome : IAsyncDisposable
{
    private readonly string folder;
    private readonly OrcHome home;
    private readonly OrcDatabase database;
    private readonly ServiceProvider services;
    private readonly Engine engine;
    private readonly EngineStores stores;

    private TestHome(string folder, OrcHome home, OrcDatabase database, ServiceProvider services, EngineStores stores, Engine engine)
    {
        this.stores = stores;
        this.folder = folder;
        this.home = home;
        this.database = database;
        this.services = services;
        this.engine = engine;
    }

    /// <summary>An empty folder.</summary>
    public string Folder => Directory.CreateDirectory(Path.Combine(folder, "base")).FullName;

    public static async Task<TestHome> OpenAsync(
        ActivityCatalog catalog, IReadOnlyList<TaskDefinition> tasks, FakeBook fakes, IReadOnlyDictionary<string, JsonElement> references, IReadOnlyDictionary<Type, object> ports, TestClock clock, LaneLedger ledger)
    {
        const string Memory = "/dev/shm";
        var folder = Path.Combine(Directory.Exists(Memory) ? Memory : Path.GetTempPath(), $"orc-pipeline-{Guid.NewGuid():N}");
        var home = OrcHome.Open(folder);
        var database = await OrcDatabase.OpenAsync($"sqlite:{home.DatabasePath}", new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        var registered = new ServiceCollection().AddSingleton<TimeProvider>(clock).AddSingleton(home).AddLanes();
        foreach (var (type, port) in ports)
        {
            registered.AddSingleton(type, port);
        }

        var services = registered.BuildServiceProvider();
        var stores = new EngineStores(database, []);
        var real = services.GetServices<ILane>().Single(lane => lane.Kind == Lane.Inline);
        var engine = new Engine(new EngineParts
        {
            Runs = stores.Runs,
            Cache = stores.Cache,
            Pools = stores.Pools,
            Concurrency = stores.Concurrency,
            Activities = catalog,
            Lanes = Enum.GetValues<Lane>().Where(lane => lane != Lane.Child).ToDictionary(lane => lane, ILane (lane) => new FakeLane(lane, tasks, fakes, clock, ledger, real)),
            Resolvers = TestResolver.Of(catalog, references),
            Artifacts = services.GetRequiredService<ArtifactStore>(),
            Logs = services.GetRequiredService<AttemptLogs>(),
            Time = clock,
            ReadDefinition = DefinitionReader.Load,
            // A test must not depend on the machine's cores; limits of the pipeline itself hold all the same.
            Places = new LanePlaceOptions { Inline = 1000, Process = 1000, Command = 1000 },
        });
        return new TestHome(folder, home, database, services, stores, engine);
    }

    public Task SetPoolAsync(string pool, int slots) => stores.Pools.SetAsync(pool, slots, CancellationToken.None);

    public Task<RunHandle> StartAsync(PipelineDefinition pipeline, ImmutableSortedDictionary<string, JsonElement> values, ImmutableArray<TaskName> skip, RunTrigger? trigger, string? baseDirectory, IRunListener listener) => engine.StartAsync(
        new RunStart
        {
            Pipeline = pipeline,
            Definition = new StoredDefinition
            {
                Hash = DefinitionWriter.Hash(pipeline), Pipeline = pipeline.Name, Json = DefinitionWriter.ToJson(pipeline), SourceKind = "json", CreatedAt = DateTimeOffset.UnixEpoch,
            },
            Params = values,
            BaseDirectory = baseDirectory ?? Folder,
            Skip = skip,
            Trigger = trigger,
        },
        listener,
        CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await engine.DisposeAsync();
        await services.DisposeAsync();
        await database.DisposeAsync();
        home.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
