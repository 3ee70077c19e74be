using System.Net;
using System.Text.Json;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Runs;

/// <summary>Runs of a definition that comes with the request, and what a start can take over from earlier runs: by whoever may.</summary>
public sealed class OwnDefinitionTests
{
    private ServedHome served = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => served = await ServedHome.StartAsync();

    [OneTimeTearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public async Task ADefinitionIsRunAndNotRegistered()
    {
        var answer = await served.Owner.PostAsync("runs", new { json = Sum("own"), @params = new { start = 5 }, baseDirectory = served.Folder });

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        var id = answer.Json.GetProperty("id").GetString()!;
        var done = await served.RunWhenAsync(id, "succeeded");
        Assert.That(done.GetProperty("baseDirectory").GetString(), Is.EqualTo(served.Folder));
        Assert.That((await served.Owner.GetAsync("pipelines/own")).Code, Is.EqualTo("ORC6030"));
        var definition = (await served.Owner.GetAsync($"runs/{id}/definition")).Json;
        Assert.That((definition.GetProperty("definition").GetString(), definition.GetProperty("json").GetProperty("name").GetString()), Is.EqualTo((done.GetProperty("definition").GetString(), "own")));
        Assert.That((await served.Owner.GetAsync($"runs/{id}/definition?hash={new string('0', 64)}")).Code, Is.EqualTo("ORC6086"), "those of other runs are theirs");
    }

    [Test]
    public async Task ResultsAreTakenOverAndPlansSayWhatWouldHappen()
    {
        var first = (await served.Owner.PostAsync("runs", new { json = Sum("over"), @params = new { start = 1 } })).Json.GetProperty("id").GetString()!;
        await served.RunWhenAsync(first, "succeeded");

        var plan = (await served.Owner.PostAsync("runs/plan", new { json = Sum("over"), from = "second" })).Json;
        Assert.That(plan.GetProperty("tasks").EnumerateArray().Select(task => $"{task.GetProperty("task")} {task.GetProperty("step")}"), Is.EqualTo(new[] { "first kept", "second run" }));
        Assert.That(plan.GetProperty("parent").GetString(), Is.EqualTo(first));
        Assert.That(plan.GetProperty("params").ToString(), Is.EqualTo("""{"start":1}"""));
        var pinned = await served.Owner.PostAsync("runs", new { json = Sum("over"), pin = new { first }, logicalDate = "2026-03-01T00:00:00Z" });
        Assert.That(pinned.Status, Is.EqualTo(HttpStatusCode.Created), pinned.Text);
        Assert.That(pinned.Json.GetProperty("trigger").GetProperty("logicalDate").GetString(), Does.StartWith("2026-03-01T00:00:00"));
        await served.RunWhenAsync(pinned.Json.GetProperty("id").GetString()!, "succeeded");
        var again = (await served.Owner.PostAsync($"runs/{first}/retry/plan", new { only = "second" })).Json;
        Assert.That(again.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("step").GetString()), Is.EqualTo(new[] { "kept", "run" }));
    }

