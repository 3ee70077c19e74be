using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Values;
using Orchestrator.Server.Documents;

namespace Orchestrator.Cli.Remote;

/// <summary>Calls the API of a server: its documents as they are in its own contract, its problems as <see cref="ServerProblemException"/>, and whatever happens on the way in words.</summary>
internal sealed class ServerClient : IDisposable
{
    private const string Root = "api/v1/";

    /// <summary>How long a request is asked again that the server had no room for.</summary>
    private static readonly TimeSpan BusyPatience = TimeSpan.FromSeconds(60);

    /// <summary>Longer than the server waits for whoever works on a run.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(90);

    /// <summary>Streams say something every fifteen seconds.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    private readonly HttpClient http;
    private readonly Func<ServerSite?> again;
    private readonly CliConsole console;
    private readonly TimeProvider time;
    private volatile ServerSite site;

    /// <param name="site">The server.</param>
    /// <param name="again">Where the server of the home is now, for one that was started again; null: not there.</param>
    /// <param name="console">Hears of waits.</param>
    /// <param name="time">Paces them.</param>
    public ServerClient(ServerSite site, Func<ServerSite?> again, CliConsole console, TimeProvider time)
    {
        (this.site, this.again, this.console, this.time) = (site, again, console, time);
        http = new HttpClient(new SocketsHttpHandler
        {
            // A key is for the server that was named, and for no other that it may point to.
            AllowAutoRedirect = false,
            UseCookies = false,
            // What is for this machine goes through no proxy.
            UseProxy = !site.Url.IsLoopback,
            ConnectTimeout = TimeSpan.FromSeconds(10),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>As everything else of this program, but what a newer server says beyond what is known here is passed over.</summary>
    public static JsonSerializerOptions Json { get; } = new(OrcJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip, MaxDepth = 512 };

    public ServerSite Site => site;

    public string Name => site.Name;

    /// <summary>A server that was started again may have another port, and has another token.</summary>
    public void LookAgain() => site = site.IsOfHome && again() is { } now ? now with { IsNamed = site.IsNamed } : site;

    public async Task<T> GetAsync<T>(string path, CancellationToken cancellation) => await ReadAsync<T>(() => Request(HttpMethod.Get, path), cancellation);

    /// <summary>The same; null when there is no such thing.</summary>
    public async Task<T?> FindAsync<T>(string path, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return await GetAsync<T>(path, cancellation);
        }
        catch (ServerProblemException missing) when (missing.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>All pages of a list, up to a number of items.</summary>
    /// <param name="path">With a query, or without.</param>
    /// <param name="most">The most items.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<IReadOnlyList<T>> ListAsync<T>(string path, int most, CancellationToken cancellation)
    {
        const int page = 500;
        var items = new List<T>();
        string? next = null;
        do
        {
            var part = await GetAsync<Page<T>>($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit={Math.Min(page, most - items.Count)}{(next is null ? "" : $"&cursor={Uri.EscapeDataString(next)}")}", cancellation);
            items.AddRange(part.Items);
            next = part.Next;
        }
        while (next is not null && items.Count < most);
        return items;
    }

    /// <param name="path">Below the root of the API.</param>
    /// <param name="body">Null: none.</param>
    /// <param name="cancellation">Ends the waiting; the server may have heard it.</param>
    /// <param name="key">Makes a request that is sent again the same request; null: it has no such key.</param>
    public Task<T> PostAsync<T>(string path, object? body, CancellationToken cancellation, string? key = null) => SendAsync<T>(HttpMethod.Post, path, () => body is null ? null : JsonBody(body), key, cancellation);

    /// <summary>Sends a text as it is.</summary>
    public Task<T> PostTextAsync<T>(string path, string text, string mediaType, CancellationToken cancellation) => SendAsync<T>(HttpMethod.Post, path, () => new StringContent(text, Encoding.UTF8, mediaType), null, cancellation);

    public Task<T> DeleteAsync<T>(string path, CancellationToken cancellation) => SendAsync<T>(HttpMethod.Delete, path, () => null, null, cancellation);

    /// <summary>Copies the bytes behind an address.</summary>
    public async Task DownloadAsync(string path, Stream to, CancellationToken cancellation)
    {
        using var response = await SendAsync(() => Request(HttpMethod.Get, path), cancellation);
        await response.Content.CopyToAsync(to, cancellation);
    }

    /// <summary>The events of a stream, until the server ends it.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public async IAsyncEnumerable<SseItem<string>> StreamAsync(string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await SendAsync(() => Request(HttpMethod.Get, path), cancellation);
        await using var body = new PatientStream(await response.Content.ReadAsStreamAsync(cancellation), LongestSilence);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellation))
        {
            yield return item;
        }
    }

    /// <summary>True when the server answers at all, and soon.</summary>
    /// <exception cref="Core.Activities.ActivityException">It is there and silent (ORC6089).</exception>
    public async Task<bool> AnswersAsync(TimeSpan within, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(within);
        try
        {
            using var response = await http.GetAsync(new Uri(site.Url, "healthz"), limit.Token);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw RemoteErrors.Silent(Name);
        }
    }

    public void Dispose() => http.Dispose();

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var (to, request) = (site, new HttpRequestMessage { Method = method });
        request.RequestUri = new Uri(to.Url, Root + path);
        request.Headers.Authorization = to.Key is { } key ? new AuthenticationHeaderValue("Bearer", key) : null;
        return request;
    }

    private Task<T> SendAsync<T>(HttpMethod method, string path, Func<HttpContent?> body, string? key, CancellationToken cancellation) => ReadAsync<T>(
        () =>
        {
            var request = Request(method, path);
            request.Content = body();
            if (key is not null)
            {
                request.Headers.Add("Idempotency-Key", key);
            }

            return request;
        },
        cancellation);

    private async Task<T> ReadAsync<T>(Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        using var response = await SendAsync(make, cancellation);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            return await JsonSerializer.DeserializeAsync<T>(body, Json, cancellation) ?? throw RemoteErrors.NoServer(Name, "its answer is null");
        }
        catch (JsonException other)
        {
            throw RemoteErrors.NoServer(Name, response.Content.Headers.ContentType?.MediaType == "application/json" ? $"its answer is another than this version knows ({other.Message})" : $"it answers with {response.Content.Headers.ContentType?.MediaType ?? "no type"}");
        }
        catch (Exception broken) when (IsBroken(broken, cancellation))
        {
            throw RemoteErrors.Unsure(Name, WordsOf(broken));
        }
    }

