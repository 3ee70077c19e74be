using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Outgoing;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Notifications.Channels;
using Orchestrator.Notifications.Configuration;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;
using Orchestrator.Runtime.People;
using Orchestrator.Runtime.Retention;
using Orchestrator.Runtime.Secrets;
using Orchestrator.Runtime.Settings;
using Orchestrator.Scheduling;
using Orchestrator.Scheduling.Backfills;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Facts;
using Orchestrator.Storage.Retention;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Composition;

/// <summary>An open home: its database brought up to date, and every service over it.</summary>
internal sealed class OrcSession : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly OrcDatabase database;
    private readonly EngineSettings settings;

    private OrcSession(OrcHome home, OrcDatabase database, ServiceProvider services, EngineSettings settings)
    {
        Home = home;
        this.database = database;
        this.services = services;
        this.settings = settings;
    }

    public OrcHome Home { get; }

    public EngineStores Stores => services.GetRequiredService<EngineStores>();

    public AttemptLogs Logs => services.GetRequiredService<AttemptLogs>();

    public OrcDatabase Database => database;

    public static Task<OrcSession> OpenAsync(Globals globals, CancellationToken cancellation) => OpenAsync(globals, OpenHome(globals.Home), readOnly: false, cancellation);

    /// <summary>For commands that only look: a home that cannot be written is read as far as that goes.</summary>
    public static async Task<OrcSession> OpenToLookAsync(Globals globals, CancellationToken cancellation)
    {
        OrcHome home;
        try
        {
            home = OpenHome(globals.Home);
        }
        catch (WrongRequestException unwritable) when (unwritable.Failure.Code == "ORC5112")
        {
            return await OpenAsync(globals, OpenExisting(globals.Home), readOnly: true, cancellation);
        }

        try
        {
            return await OpenAsync(globals, home, readOnly: false, cancellation);
        }
        catch (StorageException unwritable) when (unwritable.Kind == StorageErrorKind.ReadOnly && globals.Database is null)
        {
            return await OpenAsync(globals, OpenExisting(globals.Home), readOnly: true, cancellation);
        }
    }

    private static async Task<OrcSession> OpenAsync(Globals globals, OrcHome home, bool readOnly, CancellationToken cancellation)
    {
        try
        {
            var settings = EngineSettings.Load(home.Folder);
            var database = await OrcDatabase.OpenAsync(
                globals.Database ?? $"sqlite:{home.DatabasePath}",
                new DatabaseOptions { Migrations = Registration.Migrations, SyncWithin = DatabaseOptions.SyncWithinOf(globals.Sync), ReadOnly = readOnly, Time = globals.Time },
                cancellation);
            if (!readOnly)
            {
                home.NoteDatabase(database.DisplayName);
            }

            var services = new ServiceCollection()
                .AddSingleton(globals.Time)
                .AddSingleton(home)
                .AddSingleton(database)
                .AddSingleton(settings.Lanes)
                .AddSingleton(settings.Logs)
                .AddSingleton(settings.Workers)
                .AddSingleton(settings.Http)
                .AddEngine()
                .AddFamilies()
                .AddSingleton(provider => new EngineStores(database, provider.GetServices<IFactHandler>()))
                .BuildServiceProvider();
            return new OrcSession(home, database, services, settings);
        }
        catch
        {
            home.Dispose();
            throw;
        }
    }

    /// <summary>A home that cannot be used is a wrong request; a disk that is full is not the user's mistake.</summary>
    internal static OrcHome OpenHome(string folder)
    {
        try
        {
            return OrcHome.Open(folder);
        }
        catch (ActivityException unusable) when (unusable.Failure.Code != "ORC5113")
        {
            throw new WrongRequestException(unusable.Failure);
        }
    }

    /// <summary>A home that cannot be written and is not there cannot be made either.</summary>
    private static OrcHome OpenExisting(string folder)
    {
        try
        {
            return OrcHome.OpenExisting(folder);
        }
        catch (ActivityException unusable)
        {
            throw new WrongRequestException(unusable.Failure);
        }
    }

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    /// <summary>An engine of this process, for commands that work on runs.</summary>
    public Engine CreateEngine(LanePlaceOptions? places = null)
    {
        Home.CleanLeftovers();
        return new Engine(new EngineParts
        {
            Runs = Stores.Runs,
            Cache = Stores.Cache,
            Pools = Stores.Pools,
            Concurrency = Stores.Concurrency,
            WakeUps = database.WakeUps,
            Activities = Get<ActivityCatalog>(),
            Lanes = services.GetServices<ILane>().ToDictionary(lane => lane.Kind),
            Resolvers = services.GetServices<IReferenceResolver>(),
            Artifacts = Get<ArtifactStore>(),
            Logs = Logs,
            Time = Get<TimeProvider>(),
            ReadDefinition = DefinitionReader.Load,
            Places = places ?? settings.Places,
            Limits = settings.Engine,
        });
    }

    /// <summary>What people ask of triggers.</summary>
    public TriggerControl Triggers => new(Stores, DefinitionReader.Load, Get<TimeProvider>());

    /// <summary>What people ask of backfills.</summary>
    public BackfillControl Backfills => new(Stores, Get<TimeProvider>());

    /// <summary>Whom people are told by.</summary>
    /// <exception cref="ActivityException">What the settings say about it cannot be (ORC6300).</exception>
    public ChannelBook Channels => new(NotificationSettingsReader.Read(settings), settings.Sending, Get<SecretVault>(), Get<IGuardedHttp>(), Get<TimeProvider>());

    /// <summary>Makes commands of what is asked of runs.</summary>
    public RequestReader Requests => new(Stores.Runs, Stores.Pools, DefinitionReader.Load, Get<TimeProvider>());

    /// <summary>Takes what people ask of runs.</summary>
    public RunDesk Desk => new(Stores.Runs, Requests, DefinitionReader.Load, Get<TimeProvider>());

    /// <summary>Finds results that new runs can begin with.</summary>
    public EarlierResults Earlier => new(Stores.Runs, Desk);

    /// <summary>Looks at what speaks against migrations.</summary>
    public RunMigrations Migrations => new(Desk, Stores.Pools, Get<TimeProvider>());

    /// <summary>Says who holds concurrency keys.</summary>
    public KeyHolders Keys => new(Stores.Runs, Stores.Concurrency, Get<TimeProvider>());

    /// <summary>Says why runs wait.</summary>
    public RunReasons Reasons => new(Stores.Runs, Stores.Pools, Keys, Get<TimeProvider>());

    /// <summary>Removes what is older than this home keeps.</summary>
    public RetentionKeeper Retention => new(new RetentionParts
    {
        Home = Home, Database = database, Runs = Stores.Runs, Tables = Registration.Migrations, Holders = services.GetServices<IRunHolder>(), Policy = settings.Retention, Time = Get<TimeProvider>(),
    });

    /// <inheritdoc cref="RunDesk.ReplayAsync"/>
    public Task<RunState> ReplayAsync(RunId run, CancellationToken cancellation) => Desk.ReplayAsync(run, cancellation);

    /// <inheritdoc cref="RunDesk.IsAbandoned(RunInfo)"/>
    public bool IsAbandoned(RunInfo run) => Desk.IsAbandoned(run);

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
        Home.Dispose();
    }
}
