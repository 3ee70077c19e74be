using System.Collections;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Orchestrator.Server.Hosting;

/// <summary>What the server measures: for Prometheus at <c>/metrics</c>, and by OTLP when there is somewhere to send it.</summary>
public sealed class ServerMeters : IDisposable
{
    /// <summary>The name of the meter and of the source of traces.</summary>
    public const string Name = "Orchestrator";

    private readonly Meter meter = new(Name);

    internal ServerMeters()
    {
        RunsStarted = meter.CreateCounter<long>("orc.runs.started", description: "Runs that this server accepted.");
        RunsEnded = meter.CreateCounter<long>("orc.runs.ended", description: "Runs that ended here, by status.");
        AttemptsEnded = meter.CreateCounter<long>("orc.attempts.ended", description: "Attempts that ended here, by outcome.");
        AttemptTime = meter.CreateHistogram<double>("orc.attempt.duration", "s", "How long attempts took.");
        TaskWait = meter.CreateHistogram<double>("orc.task.wait", "s", "How long tasks whose turn had come waited until their first attempt started.");
    }

    internal static ActivitySource Traces { get; } = new(Name);

    internal Counter<long> RunsStarted { get; }

    internal Counter<long> RunsEnded { get; }

    internal Counter<long> AttemptsEnded { get; }

    internal Histogram<double> AttemptTime { get; }

    internal Histogram<double> TaskWait { get; }

    /// <summary>Measures something that is asked for when somebody looks.</summary>
    internal void Watch(string name, string description, Func<int> value) => meter.CreateObservableGauge(name, value, description: description);

    public void Dispose() => meter.Dispose();
}

internal static class TelemetryRegistration
{
    private const string Prefix = "OTEL_";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceName = "OTEL_SERVICE_NAME";

    /// <summary>The exporters read their variables from the configuration of the web server, which has nothing in it unless it is put there: without this they would send to where nobody asked them to.</summary>
    public static void AddTelemetryVariables(this IConfigurationBuilder configuration, ServerOptions options)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(one => one.Key is string name && name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(one => (string)one.Key, one => (string?)one.Value, StringComparer.Ordinal);
        if (options.Telemetry is { } endpoint)
        {
            variables[Endpoint] = endpoint.ToString();
        }

        configuration.AddInMemoryCollection(variables);
    }

    public static IServiceCollection AddServerTelemetry(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<ServerMeters>(_ => new ServerMeters());
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => _ = Environment.GetEnvironmentVariable(ServiceName) is { Length: > 0 } ? resource : resource.AddService("orc"))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(ServerMeters.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
                metrics.AddPrometheusExporter();
                if (options.Telemetry is not null)
                {
                    metrics.AddOtlpExporter();
                }
            });
        if (options.Telemetry is not null)
        {
            telemetry.WithTracing(traces => traces.AddSource(ServerMeters.Name, "Microsoft.AspNetCore").AddOtlpExporter());
        }

        return services;
    }
}
