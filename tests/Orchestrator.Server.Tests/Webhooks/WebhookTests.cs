using System.Net;
using System.Text;
using System.Text.Json;
using Orchestrator.Scheduling.Webhooks;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Webhooks;

/// <summary>Signed requests from outside, to a real server. Who sends them has no key and no cookie.</summary>
public sealed class WebhookTests
{
    private const string Secret = "what both sides know";
    private const string Variable = "ORC_TEST_HOOK_SECRET";

    private const string Orders = """
        { "name": "orders", "params": { "id": { "type": "integer", "default": 0 } },
          "triggers": [ { "name": "paid", "webhook": "orders", "secret": "env.ORC_TEST_HOOK_SECRET", "window": "5m", "when": "run.trigger.event.payload.paid === true", "params": { "id": "${run.trigger.event.payload.id}" } } ],
          "tasks": { "only": { "uses": "test.add", "with": { "left": "${params.id}" } } } }
        """;

    private ServedHome served = null!;
    private ApiClient stranger = null!;

    [SetUp]
    public async Task StartAsync()
    {
        Environment.SetEnvironmentVariable(Variable, Secret);
        served = await ServedHome.StartAsync();
        await served.RegisterAsync(Orders);
        await served.Owner.GetAsync("triggers");
        stranger = served.Client(null);
    }

    [TearDown]
    public async Task EndAsync()
    {
        stranger.Dispose();
        await served.DisposeAsync();
        Environment.SetEnvironmentVariable(Variable, null);
    }

    [Test]
    public async Task ASignedRequestStartsARunThatKnowsIt()
    {
        var answer = await SendAsync("""{"id":7,"paid":true}""");

        Assert.That((answer.Status, answer.Text), Is.EqualTo((HttpStatusCode.Accepted, """{"status":"accepted"}""")));
        var tick = await TickAsync(1);
        Assert.That(tick.GetProperty("decision").GetString(), Is.EqualTo("started"));
        var run = await served.RunWhenAsync(tick.GetProperty("run").GetString()!, "succeeded");
        Assert.That(run.GetProperty("params").GetRawText(), Is.EqualTo("""{"id":7}"""));
        Assert.That(run.GetRawText(), Does.Not.Contain(Secret).And.Not.Contain("v1="), "nothing that signs is kept");
    }

