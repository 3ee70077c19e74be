using System.Net.Sockets;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Processes;

namespace Orchestrator.Runtime.Workers;

/// <summary>The inside of a worker process: runs one attempt after another for the engine that started it, and dies with it.</summary>
public static class WorkerHost
{
    // An attempt that is already there makes only what it needs; a worker that waits gets ready for any.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    /// <summary>Serves the engine until it goes. Does not return then: the process, with all that attempts have started, is killed.</summary>
    /// <param name="catalog">Called once, when an activity cannot be found by its class or no attempt comes at once.</param>
    /// <param name="ports">Called once, when an activity asks for something or no attempt comes at once. What it gets from <see cref="ActivityContext.Port{T}"/> here: ports that need no database.</param>
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

        var environment = new WorkerEnvironment(arguments, catalog, ports);
        var session = new WorkerSession(channel, environment);

        // A thread of its own, so that the engine's end is heard even while an activity has the whole thread pool.
        var reader = new Thread(session.ListenUntilEngineGoes) { IsBackground = true, Name = "orc worker reader" };
        reader.Start();
        if (await Task.WhenAny(session.Begun, Task.Delay(Patience, TimeProvider.System)) != session.Begun)
        {
            environment.Prepare();
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        return 0;
    }
}
