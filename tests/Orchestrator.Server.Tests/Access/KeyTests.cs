using System.Net;
using System.Text;
using System.Text.Json;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Access;

/// <summary>API keys, what they may do where, and that every change is in the audit log.</summary>
public sealed class KeyTests
{
    private const string Script = """
        var p = Pipeline("scripted", "From a script");
        p.Add("add", new AddNumbers { Left = 1 });
        return p;
        """;

    private ServedHome served = null!;

    [SetUp]
    public async Task StartAsync() => served = await ServedHome.StartAsync();

    [TearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public async Task AKeyIsShownOnceAndKeptAsAHash()
    {
        var made = (await served.Owner.PostAsync("keys", new { name = "ci", roles = new[] { "sales:operator" }, expires = "90d" })).Json;
        var text = made.GetProperty("key").GetString()!;

        Assert.That(text, Does.StartWith("orc_"));
        var listed = (await served.Owner.GetAsync("keys")).Text;
        var secret = text.Split('_')[^1];
        Assert.That(listed, Does.Not.Contain(secret).And.Not.Contain("hash"));
        await served.StopAsync();
        foreach (var file in Directory.EnumerateFiles(served.HomeFolder, "orc.db*"))
        {
            Assert.That(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)), Does.Not.Contain(secret), file);
        }

