using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orchestrator.EndToEnd.Tests.Serving;

/// <summary>What people read when a server does not take what they ask, or is none, or is not there.</summary>
public sealed class RefusedTests
{
    private OrcProgram orc = null!;

    [SetUp]
    public void Start() => orc = new OrcProgram();

    [TearDown]
    public void End() => orc.Dispose();

    [Test]
    public async Task AKeyMayDoWhatItsRoleSaysAndNoMore()
    {
        using var server = await ServedProgram.StartAsync(orc);
        var file = orc.Write("one.json", """{ "name": "one", "tasks": { "ask": { "uses": "control.approve", "with": { "prompt": "?", "approvers": ["ann", "boss"] } } } }""");
        var (viewer, author, boss) = (await ServedProgram.KeyAsync(orc, "viewer", "viewer"), await ServedProgram.KeyAsync(orc, "author", "author"), await ServedProgram.KeyAsync(orc, "boss", "approver"));
        var started = await orc.RunAsync("run", file, "--detach-when-waiting", "--json");
        var run = started.Id();
        using var away = new OrcProgram { Home = Path.Combine(orc.Folder, "elsewhere") };
        async Task<ProgramResult> AsAsync(string key, params string[] arguments)
        {
            away.Variables["ORC_SERVER"] = server.Url;
            away.Variables["ORC_API_KEY"] = key;
            return await away.RunAsync(arguments);
        }

        Assert.That((await AsAsync(viewer, "runs")).Output, Does.Contain(run));
        var refused = await AsAsync(viewer, "run", file);
        Assert.That(refused.ExitCode, Is.EqualTo(2));
        Assert.That(refused.Error, Does.StartWith("error ORC6022: viewer may not").And.Contain($"--> {server.Url}").And.Contain("= help: An admin of the project can give you a role that does."));
        Assert.That((await AsAsync(viewer, "cancel", run, "--json")).Json.GetProperty("error").Text("code"), Is.EqualTo("ORC6022"));
        Assert.That((await AsAsync(author, "run", file, "--detach-when-waiting")).ExitCode, Is.EqualTo(3), "an author may run what is not registered");
        Assert.That((await AsAsync(author, "run", orc.Write("s.csx", "var s = Pipeline(\"s\"); s.Step(\"a\", async ctx => ctx.Log(\"x\")); return s;"))).Error, Does.Contain("ORC6024: author may not register C# scripts"));
        Assert.That((await AsAsync(boss, "approve", run, "ask", "--by", "ann")).Error, Does.Contain("ORC6082: boss may not answer in the name of ann"));
        Assert.That((await AsAsync(boss, "approve", run, "ask")).Output, Does.Contain("task ask is approved by boss"));
        Assert.That((await AsAsync("orc_0123456789_wrong", "runs")).Error, Does.Contain("ORC6021: this API key is not known"));
        away.Variables.Remove("ORC_API_KEY");
        away.Variables["ORC_API_KEY_FILE"] = orc.Write("key", viewer + "\n");
        Assert.That((await away.RunAsync("runs")).Output, Does.Contain(run));
        away.Variables["ORC_API_KEY_FILE"] = Path.Combine(orc.Folder, "nowhere");
        Assert.That((await away.RunAsync("runs")).Error, Does.Contain("ORC5993: the API key cannot be read from"));
        away.Variables.Remove("ORC_API_KEY_FILE");
        var without = await away.RunAsync("runs");
        Assert.That(without.ExitCode, Is.EqualTo(2));
        Assert.That(without.Error, Does.Contain("ORC5993: there is no API key for"));
        Assert.That(File.Exists(Path.Combine(away.Home, "orc.db")), Is.False, "who works through a server needs no home; only compiled scripts are kept");
    }

    [TestCase("not an address", 2, "ORC5991")]
    [TestCase("ftp://127.0.0.1", 2, "ORC5991")]
    [TestCase("http://me:secret@127.0.0.1:1", 2, "ORC5991")]
    [TestCase("http://127.0.0.1:1/?x=1", 2, "ORC5991")]
    [TestCase("http://192.0.2.1:8080", 2, "ORC5992")]
    [TestCase("http://127.0.0.1:1", 1, "ORC5994")]
    [TestCase("http://nobody.invalid", 2, "ORC5992")]
    [TestCase("https://nobody.invalid", 1, "ORC5994")]
    public async Task AWrongOrDeadAddressIsSaidToBeOne(string url, int exit, string code)
    {
        orc.Variables["ORC_API_KEY"] = "orc_0123456789_secret";
        var refused = await orc.RunAsync("runs", "--server", url, "--json");

        Assert.That((refused.ExitCode, refused.Json.GetProperty("error").Text("code")), Is.EqualTo((exit, code)), refused.ToString());
        Assert.That(refused.Error, Does.StartWith($"error {code}: ").And.Contain("= help: ").And.Not.Contain("secret"));
    }

