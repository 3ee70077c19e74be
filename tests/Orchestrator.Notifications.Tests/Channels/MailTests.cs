using Orchestrator.Notifications.Channels;
using Orchestrator.Notifications.Configuration;
using SmtpServer.Protocol;

namespace Orchestrator.Notifications.Tests.Channels;

/// <summary>Mail, to a server that speaks SMTP.</summary>
public sealed class MailTests
{
    private static ChannelSettings Settings(MailSink sink, MailSecurity security) => new()
    {
        Name = "mail",
        Kind = ChannelKind.Email,
        Host = "127.0.0.1",
        Port = sink.Port,
        Security = security,
        User = security == MailSecurity.None ? null : MailSink.User,
        Secret = security == MailSecurity.None ? null : Given.Secret("SMTP"),
        From = "Orchestrator <orc@example.org>",
        To = ["ops@example.org", "Änn <ann@example.org>"],
    };

    private static MailChannel Channel(ChannelSettings settings, string password = MailSink.Password) => new(settings, new ChannelSecrets(Given.Vault(("SMTP", password)))) { Trust = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" };

    [TestCase(SinkSecurity.None, MailSecurity.None)]
    [TestCase(SinkSecurity.Starttls, MailSecurity.Starttls)]
    [TestCase(SinkSecurity.Tls, MailSecurity.Tls)]
    public async Task AMessageArrivesAsItWasMeant(int given, int asked)
    {
        await using var sink = new MailSink((SinkSecurity)given);
        await Channel(Settings(sink, (MailSecurity)asked)).SendAsync(Given.Message(Given.Failed(), Given.Failed("flights", "because\nof ünïcode")), CancellationToken.None);

        var (mail, user) = await sink.NextAsync();
        Assert.That(mail.Subject, Is.EqualTo("[orc] 2 runs failed: churn, flights"));
        Assert.That((mail.From.ToString(), mail.To.Count, mail.MessageId), Is.EqualTo(("\"Orchestrator\" <orc@example.org>", 2, "01M8NOTIFICATION@example.org")));
        Assert.That(mail.Headers["Auto-Submitted"], Is.EqualTo("auto-generated"));
        Assert.That(mail.TextBody?.ReplaceLineEndings("\n").TrimEnd(), Is.EqualTo("""
            2026-03-02 12:00:00Z  churn failed
              ORC5299: it broke
              orc show 01M8RUN

            2026-03-02 12:00:00Z  flights failed
              because
              of ünïcode
              orc show 01M8RUN
            """));
        Assert.That(user, Is.EqualTo((SinkSecurity)given == SinkSecurity.None ? null : MailSink.User));
    }

    [Test]
    public async Task AServerThatHasNoTlsGetsNoMailAndNoPassword()
    {
        await using var sink = new MailSink(SinkSecurity.None);
        var refused = Assert.ThrowsAsync<ChannelException>(() => Channel(Settings(sink, MailSecurity.Starttls)).SendAsync(Given.Message(Given.Failed()), CancellationToken.None));
        Assert.That((refused!.IsSetting, refused.Message), Is.EqualTo((true, refused.Message)));
        Assert.That(refused.Message, Does.Contain("STARTTLS"));
    }

    [Test]
    public async Task ACertificateThatNobodyTrustsIsRefused()
    {
        await using var sink = new MailSink(SinkSecurity.Starttls);
        var channel = new MailChannel(Settings(sink, MailSecurity.Starttls), new ChannelSecrets(Given.Vault(("SMTP", MailSink.Password))));
        Assert.ThrowsAsync<ChannelException>(() => channel.SendAsync(Given.Message(Given.Failed()), CancellationToken.None));
    }

    [Test]
    public async Task WhatTheServerSaysIsToldWithoutThePassword()
    {
        await using var sink = new MailSink(SinkSecurity.Starttls);
        var refused = Assert.ThrowsAsync<ChannelException>(() => Channel(Settings(sink, MailSecurity.Starttls), "wrong-password").SendAsync(Given.Message(Given.Failed()), CancellationToken.None));
        Assert.That((refused!.IsSetting, refused.Message.Contains("wrong-password", StringComparison.Ordinal)), Is.EqualTo((true, false)));

        sink.Answers.Enqueue(new SmtpResponse(SmtpReplyCode.MailboxUnavailable, $"{MailSink.Password} is not welcome"));
        refused = Assert.ThrowsAsync<ChannelException>(() => Channel(Settings(sink, MailSecurity.Starttls)).SendAsync(Given.Message(Given.Failed()), CancellationToken.None));
        Assert.That(refused!.Message, Does.Contain("*** is not welcome"));
    }

    /// <summary>What comes from pipelines and alerts makes no header of its own.</summary>
    [TestCase("asks: go?\r\nBcc: all@example.org")]
    [TestCase("asks: go?\nX: y")]
    [TestCase("asks: go?\u2028X: y\u0000\u0085z")]
    public async Task ALineEndInATitleEndsNothing(string title)
    {
        await using var sink = new MailSink();
        await Channel(Settings(sink, MailSecurity.None)).SendAsync(Given.Message(Given.Failed() with { Title = title }), CancellationToken.None);

        var (mail, _) = await sink.NextAsync();
        Assert.That(mail.Subject, Does.StartWith("[orc] asks: go? ").And.Not.Contain("\n"));
        Assert.That((mail.Bcc.Count, mail.Headers.Contains("X"), mail.To.Count), Is.EqualTo((0, false, 2)));
    }
}
