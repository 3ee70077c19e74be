using System.Net;
using System.Text.Json;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Backfills;

/// <summary>Backfills over the API, run by the server's own scheduler.</summary>
public sealed class BackfillApiTests
{
    private const string Daily = """
        { "name": "daily", "params": { "day": { "type": "string", "default": "" } },
          "triggers": [ { "name": "nightly", "schedule": "0 2 * * *", "end": "2020-01-10", "params": { "day": "${run.logicalDate.slice(0, 10)}" } } ],
          "tasks": { "only": { "uses": "test.add", "with": { "left": 1 } } } }
        """;

    private ServedHome served = null!;

    [SetUp]
    public async Task StartAsync()
    {
        served = await ServedHome.StartAsync();
        await served.RegisterAsync(Daily);
    }

    [TearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public async Task APlanIsStoredLookedAtAndThenRunAsItWasShown()
    {
        var planned = await served.Owner.PostAsync("backfills", new { pipeline = "daily", from = "2020-01-02", to = "2020-01-05", order = "newest", parallel = 2 });

        Assert.That(planned.Status, Is.EqualTo(HttpStatusCode.Created), planned.Text);
        var id = planned.Json.GetProperty("id").GetString()!;
        Assert.That(planned.Headers.Location?.ToString(), Is.EqualTo($"/api/v1/backfills/{id}"));
        Assert.That(planned.Json.GetProperty("progress").GetRawText(), Is.EqualTo("""{"planned":3,"waiting":3,"going":0,"succeeded":0,"failed":0,"left":0}"""));
        Assert.That((await ItemsAsync(id)).Select(item => $"{item.GetProperty("position")} {item.GetProperty("logicalDate").GetString()![..10]} {item.GetProperty("plan").GetString()}"), Is.EqualTo(new[] { "1 2020-01-04 run", "2 2020-01-03 run", "3 2020-01-02 run" }));
        Assert.That((await served.Owner.GetAsync("runs")).Json.GetProperty("items").GetArrayLength(), Is.Zero, "nothing runs before it is started");

        // What is registered meanwhile changes nothing about the plan.
        await served.RegisterAsync(Daily.Replace("\"test.add\", \"with\": { \"left\": 1 }", "\"test.fail\"", StringComparison.Ordinal));
        var started = await served.Owner.PostAsync($"backfills/{id}/start");

        Assert.That(started.Status, Is.EqualTo(HttpStatusCode.OK), started.Text);
        await ServedHome.UntilAsync("the backfill is done", async () => (await served.Owner.GetAsync($"backfills/{id}")).Json.GetProperty("status").GetString() == "done");
        var items = await ItemsAsync(id);
        Assert.That(items.Select(item => item.GetProperty("runStatus").GetString()), Is.All.EqualTo("succeeded"));
        var run = (await served.Owner.GetAsync($"runs/{items[0].GetProperty("run").GetString()}")).Json;
        Assert.That((run.GetProperty("params").GetRawText(), run.GetProperty("trigger").GetProperty("backfill").GetString()), Is.EqualTo(("""{"day":"2020-01-04"}""", id)));
        Assert.That((await served.Owner.PostAsync($"backfills/{id}/start")).Code, Is.EqualTo("ORC6227"));
        Assert.That((await served.Owner.GetAsync("audit?target=backfill")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await served.Owner.GetAsync("audit")).Text, Does.Contain("backfill.plan").And.Contain("backfill.start"));
    }

    [Test]
    public async Task WhatFailedIsTriedAgainAndWhatSucceededIsLeft()
    {
        await served.RegisterAsync(Daily.Replace("\"test.add\", \"with\": { \"left\": 1 }", "\"test.fail\"", StringComparison.Ordinal));
        var id = (await served.Owner.PostAsync("backfills", new { pipeline = "daily", dates = new[] { "2020-01-02T02:00Z", "2020-01-03T02:00Z" }, parallel = 2 })).Json.GetProperty("id").GetString()!;
        Assert.That((await served.Owner.PostAsync($"backfills/{id}/retry")).Code, Is.EqualTo("ORC6228"));
        await served.Owner.PostAsync($"backfills/{id}/start");
        await DoneAsync(id);

        var again = await served.Owner.PostAsync($"backfills/{id}/retry");

        Assert.That(again.Json.GetProperty("affected").GetInt32(), Is.EqualTo(2), again.Text);
        await DoneAsync(id);
        Assert.That((await ItemsAsync(id)).Select(item => (item.GetProperty("attempt").GetInt32(), item.GetProperty("runStatus").GetString())), Is.All.EqualTo((2, "failed")));
        var other = (await served.Owner.PostAsync("backfills", new { pipeline = "daily", from = "2020-01-02", to = "2020-01-04", only = "missing" })).Json;
        Assert.That(other.GetProperty("progress").GetProperty("left").GetInt32(), Is.EqualTo(2), "two dates have a run");
    }

    [Test]
    public async Task ABackfillIsPausedResumedAndCancelledWithItsRuns()
    {
        await served.RegisterAsync(Daily.Replace("\"test.add\", \"with\": { \"left\": 1 }", "\"test.gate\", \"with\": { \"gate\": \"backfill\" }", StringComparison.Ordinal));
        var id = (await served.Owner.PostAsync("backfills", new { pipeline = "daily", from = "2020-01-02", to = "2020-01-05", parallel = 1 })).Json.GetProperty("id").GetString()!;
        Assert.That((await served.Owner.PostAsync($"backfills/{id}/pause")).Code, Is.EqualTo("ORC6227"));
        await served.Owner.PostAsync($"backfills/{id}/start");
        await ServedHome.UntilAsync("one goes on", async () => (await ItemsAsync(id)).Count(item => item.TryGetProperty("run", out _)) == 1);

        Assert.That((await served.Owner.PostAsync($"backfills/{id}/pause")).Json.GetProperty("backfill").GetProperty("status").GetString(), Is.EqualTo("paused"));
        Assert.That((await served.Owner.PostAsync($"backfills/{id}/resume")).Json.GetProperty("backfill").GetProperty("status").GetString(), Is.EqualTo("running"));
        var cancelled = await served.Owner.PostAsync($"backfills/{id}/cancel");
        Assert.That((cancelled.Json.GetProperty("affected").GetInt32(), cancelled.Json.GetProperty("backfill").GetProperty("status").GetString()), Is.EqualTo((1, "cancelled")), cancelled.Text);
        var run = (await ItemsAsync(id)).First().GetProperty("run").GetString()!;
        await served.RunWhenAsync(run, "cancelled");
        Assert.That((await served.Owner.PostAsync($"backfills/{id}/resume")).Status, Is.EqualTo(HttpStatusCode.Conflict));
    }

    [TestCase("""{"pipeline":"nope","from":"2020-01-02"}""", 404, "ORC6030")]
    [TestCase("""{"pipeline":"daily"}""", 422, "ORC6222")]
    [TestCase("""{"pipeline":"daily","from":"someday"}""", 400, "ORC6053")]
    [TestCase("""{"pipeline":"daily","dates":["0001-01-01"]}""", 400, "ORC6053")]
    [TestCase("""{"pipeline":"daily","from":"2020-01-02","only":"some"}""", 400, "ORC6007")]
    [TestCase("""{"pipeline":"daily","from":"2020-01-02","order":"odd"}""", 400, "ORC6007")]
    [TestCase("""{"pipeline":"daily","from":"2020-01-02","parallel":0}""", 422, "ORC6226")]
    [TestCase("""{"pipeline":"daily","from":"2020-01-02","schedule":"hourly"}""", 422, "ORC6221")]
    [TestCase("""{"pipeline":"daily","from":"2021-01-02"}""", 422, "ORC6224")]
    [TestCase("""{"pipeline":"daily","from":"2020-01-02","params":{"dya":"x"}}""", 422, "ORC6042")]
    [TestCase("""{"pipeline":"daily","from":"2020-01-02","params":{"day":5}}""", 422, "ORC6042")]
    public async Task AWrongWishIsRefusedWithWhatIsWrong(string body, int status, string code)
    {
        var answer = await served.Owner.PostAsync("backfills", (object)body);

        Assert.That(((int)answer.Status, answer.Code), Is.EqualTo((status, code)), answer.Text);
        Assert.That((await served.Owner.GetAsync("backfills")).Json.GetProperty("items").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task ListsComeInPagesOfWhatTheCallerMaySee()
    {
        await served.RegisterAsync(Daily.Replace("\"daily\"", "\"theirs\"", StringComparison.Ordinal), "sales");
        var ids = new List<string>();
        foreach (var pipeline in new[] { "daily", "theirs", "daily" })
        {
            ids.Insert(0, (await served.Owner.PostAsync("backfills", new { pipeline, from = "2020-01-02", to = "2020-01-05" })).Json.GetProperty("id").GetString()!);
        }

        var mine = await served.KeyAsync("mine", "default:viewer");
        var first = (await served.Owner.GetAsync("backfills?limit=2")).Json;
        var second = (await served.Owner.GetAsync($"backfills?limit=2&cursor={first.GetProperty("next").GetString()}")).Json;
        Assert.That(new[] { first, second }.SelectMany(IdsOf), Is.EqualTo(ids));
        Assert.That(IdsOf((await mine.GetAsync("backfills")).Json), Is.EqualTo(new[] { ids[0], ids[2] }));
        Assert.That(IdsOf((await served.Owner.GetAsync("backfills?pipeline=theirs&status=planned")).Json), Is.EqualTo(new[] { ids[1] }));
        Assert.That((await mine.GetAsync($"backfills/{ids[1]}")).Code, Is.EqualTo("ORC6052"));
        Assert.That((await mine.PostAsync($"backfills/{ids[0]}/start")).Code, Is.EqualTo("ORC6022"));
        Assert.That((await served.Owner.GetAsync("backfills?status=odd")).Code, Is.EqualTo("ORC6008"));
        Assert.That((await served.Owner.GetAsync("backfills/x")).Code, Is.EqualTo("ORC6052"));
        var items = (await served.Owner.GetAsync($"backfills/{ids[0]}/items?limit=2")).Json;
        Assert.That((await served.Owner.GetAsync($"backfills/{ids[0]}/items?limit=2&cursor={items.GetProperty("next").GetString()}")).Json.GetProperty("items").GetArrayLength(), Is.EqualTo(1));
    }

    private Task DoneAsync(string id) => ServedHome.UntilAsync("the backfill is done", async () => (await served.Owner.GetAsync($"backfills/{id}")).Json.GetProperty("status").GetString() == "done");

    private async Task<JsonElement[]> ItemsAsync(string id) => [.. (await served.Owner.GetAsync($"backfills/{id}/items")).Json.GetProperty("items").EnumerateArray()];

    private static string[] IdsOf(JsonElement page) => [.. page.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("id").GetString()!)];
}
