using System.Net.Sockets;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Processes;
using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Runtime.Workers;

/// <summary>One worker's talk with its engine, seen from the worker.</summary>
internal sealed class WorkerSession(WorkerChannel channel, WorkerEnvironment environment)
{
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private (AttemptId Id, CancellationTokenSource Stop)? current;

    /// <summary>Completes when the first attempt has come.</summary>
    public Task Begun => begun.Task;

    /// <summary>Hears the engine until it closes the socket or breaks the protocol, then kills this process and what it started.</summary>
    public void ListenUntilEngineGoes()
    {
        try
        {
            while (channel.Receive() is { } message)
            {
                Handle(message);
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or JsonException)
        {
            // The engine was killed, or is not ours: the same end.
        }

        ProcessSession.Kill(Environment.ProcessId, Environment.GetEnvironmentVariable(ProcessMark.Variable) ?? "none");
        Environment.Exit(1);
    }

    private void Handle(WorkerMessage message)
    {
        switch (message)
        {
            case ExecuteMessage execute:
                Start(execute);
                break;
            case CancelMessage cancel:
                Cancel(cancel.Attempt);
                break;
            case PingMessage:
                channel.Send(new PongMessage());
                break;
            default:
                throw new JsonException($"unexpected {message.GetType().Name}");
        }
    }

    private void Start(ExecuteMessage execute)
    {
        // Known before the next message is read, which may be its cancellation.
        var stop = new CancellationTokenSource();
        lock (gate)
        {
            current = (execute.Attempt.Id, stop);
        }

        begun.TrySetResult();
        channel.Send(new StartedMessage());
        _ = Task.Run(() => ExecuteAsync(execute, stop));
    }

    private void Cancel(AttemptId attempt)
    {
        lock (gate)
        {
            if (current is { } running && running.Id == attempt)
            {
                // On the pool: callbacks of the activity must not hold up this thread.
                _ = running.Stop.CancelAsync();
            }
        }
    }

    private async Task ExecuteAsync(ExecuteMessage execute, CancellationTokenSource stop)
    {
        var sink = new WorkerSink(channel);
        var result = await RunAsync(execute, sink, stop.Token);
        sink.Close();
        lock (gate)
        {
            current = null;
        }

        stop.Dispose();
        OutputMarker.Print(execute.Attempt.Id);
        channel.Send(new EndedMessage
        {
            Outputs = (result as AttemptResult.Succeeded)?.Outputs,
            Failure = (result as AttemptResult.Failed)?.Failure,
            ResidentBytes = Environment.WorkingSet,
        });
    }

    private async Task<AttemptResult> RunAsync(ExecuteMessage execute, WorkerSink sink, CancellationToken stop)
    {
        try
        {
            var work = new AttemptWork
            {
                Attempt = execute.Attempt,
                Activity = environment.Find(execute),
                Inputs = execute.Inputs,
                BaseDirectory = execute.BaseDirectory,
                WorkingDirectory = execute.WorkingDirectory,
                Items = execute.Items,
                MaxOutputBytes = execute.MaxOutputBytes,
                Secrets = new RevealedSecrets(execute.Secrets, execute.MissingSecrets),
            };
            return await AttemptExecution.RunAsync(work, environment.Services, sink, ownPorts: null, stop);
        }
        catch (ActivityException failed)
        {
            return new AttemptResult.Failed(failed.Failure);
        }
#pragma warning disable CA1031 // Without an answer the engine would wait for this attempt for ever.
        catch (Exception unexpected)
#pragma warning restore CA1031
        {
            sink.Log(LogSeverity.Error, unexpected.ToString());
            return new AttemptResult.Failed(RuntimeErrors.Unexpected(unexpected));
        }
    }
}

/// <summary>Sends an activity's words to the engine, until the attempt has ended.</summary>
internal sealed class WorkerSink(WorkerChannel channel) : IAttemptSink
{
    private readonly Lock gate = new();
    private bool closed;

    public void Log(LogSeverity severity, string message) => Send(new LogMessage { Severity = severity, Message = message });

    public void Progress(double? fraction, string? message) => Send(new ProgressMessage { Fraction = fraction, Message = message });

    public void Fact(RecordedFact fact) => Send(new FactMessage { Kind = fact.Kind, Value = fact.Value });

    public void Close()
    {
        lock (gate)
        {
            closed = true;
        }
    }

    private void Send(WorkerMessage message)
    {
        // Sent inside the lock, so that nothing of this attempt comes after its end.
        lock (gate)
        {
            if (!closed)
            {
                channel.Send(message);
            }
        }
    }
}
