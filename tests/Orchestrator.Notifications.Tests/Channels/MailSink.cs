using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using MimeKit;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace Orchestrator.Notifications.Tests.Channels;

/// <summary>How a connection to the sink is kept from others' eyes.</summary>
internal enum SinkSecurity
{
    None = 0,
    Starttls,
    Tls,
}

/// <summary>A mail server on a free port of the loopback that keeps what it gets.</summary>
internal sealed class MailSink : IAsyncDisposable
{
    public const string User = "orc", Password = "sesame-9-open";

    private readonly Channel<(MimeMessage Mail, string? User)> received = Channel.CreateUnbounded<(MimeMessage, string?)>();
    private readonly CancellationTokenSource over = new();
    private readonly X509Certificate2 certificate = SelfSigned();
    private readonly Task running;

    public MailSink(SinkSecurity security = SinkSecurity.None)
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        var options = new SmtpServerOptionsBuilder().ServerName("sink").Endpoint(endpoint =>
        {
            endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, Port)).IsSecure(security == SinkSecurity.Tls);
            if (security != SinkSecurity.None)
            {
                endpoint.Certificate(certificate).AuthenticationRequired();
            }
        }).Build();
        var services = new SmtpServer.ComponentModel.ServiceProvider();
        services.Add(new Box(this));
        services.Add(new Door());
        running = new SmtpServer.SmtpServer(options, services).StartAsync(over.Token);
    }

    public int Port { get; }

    /// <summary>What the next mails are answered with, before any is taken.</summary>
    public Queue<SmtpResponse> Answers { get; } = new();

    public async Task<(MimeMessage Mail, string? User)> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        return await received.Reader.ReadAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await running;
        certificate.Dispose();
        over.Dispose();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        using var made = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private sealed class Box(MailSink sink) : MessageStore
    {
        public override async Task<SmtpResponse> SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            if (sink.Answers.TryDequeue(out var answer))
            {
                return answer;
            }

            using var bytes = new MemoryStream(buffer.ToArray());
            sink.received.Writer.TryWrite((await MimeMessage.LoadAsync(bytes, cancellationToken), context.Authentication?.User));
            return SmtpResponse.Ok;
        }
    }

    private sealed class Door : UserAuthenticator
    {
        public override Task<bool> AuthenticateAsync(ISessionContext context, string user, string password, CancellationToken cancellationToken) => Task.FromResult((user, password) == (User, Password));
    }
}
