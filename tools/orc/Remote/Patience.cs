using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Orchestrator.Core.Activities;

namespace Orchestrator.Cli.Remote;

/// <summary>Follows something over connections that break and servers that are started again: waits for a while, longer each time, and then says that the server is gone.</summary>
/// <param name="client">The server.</param>
/// <param name="what">What is followed, for the message.</param>
/// <param name="help">How to go on when it is gone for good.</param>
internal sealed class Patience(ServerClient client, string what, string help)
{
    /// <summary>Enough for a server to drain and to be started again.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Last = TimeSpan.FromSeconds(3);

    private TimeSpan pause = First;
    private TimeSpan waited;
    private string problem = "it ended the connection";

    /// <summary>The events of a connection, until it ends or breaks: then there are no more, and <see cref="WaitAsync"/> comes before the next connection.</summary>
    public async IAsyncEnumerable<SseItem<string>> ReadAsync(IAsyncEnumerable<SseItem<string>> events, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var reading = events.GetAsyncEnumerator(cancellation);
        while (await MoveAsync(reading, cancellation))
        {
            (pause, waited) = (First, TimeSpan.Zero);
            yield return reading.Current;
        }
    }

    /// <exception cref="ActivityException">The server has been away for too long (ORC5996).</exception>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        if (waited > Longest)
        {
            throw RemoteErrors.Lost(client.Name, what, problem, waited, help);
        }

        await Task.Delay(pause, TimeProvider.System, cancellation);
        waited += pause;
        pause = pause * 2 > Last ? Last : pause * 2;
        client.LookAgain();
    }

    private async Task<bool> MoveAsync(IAsyncEnumerator<SseItem<string>> reading, CancellationToken cancellation)
    {
        try
        {
            problem = "it ended the connection";
            return await reading.MoveNextAsync();
        }
        catch (Exception broken) when (ServerClient.IsBroken(broken, cancellation))
        {
            problem = ServerClient.WordsOf(broken);
            return false;
        }
        catch (ActivityException away) when (away.Failure.Code is "ORC5994")
        {
            problem = away.Failure.Message;
            return false;
        }
        catch (ServerProblemException starting) when (starting.Status is 503 or 401 && client.Site.IsOfHome)
        {
            // The token of the home is new with each start of its server.
            problem = starting.Failure.Message;
            return false;
        }
    }
}