        Assert.That(served.Log, Does.Not.Contain(secret));
    }

    [Test]
    public async Task AKeyThatWasRevokedOrHasExpiredIsRefused()
    {
        var key = await served.KeyAsync("ci", "viewer");
        var id = (await served.Owner.GetAsync("keys")).Json[0].GetProperty("id").GetString();
        Assert.That((await key.GetAsync("runs")).Status, Is.EqualTo(HttpStatusCode.OK));

        Assert.That((await served.Owner.DeleteAsync($"keys/{id}")).Status, Is.EqualTo(HttpStatusCode.NoContent));

        Assert.That((await key.GetAsync("runs")).Code, Is.EqualTo("ORC6021"));
        Assert.That((await served.Owner.DeleteAsync($"keys/{id}")).Code, Is.EqualTo("ORC6071"));
        var short_ = (await served.Owner.PostAsync("keys", new { name = "short", roles = new[] { "viewer" }, expires = "1ms" })).Json.GetProperty("key").GetString();
        await ServedHome.UntilAsync("the key has expired", async () => (await served.Client(short_).GetAsync("runs")).Code == "ORC6021");
    }

    [TestCase("""{"name":"x","roles":["wizard"]}""", "ORC6070")]
    [TestCase("""{"name":"x","roles":["a b:viewer"]}""", "ORC6070")]
    [TestCase("""{"name":"","roles":["viewer"]}""", "ORC6007")]
    [TestCase("""{"name":"x","roles":["viewer"],"expires":"soon"}""", "ORC6007")]
    public async Task AWrongWishForAKeyIsRefused(string body, string code) => Assert.That((await served.Owner.PostAsync("keys", (object)body)).Code, Is.EqualTo(code));

    [Test]
    public async Task ARoleCountsInItsProjectAndNowhereElse()
    {
        await served.RegisterAsync(Samples.Sum, "sales");
        await served.RegisterAsync(Samples.Failing, "fraud");
        var (sum, failing) = (await served.StartRunAsync("sum"), await served.StartRunAsync("failing"));
        var key = await served.KeyAsync("sales", "sales:operator");

        Assert.That(NamesOf(await key.GetAsync("pipelines")), Is.EqualTo(new[] { "sum" }));
        Assert.That((await key.GetAsync("runs")).Json.GetProperty("items").EnumerateArray().Select(run => run.GetProperty("id").GetString()), Is.EqualTo(new[] { sum }));
        Assert.That((await key.GetAsync("pipelines?project=fraud")).Json.GetProperty("items").GetArrayLength(), Is.Zero);
        foreach (var path in new[] { "", "/events", "/graph", "/why", "/attempts", "/artifacts", "/stream", "/logs/stream", "/cache" })
        {
            Assert.That((await key.GetAsync($"runs/{failing}{path}")).Code, Is.EqualTo("ORC5240"), $"what may not be seen is not there: {path}");
        }

        Assert.That((await key.GetAsync("pipelines/failing")).Code, Is.EqualTo("ORC6030"));
        Assert.That((await key.PostAsync("runs", new { pipeline = "failing" })).Code, Is.EqualTo("ORC6030"));
        Assert.That((await key.PostAsync($"runs/{failing}/cancel", new { })).Code, Is.EqualTo("ORC5240"));
        Assert.That((await key.PostAsync("runs", new { pipeline = "sum" })).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await RegisterAsync(key, "application/json", Samples.Sum, "sales")).Code, Is.EqualTo("ORC6022"), "an operator registers nothing");
    }

    [Test]
    public async Task ANameOfAnotherProjectCannotBeTakenOver()
    {
        await served.RegisterAsync(Samples.Sum, "sales");
        var author = await served.KeyAsync("author", "fraud:author");

        Assert.That((await RegisterAsync(author, "application/json", Samples.Sum, "fraud")).Code, Is.EqualTo("ORC6031"));
        Assert.That((await RegisterAsync(author, "application/json", Samples.Sum, null)).Code, Is.EqualTo("ORC6031"));
        Assert.That((await RegisterAsync(author, "application/json", Samples.Sum, "sales")).Code, Is.EqualTo("ORC6031"));
        Assert.That((await RegisterAsync(author, "application/json", Samples.Failing, "fraud")).Status, Is.EqualTo(HttpStatusCode.Created));
    }

    [Test]
    public async Task RegisteringAScriptIsAPermissionOfItsOwn()
    {
        foreach (var (client, allowed) in new[] { (await served.KeyAsync("author", "author"), false), (await served.KeyAsync("admin", "admin"), false), (await served.KeyAsync("scripts", scripts: true, "author"), true), (await served.KeyAsync("viewer", scripts: true, "viewer"), false), (served.Owner, true) })
        {
            var validated = await client.SendAsync(HttpMethod.Post, "pipelines/validate", new StringContent(Script, Encoding.UTF8, "text/x-csharp"));
            var registered = await RegisterAsync(client, "text/x-csharp", Script, null);

            Assert.That((validated.Code is "ORC6024" or "ORC6022", registered.Code is "ORC6024" or "ORC6022"), Is.EqualTo((!allowed, !allowed)), $"{validated.Text} {registered.Text}");
        }

        Assert.That((await served.Owner.GetAsync("pipelines/scripted")).Json.GetProperty("version").GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public async Task OnlyWhoAdministersEverythingMakesKeysAndUsers()
    {
        var admin = await served.KeyAsync("admin of one", "sales:admin");

        Assert.That((await admin.GetAsync("keys")).Code, Is.EqualTo("ORC6022"));
        Assert.That((await admin.PostAsync("keys", new { name = "more", roles = new[] { "admin" } })).Code, Is.EqualTo("ORC6022"));
        Assert.That((await admin.PutAsync("users/eve", new { roles = new[] { "admin" } })).Code, Is.EqualTo("ORC6022"));
        Assert.That((await admin.GetAsync("audit")).Code, Is.EqualTo("ORC6022"));
    }

    [Test]
    public async Task AUserIsMadeChangedSignedInAndDisabled()
    {
        Assert.That((await served.Owner.PutAsync("users/ada", new { roles = new[] { "viewer" } })).Json.GetProperty("roles").ToString(), Is.EqualTo("""[{"project":"*","role":"viewer"}]"""));
        var link = (await served.Owner.PostAsync("users/ada/link")).Json.GetProperty("link").GetString()!;
        var browser = served.Client(null);
        var cookie = (await browser.SendAsync(HttpMethod.Post, "/sign-in", new FormUrlEncodedContent([KeyValuePair.Create("token", link.Split('=')[1])]))).Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        Assert.That((await browser.GetAsync("keys", ("Cookie", cookie))).Code, Is.EqualTo("ORC6022"));

        await served.Owner.PutAsync("users/ada", new { roles = new[] { "admin" } });
        Assert.That((await browser.GetAsync("keys", ("Cookie", cookie))).Status, Is.EqualTo(HttpStatusCode.OK), "another role counts at once");
        await served.Owner.PutAsync("users/ada", new { roles = new[] { "admin" }, disabled = true });

        Assert.That((await browser.GetAsync("keys", ("Cookie", cookie))).Code, Is.EqualTo("ORC6020"));
        Assert.That((await served.Owner.PostAsync("users/ada/link")).Code, Is.EqualTo("ORC6072"));
    }

    [Test]
    public async Task EachChangeIsInTheAuditLogAndNothingElse()
    {
        await served.RegisterAsync(Samples.Gated("audit"));
        var key = await served.KeyAsync("ci", "operator");
        var run = (await key.PostAsync("runs", new { pipeline = "gated" })).Json.GetProperty("id").GetString();
        await key.PostAsync($"runs/{run}/pause");
        await key.PostAsync($"runs/{run}/resume");
        await key.PostAsync($"runs/{run}/cancel", new { reason = "enough" });
        await key.PostAsync("pipelines/gated/pause", new { reason = "audit" });
        await served.Owner.DeleteAsync("pipelines/gated");
        await key.PostAsync($"runs/{run}/tasks/nobody/mark", new { @as = "skipped", reason = "no such task" });
        await key.GetAsync("runs");

        var rows = (await served.Owner.GetAsync("audit")).Json.GetProperty("items").EnumerateArray().Reverse().ToArray();

        Assert.That(rows.Select(row => $"{row.GetProperty("via")} {row.GetProperty("actor")} {row.GetProperty("action")} {(row.TryGetProperty("target", out var target) ? target.ToString().Replace(run!, "RUN", StringComparison.Ordinal).Split(' ')[0] : "")}"), Is.EqualTo(new[]
        {
            "local owner user.create user", "local owner link.create user", "local owner pipeline.register pipeline", "local owner key.create key", "key ci run.start pipeline", "key ci run.pause run",
            "key ci run.resume run", "key ci run.cancel run", "key ci pipeline.pause pipeline", "local owner pipeline.remove pipeline",
        }));
        Assert.That((await served.Owner.GetAsync("audit/verify")).Json.GetProperty("sound").GetBoolean());
        Assert.That((await served.Owner.GetAsync($"audit?target=run {run}")).Json.GetProperty("items").GetArrayLength(), Is.EqualTo(3));
    }

    private static Task<ApiAnswer> RegisterAsync(ApiClient client, string type, string text, string? project) =>
        client.SendAsync(HttpMethod.Post, project is null ? "pipelines" : $"pipelines?project={project}", new StringContent(text, Encoding.UTF8, type));

    private static IEnumerable<string?> NamesOf(ApiAnswer answer) => answer.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString());
}
