using System.Net;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Runs;

/// <summary>Starts that begin with earlier results or are for a date, and runs that go on with another version.</summary>
public sealed class RunStartTests
{
    private ServedHome served = null!;

    [SetUp]
    public async Task StartAsync()
    {
        served = await ServedHome.StartAsync();
        await served.RegisterAsync(Samples.Sum);
    }

    [TearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public async Task AStartFromATaskTakesOverWhatIsBeforeItAndIsOneForItsKey()
    {
        Assert.That((await served.Owner.PostAsync("runs", new { pipeline = "sum", from = "second" })).Code, Is.EqualTo("ORC5929"));
        var first = await served.StartRunAsync("sum");
        await served.RunWhenAsync(first, "succeeded");

        var started = await served.Owner.PostAsync("runs", new { pipeline = "sum", from = "second" }, ("Idempotency-Key", "again"));

        Assert.That(started.Status, Is.EqualTo(HttpStatusCode.Created), started.Text);
        var run = await served.RunWhenAsync(started.Json.GetProperty("id").GetString()!, "succeeded");
        Assert.That(run.GetProperty("tasks").EnumerateArray().Select(task => $"{task.GetProperty("name")} {task.GetProperty("status")}"), Is.EqualTo(new[] { "first cached", "second succeeded" }));
        Assert.That(run.GetProperty("parent").GetString(), Is.EqualTo(first));
        var again = await served.Owner.PostAsync("runs", new { pipeline = "sum", from = "second" }, ("Idempotency-Key", "again"));
        Assert.That((again.Status, again.Json.GetProperty("id").GetString()), Is.EqualTo((HttpStatusCode.OK, run.GetProperty("id").GetString())), "the newest run is another one now, and what was asked for is the same");
        Assert.That((await served.Owner.PostAsync("runs", new { pipeline = "sum", from = "nothing" })).Code, Is.EqualTo("ORC5244"));
    }

    [Test]
    public async Task AResultIsPinnedFromARunThatTheCallerMaySee()
    {
        await served.RegisterAsync(Samples.Sum.Replace("\"sum\",", "\"theirs\",", StringComparison.Ordinal), "sales");
        var (mine, theirs) = (await served.StartRunAsync("sum", new { start = 100 }), await served.StartRunAsync("theirs"));
        await served.RunWhenAsync(mine, "succeeded");
        await served.RunWhenAsync(theirs, "succeeded");
        var key = await served.KeyAsync("key", "default:operator");

        var started = await key.PostAsync("runs", new { pipeline = "sum", pin = new { first = mine } });

        Assert.That(started.Status, Is.EqualTo(HttpStatusCode.Created), started.Text);
        var run = await served.RunWhenAsync(started.Json.GetProperty("id").GetString()!, "succeeded");
        Assert.That(run.GetProperty("tasks")[1].GetProperty("outputs").GetRawText(), Is.EqualTo("""{"sum":112}"""));
        Assert.That((await key.PostAsync("runs", new { pipeline = "sum", pin = new { first = theirs } })).Code, Is.EqualTo("ORC5240"), "what may not be seen is not there");
        Assert.That((await key.PostAsync("runs", new { pipeline = "sum", pin = new { third = mine } })).Code, Is.EqualTo("ORC5244"));
        Assert.That((await key.PostAsync("runs", new { pipeline = "sum", pin = new { first = "x" } })).Code, Is.EqualTo("ORC5240"));
        Assert.That((await key.PostAsync("runs/plan", new { pipeline = "sum", pin = new { first = mine } })).Json.GetProperty("tasks")[0].GetProperty("step").GetString(), Is.EqualTo("kept"));
    }

    [Test]
    public async Task ARunIsForTheDateThatItIsStartedFor()
    {
        await served.RegisterAsync(Samples.Scheduled);

        var started = await served.Owner.PostAsync("runs", new { pipeline = "yearly", logicalDate = "2025-12-31T23:30" }, ("Idempotency-Key", "new-year"));

        Assert.That(started.Status, Is.EqualTo(HttpStatusCode.Created), started.Text);
        var trigger = started.Json.GetProperty("trigger");
        Assert.That((trigger.GetProperty("kind").GetString(), trigger.GetProperty("by").GetString(), trigger.GetProperty("logicalDate").GetDateTimeOffset()), Is.EqualTo(("manual", "owner", new DateTimeOffset(2025, 12, 31, 22, 30, 0, TimeSpan.Zero))), "in the time of its schedule");
        Assert.That((await served.Owner.PostAsync("runs", new { pipeline = "yearly", logicalDate = "2024-12-31T23:30" }, ("Idempotency-Key", "new-year"))).Code, Is.EqualTo("ORC6040"));
        Assert.That((await served.Owner.PostAsync("runs", new { pipeline = "yearly", logicalDate = "soon" })).Code, Is.EqualTo("ORC6053"));
    }

    [Test]
    public async Task ARunGoesOnWithAnotherVersionAfterACheck()
    {
        await served.RegisterAsync(Samples.Gated("migrate"));
        var run = await served.StartRunAsync("gated");
        await ServedHome.UntilAsync("it waits", async () => (await served.Owner.GetAsync($"runs/{run}")).Json.GetProperty("tasks").EnumerateArray().Any(task => task.GetProperty("status").GetString() == "running"));
        await served.RegisterAsync(Samples.Gated("migrate").Replace("\"left\": 1", "\"left\": 41, \"right\": 1", StringComparison.Ordinal));

        var plan = await served.Owner.PostAsync($"runs/{run}/migrate/plan", new { });
        Assert.That(plan.Json.GetProperty("allowed").GetBoolean(), plan.Text);
        Assert.That(plan.Json.GetProperty("tasks").EnumerateArray().Select(task => $"{task.GetProperty("task").GetString()} {task.GetProperty("becomes").GetString()}"), Is.EqualTo(new[] { "wait continues", "then waits" }));
        Assert.That((await served.Owner.PostAsync($"runs/{run}/migrate", new { version = 7 })).Code, Is.EqualTo("ORC6033"));
        await served.RegisterAsync(Samples.Gated("another"));
        var refused = await served.Owner.PostAsync($"runs/{run}/migrate", new { });
        Assert.That((refused.Status, refused.Code, refused.Json.GetProperty("details")[0].GetString()), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "ORC6054", refused.Json.GetProperty("details")[0].GetString())));
        Assert.That(refused.Json.GetProperty("details")[0].GetString(), Does.StartWith("ORC5283: "));

        var migrated = await served.Owner.PostAsync($"runs/{run}/migrate", new { version = 2, reason = "a better sum" });

        Assert.That(migrated.Json.GetProperty("status").GetString(), Is.EqualTo("taken"), migrated.Text);
        WaitAtGate.Open("migrate");
        var done = await served.RunWhenAsync(run, "succeeded");
        Assert.That(done.GetProperty("tasks").EnumerateArray().Single(task => task.GetProperty("name").GetString() == "then").GetProperty("outputs").GetRawText(), Is.EqualTo("""{"sum":42}"""));
        Assert.That(done.GetProperty("definition").GetString(), Is.EqualTo(plan.Json.GetProperty("to").GetString()));
        Assert.That((await served.Owner.PostAsync($"runs/{run}/migrate/plan", new { })).Code, Is.EqualTo("ORC5925"));
        Assert.That((await served.Owner.GetAsync("audit?action=run.migrate")).Json.GetProperty("items").GetArrayLength(), Is.EqualTo(1));
    }
}
