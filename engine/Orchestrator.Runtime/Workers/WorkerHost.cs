using System.Net.Sockets;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Processes;

namespace Orchestrator.Runtime.Workers;

/// <summary>The inside of a worker process: runs one attempt after another for the engine that started it, and dies with it.</summary>
public static class WorkerHost
{
    /// <summary>Serves the engine until it goes. Does not return then: the process, with all that attempts have started, is killed.</summary>
    /// <param name="catalog">Called once, after the worker has said hello; what it loads does not delay that.</param>
    /// <param name="ports">Called once as well. What activities get from <see cref="ActivityContext.Port{T}"/> here: ports that need no database.</param>
    /// <exception cref="SocketException">There is no engine to serve.</exception>
    public static async Task<int> RunAsync(WorkerArguments arguments, Func<ActivityCatalog> catalog, Func<IServiceProvider> ports)
    {
        ProcessSession.Lead();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(arguments.Socket));
        using var channel = new WorkerChannel(socket);
        channel.Send(new HelloMessage
        {
            Version = WorkerMessage.Protocol,
            Worker = arguments.Id,
            Token = Environment.GetEnvironmentVariable(WorkerArguments.TokenVariable) ?? "",
        });

        var services = new Lazy<(ActivityCatalog, LaneServices)>(() => (catalog(), CreateServices(arguments, ports())));
        var session = new WorkerSession(channel, services);

        // A thread of its own, so that the engine's end is heard even while an activity has the whole thread pool.
        var reader = new Thread(session.ListenUntilEngineGoes) { IsBackground = true, Name = "orc worker reader" };
        reader.Start();
        _ = services.Value;
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        return 0;
    }

    private static LaneServices CreateServices(WorkerArguments arguments, IServiceProvider ports) => new()
    {
        LaneName = "process",
        Ports = ports,
        Artifacts = ports.GetService(typeof(IArtifactStore)) as IArtifactStore ?? new ArtifactStore(OrcHome.OpenExisting(arguments.Home)),
        Time = ports.GetService(typeof(TimeProvider)) as TimeProvider ?? TimeProvider.System,
    };
}
