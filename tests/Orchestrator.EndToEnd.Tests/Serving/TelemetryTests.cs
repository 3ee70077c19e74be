using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orchestrator.EndToEnd.Tests.Serving;

/// <summary>With OTEL_EXPORTER_OTLP_ENDPOINT the server sends traces and metrics there, with the ids by which people find a run.</summary>
public sealed class TelemetryTests
{
    [Test]
    public async Task TracesAndMetricsArriveWithTheIdsOfRunTaskAndAttempt()
    {
        using var orc = new OrcProgram();
        using var collector = new Collector();
        orc.Variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url;
        orc.Variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        orc.Variables["OTEL_BSP_SCHEDULE_DELAY"] = "200";
        orc.Variables["OTEL_METRIC_EXPORT_INTERVAL"] = "500";
        orc.Variables["OTEL_SERVICE_NAME"] = "orc-under-test";
        using var server = await ServedProgram.StartAsync(orc);
        var ran = await orc.RunAsync("run", orc.Write("one.json", """{ "name": "measured", "tasks": { "weigh": { "uses": "notify.log", "with": { "message": "x" } } } }"""), "--json");
        Assert.That(ran.ExitCode, Is.Zero, ran.ToString());
        await server.StopAsync();

        // Strings stand in protobuf as they are.
        var (traces, metrics) = (collector.TextOf("/v1/traces"), collector.TextOf("/v1/metrics"));
        Assert.That(traces, Does.Contain("orc.run").And.Contain(ran.Id()).And.Contain("run measured").And.Contain("orc.status"), "a span for the run");
        Assert.That(traces, Does.Contain("orc.task").And.Contain("task weigh").And.Contain("orc.attempt"), "a span for the attempt");
        Assert.That(metrics, Does.Contain("orc.runs.started").And.Contain("orc.runs.ended").And.Contain("orc.attempt.duration").And.Contain("measured"));
        Assert.That(new[] { traces, metrics }, Has.All.Contain("orc-under-test"), "the other variables are heard too");
        Assert.That(collector.ContentTypes, Has.All.EqualTo("application/x-protobuf"));
    }

    [Test]
    public async Task AnAddressThatIsNoneIsRefused()
    {
        using var orc = new OrcProgram();
        orc.Variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = "collector:4317:";

        var refused = await orc.RunAsync("serve", "--urls", "http://127.0.0.1:0");

        Assert.That((refused.ExitCode, refused.Error.Split(':')[0]), Is.EqualTo((2, "error ORC6094")), refused.ToString());
    }

    /// <summary>Keeps what is sent by OTLP over HTTP.</summary>
    private sealed class Collector : IDisposable
    {
        private readonly HttpListener listener = new();
        private readonly ConcurrentQueue<(string Path, string? Type, byte[] Body)> heard = new();

        public Collector()
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                Url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
            }

            listener.Prefixes.Add(Url);
            listener.Start();
            _ = HearAsync();
        }

        public string Url { get; }

        public IEnumerable<string?> ContentTypes => heard.Select(one => one.Type);

        public string TextOf(string path) => string.Concat(heard.Where(one => one.Path == path).Select(one => Encoding.Latin1.GetString(one.Body)));

        public void Dispose() => listener.Close();

        private async Task HearAsync()
        {
            while (listener.IsListening)
            {
                try
                {
                    var context = await listener.GetContextAsync();
                    using var body = new MemoryStream();
                    await context.Request.InputStream.CopyToAsync(body);
                    heard.Enqueue((context.Request.Url?.AbsolutePath ?? "", context.Request.ContentType, body.ToArray()));
                    context.Response.ContentType = "application/x-protobuf";
                    context.Response.Close([], willBlock: false);
                }
                catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }
}