    [TestCase("""{ "pipeline": "x", "json": {} }""", 400, "ORC6085")]
    [TestCase("""{ "json": {}, "version": 1 }""", 400, "ORC6085")]
    [TestCase("""{ "json": 5 }""", 422, "ORC6032")]
    [TestCase("""{ "json": { "name": "x", "tasks": { "a": { "uses": "no.such" } } } }""", 422, "ORC6032")]
    [TestCase("""{ "json": {"name":"x","tasks":{"a":{"uses":"test.fail"}}}, "baseDirectory": "../here" }""", 422, "ORC6084")]
    [TestCase("""{ "json": {"name":"x","tasks":{"a":{"uses":"test.fail"}}}, "baseDirectory": "/no/such/folder" }""", 422, "ORC6084")]
    [TestCase("""{ "json": {"name":"x","tasks":{"a":{"uses":"test.fail"}}}, "pin": { "a": null } }""", 404, "ORC5240")]
    [TestCase("""{ "json": {"name":"x","tasks":{"a":{"uses":"test.fail"}}}, "from": "nobody" }""", 404, "ORC5244")]
    [TestCase("""{ "json": {"name":"never","tasks":{"a":{"uses":"test.fail"}}}, "from": "a" }""", 422, "ORC5929")]
    [TestCase("""{ "json": {"name":"x","triggers":[{"schedule":"0 2 * * *","zone":"Europe/Berlin"}],"tasks":{"a":{"uses":"test.fail"}}}, "logicalDate": "0001-01-01T00:00:00Z" }""", 400, "ORC6053")]
    public async Task AWrongStartIsRefusedWithWhatIsWrong(string body, int status, string code)
    {
        var answer = await served.Owner.PostAsync("runs", (object)body);

        Assert.That(((int)answer.Status, answer.Code), Is.EqualTo((status, code)), answer.Text);
    }

    [Test]
    public async Task OnlyWhoMayRegisterItMayRunIt()
    {
        var (viewer, runner, author, coder) = (await served.KeyAsync("v", "viewer"), await served.KeyAsync("o", "operator"), await served.KeyAsync("a", "author"), await served.KeyAsync("c", scripts: true, "author"));
        var body = new { json = Sum("mine") };
        var scripts = new[] { new { name = "s.csx", text = "// code" } };

        Assert.That((await viewer.PostAsync("runs", body)).Code, Is.EqualTo("ORC6022"));
        Assert.That((await runner.PostAsync("runs", body)).Code, Is.EqualTo("ORC6022"), "who may start what others registered may not bring his own");
        Assert.That((await viewer.PostAsync("runs/plan", body)).Code, Is.EqualTo("ORC6022"));
        Assert.That((await author.PostAsync("runs", body)).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await author.PostAsync("runs", new { json = Sum("mine"), scripts })).Code, Is.EqualTo("ORC6024"));
        Assert.That((await coder.PostAsync("runs", new { json = Sum("mine"), scripts })).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await coder.PostAsync("runs", new { json = Sum("mine"), baseDirectory = served.Folder })).Code, Is.EqualTo("ORC6083"));
        await served.RegisterAsync(JsonSerializer.Serialize(Sum("theirs")), project: "secret");
        var here = await served.KeyAsync("d", "default:author");
        Assert.That((await here.PostAsync("runs", new { json = Sum("theirs") })).Code, Is.EqualTo("ORC6022"), "the name is that of another project's pipeline");
    }

    [Test]
    public async Task OnlyWhoeverOwnsTheHomeAnswersInAnothersName()
    {
        await served.RegisterAsync(Samples.Asking);
        var run = await served.StartRunAsync("asking");
        await ServedHome.UntilAsync("the question", async () => (await served.Owner.GetAsync("questions")).Json.EnumerateArray().Any(question => question.GetProperty("run").GetString() == run));
        var approver = await served.KeyAsync("boss", "approver");

        Assert.That((await approver.PostAsync($"runs/{run}/tasks/ask/answer", new { approved = true, answer = new { limit = 3 }, by = "ann" })).Code, Is.EqualTo("ORC6082"));
        var answered = await served.Owner.PostAsync($"runs/{run}/tasks/ask/answer", new { approved = true, answer = new { limit = 3 }, by = "ann" });
        Assert.That(answered.Json.GetProperty("what").GetString(), Is.EqualTo("task ask is approved by ann"), answered.Text);
        await served.RunWhenAsync(run, "succeeded");
        Assert.That((await served.Owner.GetAsync($"runs/{run}/events")).Text, Does.Contain("\"via\":\"owner\""), "who typed it is kept");
    }

    private static JsonElement Sum(string name) => JsonElement.Parse(Samples.Sum.Replace("\"name\": \"sum\"", $"\"name\": \"{name}\"", StringComparison.Ordinal));
}
