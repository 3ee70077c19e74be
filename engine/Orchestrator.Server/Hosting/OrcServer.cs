using System.Net;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.People;
using Orchestrator.Scheduling;
using Orchestrator.Scheduling.Backfills;
using Orchestrator.Scheduling.Webhooks;
using Orchestrator.Server.Access;
using Orchestrator.Server.Backfills;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Pipelines;
using Orchestrator.Server.Problems;
using Orchestrator.Server.Runs;
using Orchestrator.Server.Schedules;
using Orchestrator.Server.Search;
using Orchestrator.Server.Webhooks;
using Orchestrator.Server.Working;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Watching;
using Serilog;

namespace Orchestrator.Server.Hosting;

/// <summary>A server that serves a home: listens, works on runs, watches a folder, until it is drained.</summary>
public sealed class OrcServer : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly ServerParts parts;
    private readonly ServerOptions options;
    private readonly string token;

    private OrcServer(WebApplication application, ServerParts parts, ServerOptions options, string token)
    {
        this.application = application;
        this.parts = parts;
        this.options = options;
        this.token = token;
    }

    /// <summary>Where it listens, with the ports that it got.</summary>
    public IReadOnlyList<string> Addresses { get; private set; } = [];

    /// <summary>A link that signs the owner in; null when somebody has signed in before.</summary>
    public string? SignInLink { get; private set; }

    /// <summary>Every endpoint, for tests that look at all of them.</summary>
    internal IEnumerable<Endpoint> Endpoints => application.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    internal IServiceProvider Services => application.Services;

    /// <exception cref="Core.Activities.ActivityException">An address is none (ORC6061) or taken (ORC6060); the folder is not there (ORC6062).</exception>
    public static async Task<OrcServer> StartAsync(ServerParts parts, ServerOptions options, CancellationToken cancellation)
    {
        options = Checked(options);
        var token = AccessTokens.NewSecret();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "orc" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        builder.WebHost.UseUrls([.. options.Urls]);
        builder.Configuration.AddTelemetryVariables(options);
        builder.Services.AddSerilog(ServerLog.Create(options), dispose: true);
        AddServices(builder.Services, parts, options, new LocalToken(token, options.Owner));
        var server = new OrcServer(builder.Build(), parts, options, token);
        try
        {
            server.Map();
            await server.ListenAsync(cancellation);
            return server;
        }
        catch
        {
            await server.application.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Stops taking changes, lets attempts come to their end, gives every run back, and stops listening. Whoever is in a hurry cancels <paramref name="hurry"/>: then attempts are asked to stop at once.
    /// </summary>
    public async Task DrainAsync(CancellationToken hurry)
    {
        var state = application.Services.GetRequiredService<ServerState>();
        state.Drain();
        ServerAddress.Remove(parts.Home, token);
        // The engine begins nothing more from here on; the scheduler, whose starts are refused already, may take its time.
        var left = parts.Engine.DrainAsync(options.DrainTime, options.StopTime, hurry);
        await application.Services.GetRequiredService<SchedulerHost>().StopAsync(hurry);
        await left;
        state.Stop();
        await application.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        ServerAddress.Remove(parts.Home, token);
        application.Services.GetRequiredService<ServerState>().Stop();
        await application.DisposeAsync();
    }

    private static ServerOptions Checked(ServerOptions options)
    {
        foreach (var url in options.Urls)
        {
            if (!Uri.TryCreate(url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var address)
                || address.Scheme != Uri.UriSchemeHttp || address.AbsolutePath != "/" || address.Query.Length > 0)
            {
                throw ServerErrors.WrongAddress(url);
            }
        }

        return options.PipelinesFolder is not { } folder ? options
            : Directory.Exists(folder) ? options with { PipelinesFolder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) }
            : throw ServerErrors.NoSuchFolder(folder);
    }

    private static void AddServices(IServiceCollection services, ServerParts parts, ServerOptions options, LocalToken local)
    {
        services.AddSingleton(parts).AddSingleton(options).AddSingleton(local).AddSingleton(parts.Time).AddSingleton(parts.Database).AddSingleton(parts.Stores).AddSingleton(parts.Engine);
        services.AddSingleton(parts.Stores.Runs).AddSingleton(parts.Stores.Pipelines);
        services.AddSingleton<IHostLifetime, QuietLifetime>();
        services.AddSingleton<ServerState>().AddSingleton<AccessStore>().AddSingleton<AuditLog>().AddSingleton<WatchedFiles>().AddSingleton<KeyMaker>().AddSingleton<CallerFinder>().AddSingleton<FailedSignIns>();
        services.AddSingleton<RunFeed>().AddSingleton<RunAccess>().AddSingleton<RunActions>().AddSingleton<RunStarts>().AddSingleton<StartGate>().AddSingleton<PipelineRegistrar>();
        services.AddSingleton(_ => new TriggerControl(parts.Stores, DefinitionReader.Load, parts.Time)).AddSingleton<TriggerAccess>().AddSingleton<TriggerView>().AddSingleton<TriggerChanges>();
        services.AddSingleton<SearchDesk>();
        services.AddSingleton(_ => new BackfillControl(parts.Stores, parts.Time)).AddSingleton<BackfillAccess>().AddSingleton<BackfillPlans>().AddSingleton<BackfillChanges>();
        services.AddSingleton(provider => new EarlierResults(parts.Stores.Runs, provider.GetRequiredService<RunDesk>()));
        services.AddSingleton(provider => new RunMigrations(provider.GetRequiredService<RunDesk>(), parts.Stores.Pools, parts.Time)).AddSingleton<RunMigrator>();
        services.AddSingleton<WebhookGate>().AddSingleton(provider => IntakeOf(parts, provider.GetRequiredService<ILogger<WebhookGate>>()));
        services.AddSingleton(_ => new RunDesk(parts.Stores.Runs, parts.Requests, DefinitionReader.Load, parts.Time));
        services.AddSingleton(_ => new KeyHolders(parts.Stores.Runs, parts.Stores.Concurrency, parts.Time));
        services.AddSingleton(provider => new RunReasons(parts.Stores.Runs, parts.Stores.Pools, provider.GetRequiredService<KeyHolders>(), parts.Time));
        services.AddSingleton<RunKeeper>().AddHostedService(provider => provider.GetRequiredService<RunKeeper>());
        services.AddSingleton<FolderWatch>().AddHostedService(provider => provider.GetRequiredService<FolderWatch>());
        services.AddHostedService<OthersWatch>();
        services.AddSingleton(parts.Retention).AddHostedService<RetentionJob>();
        services.AddSingleton<SchedulerHost>().AddHostedService(provider => provider.GetRequiredService<SchedulerHost>());
        services.AddSingleton<NotifierHost>().AddHostedService(provider => provider.GetRequiredService<NotifierHost>());
        services.AddRouting();
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        services.AddServerTelemetry(options);
        services.AddBearerTokens(options);
        services.AddApiDocument();
    }

    /// <summary>A secret that cannot be read signs nothing, and whoever sent the request is told no more than that.</summary>
    private static WebhookIntake IntakeOf(ServerParts parts, ILogger<WebhookGate> log) => new(
        parts.Stores,
        DefinitionReader.Load,
        async (secret, cancellation) =>
        {
            try
            {
                return await parts.Secrets.FindAsync(secret, cancellation);
            }
            catch (ActivityException unreadable)
            {
                WebhookGate.LogNoSecret(log, secret.ToString(), unreadable.Failure.Message);
                return null;
            }
        },
        parts.Time);

    private void Map()
    {
        application.UseMiddleware<RequestLog>();
        application.UseMiddleware<ProblemMiddleware>();
        application.UseMiddleware<OriginMiddleware>();
        application.UseMiddleware<CharsetMiddleware>();
        application.UseRouting();
        application.UseMiddleware<AccessMiddleware>();
        application.UseMiddleware<RateLimitMiddleware>();
        HealthEndpoints.Map(application);
        SessionEndpoints.MapPages(application);
        WebhookEndpoints.Map(application);
        Api.Map(application);
        // Without this the framework would run the endpoints before the middleware above.
        application.UseEndpoints(_ => { });
    }

    private async Task ListenAsync(CancellationToken cancellation)
    {
        try
        {
            await application.StartAsync(cancellation);
        }
        catch (Exception taken) when (taken is IOException or System.Net.Sockets.SocketException or UnauthorizedAccessException)
        {
            throw ServerErrors.AddressTaken(string.Join(" ", options.Urls), taken.GetBaseException().Message);
        }

        Addresses = [.. application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? []];
        ServerAddress.Write(parts.Home, LocalUrl(Addresses[0]), token, options.DatabaseUrl);
        SignInLink = await FirstStart.LinkAsync(application.Services.GetRequiredService<AccessStore>(), application.Services.GetRequiredService<KeyMaker>(), options.Owner, parts.Time, cancellation) is { } link
            ? LocalUrl(Addresses[0]) + link
            : null;
    }

    /// <summary>How the address is reached from this machine.</summary>
    private static string LocalUrl(string address)
    {
        var url = new Uri(address);
        return IPAddress.TryParse(url.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)) ? $"{url.Scheme}://127.0.0.1:{url.Port}" : address.TrimEnd('/');
    }

    /// <summary>Signals are for whoever started the server.</summary>
    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>How bodies are read and written: as everything else of this program, and strictly.</summary>
internal static class ApiJson
{
    public static void Configure(System.Text.Json.JsonSerializerOptions options)
    {
        var ours = OrcJson.Options;
        options.PropertyNamingPolicy = ours.PropertyNamingPolicy;
        options.DictionaryKeyPolicy = ours.DictionaryKeyPolicy;
        options.DefaultIgnoreCondition = ours.DefaultIgnoreCondition;
        options.UnmappedMemberHandling = ours.UnmappedMemberHandling;
        options.AllowDuplicateProperties = ours.AllowDuplicateProperties;
        options.RespectNullableAnnotations = ours.RespectNullableAnnotations;
        options.RespectRequiredConstructorParameters = ours.RespectRequiredConstructorParameters;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
        options.Encoder = ours.Encoder;
        // Sub-pipelines in sub-pipelines nest deeper than other values may.
        options.MaxDepth = 512;
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        foreach (var converter in ours.Converters)
        {
            options.Converters.Add(converter);
        }
    }
}
