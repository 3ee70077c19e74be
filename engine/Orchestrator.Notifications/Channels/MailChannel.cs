using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Orchestrator.Notifications.Configuration;

namespace Orchestrator.Notifications.Channels;

/// <summary>Sends messages as mail.</summary>
internal sealed class MailChannel(ChannelSettings channel, ChannelSecrets secrets) : IChannel
{
    /// <summary>For tests, whose server has a certificate that nobody signed.</summary>
    internal System.Net.Security.RemoteCertificateValidationCallback? Trust { get; init; }

    public async Task SendAsync(Message message, CancellationToken cancellation)
    {
        var password = channel.Secret is { } secret ? await secrets.GetAsync(secret, cancellation) : null;
        using var mail = MailOf(message);
        try
        {
            using var client = new SmtpClient { ServerCertificateValidationCallback = Trust };
            await client.ConnectAsync(channel.Host ?? throw Incomplete(), channel.Port, SecurityOf(channel.Security), cancellation);
            if (password is not null)
            {
                await client.AuthenticateAsync(channel.User ?? throw Incomplete(), password, cancellation);
            }

            await client.SendAsync(mail, cancellation);
            // The server has taken it: what happens now makes no difference to that.
            await DisconnectAsync(client, cancellation);
        }
        catch (Exception failed) when (failed is SmtpCommandException or SmtpProtocolException or AuthenticationException or SslHandshakeException or IOException or System.Net.Sockets.SocketException or NotSupportedException)
        {
            throw new ChannelException(Words.Line(secrets.Mask($"{channel.Host}: {failed.Message}"), 500), isSetting: failed is AuthenticationException or NotSupportedException or SslHandshakeException, inner: failed);
        }
    }

    internal MimeMessage MailOf(Message message)
    {
        // The title is made on one line; should that ever not be so, this is where it must not go on.
        if (message.Title.Any(char.IsControl))
        {
            throw new InvalidOperationException("the subject of a mail has a control character");
        }

        var from = MailboxAddress.Parse(channel.From ?? throw Incomplete());
        var mail = new MimeMessage
        {
            Subject = $"[orc] {message.Title}",
            Date = message.At,
            // The same when it is sent again: mailboxes show it once.
            MessageId = $"{message.Id}@{from.Domain}",
            Body = new TextPart("plain") { Text = Words.Plain(message) },
        };
        mail.From.Add(from);
        mail.To.AddRange(channel.To.Select(address => MailboxAddress.Parse(address)));
        // Nobody's holiday note answers it (RFC 3834).
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        return mail;
    }

    private static async Task DisconnectAsync(SmtpClient client, CancellationToken cancellation)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancellation);
        }
        catch (Exception gone) when (gone is SmtpCommandException or SmtpProtocolException or IOException or OperationCanceledException)
        {
            // It has closed the line first.
        }
    }

    private InvalidOperationException Incomplete() => new($"channel {channel.Name} lacks what a mail needs");

    private static SecureSocketOptions SecurityOf(MailSecurity security) => security switch
    {
        MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
        MailSecurity.Starttls => SecureSocketOptions.StartTls,
        MailSecurity.None => SecureSocketOptions.None,
        _ => throw new ArgumentOutOfRangeException(nameof(security), security, "not a security"),
    };
}
