using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Tests.Shared;

/// <summary>What a proxy does to the next commit that passes.</summary>
internal enum BreakAt
{
    Nothing,

    /// <summary>The commit never reaches the server.</summary>
    BeforeCommit,

    /// <summary>The server commits, and its answer never reaches the client.</summary>
    AfterCommit,
}

/// <summary>Stands between a client and PostgreSQL and cuts the connection at a commit: the network failure that cannot be waited for.</summary>
internal sealed class BreakingProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly int target;
    private int next;

    public BreakingProxy(int target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How many commits were cut.</summary>
    public int Broken { get; private set; }

    public void BreakNext(BreakAt what) => Volatile.Write(ref next, (int)what);

    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var outside = client;
        using var inside = new TcpClient();
        try
        {
            await inside.ConnectAsync(IPAddress.Loopback, target);
            var answers = PumpAsync(inside.GetStream(), outside.GetStream(), _ => BreakAt.Nothing);
            if (await PumpAsync(outside.GetStream(), inside.GetStream(), Decide) == BreakAt.AfterCommit)
            {
                // Ends with the answer, which has nowhere to go: until then the server keeps its side.
                await answers;
            }

            outside.Close();
            inside.Close();
            await answers;
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            // One side has gone.
        }
    }

    /// <summary>The driver sends COMMIT as a message of its own.</summary>
    private BreakAt Decide(ReadOnlyMemory<byte> sent) =>
        sent.Span.IndexOf("COMMIT"u8) >= 0 ? (BreakAt)Interlocked.Exchange(ref next, (int)BreakAt.Nothing) : BreakAt.Nothing;

    private async Task<BreakAt> PumpAsync(NetworkStream from, NetworkStream to, Func<ReadOnlyMemory<byte>, BreakAt> decide)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer) is var count and > 0)
        {
            var what = decide(buffer.AsMemory(0, count));
            if (what != BreakAt.Nothing)
            {
                Broken++;
                if (what == BreakAt.AfterCommit)
                {
                    // The client is cut off first; then the server gets the commit and does it.
                    from.Socket.Close();
                    await to.WriteAsync(buffer.AsMemory(0, count));
                }

                return what;
            }

            await to.WriteAsync(buffer.AsMemory(0, count));
        }

        return BreakAt.Nothing;
    }
}
