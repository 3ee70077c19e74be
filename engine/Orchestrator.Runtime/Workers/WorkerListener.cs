using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Runtime.Homes;

namespace Orchestrator.Runtime.Workers;

/// <summary>The socket on which the workers of one pool say hello.</summary>
internal sealed class WorkerListener : IAsyncDisposable
{
    // The path of a Unix socket has 108 bytes on Linux and 104 on macOS, the final zero included.
    private const int MaxPathBytes = 100;
    private static readonly TimeSpan HelloPatience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<int, WorkerProcess> expected = new();
    private readonly CancellationTokenSource closing = new();
    private readonly TimeProvider time;
    private readonly IDisposable folder;
    private readonly Socket socket;
    private readonly Task accepting;

    private WorkerListener(string path, IDisposable folder, TimeProvider time)
    {
        Path = path;
        this.folder = folder;
        this.time = time;
        socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        accepting = AcceptAsync();
    }

    public string Path { get; }

    /// <summary>Listens in the home, or in a private temporary folder when the home's path is too long for a socket.</summary>
    public static WorkerListener Start(OrcHome home, TimeProvider time)
    {
        var owner = home.ClaimWorkersFolder();
        var path = System.IO.Path.Combine(owner.Folder, "s");
        if (Encoding.UTF8.GetByteCount(path) <= MaxPathBytes)
        {
            return new WorkerListener(path, owner, time);
        }

        owner.Dispose();
        var temporary = new TemporaryFolder();
        return new WorkerListener(System.IO.Path.Combine(temporary.Path, "s"), temporary, time);
    }

    /// <summary>Says that a worker will come.</summary>
    public void Expect(WorkerProcess worker) => expected[worker.Number] = worker;

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        socket.Dispose();
        await accepting;
        folder.Dispose();
        closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var accepted = await socket.AcceptAsync(closing.Token);
                _ = GreetAsync(new WorkerChannel(accepted));
            }
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task GreetAsync(WorkerChannel channel)
    {
        try
        {
            using var patience = new CancellationTokenSource(HelloPatience, time);
            if (await channel.ReceiveAsync(patience.Token) is HelloMessage hello
                && hello.Version == WorkerMessage.Protocol
                && expected.TryGetValue(hello.Worker, out var worker)
                && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(worker.Token), Encoding.UTF8.GetBytes(hello.Token))
                && expected.TryRemove(hello.Worker, out _))
            {
                worker.Connect(channel);
                return;
            }
        }
        catch (Exception stranger) when (stranger is OperationCanceledException or SocketException or ObjectDisposedException or JsonException)
        {
            // Not one of ours; it is shown the door like any other.
        }

        channel.Dispose();
    }

    private sealed class TemporaryFolder : IDisposable
    {
        // Made with mode 0700.
        public string Path { get; } = Directory.CreateTempSubdirectory("orc-").FullName;

        public void Dispose() => FileNames.TryDeleteFolder(Path);
    }
}
