using System.Net;
using System.Text.Json;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Runs;

/// <summary>Runs over the API, from start to end.</summary>
public sealed class RunApiTests
{
    private ServedHome served = null!;

    [SetUp]
    public async Task StartAsync() => served = await ServedHome.StartAsync();

    [TearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public async Task ARunIsStartedDoneAndShown()
    {
        await served.RegisterAsync(Samples.Sum);

        var answer = await served.Owner.PostAsync("runs", new { pipeline = "sum", @params = new { start = 5 } });

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        var id = answer.Json.GetProperty("id").GetString()!;
        Assert.That(answer.Headers.Location?.ToString(), Is.EqualTo($"/api/v1/runs/{id}"));
        var done = await served.RunWhenAsync(id, "succeeded");
        Assert.That(done.GetProperty("tasks").EnumerateArray().Select(task => $"{task.GetProperty("name")} {task.GetProperty("status")} {task.GetProperty("outputs")}"), Is.EqualTo(new[] { """first succeeded {"sum":7}""", """second succeeded {"sum":17}""" }));
        var graph = (await served.Owner.GetAsync($"runs/{id}/graph")).Json;
        Assert.That(graph.GetProperty("edges").ToString(), Is.EqualTo("""[{"from":"first","to":"second"}]"""));
        Assert.That((await served.Owner.GetAsync($"runs/{id}/attempts")).Json.GetArrayLength(), Is.EqualTo(2));
        Assert.That((await served.Owner.GetAsync($"runs/{id}/cache")).Json[0].GetProperty("outcome").GetString(), Is.EqualTo("unused"));
    }

    [Test]
    public async Task ARequestThatIsSentAgainStartsNothing()
    {
        await served.RegisterAsync(Samples.Sum);
        var body = new { pipeline = "sum", @params = new { start = 5 } };

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => served.Owner.PostAsync("runs", body, ("Idempotency-Key", "monday"))));

