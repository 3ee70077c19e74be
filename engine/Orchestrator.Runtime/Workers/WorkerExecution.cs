using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Lanes;

namespace Orchestrator.Runtime.Workers;

/// <summary>One attempt in a worker, seen from the engine.</summary>
internal sealed class WorkerExecution(AttemptRequest request, IAttemptObserver observer, FactLimits limits)
{
    private readonly EngineSink sink = new(request, observer, limits);
    private readonly TaskCompletionSource<AttemptResult> result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AttemptId Attempt => request.Attempt.Id;

    /// <summary>False until the worker says that it has begun: an attempt that its worker never began may go to another one.</summary>
    public bool Begun { get; private set; }

    public Task<AttemptResult> Result => result.Task;

    public void Printed(string line, bool error) => request.Log.Write(error ? LogSeverity.Warning : LogSeverity.Info, line);

    public void Heartbeat() => observer.OnHeartbeat();

    public void Hear(WorkerMessage message)
    {
        switch (message)
        {
            case StartedMessage:
                Begun = true;
                break;
            case LogMessage log:
                request.Log.Write(log.Severity, log.Message);
                break;
            case ProgressMessage progress:
                sink.Progress(progress.Fraction, progress.Message);
                break;
            case FactMessage fact:
                sink.Fact(new RecordedFact(fact.Kind, fact.Value));
                break;
            default:
                throw new InvalidOperationException($"An execution does not hear {message.GetType().Name}.");
        }
    }

    public void End(EndedMessage ended) => End(ended switch
    {
        { Outputs: { } outputs } => new AttemptResult.Succeeded(outputs),
        { Failure: { } failure } => new AttemptResult.Failed(failure),
        _ => new AttemptResult.Cancelled(),
    });

    /// <summary>Ends it, once; what comes later is not heard.</summary>
    public void End(AttemptResult end) => result.TrySetResult(sink.Close(end));

    /// <summary>The last lines of the attempt's log, for the failure of a worker that died.</summary>
    public IReadOnlyList<string> Tail => request.Log.Tail;
}
