using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Homes;

namespace Orchestrator.Runtime.Lanes;

/// <summary>Runs an activity in this process and turns however it ends into a result.</summary>
internal static class AttemptExecution
{
    public static async Task<AttemptResult> RunAsync(AttemptWork work, LaneServices services, IAttemptSink sink, IServiceProvider? ownPorts, CancellationToken stop)
    {
        try
        {
            var activity = work.Activity.Create();
            work.Activity.Bind(activity, work.Inputs);
            var context = new LaneContext(work, services, sink, ownPorts, stop);
            await ActivityRunner.ExecuteAsync(activity, context);
            var outputs = context.TakeOutputs();
            return OutputChecks.FindFault(work.Activity, outputs, work.MaxOutputBytes) is { } fault
                ? new AttemptResult.Failed(fault)
                : new AttemptResult.Succeeded(outputs);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return new AttemptResult.Cancelled();
        }
        catch (ActivityException failed)
        {
            return new AttemptResult.Failed(failed.Failure);
        }
        catch (IOException full) when (StorageFaults.IsFull(full))
        {
            sink.Log(LogSeverity.Error, full.ToString());
            return new AttemptResult.Failed(RuntimeErrors.NoRoomToWork(full));
        }
#pragma warning disable CA1031 // An activity is foreign code: whatever it throws is its failure and never the engine's.
        catch (Exception unexpected)
#pragma warning restore CA1031
        {
            sink.Log(LogSeverity.Error, unexpected.ToString());

            // Libraries answer an interrupt with errors of their own.
            return stop.IsCancellationRequested ? new AttemptResult.Cancelled() : new AttemptResult.Failed(RuntimeErrors.Unexpected(unexpected));
        }
    }
}