    [TestCase("validate one.json --server http://127.0.0.1:1", null, "ORC5990")]
    [TestCase("doctor --server http://127.0.0.1:1", null, "ORC5990")]
    [TestCase("secrets list --server http://127.0.0.1:1", null, "ORC5990")]
    [TestCase("schedules list", "http://127.0.0.1:1", "ORC5990")]
    [TestCase("db status", "http://127.0.0.1:1", "ORC5990")]
    [TestCase("runs --server http://127.0.0.1:1 --local", null, "ORC6088")]
    [TestCase("runs --server http://127.0.0.1:1 --db sqlite:x.db", null, "ORC6088")]
    public async Task WhatDoesNothingThroughAServerSaysSo(string words, string? variable, string code)
    {
        if (variable is not null)
        {
            orc.Variables["ORC_SERVER"] = variable;
        }

        var refused = await orc.RunAsync(words.Split(' '));

        Assert.That((refused.ExitCode, refused.Error.Split(':')[0]), Is.EqualTo((2, $"error {code}")), refused.ToString());
    }

    [Test]
    public async Task AServerThatTheEnvironmentNamesDoesNotConcernFilesOrWhatIsLocal()
    {
        orc.Variables["ORC_SERVER"] = "http://127.0.0.1:1";
        var file = orc.Write("one.json", """{ "name": "one", "tasks": { "one": { "uses": "notify.log", "with": { "message": "here" } } } }""");

        Assert.That((await orc.RunAsync("validate", file)).ExitCode, Is.Zero);
        Assert.That((await orc.RunAsync("run", file, "--local")).ExitCode, Is.Zero);
        Assert.That((await orc.RunAsync("run", file)).Error, Does.Contain("ORC5994"));
    }

    [Test]
    public async Task AnotherDatabaseThanTheServersIsWorkedOnDirectly()
    {
        using var server = await ServedProgram.StartAsync(orc);
        Assert.That((await orc.RunAsync("run", orc.Write("one.json", """{ "name": "one", "tasks": { "one": { "uses": "notify.log", "with": { "message": "here" } } } }"""))).ExitCode, Is.Zero);

        Assert.That((await orc.RunAsync("runs", "--db", $"sqlite:{Path.Combine(orc.Folder, "other.db")}")).Output, Does.StartWith("No runs yet."));
    }

    [Test]
    public async Task WhatIsNoServerOfOursIsSaidToBeNone()
    {
        using var page = new FakeServer(_ => (200, "text/html", "<h1>hello</h1>", []));
        using var elsewhere = new FakeServer(_ => (302, "text/html", "", [("Location", "https://login.example.org/")]));
        orc.Variables["ORC_API_KEY"] = "orc_0123456789_secret";

        Assert.That((await orc.RunAsync("runs", "--server", page.Url)).Error, Does.Contain("ORC5995").And.Contain("it answers with text/html"));
        Assert.That((await orc.RunAsync("runs", "--server", elsewhere.Url)).Error, Does.Contain("ORC5995").And.Contain("it sends on to https://login.example.org/"));
    }

    [Test]
    public async Task ABusyServerIsAskedAgainWhenItSays()
    {
        using var busy = new FakeServer(number => number == 0
            ? (429, "application/problem+json", """{"title":"Too Many Requests","status":429,"detail":"more requests came from you than the server takes","code":"ORC6013","retryAfter":1}""", [("Retry-After", "1")])
            : number == 1 ? (200, "application/json", """{"items":[]}""", []) : (200, "application/json", "[]", []));
        orc.Variables["ORC_API_KEY"] = "orc_0123456789_secret";

        var listed = await orc.RunAsync("runs", "--server", busy.Url);

        Assert.That(listed.ExitCode, Is.Zero, listed.ToString());
        Assert.That(listed.Output, Does.StartWith("No runs yet."));
        Assert.That(listed.Error, Does.Contain("waiting 1 s, as the server asks").And.Contain("ORC6013"));
    }

    /// <summary>Answers whatever is asked, by the number of the request.</summary>
    private sealed class FakeServer : IDisposable
    {
        private readonly HttpListener listener = new();
        private int number = -1;

        public FakeServer(Func<int, (int Status, string Type, string Body, (string Name, string Value)[] Headers)> answer)
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                Url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
            }

            listener.Prefixes.Add(Url);
            listener.Start();
            _ = AnswerAsync(answer);
        }

        public string Url { get; }

        public void Dispose() => listener.Close();

        private async Task AnswerAsync(Func<int, (int Status, string Type, string Body, (string Name, string Value)[] Headers)> answer)
        {
            while (listener.IsListening)
            {
                try
                {
                    var context = await listener.GetContextAsync();
                    var (status, type, body, headers) = answer(Interlocked.Increment(ref number));
                    (context.Response.StatusCode, context.Response.ContentType) = (status, type);
                    foreach (var (name, value) in headers)
                    {
                        context.Response.Headers[name] = value;
                    }

                    context.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: false);
                }
                catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }
}
