using System.Net;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Homes;
using Orchestrator.Server.Hosting;

namespace Orchestrator.Server.Tests.Serving;

/// <summary>The server as a whole: what it takes up, how it leaves, what it tells those who keep it alive, and what it does not take.</summary>
public sealed class ServingTests
{
    private ServedHome served = null!;

    [SetUp]
    public async Task StartAsync() => served = await ServedHome.StartAsync();

    [TearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public async Task ARunThatNobodyWorksOnIsTakenUp()
    {
        await served.RegisterAsync(Samples.Gated("taken-up"));
        var run = await served.StartRunAsync("gated");
        await ServedHome.UntilAsync("it waits at the gate", async () => (await served.Owner.GetAsync($"runs/{run}/attempts")).Json.GetArrayLength() == 1);
        await served.StopAsync();
        WaitAtGate.Open("taken-up");

        await served.StartServerAsync();

        Assert.That((await served.RunWhenAsync(run, "succeeded")).GetProperty("tasks").GetArrayLength(), Is.EqualTo(2));
    }

    [Test]
    public async Task WhoDrainsLetsWorkEndTakesNothingMoreAndLeavesTheRest()
    {
        await served.RegisterAsync(Samples.Gated("drained"));
        var run = await served.StartRunAsync("gated");
        await ServedHome.UntilAsync("it waits at the gate", async () => (await served.Owner.GetAsync($"runs/{run}/attempts")).Json.GetArrayLength() == 1);

        var draining = served.Server.DrainAsync(CancellationToken.None);

        Assert.That((int)(await served.Owner.GetAsync("/readyz")).Status, Is.EqualTo(503));
        var refused = await served.Owner.PostAsync("runs", new { pipeline = "gated" });
        Assert.That(((int)refused.Status, refused.Code, refused.Headers.RetryAfter?.Delta), Is.EqualTo((503, "ORC6002", TimeSpan.FromSeconds(5))));
        Assert.That((await served.Owner.GetAsync($"runs/{run}")).Status, Is.EqualTo(HttpStatusCode.OK), "looking goes on");
        Assert.That(ServerAddress.Find(served.HomeFolder), Is.Null);
        WaitAtGate.Open("drained");
        await draining;
        var tasks = await served.Stores.Runs.ListTasksAsync(new(run), CancellationToken.None);
        Assert.That(tasks.Select(task => $"{task.Task} {task.Status}"), Does.Contain("wait succeeded").And.Not.Contain("then succeeded"));
        await served.StopAsync();

        await served.StartServerAsync();

        await served.RunWhenAsync(run, "succeeded");
        Assert.That((await served.Owner.GetAsync($"runs/{run}/attempts")).Json.GetArrayLength(), Is.EqualTo(2), "nothing ran twice");
    }

    [Test]
    public async Task TheServerSaysThatItIsThereAndWhatItDoes()
    {
        await served.RegisterAsync(Samples.Sum);
        await served.RunWhenAsync(await served.StartRunAsync("sum"), "succeeded");
        var anybody = served.Client(null);

        Assert.That(((await anybody.GetAsync("/healthz")).Text, (await anybody.GetAsync("/readyz")).Text), Is.EqualTo(("ok\n", "ready\n")));
        Assert.That((await anybody.GetAsync("/metrics")).Code, Is.EqualTo("ORC6020"));
        var metrics = "";
        // Counted after it is stored.
        await ServedHome.UntilAsync("the end of the run is counted", async () => (metrics = (await served.Owner.GetAsync("/metrics")).Text).Contains("orc_runs_ended_total{", StringComparison.Ordinal));
        Assert.That(metrics, Does.Match("orc_runs_started_total\\{.*pipeline=\"sum\"\\} 1").And.Match("orc_runs_ended_total\\{.*status=\"succeeded\"\\} 1").And.Match("orc_attempts_ended_total\\{.*outcome=\"succeeded\"\\} 2").And.Contain("orc_attempt_duration_seconds_bucket").And.Contain("orc_runs_active"));
    }

    [Test]
    public async Task TheLogNamesRunTaskAndAttempt()
    {
        await served.StopAsync();
        await served.StartServerAsync((_, options) => options with { LogAsJson = true });
        await served.RegisterAsync(Samples.Failing);
        var run = await served.StartRunAsync("failing");
        await served.RunWhenAsync(run, "failed");
        // Told after it is stored.
        await ServedHome.UntilAsync("the end of the run is in the log", () => Task.FromResult(served.Log.Contains("\"Status\":\"failed\"", StringComparison.Ordinal)));

        var lines = served.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith('{')).Select(line => JsonElement.Parse(line)).ToArray();

        var failed = lines.Single(line => line.TryGetProperty("Code", out var code) && code.GetString() == "ORC5998");
        Assert.That((failed.GetProperty("Run").GetString(), failed.GetProperty("Task").GetString(), failed.GetProperty("Attempt").GetString()?.Length, failed.GetProperty("@l").GetString()), Is.EqualTo((run, "bad", 26, "Warning")));
    }

