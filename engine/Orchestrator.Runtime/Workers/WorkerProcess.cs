using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Processes;

namespace Orchestrator.Runtime.Workers;

/// <summary>One worker process, seen from the engine.</summary>
internal sealed partial class WorkerProcess
{
    // A mark that does not come means that the activity closed its output; what it printed is late then, not lost.
    private static readonly TimeSpan MarkPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(2);

    // Its standard input stays open as long as the engine lives: the watcher of OwnSession reads it.
    private readonly Process process;
    private readonly string mark;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly PrintedTail startTail = new();
    private readonly LinePump output;
    private readonly LinePump error;
    private readonly TaskCompletionSource<WorkerChannel> connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WorkerChannel? channel;
    private volatile WorkerExecution? current;
    private (TaskCompletionSource Output, TaskCompletionSource Error) marks = (new(), new());
    private int unanswered;
    private volatile Ending ending;

    public WorkerProcess(int number, string token, string mark, Process process, TimeProvider time, ILogger logger)
    {
        Number = number;
        Token = token;
        this.mark = mark;
        this.process = process;
        this.time = time;
        this.logger = logger;
        Id = process.Id;
        output = LinePump.Start($"orc worker {number} out", process.StandardOutput.BaseStream, line => OnLine(line, isError: false));
        error = LinePump.Start($"orc worker {number} err", process.StandardError.BaseStream, line => OnLine(line, isError: true));
        Ended = WatchAsync();
    }

    private enum Ending
    {
        ByItself = 0,
        Killed,
        Silent,
        Retired,
    }

    public int Number { get; }

    public string Token { get; }

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Completes when the process and all it started are gone.</summary>
    public Task Ended { get; }

    public int Attempts { get; private set; }

    public long ResidentBytes { get; private set; }

    /// <summary>True once an attempt in it was given secrets: no other attempt may find them in its memory.</summary>
    public bool KnowsSecrets { get; private set; }

    /// <summary>Set by the pool when the worker is given back.</summary>
    public long IdleSince { get; set; }

    public bool IsUsable => ending == Ending.ByItself && !Ended.IsCompleted && channel is not null;

    /// <summary>True once it has ended, or will.</summary>
    public bool IsLeaving => ending != Ending.ByItself || Ended.IsCompleted;

    /// <summary>Waits until the worker has said hello.</summary>
    /// <returns>Null: it is ready. Otherwise why it never will be.</returns>
    public async Task<Failure?> WaitReadyAsync(TimeSpan patience, CancellationToken cancellation)
    {
        try
        {
            await Task.WhenAny(connected.Task, Ended).WaitAsync(patience, time, cancellation);
        }
        catch (TimeoutException)
        {
            Kill();
            await Ended;
            return RuntimeErrors.WorkerNotStarted($"it said nothing within {Core.Values.Durations.Format(patience)}", startTail.Lines);
        }

        return connected.Task.IsCompletedSuccessfully
            ? null
            : RuntimeErrors.WorkerNotStarted($"it ended with {Exit} before it was ready", startTail.Lines);
    }

    /// <summary>Takes the socket on which this worker has said hello.</summary>
    public void Connect(WorkerChannel accepted)
    {
        channel = accepted;
        connected.TrySetResult(accepted);
        Receiving = ReceiveAsync(accepted);
    }

    private Task Receiving { get; set; } = Task.CompletedTask;

