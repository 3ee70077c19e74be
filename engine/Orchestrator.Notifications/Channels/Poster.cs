using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Outgoing;
using Orchestrator.Core.Values;
using Orchestrator.Notifications.Configuration;

namespace Orchestrator.Notifications.Channels;

/// <summary>Posts JSON to the address of a channel.</summary>
internal sealed class Poster(ChannelSettings channel, ChannelSecrets secrets, IGuardedHttp http, TimeProvider time)
{
    /// <summary>Of an answer that says no, so much is kept.</summary>
    private const int KeptAnswer = 200;

    /// <exception cref="ChannelException">It was not taken.</exception>
    public async Task PostAsync<T>(T document, Func<ReadOnlyMemory<byte>, IEnumerable<(string Name, string Value)>>? headers, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(document, OrcJson.Options);
        using var request = new HttpRequestMessage(HttpMethod.Post, await AddressAsync(cancellation)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Orchestrator", null));
        foreach (var (name, value) in headers?.Invoke(body) ?? [])
        {
            request.Headers.Add(name, value);
        }

        try
        {
            using var answer = await http.SendAsync(request, cancellation);
            await CheckAsync(answer, cancellation);
        }
        catch (HttpRequestException failed)
        {
            throw new ChannelException(secrets.Mask(failed.InnerException is { } inner ? $"{failed.Message} {inner.Message}" : failed.Message), inner: failed);
        }
        catch (ActivityException refused)
        {
            throw new ChannelException(secrets.Mask($"{refused.Failure.Code}: {refused.Failure.Message}. {refused.Failure.Help}"), isSetting: true, inner: refused);
        }
    }

    private async Task<Uri> AddressAsync(CancellationToken cancellation)
    {
        if (channel.UrlSecret is not { } secret)
        {
            return channel.Url ?? throw new InvalidOperationException($"channel {channel.Name} has no address");
        }

        return Uri.TryCreate((await secrets.GetAsync(secret, cancellation)).Trim(), UriKind.Absolute, out var address) ? address : throw new ChannelException($"secret {secret} is no address", isSetting: true);
    }

    private async Task CheckAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (answer.IsSuccessStatusCode)
        {
            return;
        }

        var said = Words.Line(secrets.Mask(await BeginningAsync(answer.Content, cancellation)), KeptAnswer);
        var status = ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        throw new ChannelException(
            $"it answered {status} {Words.Line(answer.ReasonPhrase ?? "", 60)}{((int)answer.StatusCode is >= 300 and < 400 ? ", and redirects are not followed" : "")}{(said.Length > 0 ? $": {said}" : "")}",
            answer.Headers.RetryAfter is { } retry ? retry.Delta ?? (retry.Date is { } date && date > time.GetUtcNow() ? date - time.GetUtcNow() : null) : null,
            isSetting: answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone);
    }

    /// <summary>However much more there is.</summary>
    private static async Task<string> BeginningAsync(HttpContent content, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[KeptAnswer * 4];
        return Encoding.UTF8.GetString(buffer, 0, await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation));
    }
}
