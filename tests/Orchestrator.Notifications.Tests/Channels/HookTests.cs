using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Notifications.Channels;
using Orchestrator.Notifications.Configuration;
using Orchestrator.Scheduling.Webhooks;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Notifications.Tests.Channels;

/// <summary>Messages that are posted: ours, and in the forms of Slack and Teams.</summary>
public sealed class HookTests
{
    private const string Key = "hook-key-4711";

    private static ChannelSettings Hook(string url, ChannelKind kind = ChannelKind.Webhook) =>
        new() { Name = "ops", Kind = kind, Url = new Uri(url), Secret = kind == ChannelKind.Webhook ? Given.Secret("HOOK") : null };

    private static Task SendAsync(ChannelSettings channel, Message message, bool allowPrivate = true)
    {
        var book = Given.Book(Given.Settings(channel), Given.Vault(("HOOK", Key), ("URL", channel.Url?.ToString() ?? "")), allowPrivate: allowPrivate);
        return book.SendAsync(book.Open(channel, NullLogger.Instance), message, CancellationToken.None);
    }

    [Test]
    public async Task AMessageIsSignedAsOurOwnWebhooksWantIt()
    {
        using var receiver = new HttpReceiver();
        await SendAsync(Hook(receiver.Url), Given.Message(Given.Failed(), Given.Failed("flights")));

        var request = await receiver.NextAsync();
        Assert.That(WebhookSignature.Verify(Key, request.Body, name => request.Headers.GetValueOrDefault(name), DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5)), Is.EqualTo(SignatureVerdict.Good));
        Assert.That(WebhookSignature.Verify("other", request.Body, name => request.Headers.GetValueOrDefault(name), DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5)), Is.EqualTo(SignatureVerdict.Wrong));
        Assert.That((request.Headers["X-Orc-Delivery"], request.Headers["Content-Type"]), Is.EqualTo(("01M8NOTIFICATION", "application/json; charset=utf-8")));
        Assert.That((request.Json.GetProperty("id").GetString(), request.Json.GetProperty("event").GetString(), request.Json.GetProperty("count").GetInt32(), request.Json.GetProperty("title").GetString()),
            Is.EqualTo(("01M8NOTIFICATION", "run-failed", 2, "2 runs failed: churn, flights")));
        Assert.That(request.Json.GetProperty("notices")[1].GetProperty("pipeline").GetString(), Is.EqualTo("flights"));
    }

    [TestCase(503, "it answered 503 Service Unavailable: busy", false)]
    [TestCase(404, "it answered 404 Not Found: busy", true)]
    public async Task AnAnswerThatSaysNoIsToldWithItsBeginning(int status, string words, bool isSetting)
    {
        using var receiver = new HttpReceiver();
        receiver.Answer(status, response =>
        {
            response.AddHeader("Retry-After", "120");
            response.OutputStream.Write("busy"u8);
        });
        var refused = Assert.ThrowsAsync<ChannelException>(() => SendAsync(Hook(receiver.Url), Given.Message(Given.Failed())));
        Assert.That((refused!.Message, refused.IsSetting, refused.RetryAfter), Is.EqualTo((words, isSetting, TimeSpan.FromMinutes(2))));
        await receiver.NextAsync();
    }

    [Test]
    public async Task ARedirectIsNotFollowed()
    {
        using var receiver = new HttpReceiver();
        receiver.Answer(307, response => response.RedirectLocation = receiver.Url + "/elsewhere");
        var refused = Assert.ThrowsAsync<ChannelException>(() => SendAsync(Hook(receiver.Url), Given.Message(Given.Failed())));
        Assert.That(refused!.Message, Does.Contain("307").And.Contain("redirects are not followed"));
        await receiver.NextAsync();
        Assert.That(receiver.Waiting, Is.Zero);
    }

    [TestCase("http://127.0.0.1:1/hook", "127.0.0.1 is not an address of the open internet (loopback)")]
    [TestCase("http://localhost:1/hook", "localhost leads to ")]
    [TestCase("http://[::ffff:127.0.0.1]:1/", "not an address of the open internet (loopback)")]
    [TestCase("http://169.254.169.254/latest/meta-data", "(link-local)")]
    [TestCase("http://2130706433:1/", "(loopback)")]
    public void AnAddressInsideIsRefusedUnlessItIsAllowed(string url, string words)
    {
        var refused = Assert.ThrowsAsync<ChannelException>(() => SendAsync(Hook(url), Given.Message(Given.Failed()), allowPrivate: false));
        Assert.That(refused!.Message, Does.StartWith("ORC6320: ").And.Contain(words).And.Contain("orc settings set http.private-networks on"));
    }

    [Test]
    public async Task SecretsAreInNothingThatIsSaid()
    {
        using var receiver = new HttpReceiver();
        receiver.Answer(500, response => response.OutputStream.Write(System.Text.Encoding.UTF8.GetBytes($"{Key} and {receiver.Url}/T0/B0/xyz")));
        var channel = Hook(receiver.Url) with { Url = null, UrlSecret = Given.Secret("URL") };
        var book = Given.Book(Given.Settings(channel), Given.Vault(("HOOK", Key), ("URL", $"{receiver.Url}/T0/B0/xyz")));
        var failed = Assert.ThrowsAsync<ActivityException>(() => book.TestAsync("ops", "ann", NullLogger.Instance, CancellationToken.None));
        Assert.That((failed!.Failure.Code, failed.Failure.Message), Is.EqualTo(("ORC6313", "channel ops did not take the message: it answered 500 Internal Server Error: *** and ***")));
        Assert.That(channel.Where, Does.Not.Contain("xyz"));
        Assert.That((await receiver.NextAsync()).Path, Is.EqualTo("/hook/T0/B0/xyz"));
    }

    [Test]
    public void ASecretThatIsMissingIsToldByItsName()
    {
        var book = Given.Book(Given.Settings(Hook("http://127.0.0.1:1/")), Given.Vault());
        var failed = Assert.ThrowsAsync<ActivityException>(() => book.TestAsync("ops", "ann", NullLogger.Instance, CancellationToken.None));
        Assert.That(failed!.Failure.Message, Is.EqualTo("channel ops did not take the message: there is no secret HOOK; store it: orc secrets set HOOK"));
        Assert.That(Assert.ThrowsAsync<ActivityException>(() => book.TestAsync("opps", "ann", NullLogger.Instance, CancellationToken.None))!.Failure.Help, Does.Contain("did you mean \"ops\"?"));
    }

    [Test]
    public void SlackGetsATextAndBlocks()
    {
        var document = OrcJson.ToElement(SlackChannel.Document(Given.Message(Given.Failed(text: "<!channel> a & b"))));
        Assert.That(JsonSerializer.Serialize(document, OrcJson.Indented), Is.EqualTo("""
            {
              "text": "churn failed",
              "blocks": [
                {
                  "type": "header",
                  "text": {
                    "type": "plain_text",
                    "text": ":large_orange_circle: churn failed",
                    "emoji": true
                  }
                },
                {
                  "type": "section",
                  "text": {
                    "type": "mrkdwn",
                    "text": "*churn failed*\n&lt;!channel&gt; a &amp; b\n`orc show 01M8RUN`"
                  }
                }
              ]
            }
            """.ReplaceLineEndings(Environment.NewLine)));
    }

    [Test]
    public void TeamsGetsAnAdaptiveCard()
    {
        var document = OrcJson.ToElement(TeamsChannel.Document(Given.Message(Given.Failed(text: "one\n[two](http://x)"))));
        var card = document.GetProperty("attachments")[0];
        Assert.That((document.GetProperty("type").GetString(), card.GetProperty("contentType").GetString()), Is.EqualTo(("message", "application/vnd.microsoft.card.adaptive")));
        var content = card.GetProperty("content");
        Assert.That((content.GetProperty("$schema").GetString(), content.GetProperty("type").GetString(), content.GetProperty("version").GetString()),
            Is.EqualTo(("http://adaptivecards.io/schemas/adaptive-card.json", "AdaptiveCard", "1.4")));
        Assert.That(content.GetProperty("body").EnumerateArray().Select(block => block.GetProperty("text").GetString()), Is.EqualTo(new[] { "churn failed", "churn failed", "one\n\n\\[two](http://x)", "orc show 01M8RUN" }));
    }

    /// <summary>Whatever is told, Slack and Teams take it: both have limits beyond which they say no.</summary>
    [Test]
    public void WhatIsLongIsCutToWhatTheyTake()
    {
        var long1 = Given.Message([.. Enumerable.Range(0, 100).Select(i => Given.Failed($"p{i}", new string('&', 5000)) with { Title = new string('ü', 500), Command = new string('x', 500) })]);
        var slack = OrcJson.ToElement(SlackChannel.Document(long1));
        var blocks = slack.GetProperty("blocks").EnumerateArray().ToArray();
        Assert.That(blocks, Has.Length.LessThanOrEqualTo(50));
        Assert.That(blocks[0].GetProperty("text").GetProperty("text").GetString(), Has.Length.LessThanOrEqualTo(150));
        Assert.That(blocks.Where(block => block.GetProperty("type").GetString() == "section").Select(block => block.GetProperty("text").GetProperty("text").GetString()!.Length), Has.All.LessThanOrEqualTo(3000));
        Assert.That(blocks[^1].GetProperty("elements")[0].GetProperty("text").GetString(), Is.EqualTo("and 80 more"));
        Assert.That(JsonSerializer.SerializeToUtf8Bytes(TeamsChannel.Document(long1), OrcJson.Options), Has.Length.LessThanOrEqualTo(28 * 1024));
    }
}
