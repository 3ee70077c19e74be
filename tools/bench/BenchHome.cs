using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
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

namespace Orchestrator.Bench;

/// <summary>The embedded default in a folder of its own: the same stores, coordinator and inline lane that <c>orc run</c> has, every state change committed.</summary>
internal sealed class BenchHome : IAsyncDisposable
{
    private readonly OrcHome home;
    private readonly OrcDatabase database;
    private readonly ServiceProvider services;

    private BenchHome(OrcHome home, OrcDatabase database, ServiceProvider services)
    {
        this.home = home;
        this.database = database;
        this.services = services;
        Engine = new Engine(new EngineParts
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
    }

    public Engine Engine { get; }

    public EngineStores Stores => services.GetRequiredService<EngineStores>();

    public string DatabasePath => home.DatabasePath;

    public static async Task<BenchHome> OpenAsync(string folder)
    {
        var home = OrcHome.Open(folder);
        var database = await OrcDatabase.OpenAsync($"sqlite:{home.DatabasePath}", new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        var services = new ServiceCollection()
            .AddSingleton(home)
            .AddSingleton(new EngineStores(database, []))
            .AddSingleton(ActivityCatalog.From(typeof(BenchHome).Assembly))
            .AddLanes()
            .BuildServiceProvider();
        return new BenchHome(home, database, services);
    }

    /// <summary>A wish for a run; many runs may be started with one.</summary>
    public RunStart Wish(PipelineDefinition pipeline) => new()
    {
        Pipeline = pipeline,
        Definition = new StoredDefinition
        {
            Hash = DefinitionWriter.Hash(pipeline), Pipeline = pipeline.Name, Json = DefinitionWriter.ToJson(pipeline), SourceKind = "json", CreatedAt = DateTimeOffset.UnixEpoch,
        },
        Params = ImmutableSortedDictionary<string, JsonElement>.Empty,
        BaseDirectory = home.Folder,
    };

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await services.DisposeAsync();
        await database.DisposeAsync();
        home.Dispose();
    }
}

/// <summary>Notes when things happened: the first end of a task, and how long each task waited between the end of the last one before it and its start.</summary>
internal sealed class Stopwatches : IRunListener
{
    private readonly Dictionary<string, DateTimeOffset> ends = [];
    private readonly List<double> handOvers = [];

    public TaskCompletionSource<DateTimeOffset> FirstEnd { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>In microseconds.</summary>
    public IReadOnlyList<double> HandOvers => handOvers;

    /// <summary>Of many runs one is listened to; the names of their tasks are the same.</summary>
    public IRunListener Only(bool listen) => listen ? this : new Deaf();

    public void OnEvents(RunState state, IReadOnlyList<RunEvent> events)
    {
        foreach (var change in events)
        {
            switch (change)
            {
                case AttemptSucceeded { Item: null } done:
                    ends[done.Task.Value] = done.At;
                    FirstEnd.TrySetResult(done.At);
                    break;
                case AttemptSucceeded done:
                    FirstEnd.TrySetResult(done.At);
                    break;
                case AttemptStarted { Item: null } started when state.Graph[started.Task].Definition.Needs is { IsEmpty: false } needs:
                    handOvers.Add((started.At - needs.Max(before => ends.GetValueOrDefault(before.Value, DateTimeOffset.MinValue))).TotalMicroseconds);
                    break;
                default:
                    break;
            }
        }
    }

    public void OnProgress(TaskKey key, double? fraction, string? message)
    {
    }

    private sealed class Deaf : IRunListener
    {
        public void OnEvents(RunState state, IReadOnlyList<RunEvent> events)
        {
        }

        public void OnProgress(TaskKey key, double? fraction, string? message)
        {
        }
    }
}
