using Orchestrator.Server.Access;

namespace Orchestrator.Server.Hosting;

/// <summary>How a server is to serve.</summary>
public sealed record ServerOptions
{
    /// <summary>The usual address: this machine only.</summary>
    public const string UsualUrl = "http://127.0.0.1:8080";

    /// <summary>Where to listen: <c>http://HOST:PORT</c>; port 0 is one that is free.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [UsualUrl];

    /// <summary>Names under which the server answers, beside those of <see cref="Urls"/> and of this machine.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Origins whose pages may change something, beside the server's own: <c>https://console.example.org</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>The folder of definitions that is watched; null: none.</summary>
    public string? PipelinesFolder { get; init; }

    /// <summary>The database as it was named; null: the home's own file. Commands of the home that name another one do not come to this server.</summary>
    public string? DatabaseUrl { get; init; }

    /// <summary>The identity provider; null: none.</summary>
    public OidcOptions? Oidc { get; init; }

    /// <summary>The name of whoever starts the server, and of the first user.</summary>
    public required string Owner { get; init; }

    /// <summary>How long attempts may take to come to their end when the server stops. Default 30 s.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long those that are asked to stop after that may take. Default 15 s.</summary>
    public TimeSpan StopTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The largest body of a request. Default 32 MiB.</summary>
    public long MaxBodyBytes { get; init; } = 32L << 20;

    /// <summary>How many requests one caller may make a second, over time. Default 1,000.</summary>
    public int RequestsPerSecond { get; init; } = 1000;

    /// <summary>How many more at once, after some quiet. Default 2,000.</summary>
    public int RequestBurst { get; init; } = 2000;

    /// <summary>How many runs may be being accepted at once. Default 32: they share the commits of the database.</summary>
    public int StartsAtOnce { get; init; } = 32;

    /// <summary>How many more may wait for that, well under a second's worth. Default 256; who comes then is told to come later.</summary>
    public int StartsWaiting { get; init; } = 256;

    /// <summary>How many requests to webhooks may come from one place a second, over time. Default 50.</summary>
    public int WebhooksPerSecond { get; init; } = 50;

    /// <summary>How many more at once, after some quiet. Default 200.</summary>
    public int WebhookBurst { get; init; } = 200;

    /// <summary>Where traces and metrics go by OTLP; null: nowhere. How is said by the other <c>OTEL_…</c> variables.</summary>
    public Uri? Telemetry { get; init; }

    /// <summary>True: the log is JSON, a line for each event; false: lines for people.</summary>
    public bool LogAsJson { get; init; }

    /// <summary>What takes the log; null: standard error.</summary>
    public TextWriter? Log { get; init; }
}
