using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Core.Activities;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Scripting;
using Orchestrator.Notifications.Channels;
using Orchestrator.Notifications.Configuration;
using Orchestrator.Runtime;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;
using Orchestrator.Runtime.Outgoing;
using Orchestrator.Runtime.Retention;
using Orchestrator.Runtime.Secrets;
using Orchestrator.Runtime.Settings;
using Orchestrator.Server.Access;
using Orchestrator.Server.Hosting;
using Orchestrator.Storage;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Retention;
using Orchestrator.Storage.Watching;

namespace Orchestrator.Server.Tests.Serving;

/// <summary>A home in a temporary folder with a real server over it, on a free port of this machine.</summary>
internal sealed class ServedHome : IAsyncDisposable
{
    private readonly List<IDisposable> disposables = [];
    private readonly StringWriter log = new();
    private OrcHome home = null!;
    private OrcDatabase database = null!;
    private ServiceProvider services = null!;
    private OrcServer? server;
    private bool isOpen;

    /// <summary>Whom the server tells what happens, when it is started next.</summary>
    public NotificationSettings Notifications { get; set; } = NotificationSettings.None;

    private ServedHome()
    {
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("orc-served-").FullName;

    public string HomeFolder => Path.Combine(Folder, ".orc");

    public EngineStores Stores { get; private set; } = null!;

    public Engine Engine { get; private set; } = null!;

    public OrcDatabase Database => database;

    public OrcServer Server => server ?? throw new InvalidOperationException("the server was stopped");

    public string Url => Server.Addresses[0];

    /// <summary>Datasets, models and endpoints in memory.</summary>
    public FakeAssets Assets { get; } = new();

    /// <summary>All that the server's log says.</summary>
    public string Log
    {
        get
        {
            lock (log)
            {
                return log.ToString();
            }
        }
    }

    /// <summary>Comes with the token of the home.</summary>
    public ApiClient Owner { get; private set; } = null!;

    public static async Task<ServedHome> StartAsync(Func<ServedHome, ServerOptions, ServerOptions>? change = null)
    {
        var served = new ServedHome();
        await served.StartServerAsync(change);
        return served;
    }

    /// <summary>Not served yet.</summary>
    public static ServedHome Unserved() => new();

    /// <summary>Opens the home, which may have been served before, and serves it.</summary>
    public async Task StartServerAsync(Func<ServedHome, ServerOptions, ServerOptions>? change = null)
    {
        home = OrcHome.Open(HomeFolder);
        database = await OrcDatabase.OpenAsync(
            $"sqlite:{home.DatabasePath}", new DatabaseOptions { Migrations = [EngineStores.Migrations, AuditLog.Migrations, AccessStore.Migrations, WatchedFiles.Migrations, RetentionStore.Migrations] });
        Stores = new EngineStores(database, []);
        var catalog = ActivityCatalog.From(typeof(ServedHome).Assembly);
        services = new ServiceCollection().AddSingleton(home).AddSingleton(Stores).AddSingleton(catalog).AddLanes().BuildServiceProvider();
        Engine = CreateEngine();
        var options = new ServerOptions { Urls = ["http://127.0.0.1:0"], Owner = "owner", Log = TextWriter.Synchronized(log), DrainTime = TimeSpan.FromSeconds(60), RequestsPerSecond = 100_000, RequestBurst = 100_000 };
        isOpen = true;
        server = await OrcServer.StartAsync(
            new ServerParts
            {
                Home = home,
                Database = database,
                Stores = Stores,
                Engine = Engine,
                Activities = catalog,
                Artifacts = services.GetRequiredService<ArtifactStore>(),
                Logs = services.GetRequiredService<AttemptLogs>(),
                Scripts = new ScriptEnvironment { Catalog = catalog, CacheDirectory = Path.Combine(home.CacheFolder, "scripts") },
                Assets = Assets.Served(database),
                Secrets = services.GetRequiredService<SecretVault>(),
                Channels = new ChannelBook(
                    Notifications, new SendingLimits(), services.GetRequiredService<SecretVault>(), new GuardedHttp(new GuardedHttpOptions { AllowPrivate = true }), TimeProvider.System),
                Retention = new RetentionKeeper(new RetentionParts
                {
                    Home = home, Database = database, Runs = Stores.Runs, Tables = [], Holders = [], Policy = EngineSettings.Load(home.Folder).Retention, Time = TimeProvider.System,
                }),
                Time = TimeProvider.System,
            },
            change?.Invoke(this, options) ?? options,
            CancellationToken.None);
        Owner = Client((ServerAddress.Find(HomeFolder) ?? throw new InvalidOperationException("the server has not told where it is")).Token);
    }

    /// <summary>An engine over the same home, as another process would have it.</summary>
    public Engine CreateEngine() => new(new EngineParts
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

    public ApiClient Client(string? bearer)
    {
        var client = new ApiClient(Url, bearer);
        disposables.Add(client);
        return client;
    }

    /// <summary>A client with a new API key.</summary>
    public async Task<ApiClient> KeyAsync(string name, bool scripts, params string[] roles)
    {
        var made = await Owner.PostAsync("keys", new { name, roles, scripts });
        Assert.That(made.Status, Is.EqualTo(HttpStatusCode.Created), made.Text);
        return Client(made.Json.GetProperty("key").GetString());
    }

    public Task<ApiClient> KeyAsync(string name, params string[] roles) => KeyAsync(name, scripts: false, roles);

    public async Task<ApiAnswer> RegisterAsync(string json, string? project = null)
    {
        var answer = await Owner.SendAsync(HttpMethod.Post, project is null ? "pipelines" : $"pipelines?project={project}", new StringContent(json, Encoding.UTF8, "application/json"));
        Assert.That((int)answer.Status, Is.LessThan(300), answer.Text);
        return answer;
    }

    /// <summary>Starts a run of a registered pipeline and answers its id.</summary>
    public async Task<string> StartRunAsync(string pipeline, object? parameters = null)
    {
        var answer = await Owner.PostAsync("runs", new { pipeline, @params = parameters ?? new { } });
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        return answer.Json.GetProperty("id").GetString()!;
    }

    /// <summary>The run's document as soon as it is in a state.</summary>
    public async Task<JsonElement> RunWhenAsync(string run, params string[] statuses)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var document = (await Owner.GetAsync($"runs/{run}")).Json;
            if (statuses.Contains(document.GetProperty("status").GetString()))
            {
                return document;
            }

            Assert.That(limit.IsCancellationRequested, Is.False, $"run {run} should be {string.Join(" or ", statuses)} and is {document}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>Lets the scheduler look now and not with its next sweep.</summary>
    public void WakeScheduler() => Server.Services.GetRequiredService<Orchestrator.Server.Working.SchedulerHost>().Wake();

    /// <summary>Looks until it is so.</summary>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await isSo())
        {
            Assert.That(limit.IsCancellationRequested, Is.False, $"not within a minute: {what}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>Stops the server; what it served stays.</summary>
    public async Task StopAsync(bool drain = false)
    {
        if (isOpen)
        {
            isOpen = false;
            if (drain && server is not null)
            {
                await server.DrainAsync(CancellationToken.None);
            }

            if (server is not null)
            {
                await server.DisposeAsync();
            }

            await Engine.DisposeAsync();
            await services.DisposeAsync();
            await database.DisposeAsync();
            home.Dispose();
            server = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        disposables.ForEach(one => one.Dispose());
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>An answer, read to its end.</summary>
internal sealed record ApiAnswer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>The code of a problem; null when it is none.</summary>
    public string? Code => ContentHeaders.ContentType?.MediaType == "application/problem+json" ? Json.GetProperty("code").GetString() : null;

    public string? Tag => Headers.ETag?.ToString();
}

/// <summary>Calls a server as programs do.</summary>
internal sealed class ApiClient : IDisposable
{
    public ApiClient(string url, string? bearer)
    {
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(url) };
        if (bearer is not null)
        {
            Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }
    }

    public HttpClient Http { get; }

    public Task<ApiAnswer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<ApiAnswer> PostAsync(string path, object? body = null, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Post, path, body is null ? null : JsonBody(body), headers);

    public Task<ApiAnswer> PutAsync(string path, object body) => SendAsync(HttpMethod.Put, path, JsonBody(body));

    public Task<ApiAnswer> DeleteAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Delete, path, null, headers);

    /// <param name="path">Below /api/v1, or from the root with a slash before it.</param>
    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : $"/api/v1/{path}") { Content = body };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Http.SendAsync(request);
        return new ApiAnswer(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    public void Dispose() => Http.Dispose();

    private static StringContent JsonBody(object body) => new(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
}
