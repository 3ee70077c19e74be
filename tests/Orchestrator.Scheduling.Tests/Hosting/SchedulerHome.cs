using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;
using Orchestrator.Scheduling.Backfills;
using Orchestrator.Scheduling.Events;
using Orchestrator.Scheduling.Starting;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Pipelines;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.Schedules;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Scheduling.Tests.Hosting;

/// <summary>A home with a real database and a clock that stands still. Schedulers over it are made as often as a test likes, as starts of a program would.</summary>
internal sealed class SchedulerHome : IAsyncDisposable
{
    private readonly string folder;
    private readonly OrcDatabase database;
    private readonly ServiceProvider services;
    private readonly OrcHome home;
    private readonly List<Engine> engines = [];

    private SchedulerHome(string folder, OrcHome home, string url, OrcDatabase database, ServiceProvider services)
    {
        Url = url;
        this.folder = folder;
        this.home = home;
        this.database = database;
        this.services = services;
        Stores = services.GetRequiredService<EngineStores>();
    }

    public static DateTimeOffset Start { get; } = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public FakeTimeProvider Clock { get; } = new(Start);

    public EngineStores Stores { get; }

    public OrcDatabase Database => database;

    public string Folder => folder;

    /// <summary>Of the database, for those who open it once more as another process would.</summary>
    public string Url { get; }

    public TriggerControl Control => new(Stores, DefinitionReader.Load, Clock);

    public BackfillControl Backfills => new(Stores, Clock);

    /// <param name="dialect"><c>sqlite</c> or <c>postgres</c>.</param>
    public static async Task<SchedulerHome> CreateAsync(string dialect = "sqlite")
    {
        const string Memory = "/dev/shm";
        var folder = Path.Combine(Directory.Exists(Memory) ? Memory : Path.GetTempPath(), $"orc-schedules-{Guid.NewGuid():N}");
        var home = OrcHome.Open(Path.Combine(folder, ".orc"));
        var url = dialect == "sqlite" ? $"sqlite:{home.DatabasePath}" : PostgreSqlServer.Instance.CreateUrl();
        var database = await OrcDatabase.OpenAsync(url, new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        var services = new ServiceCollection()
            .AddSingleton(home)
            .AddSingleton(new EngineStores(database, []))
            .AddSingleton(ActivityCatalog.From(typeof(SchedulerHome).Assembly))
            .AddLanes()
            .BuildServiceProvider();
        return new SchedulerHome(folder, home, url, database, services);
    }

    /// <summary>A scheduler whose runs are accepted and never worked on.</summary>
    public SchedulerCore Core(IRunStarter? starter = null, IFileListing? files = null) => new(Parts(starter ?? new AcceptingStarter(Stores, Clock), files));

    public SchedulerParts Parts(IRunStarter starter, IFileListing? files = null) =>
        new() { Stores = Stores, Starter = starter, ReadDefinition = DefinitionReader.Load, Time = Clock, Files = files ?? new FolderListing() };

    /// <summary>An engine by the time of this machine: attempts are real work, and only schedules go by the clock of the test.</summary>
    public EngineRunStarter EngineStarter()
    {
        var engine = new Engine(new EngineParts
        {
            Runs = Stores.Runs,
            Cache = Stores.Cache,
            Pools = Stores.Pools,
            Concurrency = Stores.Concurrency,
            Activities = services.GetRequiredService<ActivityCatalog>(),
            Lanes = services.GetServices<ILane>().ToDictionary(lane => lane.Kind),
            Resolvers = [],
            Artifacts = services.GetRequiredService<ArtifactStore>(),
            Logs = services.GetRequiredService<AttemptLogs>(),
            Time = TimeProvider.System,
            ReadDefinition = DefinitionReader.Load,
        });
        engines.Add(engine);
        return new EngineRunStarter(engine);
    }

    public StoredDefinition Stored(PipelineDefinition pipeline) => new()
    {
        Hash = DefinitionWriter.Hash(pipeline), Pipeline = pipeline.Name, Json = DefinitionWriter.ToJson(pipeline), SourceKind = "json", CreatedAt = Clock.GetUtcNow(),
    };

    public static PipelineDefinition Pipeline(string name, params TriggerDefinition[] triggers) => new()
    {
        Name = name,
        Triggers = [.. triggers],
        Tasks = [new TaskDefinition { Name = new TaskName("work"), Uses = "sample.note", With = new Dictionary<string, JsonElement> { ["text"] = OrcJson.ToElement(name) }.ToImmutableSortedDictionary() }],
    };

    public Task<PipelineInfo> RegisterAsync(string name, params TriggerDefinition[] triggers) => RegisterAsync(Pipeline(name, triggers));

    public async Task<PipelineInfo> RegisterAsync(PipelineDefinition pipeline)
    {
        var stored = Stored(pipeline);
        await Stores.Runs.AddDefinitionAsync(stored, CancellationToken.None);
        var result = await Stores.Pipelines.RegisterAsync(
            new PipelineRegistration { Pipeline = pipeline.Name, Hash = stored.Hash, Source = "test", BaseDirectory = folder, By = "ann", Now = Clock.GetUtcNow() }, null, CancellationToken.None);
        return result.Pipeline!;
    }

    /// <summary>What was decided about the ticks of a trigger, oldest first, in words: <c>02:00 started</c>.</summary>
    public async Task<string[]> TicksAsync(string pipeline, string name = "schedule", string format = "HH:mm") =>
        [.. (await AllTicksAsync(pipeline, name)).Select(tick => $"{tick.LogicalDate?.ToString(format)} {tick.Decision}".Trim())];

    public async Task<IReadOnlyList<TickInfo>> AllTicksAsync(string pipeline, string name = "schedule") =>
        [.. (await Stores.Triggers.ListTicksAsync(new TriggerKey(pipeline, name), null, 100_000, CancellationToken.None)).Reverse()];

    public Task<TriggerInfo?> TriggerAsync(string pipeline, string name = "schedule") => Stores.Triggers.FindAsync(new TriggerKey(pipeline, name), CancellationToken.None);

    public async Task<IReadOnlyList<RunInfo>> RunsAsync(string? pipeline = null) => [.. (await Stores.Runs.ListAsync(new RunFilter { Pipeline = pipeline, Limit = 1000 }, CancellationToken.None)).Reverse()];

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in engines)
        {
            await engine.DisposeAsync();
        }

        await services.DisposeAsync();
        await database.DisposeAsync();
        if (Url.StartsWith("postgres:", StringComparison.Ordinal))
        {
            PostgreSqlServer.Instance.Remove(Url);
        }

        home.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
