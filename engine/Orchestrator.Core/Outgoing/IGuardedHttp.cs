namespace Orchestrator.Core.Outgoing;

/// <summary>
/// Sends HTTP requests to addresses that people wrote: channels of notifications, and activities that ask the web; a port of the inline lane. A request reaches no machine that only the engine's
/// own network can reach, unless the home allows it (<c>http.private-networks</c>): whoever may write an address could otherwise read what is behind the fire wall.
/// </summary>
public interface IGuardedHttp
{
    /// <summary>Sends a request and answers as soon as the head of the answer is there. Redirects are not followed, proxies and cookies not used.</summary>
    /// <param name="request">Its address is absolute, http or https.</param>
    /// <param name="cancellation">Also how long it may take.</param>
    /// <exception cref="Activities.ActivityException">The address is none (ORC6321), or one that is not allowed (ORC6320).</exception>
    /// <exception cref="HttpRequestException">Nobody answers there.</exception>
    Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation);
}
