using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Facts;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>An engine over a real database and the inline lane, in a temporary home.</summary>
internal sealed class EngineHarness : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("orc-engine-").FullName;
    private readonly ServiceProvider services;
    private readonly OrcDatabase database;

    /// <summary>What a second process would have: on a server other connections. On a file the same, since SQLite's writer is one anyway.</summary>
    private readonly OrcDatabase second;
    private readonly EngineStores secondStores;

    private EngineHarness(OrcHome home, (OrcDatabase First, OrcDatabase Second) databases, IFactHandler[] handlers, ServiceProvider services, string folder)
    {
        Directory.Delete(this.folder);
        this.folder = folder;
        (database, second) = databases;
        this.services = services;
        Home = home;
        Stores = services.GetRequiredService<EngineStores>();
        secondStores = second == database ? Stores : new EngineStores(second, handlers);
        Engine = CreateFirstEngine();
    }

    public OrcHome Home { get; }

    /// <summary>The engine's clock.</summary>
    public MovableClock Clock { get; } = new();

    public EngineStores Stores { get; }

    public Engine Engine { get; private set; }

    public CacheInquiry Inquiry => new(Stores.Cache, services.GetRequiredService<ArtifactStore>(), services.GetRequiredService<ActivityCatalog>(), Clock);

    /// <summary>On a file.</summary>
    public static Task<EngineHarness> CreateAsync(params IFactHandler[] handlers) => CreateAsync(_ => { }, null, handlers);

    /// <param name="dialect"><c>sqlite</c> or <c>postgres</c>.</param>
    /// <param name="handlers">Of the facts that attempts may yield.</param>
    public static Task<EngineHarness> OnAsync(string dialect, params IFactHandler[] handlers) => dialect == "sqlite" ? CreateAsync(handlers) : CreateOnServerAsync(handlers);

    /// <param name="prepare">Puts files into the home before it is used.</param>
    /// <param name="onSynced">Hears how many bytes of the database's log are on the disk.</param>
    public static async Task<EngineHarness> CreateAsync(Action<OrcHome> prepare, Action<long>? onSynced, params IFactHandler[] handlers)
    {
        var folder = Directory.CreateTempSubdirectory("orc-engine-").FullName;
        var home = OrcHome.Open(Path.Combine(folder, ".orc"));
        prepare(home);
        var database = await OrcDatabase.OpenAsync($"sqlite:{home.DatabasePath}", new DatabaseOptions { Migrations = [EngineStores.Migrations], OnSynced = onSynced });
        return Create(home, (database, database), handlers, folder);
    }

    private static async Task<EngineHarness> CreateOnServerAsync(IFactHandler[] handlers)
    {
        var folder = Directory.CreateTempSubdirectory("orc-engine-").FullName;
        var options = new DatabaseOptions { Migrations = [EngineStores.Migrations] };
        var url = PostgreSqlServer.Instance.CreateUrl();
        return Create(OrcHome.Open(Path.Combine(folder, ".orc")), (await OrcDatabase.OpenAsync(url, options), await OrcDatabase.OpenAsync(url, options)), handlers, folder);
    }

    private static EngineHarness Create(OrcHome home, (OrcDatabase First, OrcDatabase Second) databases, IFactHandler[] handlers, string folder)
    {
        var services = new ServiceCollection()
            .AddSingleton(home)
            .AddSingleton(new EngineStores(databases.First, handlers))
            .AddSingleton(ActivityCatalog.From(typeof(EngineHarness).Assembly))
            .AddLanes()
            .BuildServiceProvider();
        return new EngineHarness(home, databases, handlers, services, folder);
    }

    /// <summary>Leaves the engine and makes another over the same home, as a new start of the program would.</summary>
    /// <param name="later">How long nobody was there.</param>
    public async Task RestartAsync(TimeSpan later = default)
    {
        await Engine.DisposeAsync();
        Clock.Set(later);
        Engine = CreateFirstEngine();
    }

    public RunStart Wish(PipelineDefinition pipeline, params (string Name, object Value)[] parameters) => new()
    {
        Pipeline = pipeline,
        Definition = new StoredDefinition
        {
            Hash = DefinitionWriter.Hash(pipeline), Pipeline = pipeline.Name, Json = DefinitionWriter.ToJson(pipeline), SourceKind = "json", CreatedAt = DateTimeOffset.UnixEpoch,
        },
        Params = parameters.ToImmutableSortedDictionary(one => one.Name, one => OrcJson.ToElement(one.Value)),
        BaseDirectory = folder,
    };

    public Task<RunHandle> StartAsync(PipelineDefinition pipeline, IRunListener? listener = null, params (string Name, object Value)[] parameters) =>
        StartAsync(Engine, pipeline, listener, parameters);

    public Task<RunHandle> StartAsync(Engine engine, PipelineDefinition pipeline, IRunListener? listener, params (string Name, object Value)[] parameters) =>
        engine.StartAsync(Wish(pipeline, parameters), listener ?? new Ear(), CancellationToken.None);

    public async Task<RunState> RunAsync(PipelineDefinition pipeline, params (string Name, object Value)[] parameters) =>
        await (await StartAsync(pipeline, null, parameters)).Completion;

    public static TaskDefinition Task(string name, string uses, params (string Name, object Value)[] with) => new()
    {
        Name = new TaskName(name), Uses = uses, With = with.ToImmutableSortedDictionary(one => one.Name, one => OrcJson.ToElement(one.Value)),
    };

    public static PipelineDefinition Pipeline(params TaskDefinition[] tasks) => new() { Name = "test", Tasks = [.. tasks] };

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await services.DisposeAsync();
        await database.DisposeAsync();
        await second.DisposeAsync();
        Home.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Another engine over the same home, as another process would have it.</summary>
    /// <param name="time">Its clock; null: the harness's own.</param>
    /// <param name="places">How much room it has; null: the usual.</param>
    public Engine CreateEngine(TimeProvider? time = null, LanePlaceOptions? places = null) => CreateEngine(second, secondStores, time, places);

    private Engine CreateFirstEngine() => CreateEngine(database, Stores, null, null);

    private Engine CreateEngine(OrcDatabase mine, EngineStores stores, TimeProvider? time, LanePlaceOptions? places) => new(new EngineParts
    {
        Runs = stores.Runs,
        Cache = stores.Cache,
        Pools = stores.Pools,
        Concurrency = stores.Concurrency,
        WakeUps = mine.WakeUps,
        Activities = services.GetRequiredService<ActivityCatalog>(),
        Lanes = services.GetServices<ILane>().ToDictionary(lane => lane.Kind),
        Resolvers = [],
        Artifacts = services.GetRequiredService<ArtifactStore>(),
        Logs = services.GetRequiredService<AttemptLogs>(),
        Time = time ?? Clock,
        ReadDefinition = DefinitionReader.Load,
        Places = places ?? new LanePlaceOptions(),
    });
}

/// <summary>Hears everything that a run tells, and lets a test wait for it.</summary>
internal sealed class Ear : IRunListener
{
    private readonly Lock gate = new();
    private readonly List<RunEvent> heard = [];
    private readonly List<(Func<RunEvent, bool> IsIt, TaskCompletionSource Seen)> waiting = [];

    public Task<bool> WaitForAsync(Func<RunEvent, bool> isIt)
    {
        lock (gate)
        {
            if (heard.Any(isIt))
            {
                return Task.FromResult(true);
            }

            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((isIt, seen));
            return seen.Task.WaitAsync(TimeSpan.FromSeconds(60)).ContinueWith(task => task.IsCompletedSuccessfully, TaskScheduler.Default);
        }
    }

    public void OnEvents(RunState state, IReadOnlyList<RunEvent> events)
    {
        lock (gate)
        {
            heard.AddRange(events);
            foreach (var (isIt, seen) in waiting.Where(one => heard.Any(one.IsIt)).ToArray())
            {
                seen.TrySetResult();
            }
        }
    }

    public void OnProgress(TaskKey key, double? fraction, string? message)
    {
    }
}
