using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Orchestrator.EndToEnd.Tests.Load;

namespace Orchestrator.EndToEnd.Tests.Serving;

/// <summary>
/// A real server under load from another process, this one: starts that are accepted or told to come later and never lost, a long history, many listeners. Short in
/// <c>tools/test</c>; <c>ORC_LONG=1</c> has the sizes that the figures in the server's README are for.
/// </summary>
public sealed class ServerLoadTests
{
    private const string Quick = """{ "name": "quick", "params": { "n": { "type": "integer" } }, "tasks": { "note": { "uses": "notify.log", "with": { "message": "run ${params.n}" }, "cache": "never" } } }""";

    private static readonly bool Long = Environment.GetEnvironmentVariable("ORC_LONG") == "1";

    private OrcProgram home = null!;
    private ServedProgram server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        home = new OrcProgram();
        home.Write("pipelines/quick.json", Quick);
        await ServeAsync();
    }

    [TearDown]
    public void Remove()
    {
        server.Dispose();
        home.Dispose();
    }

    private async Task ServeAsync() => server = await ServedProgram.StartAsync(home, "--pipelines", Path.Combine(home.Folder, "pipelines"));

    /// <summary>Two callers, for each has 1,000 requests a second; the server is killed in the middle. Whoever got no answer asks again with the same key.</summary>
    [Test]
    public async Task EveryStartIsAcceptedOrRefusedInWordsAndNoneIsLostByAKill()
    {
        var (rate, seconds) = Long ? (2_000, 10) : (300, 2);
        string[] keys = [await ServedProgram.KeyAsync(home, "one", "operator"), await ServedProgram.KeyAsync(home, "two", "operator")];
        var clients = Connect(keys);
        await WaitForEndAsync(await server.StartRunAsync("quick", new { n = -1 }));
        var (accepted, late, unheard) = (new ConcurrentDictionary<int, string>(), 0, new ConcurrentBag<int>());
        var latencies = new ConcurrentBag<double>();
        var started = Stopwatch.GetTimestamp();
        var sent = new List<Task>();
        var total = rate * seconds;
        Task? kill = null;
        for (var n = 0; n < total; n++)
        {
            var due = TimeSpan.FromSeconds((double)n / rate) - Stopwatch.GetElapsedTime(started);
            if (due > TimeSpan.FromMilliseconds(2))
            {
                await Task.Delay(due);
            }

            // Near the end, so that the rate before it is one of a server that lives.
            kill ??= n == total - (rate / 2) ? server.KillAsync() : null;
            var number = n;
            sent.Add(Task.Run(async () =>
            {
                var from = Stopwatch.GetTimestamp();
                switch (await TryAsync(clients[number % 2], number))
                {
                    case (HttpStatusCode.Created, { } id): accepted[number] = id; latencies.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds); break;
                    case (HttpStatusCode.TooManyRequests, _): Interlocked.Increment(ref late); break;
                    default: unheard.Add(number); break;
                }
            }));
        }

        await Task.WhenAll(sent);
        var took = Stopwatch.GetElapsedTime(started);
        await kill!;
        TestContext.Out.WriteLine($"{total} starts sent in {took.TotalSeconds:0.0} s: {accepted.Count} accepted, {late} told to come later, {unheard.Count} without an answer since the server was killed");
        TestContext.Out.WriteLine($"accepted within (ms): p50 {Percentile(latencies, 0.5):0}, p95 {Percentile(latencies, 0.95):0}, p99 {Percentile(latencies, 0.99):0}");
        Assert.That(accepted, Is.Not.Empty);
        Assert.That(unheard, Is.Not.Empty, "it was killed too late to say anything");

        server.Dispose();
        await ServeAsync();
        clients = Connect(keys);
        foreach (var number in unheard.Take(200))
        {
            var (status, id) = await TryAsync(clients[number % 2], number);
            for (; status == HttpStatusCode.TooManyRequests; (status, id) = await TryAsync(clients[number % 2], number))
            {
                await Task.Delay(100);
            }

            Assert.That(status, Is.AnyOf(HttpStatusCode.Created, HttpStatusCode.OK));
            accepted[number] = id!;
        }

        Assert.That(accepted.Values.Distinct().Count(), Is.EqualTo(accepted.Count), "two starts are one run");
        var ended = await WaitForAllAsync();
        Assert.That(accepted.Values.Where(id => ended.GetValueOrDefault(id) != "succeeded"), Is.Empty, "accepted and lost");
    }

    [Test]
    public async Task ALongHistoryIsListedQuickly()
    {
        var runs = Long ? 1_000_000 : 20_000;
        await WaitForEndAsync(await server.StartRunAsync("quick", new { n = 1 }));
        Assert.That((await server.StopAsync()).ExitCode, Is.Zero);
        await History.MultiplyAsync(Path.Combine(home.Home, "orc.db"), runs);
        server.Dispose();
        await ServeAsync();

        foreach (var (name, path) in new[]
        {
            ("newest", "/api/v1/runs?limit=50"),
            ("of a pipeline", "/api/v1/runs?limit=50&pipeline=p3"),
            ("failed", "/api/v1/runs?limit=50&status=failed"),
            ("a status that none has", "/api/v1/runs?limit=50&status=cancelled"),
            ("a page in the middle", $"/api/v1/runs?limit=50&cursor=01H8AAAAAAAAAAAAAA{runs / 2:D8}"),
        })
        {
            var times = new List<double>();
            for (var i = 0; i < (Long ? 200 : 20); i++)
            {
                var from = Stopwatch.GetTimestamp();
                var page = await server.GetAsync(path);
                times.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
                Assert.That(page.GetProperty("items").GetArrayLength(), Is.EqualTo(name == "a status that none has" ? 0 : name == "failed" && !Long ? 4 : 50), name);
            }

            TestContext.Out.WriteLine($"{runs} runs, {name} (ms): p50 {Percentile(times, 0.5):0.0}, p95 {Percentile(times, 0.95):0.0}, most {times.Max():0.0}");
        }
    }

    [Test]
    public async Task EveryOneOfManyListenersHearsTheEndOfARun()
    {
        var count = Long ? 1_000 : 100;
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var streams = new List<StreamReader>();
        for (var i = 0; i < count; i++)
        {
            var answer = await server.Owner.GetAsync(new Uri("/api/v1/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, over.Token);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            streams.Add(new StreamReader(await answer.Content.ReadAsStreamAsync(over.Token)));
        }

        var run = await server.StartRunAsync("quick", new { n = 1 });
        var from = Stopwatch.GetTimestamp();
        await Task.WhenAll(streams.Select(stream => HearAsync(stream, run, over.Token)));

        TestContext.Out.WriteLine($"{count} streams heard the end of a run within {Stopwatch.GetElapsedTime(from).TotalMilliseconds:0} ms; the server has {server.Process.WorkingSet64 >> 20} MiB");
        streams.ForEach(stream => stream.Dispose());
        Assert.That((await server.GetAsync("/api/v1/runs?limit=1")).GetProperty("items").GetArrayLength(), Is.EqualTo(1), "and the server goes on");
    }

    private HttpClient[] Connect(string[] keys) => [.. keys.Select(server.Connect)];

    private static async Task<(HttpStatusCode? Status, string? Run)> TryAsync(HttpClient client, int number)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/runs") { Content = JsonContent.Create(new { pipeline = "quick", @params = new { n = number } }) };
            request.Headers.Add("Idempotency-Key", $"start-{number}");
            using var answer = await client.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            switch (answer.StatusCode)
            {
                case HttpStatusCode.Created or HttpStatusCode.OK:
                    return (answer.StatusCode, JsonDocument.Parse(text).RootElement.GetProperty("id").GetString());
                case HttpStatusCode.TooManyRequests:
                    Assert.That(answer.Headers.RetryAfter?.Delta, Is.GreaterThan(TimeSpan.Zero), "when to come again");
                    return (answer.StatusCode, null);
                default:
                    throw new AssertionException($"{(int)answer.StatusCode} {text}");
            }
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException)
        {
            return (null, null);
        }
    }

    /// <summary>The status of every run, once none is unfinished.</summary>
    private async Task<Dictionary<string, string>> WaitForAllAsync()
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            var runs = new Dictionary<string, string>();
            for (var (path, more) = ("/api/v1/runs?limit=500", true); more;)
            {
                var page = await server.GetAsync(path);
                foreach (var run in page.GetProperty("items").EnumerateArray())
                {
                    runs[run.GetProperty("id").GetString()!] = run.GetProperty("status").GetString()!;
                }

                more = page.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.String;
                path = more ? $"/api/v1/runs?limit=500&cursor={next.GetString()}" : path;
            }

            var open = runs.Values.Count(status => status is not ("succeeded" or "failed" or "cancelled"));
            if (open == 0)
            {
                return runs;
            }

            Assert.That(limit.Elapsed, Is.LessThan(TimeSpan.FromMinutes(5)), $"{open} runs do not come to an end");
            await Task.Delay(500);
        }
    }

    private async Task WaitForEndAsync(string run)
    {
        while ((await server.GetAsync($"/api/v1/runs/{run}")).GetProperty("status").GetString() != "succeeded")
        {
            await Task.Delay(50);
        }
    }

    private static async Task HearAsync(StreamReader stream, string run, CancellationToken cancellation)
    {
        var isEnd = false;
        while (await stream.ReadLineAsync(cancellation) is { } line)
        {
            isEnd = line.StartsWith("event:", StringComparison.Ordinal) ? line.EndsWith("run-ended", StringComparison.Ordinal) : isEnd;
            if (isEnd && line.StartsWith("data:", StringComparison.Ordinal) && line.Contains(run, StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new AssertionException("the stream ended before it told the end of the run");
    }

    private static double Percentile(IEnumerable<double> values, double part)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(part * sorted.Length) - 1)];
    }
}
