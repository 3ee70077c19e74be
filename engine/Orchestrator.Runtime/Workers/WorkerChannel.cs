using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.Json;

namespace Orchestrator.Runtime.Workers;

/// <summary>Messages over a socket: four bytes of length, little endian, then that many bytes of JSON.</summary>
internal sealed class WorkerChannel(Socket socket) : IDisposable
{
    /// <summary>Nothing legal comes near it; a larger length means that the other side is not one of ours.</summary>
    private const int MaxMessageBytes = 256 << 20;
    private const int HeadBytes = 4;

    private readonly SemaphoreSlim sending = new(1, 1);
    private byte[] received = new byte[16 * 1024];

    /// <summary>Sends without blocking a thread, for the engine.</summary>
    /// <exception cref="SocketException">The other side is gone.</exception>
    public async Task SendAsync(WorkerMessage message, CancellationToken cancellation)
    {
        var frame = Frame(message);
        await sending.WaitAsync(cancellation);
        try
        {
            for (var rest = frame; rest.Length > 0;)
            {
                // Half a frame would break the stream for good, so a begun one is finished whatever happens.
                rest = rest[await socket.SendAsync(rest, SocketFlags.None, CancellationToken.None)..];
            }
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>Sends before it returns, for a worker: an activity that logs faster than the engine reads is slowed down instead of filling memory.</summary>
    public void Send(WorkerMessage message)
    {
        var frame = Frame(message);
        sending.Wait();
        try
        {
            for (var rest = frame.Span; rest.Length > 0;)
            {
                rest = rest[socket.Send(rest)..];
            }
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>The next message; null when the other side has closed.</summary>
    /// <exception cref="JsonException">Not a message of this protocol.</exception>
    public async Task<WorkerMessage?> ReceiveAsync(CancellationToken cancellation)
    {
        if (!await FillAsync(HeadBytes, cancellation))
        {
            return null;
        }

        var length = Reserve();
        return await FillAsync(length, cancellation) ? Parse(length) : null;
    }

    /// <summary>The same on the calling thread, for the worker's reader, which must hear of the engine's end even when the thread pool is stuck.</summary>
    public WorkerMessage? Receive()
    {
        if (!Fill(HeadBytes))
        {
            return null;
        }

        var length = Reserve();
        return Fill(length) ? Parse(length) : null;
    }

    public void Dispose()
    {
        socket.Dispose();
        sending.Dispose();
    }

    private static ReadOnlyMemory<byte> Frame(WorkerMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        buffer.GetSpan(HeadBytes)[..HeadBytes].Clear();
        buffer.Advance(HeadBytes);
        using (var writer = new Utf8JsonWriter(buffer, WorkerCodec.Writing))
        {
            WorkerCodec.Write(writer, message);
        }

        var frame = new byte[buffer.WrittenCount];
        buffer.WrittenSpan.CopyTo(frame);
        BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - HeadBytes);
        return frame;
    }

    private int Reserve()
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(received);
        if (length is <= 0 or > MaxMessageBytes)
        {
            throw new JsonException($"a message of {length} bytes");
        }

        if (received.Length < length)
        {
            received = new byte[length];
        }

        return length;
    }

    private WorkerMessage Parse(int length) => WorkerCodec.Read(received.AsSpan(0, length));

    private async Task<bool> FillAsync(int count, CancellationToken cancellation)
    {
        for (var filled = 0; filled < count;)
        {
            var got = await socket.ReceiveAsync(received.AsMemory(filled, count - filled), SocketFlags.None, cancellation);
            if (got == 0)
            {
                return false;
            }

            filled += got;
        }

        return true;
    }

    private bool Fill(int count)
    {
        for (var filled = 0; filled < count;)
        {
            var got = socket.Receive(received.AsSpan(filled, count - filled));
            if (got == 0)
            {
                return false;
            }

            filled += got;
        }

        return true;
    }
}
