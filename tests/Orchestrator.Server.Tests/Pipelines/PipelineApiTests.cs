using System.Net;
using System.Text;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Pipelines;

/// <summary>Pipelines over the API: registered, checked, compared, held, removed.</summary>
public sealed class PipelineApiTests
{
    private ServedHome served = null!;

    [SetUp]
    public async Task StartAsync() => served = await ServedHome.StartAsync();

    [TearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public async Task APipelineIsRegisteredAndShownWithItsDefinition()
    {
        var made = await served.RegisterAsync(Samples.Sum, "sales");

        Assert.That((made.Status, made.Headers.Location?.ToString(), made.Json.GetProperty("changed").GetBoolean()), Is.EqualTo((HttpStatusCode.Created, "/api/v1/pipelines/sum", true)));
        var shown = await served.Owner.GetAsync("pipelines/sum");
        Assert.That((shown.Json.GetProperty("project").GetString(), shown.Json.GetProperty("version").GetInt32(), shown.Json.GetProperty("json").GetProperty("tasks").EnumerateObject().Count()), Is.EqualTo(("sales", 1, 2)));
        Assert.That(shown.Tag, Is.EqualTo(made.Tag));
        Assert.That((await served.Owner.GetAsync("pipelines/sum", ("If-None-Match", shown.Tag!))).Status, Is.EqualTo(HttpStatusCode.NotModified));
        var again = await served.RegisterAsync("// the same, spelt differently\n" + Samples.Sum);
        Assert.That((again.Status, again.Json.GetProperty("changed").GetBoolean()), Is.EqualTo((HttpStatusCode.OK, false)));
    }

    [Test]
    public async Task AWrongPipelineIsRefusedWithEverythingThatIsWrong()
    {
        const string wrong = """
            { "name": "wrong",
              "tasks": { "first": { "uses": "test.ad", "with": { "left": 1 } },
                         "second": { "uses": "test.add", "with": { "left": "${tasks.frist.sum}" } } } }
            """;

        var answer = await PostAsync("pipelines", wrong);

        Assert.That(((int)answer.Status, answer.Code), Is.EqualTo((422, "ORC6032")));
        var found = answer.Json.GetProperty("diagnostics").EnumerateArray().Select(one => $"{one.GetProperty("line")}:{one.GetProperty("code")}").ToArray();
        Assert.That(found, Has.Length.EqualTo(2).And.Some.StartsWith("2:").And.Some.StartsWith("3:"));
        var validated = await PostAsync("pipelines/validate", wrong);
        Assert.That((validated.Status, validated.Json.GetProperty("valid").GetBoolean(), validated.Json.GetProperty("diagnostics").GetArrayLength()), Is.EqualTo((HttpStatusCode.OK, false, 2)));
        Assert.That((await served.Owner.GetAsync("pipelines")).Json.GetProperty("items").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task CheckingRegistersNothing()
    {
        var answer = await PostAsync("pipelines/validate", Samples.Sum);

        Assert.That((answer.Json.GetProperty("valid").GetBoolean(), answer.Json.GetProperty("pipeline").GetString()), Is.EqualTo((true, "sum")));
        Assert.That((await served.Owner.GetAsync("pipelines/sum")).Code, Is.EqualTo("ORC6030"));
    }

    [Test]
    public async Task VersionsAreListedAndCompared()
    {
        await served.RegisterAsync(Samples.Sum);
        await served.RegisterAsync(Samples.Sum.Replace("\"right\": 10", "\"right\": 11", StringComparison.Ordinal));
        await served.RegisterAsync(Samples.Sum.Replace("\"right\": 10", "\"right\": 11", StringComparison.Ordinal).Replace("\"second\"", "\"third\"", StringComparison.Ordinal));

        var first = (await served.Owner.GetAsync("pipelines/sum/versions?limit=2")).Json;
        var rest = (await served.Owner.GetAsync($"pipelines/sum/versions?limit=2&cursor={first.GetProperty("next")}")).Json;
        Assert.That(new[] { first, rest }.SelectMany(page => page.GetProperty("items").EnumerateArray()).Select(version => version.GetProperty("version").GetInt32()), Is.EqualTo(new[] { 3, 2, 1 }));
        Assert.That((await served.Owner.GetAsync("pipelines/sum/versions/1")).Json.GetProperty("json").GetProperty("tasks").TryGetProperty("second", out _));
        Assert.That((await served.Owner.GetAsync("pipelines/sum/versions/9")).Code, Is.EqualTo("ORC6033"));
        Assert.That(Differences(await served.Owner.GetAsync("pipelines/sum/diff?from=1&to=2")), Is.EqualTo(new[] { "changed /tasks/second/with/right 10 11" }));
        Assert.That(Differences(await served.Owner.GetAsync("pipelines/sum/diff")).Select(line => string.Join(' ', line.Split(' ').Take(2))), Is.EquivalentTo(new[] { "removed /tasks/second", "added /tasks/third" }));
    }

    [Test]
    public async Task ARunOfAnOlderVersionRunsThat()
    {
        await served.RegisterAsync(Samples.Sum);
        await served.RegisterAsync(Samples.Sum.Replace("\"right\": 10", "\"right\": 100", StringComparison.Ordinal));
        var run = (await served.Owner.PostAsync("runs", new { pipeline = "sum", version = 1 })).Json.GetProperty("id").GetString()!;

        var done = await served.RunWhenAsync(run, "succeeded");

        Assert.That(done.GetProperty("tasks")[1].GetProperty("outputs").GetProperty("sum").GetInt32(), Is.EqualTo(13));
    }

    [Test]
    public async Task AChangeIsRefusedWhenThePipelineIsNotAsItWasLookedAt()
    {
        var tag = (await served.RegisterAsync(Samples.Sum)).Tag!;
        Assert.That((await served.Owner.PostAsync("pipelines/sum/pause", new { reason = "audit" }, ("If-Match", tag))).Json.GetProperty("pauseReason").GetString(), Is.EqualTo("audit"));

        Assert.That((await served.Owner.PostAsync("pipelines/sum/resume", null, ("If-Match", tag))).Code, Is.EqualTo("ORC6011"));
        Assert.That((await PostAsync("pipelines", Samples.Sum.Replace("10", "11", StringComparison.Ordinal), ("If-Match", tag))).Code, Is.EqualTo("ORC6011"));
        Assert.That((await served.Owner.PostAsync("pipelines/sum/resume")).Json.GetProperty("paused").GetBoolean(), Is.False);
    }

    [Test]
    public async Task ARemovedPipelineIsGoneUntilItIsRegisteredAgain()
    {
        await served.RegisterAsync(Samples.Sum);
        var run = await served.StartRunAsync("sum");

        Assert.That((await served.Owner.DeleteAsync("pipelines/sum")).Status, Is.EqualTo(HttpStatusCode.OK));

        Assert.That((await served.Owner.GetAsync("pipelines/sum")).Code, Is.EqualTo("ORC6030"));
        Assert.That((await served.Owner.PostAsync("runs", new { pipeline = "sum" })).Code, Is.EqualTo("ORC6030"));
        Assert.That((await served.RunWhenAsync(run, "succeeded")).GetProperty("pipeline").GetString(), Is.EqualTo("sum"));
        Assert.That((await served.RegisterAsync(Samples.Sum)).Json.GetProperty("pipeline").GetProperty("version").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public async Task FilesOfTheServerCannotBeNamedFromOutside()
    {
        var secret = Path.Combine(served.Folder, "secret.json");
        await File.WriteAllTextAsync(secret, """{ "name": "hidden", "tasks": { "x": { "uses": "test.add", "with": { "left": 42 } } } }""");

        var answer = await PostAsync("pipelines", $$"""{ "name": "outer", "tasks": { "in": { "pipeline": "{{secret}}" } } }""");

        Assert.That((int)answer.Status, Is.EqualTo(422), answer.Text);
        Assert.That(answer.Text, Does.Not.Contain("hidden"));
    }

    [TestCase("text/plain")]
    [TestCase("application/xml")]
    [TestCase("nonsense")]
    public async Task ABodyOfAnotherKindIsRefused(string type)
    {
        var content = new StringContent(Samples.Sum);
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        Assert.That((await served.Owner.SendAsync(HttpMethod.Post, "pipelines", content)).Code, Is.EqualTo("ORC6005"));
    }

    private Task<ApiAnswer> PostAsync(string path, string json, params (string, string)[] headers) => served.Owner.SendAsync(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, "application/json"), headers);

    private static IEnumerable<string> Differences(ApiAnswer answer) => answer.Json.GetProperty("differences").EnumerateArray().Select(one =>
        $"{one.GetProperty("kind").GetString()} {one.GetProperty("path").GetString()} {(one.TryGetProperty("before", out var before) ? before : null)} {(one.TryGetProperty("after", out var after) ? after : null)}".TrimEnd());

    [Test]
    public async Task WhereThingsLieOnTheServerIsForThoseWhoWriteWhatIsDoneThere()
    {
        await served.RegisterAsync(Samples.Sum);
        var run = await served.StartRunAsync("sum");
        await served.RunWhenAsync(run, "succeeded");
        var (viewer, author) = (await served.KeyAsync("viewer", "operator"), await served.KeyAsync("author", "author"));

        foreach (var path in new[] { "pipelines", "pipelines/sum", "pipelines/sum/versions", "runs", $"runs/{run}" })
        {
            Assert.That((await viewer.GetAsync(path)).Text, Does.Not.Contain("baseDirectory").And.Not.Contain(Environment.CurrentDirectory), path);
        }

        Assert.That((await author.GetAsync($"runs/{run}")).Json.GetProperty("baseDirectory").GetString(), Is.EqualTo((await author.GetAsync("pipelines/sum")).Json.GetProperty("baseDirectory").GetString()));
    }
}