    [Test]
    public async Task WhatTheFilterDoesNotLetThroughIsRecordedAndStartsNothing()
    {
        Assert.That((await SendAsync("""{"id":7,"paid":false}""")).Status, Is.EqualTo(HttpStatusCode.Accepted));

        var tick = await TickAsync(1);
        Assert.That((tick.GetProperty("decision").GetString(), tick.GetProperty("reason").GetString()), Is.EqualTo(("ignored", "\"when\" is false: run.trigger.event.payload.paid === true")));
        Assert.That((await served.Owner.GetAsync("runs")).Json.GetProperty("items").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task ARequestThatComesAgainIsDoneOnceHoweverItsHeaderIsWritten()
    {
        const string body = """{"id":1,"paid":true}""";
        var signature = WebhookSignature.Sign(Secret, Encoding.UTF8.GetBytes(body), DateTimeOffset.UtcNow);
        Assert.That((await SendAsync(body, signature)).Status, Is.EqualTo(HttpStatusCode.Accepted));

        foreach (var same in new[] { signature, signature + ",v1=00", " " + signature.Replace(",", " , ", StringComparison.Ordinal), "x=1," + signature, signature.Replace("t=", "t=0", StringComparison.Ordinal) })
        {
            var again = await SendAsync(body, same);
            Assert.That((again.Status, again.Text), Is.EqualTo((HttpStatusCode.OK, """{"status":"repeated"}""")), same);
        }

        await TickAsync(1);
    }

    [Test]
    public async Task WhoCannotSignGetsOneAnswerWhateverTheName()
    {
        const string body = """{"id":1,"paid":true}""";
        var now = DateTimeOffset.UtcNow;
        var wrong = WebhookSignature.Sign("guessed", Encoding.UTF8.GetBytes(body), now);
        var other = WebhookSignature.Sign(Secret, Encoding.UTF8.GetBytes(body + " "), now);
        var answers = new List<ApiAnswer>
        {
            await SendAsync(body, wrong), await SendAsync(body, other), await SendAsync(body, "t=x"), await SendAsync(body, ""), await stranger.SendAsync(HttpMethod.Post, "/hooks/orders", new StringContent(body)),
            await stranger.SendAsync(HttpMethod.Post, "/hooks/orders", new StringContent(body), (WebhookSignature.BodyHeader, "sha256=00")),
            // Too old, and of somebody who cannot sign: nothing is said of clocks.
            await SendAsync(body, WebhookSignature.Sign("guessed", Encoding.UTF8.GetBytes(body), now.AddHours(-1))),
        };
        var nobody = await SendAsync(body, hook: "nobody");

        foreach (var answer in answers)
        {
            Assert.That((answer.Status, answer.Text.Replace("orders", "nobody", StringComparison.Ordinal)), Is.EqualTo((nobody.Status, nobody.Text)));
        }

        Assert.That((nobody.Status, nobody.Code), Is.EqualTo((HttpStatusCode.NotFound, "ORC6050")));
        Assert.That((await served.Owner.GetAsync("triggers/orders/paid/ticks")).Json.GetProperty("items").GetArrayLength(), Is.Zero);
        Assert.That(served.Log, Does.Contain("a request to webhook \\\"orders\\\" was refused").Or.Contain("webhook"), "whoever keeps the server can see why");
        Assert.That(served.Log, Does.Not.Contain(Secret).And.Not.Contain("v1="));
    }

    [TestCase(-6)]
    [TestCase(6)]
    public async Task ASignatureOfAnotherTimeIsRefused(int minutes)
    {
        const string body = "{}";
        var answer = await SendAsync(body, WebhookSignature.Sign(Secret, Encoding.UTF8.GetBytes(body), DateTimeOffset.UtcNow.AddMinutes(minutes)));

        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.Forbidden, "ORC6051")));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task ABodyThatIsTooLargeIsRefusedBeforeItIsRead(bool chunked)
    {
        var body = new byte[WebhookIntake.MostBytes + 1];
        using HttpContent content = chunked ? new StreamContent(new SlowStream(body)) : new ByteArrayContent(body);

        var answer = await stranger.SendAsync(HttpMethod.Post, "/hooks/orders", content, (WebhookSignature.Header, WebhookSignature.Sign(Secret, body, DateTimeOffset.UtcNow)));

        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.RequestEntityTooLarge, "ORC6006")));
    }

    [TestCase("")]
    [TestCase("not json")]
    [TestCase("[1,2")]
    [TestCase("null")]
    [TestCase("""{"a":"\ud800"}""")]
    [TestCase("""{"\udc00":1}""")]
    [TestCase("""{"a":1,"a":2}""")]
    [TestCase("\0\u0001")]
    public async Task WhateverIsSignedIsTakenAndBreaksNothing(string body)
    {
        Assert.That((await SendAsync(body)).Status, Is.EqualTo(HttpStatusCode.Accepted));

        Assert.That((await TickAsync(1)).GetProperty("decision").GetString(), Is.EqualTo("ignored"));
        Assert.That((await served.Owner.GetAsync("triggers/orders/paid")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task DeepAndOddBytesBreakNothing()
    {
        foreach (var bytes in new byte[][] { Encoding.UTF8.GetBytes(new string('[', 100_000)), [0xff, 0xfe, 0x00, 0xc3, 0x28], Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[", 60)) + string.Concat(Enumerable.Repeat("]", 60))) })
        {
            var answer = await stranger.SendAsync(HttpMethod.Post, "/hooks/orders", new ByteArrayContent(bytes), (WebhookSignature.Header, WebhookSignature.Sign(Secret, bytes, DateTimeOffset.UtcNow)));
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Accepted), answer.Text);
        }

        await TickAsync(3);
    }

    [Test]
    public async Task OnePlaceMaySendSoManyAndNotMore()
    {
        await served.StopAsync();
        await served.StartServerAsync((_, options) => options with { WebhooksPerSecond = 1, WebhookBurst = 5 });
        stranger = served.Client(null);

        var answers = new List<ApiAnswer>();
        for (var i = 0; i < 12; i++)
        {
            answers.Add(await SendAsync("{}", hook: "nobody"));
        }

        Assert.That(answers.Where(answer => answer.Status == HttpStatusCode.TooManyRequests).Select(answer => answer.Code), Is.Not.Empty.And.All.EqualTo("ORC6013"));
        Assert.That((await served.Owner.GetAsync("runs")).Status, Is.EqualTo(HttpStatusCode.OK), "others are not kept out");
    }

    [Test]
    public async Task APageElsewhereOrACookieMakesNoDifference()
    {
        const string body = """{"id":1,"paid":true}""";
        var page = await stranger.SendAsync(HttpMethod.Post, "/hooks/orders", new StringContent(body), ("Origin", "https://evil.example"), (WebhookSignature.Header, WebhookSignature.Sign(Secret, Encoding.UTF8.GetBytes(body), DateTimeOffset.UtcNow)));
        Assert.That(page.Code, Is.EqualTo("ORC6015"));
        Assert.That((await served.Owner.SendAsync(HttpMethod.Post, "/hooks/orders", new StringContent(body))).Code, Is.EqualTo("ORC6050"), "a key of the API signs nothing");
        Assert.That((await stranger.GetAsync("/hooks/orders")).Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    private Task<ApiAnswer> SendAsync(string body, string? signature = null, string hook = "orders") => stranger.SendAsync(
        HttpMethod.Post, $"/hooks/{hook}", new StringContent(body, Encoding.UTF8, "application/json"), (WebhookSignature.Header, signature ?? WebhookSignature.Sign(Secret, Encoding.UTF8.GetBytes(body), DateTimeOffset.UtcNow)));

    /// <summary>The newest tick as soon as there are so many and it is decided.</summary>
    private async Task<JsonElement> TickAsync(int count)
    {
        JsonElement[] ticks = [];
        await ServedHome.UntilAsync($"{count} ticks", async () =>
        {
            ticks = [.. (await served.Owner.GetAsync("triggers/orders/paid/ticks")).Json.GetProperty("items").EnumerateArray()];
            return ticks.Length == count && ticks[0].GetProperty("decision").GetString() is not ("due" or "queued");
        });
        return ticks[0];
    }

    /// <summary>Does not say how long it is.</summary>
    private sealed class SlowStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