    [Test]
    public async Task ABodyThatIsTooLargeIsRefused()
    {
        await served.StopAsync();
        await served.StartServerAsync((_, options) => options with { MaxBodyBytes = 10_000 });

        var answer = await served.Owner.SendAsync(HttpMethod.Post, "runs", new StringContent("{\"pipeline\":\"" + new string('x', 20_000) + "\"}", Encoding.UTF8, "application/json"));

        Assert.That(((int)answer.Status, answer.Code), Is.EqualTo((413, "ORC6006")), answer.Text);
    }

    [Test]
    public async Task WhoAsksTooMuchIsMadeToWaitAndOthersAreNot()
    {
        await served.StopAsync();
        await served.StartServerAsync((_, options) => options with { RequestsPerSecond = 1, RequestBurst = 30 });
        var (greedy, other) = (await served.KeyAsync("greedy", "viewer"), await served.KeyAsync("other", "viewer"));

        var answers = new List<ApiAnswer>();
        for (var i = 0; i < 60; i++)
        {
            answers.Add(await greedy.GetAsync("session"));
        }

        var refused = answers.Where(answer => (int)answer.Status == 429).ToArray();
        Assert.That(refused, Is.Not.Empty);
        Assert.That(refused.Select(answer => (answer.Code, answer.Headers.RetryAfter is not null)), Is.All.EqualTo(("ORC6013", true)));
        Assert.That((await other.GetAsync("session")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task AnAddressThatIsTakenOrNoneIsSaidSo()
    {
        foreach (var (url, code) in new[] { (served.Url, "ORC6060"), ("ftp://127.0.0.1:1", "ORC6061"), ("nonsense", "ORC6061"), ("http://127.0.0.1:0/path", "ORC6061") })
        {
            await using var other = new OtherHome();
            Assert.That(
                async () => await other.Served.StartServerAsync((_, options) => options with { Urls = [url] }),
                Throws.TypeOf<ActivityException>().With.Property(nameof(ActivityException.Failure)).With.Property(nameof(Failure.Code)).EqualTo(code), url);
        }
    }

    [Test]
    public async Task WhatIsUnforeseenIsAProblemWithoutAStack()
    {
        await served.Database.WriteAsync((session, token) => session.ExecuteAsync("ALTER TABLE audit_log RENAME TO gone", cancellation: token), CancellationToken.None);

        var answer = await served.Owner.GetAsync("audit");

        Assert.That(((int)answer.Status, answer.Code), Is.EqualTo((500, "ORC6001")));
        Assert.That(answer.Text, Does.Not.Contain("audit_log").And.Not.Contain(" at ").And.Not.Contain("Exception"));
        Assert.That(served.Log, Does.Contain(answer.Json.GetProperty("trace").GetString()!));
    }

    [Test]
    public async Task EveryAnswerIsSafeToShowInABrowser()
    {
        foreach (var path in new[] { "runs", "nothing", "/healthz", "/docs/", "/sign-in?token=x" })
        {
            var answer = await served.Owner.GetAsync(path);
            Assert.That(answer.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }), path);
            Assert.That(answer.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("default-src").And.Contain("frame-ancestors 'none'"), path);
            Assert.That(answer.Headers.Contains("Server"), Is.False, path);
        }
    }

    /// <summary>A home that is to be served and cannot be.</summary>
    private sealed class OtherHome : IAsyncDisposable
    {
        public ServedHome Served { get; } = ServedHome.Unserved();

        public ValueTask DisposeAsync() => Served.DisposeAsync();
    }
}
