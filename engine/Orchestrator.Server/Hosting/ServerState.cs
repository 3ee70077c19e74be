using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Hosting;

/// <summary>Whether the server takes changes.</summary>
internal sealed class ServerState : IDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private volatile bool draining;

    /// <summary>Why the server is not ready; null: it is.</summary>
    public string? NotReady => draining ? "stopping" : null;

    /// <summary>Ends streams that would otherwise keep the server from stopping.</summary>
    public CancellationToken Stopping => stopping.Token;

    public void Drain() => draining = true;

    public void Stop() => stopping.Cancel();

    public void Dispose() => stopping.Dispose();

    /// <exception cref="ProblemException">The server is stopping (ORC6002).</exception>
    public void CheckTaking()
    {
        if (draining)
        {
            throw ServerErrors.Draining();
        }
    }
}
