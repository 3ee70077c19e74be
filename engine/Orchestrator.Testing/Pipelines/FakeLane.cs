using System.Collections.Concurrent;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.Lanes;

namespace Orchestrator.Testing.Pipelines;

/// <summary>Stands in the place of every lane: fakes answer here, and what is to be real runs in the lane behind it, in the test's own process.</summary>
internal sealed class FakeLane(Lane kind, IReadOnlyList<TaskDefinition> tasks, FakeBook fakes, TestClock clock, LaneLedger ledger, ILane real) : ILane
{
    private const int MaxOutputBytes = 1 << 20;

    public Lane Kind => kind;

    public async Task<AttemptResult> RunAsync(AttemptRequest request, IAttemptObserver observer, CancellationToken stop, CancellationToken kill)
    {
        await ledger.Begun;
        var id = request.Attempt.Id;
        var (task, uses) = (request.Attempt.Task.Value, request.Activity.Type);
        // The items that an activity issues are work of another kind than the task: of them only fakes of their own activity speak.
        var issued = !tasks.Any(one => one.Name == request.Attempt.Task && one.Uses == uses);
        if (fakes.TroubleOf(issued ? uses : task, uses, request.Attempt.Number) is { } failure)
        {
            return new AttemptResult.Failed(failure);
        }

        if (issued ? !fakes.HasFake(uses) : fakes.IsReal(task, uses))
        {
            TestClock.Claim(id, ownWill: true);
            // The facts of families need their tables, which a test of a pipeline does not have.
            return await real.RunAsync(request, observer, stop, kill) with { Facts = [] };
        }

        TestClock.Claim(id, ownWill: false);
        return await TimeLimit.RunAsync(request.Timeout, TimeSpan.Zero, clock, (stopping, killing) => AnswerAsync(request, issued, stopping, killing), stop, kill);
    }

    private async Task<AttemptResult> AnswerAsync(AttemptRequest request, bool issued, CancellationToken stop, CancellationToken kill)
    {
        TestClock.Claim(request.Attempt.Id, ownWill: true);
        var call = new FakeCall(request, clock, stop) { Hung = ledger.Tell };
        ledger.Add(request.Attempt.Id, call);
        try
        {
            var outputs = await Task.Run(() => fakes.AnswerAsync(issued ? request.Activity.Type : call.Task, request.Activity, call), CancellationToken.None).WaitAsync(kill);
            return OutputChecks.FindFault(request.Activity, outputs, MaxOutputBytes) is { } fault
                ? new AttemptResult.Failed(fault)
                : new AttemptResult.Succeeded(outputs);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested || kill.IsCancellationRequested)
        {
            return new AttemptResult.Cancelled();
        }
        catch (ActivityException failed)
        {
            return new AttemptResult.Failed(failed.Failure);
        }
        catch (Exception error)
        {
            return new AttemptResult.Failed(RuntimeFailures.Of(error));
        }
        finally
        {
            ledger.Remove(request.Attempt.Id);
        }
    }
}

/// <summary>Which fakes are at work, and which of them only wait for the time.</summary>
internal sealed class LaneLedger(TestClock clock)
{
    private readonly ConcurrentDictionary<AttemptId, FakeCall> calls = new();
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A fake began to hang. Raised from any thread.</summary>
    public event Action? Changed;

    /// <summary>Completes when somebody listens to the run: no attempt works before.</summary>
    public Task Begun => begun.Task;

    public void Begin() => begun.TrySetResult();

    public void Add(AttemptId attempt, FakeCall call) => calls[attempt] = call;

    public void Remove(AttemptId attempt) => calls.TryRemove(attempt, out _);

    public void Tell() => Changed?.Invoke();

    public bool IsAsleep(AttemptId attempt) => clock.IsAsleep(attempt) || (calls.TryGetValue(attempt, out var call) && call.IsHanging);
}
