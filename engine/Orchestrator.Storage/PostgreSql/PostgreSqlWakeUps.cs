using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.WakeUps;

namespace Orchestrator.Storage.PostgreSql;

/// <summary>
/// LISTEN and NOTIFY. One connection listens, made when somebody first wants to hear; what is told goes out after the commit on another one, gathered while the message
/// before is on its way: a transaction with a NOTIFY in it holds a lock of the whole server while it commits.
/// </summary>
internal sealed partial class PostgreSqlWakeUps(NpgsqlDataSource source, DatabaseOptions options) : IWakeUps
{
    /// <summary>While calls come through, looking is only for those that were lost.</summary>
    private static readonly TimeSpan Relaxed = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(500);

    /// <summary>Distinguishes our own calls, which everyone who listens gets back.</summary>
    private readonly string self = Guid.NewGuid().ToString("N");

    private readonly ConcurrentDictionary<object, (WakeUp What, Action Heard)> listeners = [];
    private readonly CancellationTokenSource leaving = new();
    private readonly Lock gate = new();
    private readonly HashSet<WakeUp> toTell = [];
    private Task telling = Task.CompletedTask;
    private Task? listening;
    private volatile bool isHearing;

    public TimeSpan LookAgain(int inVain) => isHearing && inVain > 0 ? Relaxed : Soon;

    public IDisposable Listen(WakeUp what, Action heard)
    {
        var subscription = new Subscription(this);
        listeners[subscription] = (what, heard);
        lock (gate)
        {
            listening ??= leaving.IsCancellationRequested ? Task.CompletedTask : Task.Run(ListenAsync);
        }

        return subscription;
    }

    public void Tell(WakeUp what)
    {
        // In this process at once; what comes back from the server is passed over.
        Call(what);
        lock (gate)
        {
            if (!leaving.IsCancellationRequested && toTell.Add(what) && telling.IsCompleted)
            {
                telling = Task.Run(TellAsync);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task told, heard;
        lock (gate)
        {
            if (leaving.IsCancellationRequested)
            {
                return;
            }

            // What was told is sent before leaving: a program that asks a run's owner for something often ends right after.
            told = telling;
            heard = listening ?? Task.CompletedTask;
        }

        await told;
        await leaving.CancelAsync();
        await heard;
        leaving.Dispose();
    }

    private async Task TellAsync()
    {
        while (true)
        {
            WakeUp[] now;
            lock (gate)
            {
                if (toTell.Count == 0)
                {
                    // Under the lock: whoever tells next sees that this has ended.
                    telling = Task.CompletedTask;
                    return;
                }

                now = [.. toTell];
                toTell.Clear();
            }

            try
            {
                await using var command = source.CreateCommand("SELECT pg_notify('orc_' || md5(current_schema()), text) FROM unnest($1) AS told (text)");
                command.CommandTimeout = 5;
                command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. now.Select(what => $"{what} {self}")] });
                await command.ExecuteNonQueryAsync(CancellationToken.None);
            }
            catch (Exception error) when (error is NpgsqlException or IOException or TimeoutException)
            {
                // Those who were not called look by themselves.
                LogNotTold(options.Logger, error);
            }
        }
    }

    private async Task ListenAsync()
    {
        while (!leaving.IsCancellationRequested)
        {
            try
            {
                await HearAsync();
            }
            catch (OperationCanceledException) when (leaving.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is NpgsqlException or IOException or TimeoutException or ObjectDisposedException or OperationCanceledException)
            {
                isHearing = false;
                LogDeaf(options.Logger, error);
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, leaving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task HearAsync()
    {
        await using var connection = await source.OpenConnectionAsync(leaving.Token);
        connection.Notification += (_, call) => Hear(call.Payload);
        await using (var channel = new NpgsqlCommand("SELECT 'orc_' || md5(current_schema())", connection))
        {
            var name = (string?)await channel.ExecuteScalarAsync(leaving.Token);
#pragma warning disable CA2100 // The name is a word and a hash.
            await using var listen = new NpgsqlCommand($"LISTEN {name}", connection);
#pragma warning restore CA2100
            await listen.ExecuteNonQueryAsync(leaving.Token);
        }

        isHearing = true;
        // What was told before this moment was told to nobody here.
        foreach (var what in Enum.GetValues<WakeUp>())
        {
            Call(what);
        }

        while (true)
        {
            await connection.WaitAsync(leaving.Token);
        }
    }

    private void Hear(string payload)
    {
        if (payload.Split(' ') is [var word, var sender] && sender != self && Enum.TryParse<WakeUp>(word, out var what))
        {
            Call(what);
        }
    }

    private void Call(WakeUp what)
    {
        foreach (var (_, listener) in listeners)
        {
            if (listener.What == what)
            {
                listener.Heard();
            }
        }
    }

    private sealed class Subscription(PostgreSqlWakeUps owner) : IDisposable
    {
        public void Dispose() => owner.listeners.TryRemove(this, out _);
    }

    [LoggerMessage(5103, LogLevel.Debug, "Others could not be told of new work; they will find it by looking")]
    private static partial void LogNotTold(ILogger logger, Exception error);

    [LoggerMessage(5104, LogLevel.Information, "The connection that listens for new work is gone; until there is another one, work is found by looking")]
    private static partial void LogDeaf(ILogger logger, Exception error);
}
