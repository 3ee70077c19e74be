using System.Runtime.InteropServices;
using Orchestrator.Core.Activities;

namespace Orchestrator.Runtime.Lanes;

/// <summary>Where a running activity's words go: into the engine's objects, or over the socket of a worker. Any thread may call.</summary>
internal interface IAttemptSink
{
    void Log(LogSeverity severity, string message);

    void Progress(double? fraction, string? message);

    void Fact(RecordedFact fact);
}

/// <summary>A sink in the engine's process. Once closed it hears nothing, so an activity that was given up cannot add to a result already handed over.</summary>
internal sealed class EngineSink(AttemptRequest request, IAttemptObserver observer, FactLimits limits) : IAttemptSink
{
    private readonly Lock gate = new();
    private readonly List<RecordedFact> facts = [];
    private bool closed;
    private long bytes;
    private Failure? beyond;

    public void Log(LogSeverity severity, string message) => request.Log.Write(severity, message);

    public void Progress(double? fraction, string? message)
    {
        if (!closed)
        {
            observer.OnProgress(fraction, message);
        }
    }

    public void Fact(RecordedFact fact)
    {
        lock (gate)
        {
            if (closed || beyond is not null)
            {
                return;
            }

            var size = JsonMarshal.GetRawUtf8Value(fact.Value).Length;
            beyond = facts.Count == limits.Count ? RuntimeErrors.TooManyFacts(limits.Count)
                : bytes + size > limits.Bytes ? RuntimeErrors.FactsTooLarge(limits.Bytes)
                : null;
            if (beyond is null)
            {
                bytes += size;
                facts.Add(fact);
            }
        }
    }

    /// <summary>Ends the hearing and puts the facts so far into the result.</summary>
    public AttemptResult Close(AttemptResult result)
    {
        lock (gate)
        {
            closed = true;
            result = beyond is not null && result is AttemptResult.Succeeded ? new AttemptResult.Failed(beyond) : result;
            return facts.Count == 0 ? result : result with { Facts = facts };
        }
    }
}
