using System.Net;
using System.Net.Sockets;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Outgoing;

namespace Orchestrator.Runtime.Outgoing;

/// <summary>What outgoing requests may do.</summary>
public sealed record GuardedHttpOptions
{
    /// <summary>True: addresses of this machine and of the network around it too. Default false.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>How long a connection may take to be there.</summary>
    public TimeSpan ConnectTime { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Sends requests to the open internet, and to nothing else unless it is allowed.</summary>
/// <remarks>
/// What counts is the address that a connection is made to, not the name in the URL: a name may lead to one address when it is looked at and to another when it is used. So the name is resolved here, once, each
/// of its addresses is looked at, and the connection is made to one that was.
/// </remarks>
public sealed class GuardedHttp : IGuardedHttp, IDisposable
{
    private readonly GuardedHttpOptions options;
    private readonly HttpMessageInvoker invoker;

    public GuardedHttp(GuardedHttpOptions options)
    {
        this.options = options;
        invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            // A redirect could lead inside; whoever wants it followed asks again, and is looked at again.
            AllowAutoRedirect = false,
            // A proxy would make the connection in our place, and look at nothing.
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = options.ConnectTime,
            // A name that leads elsewhere from now on is looked at again.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxResponseHeadersLength = 64,
            ConnectCallback = ConnectAsync,
        });
    }

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true, UserInfo: "" } address || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw OutgoingErrors.NotAnAddress();
        }

        try
        {
            return await invoker.SendAsync(request, cancellation);
        }
        catch (HttpRequestException failed) when (failed.InnerException is ActivityException refused)
        {
            throw new ActivityException(refused.Failure, failed);
        }
    }

    public void Dispose() => invoker.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var target = context.DnsEndPoint;
        var found = IPAddress.TryParse(target.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(target.Host, cancellation);
        var allowed = options.AllowPrivate ? found : [.. found.Where(one => PrivateNetworks.KindOf(one) is null)];
        if (allowed.Length == 0)
        {
            throw OutgoingErrors.NotAllowed(target.Host, found.FirstOrDefault(), found.Select(PrivateNetworks.KindOf).FirstOrDefault());
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