    /// <summary>Sends a request until the server has room for it. What it says no to is a problem.</summary>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            using var request = make();
            var response = await SendOnceAsync(request, cancellation);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                var problem = await ProblemOfAsync(response, cancellation);
                // Both say that nothing was done, and when to come back.
                if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) || problem.Failure.RetryAfter is not { } wait)
                {
                    throw problem;
                }

                if (time.GetElapsedTime(since) + wait > BusyPatience)
                {
                    throw RemoteErrors.TooBusy(Name, time.GetElapsedTime(since) + wait, problem.Failure);
                }

                await console.Error.WriteLineAsync($"waiting {wait.TotalSeconds:0} s, as the server asks: {problem.Failure.Message} ({problem.Failure.Code})");
                await Task.Delay(wait, time, cancellation);
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(AnswerPatience);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (HttpRequestException broken)
        {
            // A change that was sent may have been done; what never got there was not, and what only looks may be asked again.
            throw request.Method == HttpMethod.Get || IsBeforeSending(broken) ? RemoteErrors.Unreachable(Name, WordsOf(broken)) : RemoteErrors.Unsure(Name, WordsOf(broken));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw request.Method == HttpMethod.Get ? RemoteErrors.Unreachable(Name, $"no answer within {AnswerPatience.TotalSeconds:0} s") : RemoteErrors.Unsure(Name, $"no answer within {AnswerPatience.TotalSeconds:0} s");
        }
    }

    private async Task<ServerProblemException> ProblemOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var body = await ReadSomeAsync(response, cancellation);
        if (!ServerProblemException.TryRead(body, response.Content.Headers.ContentType?.MediaType, out var problem) || problem is null)
        {
            throw RemoteErrors.NoServer(Name, response.Headers.Location is { } elsewhere
                ? $"it sends on to {Plain.Of(elsewhere.ToString(), 200)}"
                : $"it answers {(int)response.StatusCode} {Plain.Of(response.ReasonPhrase ?? "", 60)} with {response.Content.Headers.ContentType?.MediaType ?? "nothing"}");
        }

        if (response.StatusCode == HttpStatusCode.Unauthorized && site.Key is null)
        {
            throw RemoteErrors.NoKey(Name);
        }

        var failure = ServerProblemException.FailureOf(problem);
        return new ServerProblemException(failure with { RetryAfter = failure.RetryAfter ?? response.Headers.RetryAfter?.Delta }, (int)response.StatusCode, site.IsNamed ? Name : null);
    }

    /// <summary>A problem is a page at most; whatever else answers may send more.</summary>
    private static async Task<byte[]> ReadSomeAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        const int most = 1 << 20;
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var bytes = new byte[most];
        return bytes[..await body.ReadAtLeastAsync(bytes, most, throwOnEndOfStream: false, cancellation)];
    }

    private static ByteArrayContent JsonBody(object body)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), Json));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    /// <summary>What happens to connections, and is nobody's mistake here.</summary>
    internal static bool IsBroken(Exception error, CancellationToken cancellation) => error is IOException or HttpRequestException || (error is OperationCanceledException && !cancellation.IsCancellationRequested);

    private static bool IsBeforeSending(HttpRequestException error) => error.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;

    internal static string WordsOf(Exception error) => error switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "no machine has that name",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } secure => $"no secure connection: {(secure.GetBaseException() as AuthenticationException ?? secure.GetBaseException()).Message}",
        _ when error.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "nobody listens there (connection refused)",
        _ when error.GetBaseException() is SocketException socket => socket.Message,
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "no connection within 10 s",
        _ => error.GetBaseException().Message,
    };
}

/// <summary>A stream that is not waited on for ever: a connection that says nothing is a broken one.</summary>
internal sealed class PatientStream(Stream inner, TimeSpan patience) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await inner.ReadAsync(buffer, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"it has said nothing for {patience.TotalSeconds:0} s");
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
