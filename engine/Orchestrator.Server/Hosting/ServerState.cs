using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Hosting;

/// <summary>Whether the server takes changes, and whether it knows all that it is to serve.</summary>
internal sealed class ServerState(ServerOptions options) : IDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private volatile bool draining;
    private volatile bool reading = options.PipelinesFolder is not null;

    /// <summary>Why the server is not ready; null: it is. Whoever starts a run of a pipeline that is in the folder must not hear that there is none.</summary>
    public string? NotReady => draining ? "stopping" : reading ? "reading the folder of pipelines" : null;

    /// <summary>Nothing new is begun any more.</summary>
    public bool IsDraining => draining;

    /// <summary>Ends streams that would otherwise keep the server from stopping.</summary>
    public CancellationToken Stopping => stopping.Token;

    public void Drain() => draining = true;

    /// <summary>Every pipeline of the folder that can be registered is.</summary>
    public void FolderIsRead() => reading = false;

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
