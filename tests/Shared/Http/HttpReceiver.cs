using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Orchestrator.Tests.Shared;

/// <summary>A request as it came.</summary>
internal sealed record ReceivedRequest(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Body);

    public System.Text.Json.JsonElement Json => System.Text.Json.JsonElement.Parse(Body);
}

/// <summary>Somebody on a free port of the loopback who takes requests, and answers as a test says.</summary>
internal sealed class HttpReceiver : IDisposable
{
    private readonly HttpListener listener;
    private readonly Channel<ReceivedRequest> received = Channel.CreateUnbounded<ReceivedRequest>();
    private readonly ConcurrentQueue<Action<HttpListenerResponse>> answers = new();

    public HttpReceiver()
    {
        for (var tries = 0; ; tries++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            listener = new HttpListener();
            listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                listener.Start();
                Url = $"http://127.0.0.1:{port}/hook";
                break;
            }
            catch (HttpListenerException) when (tries < 10)
            {
                // Somebody else was faster with the port.
            }
        }

        _ = ListenAsync();
    }

    public string Url { get; }

    /// <summary>What the next request gets that has no answer yet; 204 when nobody has said.</summary>
    public void Answer(int status, Action<HttpListenerResponse>? more = null) => answers.Enqueue(response =>
    {
        response.StatusCode = status;
        more?.Invoke(response);
    });

    /// <summary>The next request, as soon as it is there.</summary>
    public async Task<ReceivedRequest> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            return await received.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new AssertionException($"no request came to {Url} within two minutes");
        }
    }

    /// <summary>Requests that nobody has asked for yet.</summary>
    public int Waiting => received.Reader.Count;

    public void Dispose() => listener.Close();

    private async Task ListenAsync()
    {
        try
        {
            while (listener.IsListening)
            {
                var context = await listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                var headers = context.Request.Headers.AllKeys.OfType<string>().ToDictionary(name => name, name => context.Request.Headers[name] ?? "", StringComparer.OrdinalIgnoreCase);
                if (answers.TryDequeue(out var answer))
                {
                    answer(context.Response);
                }
                else
                {
                    context.Response.StatusCode = 204;
                }

                context.Response.Close();
                received.Writer.TryWrite(new ReceivedRequest(context.Request.Url?.AbsolutePath ?? "", headers, body.ToArray()));
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }
}
