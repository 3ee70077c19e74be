using System.Net;
using System.Text.Json;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Schedules;

/// <summary>Schedules and triggers over the API.</summary>
public sealed class TriggerApiTests
{
    private ServedHome served = null!;

    [SetUp]
    public async Task StartAsync()
    {
        served = await ServedHome.StartAsync();
        await served.RegisterAsync(Samples.Sum);
        await served.RegisterAsync(Samples.Scheduled);
    }

    [TearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public async Task TriggersAreListedAsSoonAsTheirPipelineIsRegistered()
    {
        var all = (await served.Owner.GetAsync("triggers")).Json;
        Assert.That(NamesOf(all), Is.EqualTo(new[] { "yearly/after-sum pipeline sum succeeded", "yearly/nightly 30 23 31 12 *, Europe/Berlin" }));
        Assert.That(NamesOf((await served.Owner.GetAsync("schedules")).Json), Is.EqualTo(new[] { "yearly/nightly 30 23 31 12 *, Europe/Berlin" }));
        Assert.That(NamesOf((await served.Owner.GetAsync("triggers?kind=pipeline")).Json).Single(), Does.StartWith("yearly/after-sum"));
        Assert.That(NamesOf((await served.Owner.GetAsync("triggers?search=NIGHT")).Json).Single(), Does.StartWith("yearly/nightly"));
        var first = (await served.Owner.GetAsync("triggers?limit=1")).Json;
        var second = (await served.Owner.GetAsync($"triggers?limit=1&cursor={Uri.EscapeDataString(first.GetProperty("next").GetString()!)}")).Json;
        Assert.That(NamesOf(second).Single(), Does.StartWith("yearly/nightly"));
        Assert.That(second.TryGetProperty("next", out _), Is.False);
    }

    [Test]
    public async Task AScheduleShowsItsTimesAndItsDefinition()
    {
        var schedule = (await served.Owner.GetAsync("schedules/yearly/nightly")).Json;

        Assert.That(schedule.GetProperty("json").GetProperty("schedule").GetString(), Is.EqualTo("30 23 31 12 *"));
        Assert.That(schedule.GetProperty("nextAt").GetDateTimeOffset(), Is.EqualTo(schedule.GetProperty("next")[0].GetProperty("logicalDate").GetDateTimeOffset()));
        Assert.That(schedule.GetProperty("next").GetArrayLength(), Is.EqualTo(5));
        var next = (await served.Owner.GetAsync("schedules/yearly/nightly/next?count=2&after=2026-03-01T00:00:00Z")).Json;
        Assert.That(next[0].GetProperty("logicalDate").GetString(), Is.EqualTo("2026-12-31T22:30:00+00:00"));
        Assert.That((next[0].GetProperty("local").GetString(), next[0].GetProperty("dataFrom").GetString()), Is.EqualTo(("2026-12-31T23:30:00+01:00", "2025-12-31T22:30:00+00:00")));
        Assert.That(next.GetArrayLength(), Is.EqualTo(2));
    }

    [TestCase("schedules/yearly/after-sum", "ORC6043")]
    [TestCase("schedules/yearly/nothing", "ORC6043")]
    [TestCase("schedules/yearly/nightly/next?count=0", "ORC6008")]
    [TestCase("schedules/yearly/nightly/next?count=1001", "ORC6008")]
    [TestCase("schedules/yearly/nightly/next?after=0001-01-01T00:00:00Z", "ORC6008")]
    [TestCase("schedules/yearly/nightly/next?after=yesterday", "ORC6008")]
    [TestCase("triggers?kind=wizard", "ORC6008")]
    [TestCase("triggers?cursor=x", "ORC6010")]
    [TestCase("schedules?kind=pipeline", "ORC6009")]
    [TestCase("triggers/..%2F../x", "ORC6043")]
    public async Task AWrongQuestionIsAnsweredWithWhatIsWrong(string path, string code) => Assert.That((await served.Owner.GetAsync(path)).Code, Is.EqualTo(code));

    [Test]
    public async Task APauseIsMadeAsSeenEndedAndToldOf()
    {
        Assert.That((await served.Owner.PostAsync("schedules/yearly/nightly/pause", new { reason = "freeze" }, ("If-Match", "\"t0\""))).Code, Is.EqualTo("ORC6011"));
        Assert.That((await served.Owner.PostAsync("schedules/yearly/nightly/pause", new { reason = "freeze" }, ("If-Match", "\"r1\""))).Code, Is.EqualTo("ORC6012"));
        ApiAnswer? paused = null;
        // The scheduler looks at what is new, which changes it too.
        await ServedHome.UntilAsync("nobody was faster", async () =>
        {
            var seen = await served.Owner.GetAsync("schedules/yearly/nightly");
            paused = await served.Owner.PostAsync("schedules/yearly/nightly/pause", new { reason = "freeze" }, ("If-Match", seen.Tag!));
            return paused.Status != HttpStatusCode.PreconditionFailed;
        });
        Assert.That(paused!.Json.GetProperty("whyPaused").GetString(), Is.EqualTo("paused by owner: freeze"), paused.Text);
        Assert.That(paused.Json.TryGetProperty("nextAt", out _), Is.False);
        Assert.That((await served.Owner.PostAsync("schedules/yearly/nightly/pause")).Code, Is.EqualTo("ORC6213"));
        var resumed = await served.Owner.PostAsync("schedules/yearly/nightly/resume", null, ("If-Match", paused.Tag!));
        Assert.That((resumed.Json.GetProperty("trigger").GetProperty("paused").GetBoolean(), resumed.Json.GetProperty("passedOver").GetInt64()), Is.EqualTo((false, 0L)), resumed.Text);
        Assert.That((await served.Owner.PostAsync("schedules/yearly/nightly/resume")).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(
            (await served.Owner.GetAsync("audit")).Json.GetProperty("items").EnumerateArray().Select(entry => $"{entry.GetProperty("action").GetString()} {(entry.TryGetProperty("target", out var target) ? target.GetString() : "")}"),
            Does.Contain("trigger.pause trigger yearly/nightly").And.Contain("trigger.resume trigger yearly/nightly"));
    }

    [Test]
    public async Task WhatHappenedIsInTheTicksWithWhyItStartedNothing()
    {
        await served.RegisterAsync(Samples.Failing.Replace("\"failing\"", "\"watched\"", StringComparison.Ordinal));
        await served.RegisterAsync("""
            { "name": "watcher", "triggers": [ { "name": "good", "pipeline": "watched", "outcome": "succeeded" }, { "name": "bad", "pipeline": "watched", "outcome": "failed" } ], "tasks": { "only": { "uses": "test.add", "with": { "left": 1 } } } }
            """);
        await served.Owner.GetAsync("triggers");

        await served.RunWhenAsync(await served.StartRunAsync("watched"), "failed");
        served.WakeScheduler();

        await ServedHome.UntilAsync("the watcher's run was started", async () => (await TicksAsync("watcher/bad")).Any(tick => tick.GetProperty("decision").GetString() == "started"));
        var good = (await TicksAsync("watcher/good")).Single();
        Assert.That((good.GetProperty("decision").GetString(), good.GetProperty("reason").GetString()), Is.EqualTo(("ignored", good.GetProperty("reason").GetString())));
        Assert.That(good.GetProperty("reason").GetString(), Does.EndWith("is failed, and the trigger waits for succeeded"));
        var started = (await TicksAsync("watcher/bad")).Single().GetProperty("run").GetString()!;
        Assert.That((await served.RunWhenAsync(started, "succeeded")).GetProperty("trigger").GetProperty("kind").GetString(), Is.EqualTo("pipeline"));
        Assert.That((await served.Owner.GetAsync("triggers/watcher/bad")).Json.GetProperty("ticks").GetRawText(), Is.EqualTo("""{"started":1}"""));
    }

    [Test]
    public async Task WhoMayNotSeeThePipelineSeesNoTriggerOfIt()
    {
        await served.RegisterAsync(Samples.Scheduled.Replace("\"yearly\"", "\"secret\"", StringComparison.Ordinal), "sales");
        var (mine, theirs) = (await served.KeyAsync("mine", "default:operator"), await served.KeyAsync("theirs", "sales:viewer"));

        Assert.That(NamesOf((await mine.GetAsync("triggers")).Json), Has.All.StartsWith("yearly/").And.Exactly(2).Items);
        Assert.That(NamesOf((await theirs.GetAsync("schedules")).Json).Single(), Does.StartWith("secret/"));
        Assert.That((await mine.GetAsync("schedules/secret/nightly")).Code, Is.EqualTo("ORC6043"));
        Assert.That((await mine.PostAsync("schedules/secret/nightly/pause")).Code, Is.EqualTo("ORC6043"));
        Assert.That((await theirs.PostAsync("schedules/secret/nightly/pause")).Code, Is.EqualTo("ORC6022"));
    }

    private async Task<JsonElement[]> TicksAsync(string trigger) => [.. (await served.Owner.GetAsync($"triggers/{trigger}/ticks")).Json.GetProperty("items").EnumerateArray()];

    private static string[] NamesOf(JsonElement page) => [.. page.GetProperty("items").EnumerateArray().Select(one => $"{one.GetProperty("trigger").GetString()} {one.GetProperty("for").GetString()}")];
}