        Assert.That(answers.Count(answer => answer.Status == HttpStatusCode.Created), Is.EqualTo(1));
        Assert.That(answers.Where(answer => answer.Status != HttpStatusCode.Created).Select(answer => answer.Status), Is.All.EqualTo(HttpStatusCode.OK));
        Assert.That(answers.Select(answer => answer.Json.GetProperty("id").GetString()).Distinct().Count(), Is.EqualTo(1));
        Assert.That((await served.Owner.PostAsync("runs", new { pipeline = "sum", @params = new { start = 6 } }, ("Idempotency-Key", "monday"))).Code, Is.EqualTo("ORC6040"));
        var other = await served.KeyAsync("other", "operator");
        Assert.That((await other.PostAsync("runs", body, ("Idempotency-Key", "monday"))).Status, Is.EqualTo(HttpStatusCode.Created), "keys of one caller are not another's");
        Assert.That((await served.Owner.PostAsync("runs", body, ("Idempotency-Key", new string('x', 201)))).Code, Is.EqualTo("ORC6041"));
    }

    [TestCase("""{"pipeline":"nope"}""", 404, "ORC6030")]
    [TestCase("""{"pipeline":"sum","version":7}""", 404, "ORC6033")]
    [TestCase("""{"pipeline":"sum","params":{"start":"five"}}""", 422, "ORC6042")]
    [TestCase("""{"pipeline":"sum","params":{"stat":5}}""", 422, "ORC6042")]
    [TestCase("""{"pipeline":"sum","skip":["third"]}""", 404, "ORC5244")]
    [TestCase("""{"pipeline":"sum","extra":1}""", 400, "ORC6007")]
    [TestCase("""{}""", 400, "ORC6085")]
    [TestCase("""[]""", 400, "ORC6007")]
    [TestCase("""null""", 400, "ORC6007")]
    [TestCase("""{"pipeline":"sum" """, 400, "ORC6007")]
    [TestCase("""{"pipeline":"sum","pipeline":"sum"}""", 400, "ORC6007")]
    [TestCase("""{"pipeline":5}""", 400, "ORC6007")]
    public async Task AWrongStartIsRefusedWithWhatIsWrong(string body, int status, string code)
    {
        await served.RegisterAsync(Samples.Sum);

        var answer = await served.Owner.PostAsync("runs", (object)body);

        Assert.That(((int)answer.Status, answer.Code), Is.EqualTo((status, code)), answer.Text);
        Assert.That(answer.Text, Does.Not.Contain("Orchestrator.").And.Not.Contain("System."), "none of our classes");
        Assert.That(answer.Json.GetProperty("type").GetString(), Is.EqualTo($"urn:orc:{code}"));
    }

    [Test]
    public async Task ListsComeInPagesByFilters()
    {
        await served.RegisterAsync(Samples.Sum);
        await served.RegisterAsync(Samples.Failing);
        var runs = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            runs.Add(await served.StartRunAsync(i == 3 ? "failing" : "sum"));
            await served.RunWhenAsync(runs[i], "succeeded", "failed");
        }

        runs.Reverse();
        var first = (await served.Owner.GetAsync("runs?limit=2")).Json;
        var second = (await served.Owner.GetAsync($"runs?limit=2&cursor={first.GetProperty("next")}")).Json;
        var third = (await served.Owner.GetAsync($"runs?limit=2&cursor={second.GetProperty("next")}")).Json;
        Assert.That(new[] { first, second, third }.SelectMany(IdsOf), Is.EqualTo(runs));
        Assert.That(third.TryGetProperty("next", out _), Is.False);
        Assert.That(IdsOf((await served.Owner.GetAsync("runs?status=failed")).Json), Is.EqualTo(new[] { runs[1] }));
        Assert.That(IdsOf((await served.Owner.GetAsync("runs?pipeline=failing&status=failed&status=cancelled")).Json), Is.EqualTo(new[] { runs[1] }));
        Assert.That(IdsOf((await served.Owner.GetAsync("runs?unfinished=true")).Json), Is.Empty);
    }

    [TestCase("runs?limit=0", "ORC6008")]
    [TestCase("runs?limit=501", "ORC6008")]
    [TestCase("runs?limit=abc", "ORC6008")]
    [TestCase("runs?limit=99999999999999999999", "ORC6008")]
    [TestCase("runs?status=done", "ORC6008")]
    [TestCase("runs?from=yesterday", "ORC6008")]
    [TestCase("runs?unfinished=maybe", "ORC6008")]
    [TestCase("runs?cursor=x", "ORC6010")]
    [TestCase("runs?limt=3", "ORC6009")]
    [TestCase("runs/nope", "ORC5240")]
    [TestCase("runs/01M8GBV6VRKB0MJ6HHTV35R6NG", "ORC5240")]
    [TestCase("runs/..%2F..%2Fetc", "ORC5240")]
    public async Task AWrongQuestionIsAnsweredWithWhatIsWrong(string path, string code)
    {
        var answer = await served.Owner.GetAsync(path);

        Assert.That(answer.Code, Is.EqualTo(code), answer.Text);
        Assert.That(answer.Text, Does.Not.Contain("System.").And.Not.Contain("Nullable"));
    }

    [Test]
    public async Task WhatDidNotSucceedIsRunAgain()
    {
        await served.RegisterAsync(Samples.Failing);
        var run = await served.StartRunAsync("failing");
        await served.RunWhenAsync(run, "failed");

        var retry = await served.Owner.PostAsync($"runs/{run}/retry", new { });

        Assert.That(retry.Status, Is.EqualTo(HttpStatusCode.Created), retry.Text);
        var again = await served.RunWhenAsync(retry.Json.GetProperty("id").GetString()!, "failed");
        Assert.That((again.GetProperty("parent").GetString(), again.GetProperty("relation").GetString()), Is.EqualTo((run, "rerun")));
        Assert.That(again.GetProperty("tasks").EnumerateArray().Select(task => $"{task.GetProperty("name")} {task.GetProperty("status")}"), Is.EqualTo(new[] { "good cached", "bad failed" }));
        Assert.That((await served.Owner.PostAsync($"runs/{run}/retry", new { from = "nope" })).Code, Is.EqualTo("ORC5244"));
        await served.RegisterAsync(Samples.Sum);
        var sum = await served.StartRunAsync("sum");
        await served.RunWhenAsync(sum, "succeeded");
        Assert.That((await served.Owner.PostAsync($"runs/{sum}/retry", new { })).Code, Is.EqualTo("ORC5918"), "there is nothing to run again");
    }

    [Test]
    public async Task ARunIsPausedResumedAndCancelled()
    {
        await served.RegisterAsync(Samples.Gated("hold"));
        var run = await served.StartRunAsync("gated");

        Assert.That((await served.Owner.PostAsync($"runs/{run}/pause")).Json.GetProperty("status").GetString(), Is.EqualTo("taken"));
        await served.RunWhenAsync(run, "paused");
        Assert.That((await served.Owner.GetAsync($"runs/{run}/why")).Json.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetProperty("kind").GetString()), Does.Contain("paused"));
        Assert.That((await served.Owner.PostAsync($"runs/{run}/retry", new { })).Code, Is.EqualTo("ORC5927"));
        await served.Owner.PostAsync($"runs/{run}/resume");
        await served.RunWhenAsync(run, "running");
        await served.Owner.PostAsync($"runs/{run}/cancel", new { reason = "enough" });
        await served.RunWhenAsync(run, "cancelled");

        Assert.That((await served.Owner.PostAsync($"runs/{run}/cancel", new { })).Code, Is.EqualTo("ORC5925"));
    }

    [Test]
    public async Task ATaskIsCancelledOrMarkedByHand()
    {
        await served.RegisterAsync(Samples.Gated("by-hand"));
        var (marked, cancelled) = (await served.StartRunAsync("gated"), await served.StartRunAsync("gated"));

        Assert.That((await served.Owner.PostAsync($"runs/{marked}/tasks/then/mark", new { @as = "succeeded", reason = "known", outputs = new { sum = "x" } })).Code, Is.Not.Null, "of another type");
        Assert.That((await served.Owner.PostAsync($"runs/{marked}/tasks/nobody/mark", new { @as = "skipped", reason = "x" })).Code, Is.EqualTo("ORC5906"));
        Assert.That((await served.Owner.PostAsync($"runs/{marked}/tasks/wait/mark", new { @as = "wizard", reason = "x" })).Code, Is.EqualTo("ORC6007"));
        Assert.That((await served.Owner.PostAsync($"runs/{marked}/tasks/wait/mark", new { @as = "skipped", reason = "not today" })).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await served.Owner.PostAsync($"runs/{cancelled}/cancel", new { task = "wait", branch = true })).Status, Is.EqualTo(HttpStatusCode.OK));
        await served.RunWhenAsync(cancelled, "cancelled", "failed");
        Assert.That((await served.Owner.PostAsync($"runs/{cancelled}/cancel", new { branch = true })).Code, Is.EqualTo("ORC6007"));
    }

    [Test]
    public async Task WhatATaskAsksIsAnsweredByWhoMay()
    {
        await served.RegisterAsync(Samples.Asking);
        var run = await served.StartRunAsync("asking");
        await ServedHome.UntilAsync("the task asks", async () => (await served.Owner.GetAsync("questions")).Json.GetArrayLength() == 1);
        var (approver, author) = (await served.KeyAsync("ann", "approver"), await served.KeyAsync("bob", "author"));

        Assert.That((await author.PostAsync($"runs/{run}/tasks/ask/answer", new { approved = true, answer = new { limit = 5 } })).Code, Is.EqualTo("ORC6022"));
        Assert.That((await approver.PostAsync($"runs/{run}/tasks/ask/answer", new { approved = true, answer = new { limit = "five" } })).Code, Is.EqualTo("ORC5957"));
        Assert.That((await approver.PostAsync($"runs/{run}/tasks/then/answer", new { approved = true })).Code, Is.EqualTo("ORC5950"), "it does not ask");
        Assert.That((await approver.PostAsync($"runs/{run}/tasks/ask/answer", new { approved = true, answer = new { limit = 5 } })).Status, Is.EqualTo(HttpStatusCode.OK));

        var done = await served.RunWhenAsync(run, "succeeded");
        Assert.That(done.GetProperty("tasks")[0].GetProperty("outputs").GetProperty("by").GetString(), Is.EqualTo("ann"));
    }

    [Test]
    public async Task AChangeIsRefusedWhenTheRunIsNotAsItWasLookedAt()
    {
        await served.RegisterAsync(Samples.Gated("tag"));
        var run = await served.StartRunAsync("gated");
        await ServedHome.UntilAsync("it waits at the gate", async () => (await served.Owner.GetAsync($"runs/{run}")).Json.GetProperty("tasks").EnumerateArray().Any(task => task.GetProperty("status").GetString() == "running"));
        var tag = (await served.Owner.GetAsync($"runs/{run}")).Tag!;
        await served.Owner.PostAsync($"runs/{run}/pause", null, ("If-Match", tag));

        var late = await served.Owner.PostAsync($"runs/{run}/cancel", new { }, ("If-Match", tag));

        Assert.That(((int)late.Status, late.Code), Is.EqualTo((412, "ORC6011")));
        Assert.That((await served.Owner.PostAsync($"runs/{run}/cancel", new { }, ("If-Match", "\"p3\""))).Code, Is.EqualTo("ORC6012"));
        Assert.That((await served.Owner.PostAsync($"runs/{run}/cancel", new { }, ("If-Match", (await served.Owner.GetAsync($"runs/{run}")).Tag!))).Status, Is.EqualTo(HttpStatusCode.OK));
        await served.RunWhenAsync(run, "cancelled");
        Assert.That((await served.Owner.GetAsync($"runs/{run}", ("If-None-Match", (await served.Owner.GetAsync($"runs/{run}")).Tag!))).Status, Is.EqualTo(HttpStatusCode.NotModified));
    }

    [Test]
    public async Task WhatARunWouldDoIsSaidAndNotDone()
    {
        await served.RegisterAsync(Samples.Sum);

        var plan = (await served.Owner.PostAsync("runs/plan", new { pipeline = "sum", skip = new[] { "second" } })).Json;

        Assert.That(plan.GetProperty("tasks").EnumerateArray().Select(task => $"{task.GetProperty("task")} {task.GetProperty("step")}"), Is.EqualTo(new[] { "first run", "second skipped" }));
        Assert.That(IdsOf((await served.Owner.GetAsync("runs")).Json), Is.Empty);
    }

    [Test]
    public async Task TheEventsOfARunComeInPages()
    {
        await served.RegisterAsync(Samples.Sum);
        var run = await served.StartRunAsync("sum");
        var sequence = (await served.RunWhenAsync(run, "succeeded")).GetProperty("sequence").GetInt64();
        var numbers = new List<long>();
        string? cursor = null;
        do
        {
            var page = (await served.Owner.GetAsync($"runs/{run}/events?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}")).Json;
            numbers.AddRange(page.GetProperty("items").EnumerateArray().Select(change => change.GetProperty("sequence").GetInt64()));
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);

        Assert.That(numbers, Is.EqualTo(Enumerable.Range(1, (int)sequence).Select(number => (long)number)));
    }

    private static IEnumerable<string> IdsOf(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(run => run.GetProperty("id").GetString()!);
}