    /// <summary>Runs one attempt to its end; the caller has the worker for itself.</summary>
    /// <returns>Null: the worker died before it began, so another one may have a go.</returns>
    public async Task<AttemptResult?> ExecuteAsync(ExecuteMessage execute, WorkerExecution execution, CancellationToken stop, CancellationToken kill)
    {
        Attempts++;
        KnowsSecrets |= execute.Secrets.Count > 0;
        marks = (new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously));
        Interlocked.Exchange(ref unanswered, 0);
        current = execution;
        try
        {
            if (!await TrySendAsync(execute) || Ended.IsCompleted)
            {
                await Ended;
                return null;
            }

            await using (stop.Register(() => _ = TrySendAsync(new CancelMessage { Attempt = execution.Attempt })))
            await using (kill.Register(Kill))
            {
                // Whichever comes first; a process that ends has had all its messages heard before.
                await Task.WhenAny(execution.Result, Ended);
                if (!execution.Result.IsCompleted)
                {
                    execution.End(Verdict(execution));
                }

                var result = await execution.Result;
                return execution.Begun || ending != Ending.ByItself ? result : null;
            }
        }
        finally
        {
            current = null;
        }
    }

    /// <summary>Asks for a sign of life; ends the worker when too many such questions stayed without answer.</summary>
    /// <remarks>Counted in questions, not in time: an engine that was itself suspended for a while must not blame its workers.</remarks>
    public void Ping(int limit)
    {
        if (!IsUsable)
        {
            return;
        }

        if (Interlocked.Increment(ref unanswered) > limit)
        {
            LogSilent(Number, Id);
            EndAs(Ending.Silent);
            return;
        }

        _ = TrySendAsync(new PingMessage());
    }

    /// <summary>Ends the process now, with all it started.</summary>
    public void Kill() => EndAs(Ending.Killed);

    /// <summary>Lets the process go; it ends by itself when it sees its socket closed. Await <see cref="Ended"/>.</summary>
    public void Retire()
    {
        ending = ending == Ending.ByItself ? Ending.Retired : ending;
        if (channel is { } open)
        {
            open.Dispose();
        }
        else
        {
            Kill();
        }
    }

    private string Exit => process.HasExited ? new ProgramExit(process.ExitCode).ToString() : "an unknown code";

    private void EndAs(Ending how)
    {
        if (ending == Ending.ByItself || how == Ending.Killed)
        {
            ending = how;
        }

        if (!Ended.IsCompleted)
        {
            ProcessSession.Kill(Id, mark);
        }
    }

    private async Task WatchAsync()
    {
        await process.WaitForExitAsync();

        // What the process started may outlive it and hold its pipes open.
        ProcessSession.KillRemains(Id, mark);
        await DrainAsync();
        channel?.Dispose();
        process.StandardInput.Close();
        LogEnded(Number, Id, Exit);
    }

    private AttemptResult Verdict(WorkerExecution execution) => ending switch
    {
        Ending.Killed or Ending.Retired => new AttemptResult.Cancelled(),
        Ending.Silent => new AttemptResult.Failed(RuntimeErrors.WorkerSilent(execution.Tail)),
        _ => new AttemptResult.Failed(RuntimeErrors.WorkerDied(Exit, execution.Tail)),
    };

    private async Task DrainAsync()
    {
        try
        {
            await Task.WhenAll(output.Done, error.Done, Receiving).WaitAsync(DrainPatience, time);
        }
        catch (TimeoutException)
        {
            // Something that left the session still has the pipe; it no longer belongs to us.
        }
    }

    private async Task<bool> TrySendAsync(WorkerMessage message)
    {
        try
        {
            await (channel?.SendAsync(message, CancellationToken.None) ?? Task.CompletedTask);
            return channel is not null;
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private async Task ReceiveAsync(WorkerChannel from)
    {
        try
        {
            while (await from.ReceiveAsync(CancellationToken.None) is { } message)
            {
                Interlocked.Exchange(ref unanswered, 0);
                await HearAsync(message);
            }
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            // The process is ending; the watch over it says how.
        }
        catch (JsonException foreign)
        {
            current?.End(new AttemptResult.Failed(RuntimeErrors.ProtocolBroken(foreign.Message)));
            Kill();
        }
    }

    private async Task HearAsync(WorkerMessage message)
    {
        var execution = current;
        switch (message)
        {
            case PongMessage:
                execution?.Heartbeat();
                break;
            case EndedMessage when ending == Ending.Killed:
                // What the attempt had started is dying, and it may take that for an end like any other.
                break;
            case EndedMessage ended:
                ResidentBytes = ended.ResidentBytes;
                await WaitMarksAsync();
                execution?.End(ended);
                break;
            default:
                execution?.Hear(message);
                break;
        }
    }

    /// <summary>Until all that the attempt printed is in its log.</summary>
    private async Task WaitMarksAsync()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        try
        {
            await Task.WhenAll(marks.Output.Task, marks.Error.Task).WaitAsync(MarkPatience, time);
        }
        catch (TimeoutException)
        {
            LogNoMark(Number);
        }
    }

    private void OnLine(string line, bool isError)
    {
        var marked = OutputMarker.TryRead(line, out var text, out var attempt);
        if (text.Length > 0 || !marked)
        {
            if (current is { } execution)
            {
                execution.Printed(text, isError);
            }
            else
            {
                startTail.Add(text);
                LogPrinted(Number, text);
            }
        }

        if (marked && attempt == current?.Attempt.Value)
        {
            (isError ? marks.Error : marks.Output).TrySetResult();
        }
    }

    [LoggerMessage(5201, LogLevel.Debug, "Worker {Number} (process {Id}) ended: {Exit}")]
    private partial void LogEnded(int number, int id, string exit);

    [LoggerMessage(5202, LogLevel.Warning, "Worker {Number} (process {Id}) gave no sign of life and is killed")]
    private partial void LogSilent(int number, int id);

    [LoggerMessage(5203, LogLevel.Debug, "Worker {Number} printed outside an attempt: {Text}")]
    private partial void LogPrinted(int number, string text);

    [LoggerMessage(5204, LogLevel.Debug, "Worker {Number} did not mark the end of what its attempt printed")]
    private partial void LogNoMark(int number);
}

/// <summary>The last lines that a worker printed while no attempt was there to log them.</summary>
internal sealed class PrintedTail
{
    private const int Limit = 20;

    private readonly Lock gate = new();
    private readonly Queue<string> lines = new();

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (gate)
            {
                return [.. lines];
            }
        }
    }

    public void Add(string line)
    {
        lock (gate)
        {
            lines.Enqueue(Logs.LogFormat.Printable(line));
            if (lines.Count > Limit)
            {
                lines.Dequeue();
            }
        }
    }
}
