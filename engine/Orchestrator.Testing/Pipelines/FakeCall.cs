using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Lanes;

namespace Orchestrator.Testing.Pipelines;

/// <summary>One attempt that a fake does.</summary>
public sealed class FakeCall
{
    private readonly AttemptRequest request;
    private volatile bool hangs;

    internal FakeCall(AttemptRequest request, TimeProvider time, CancellationToken cancellation)
    {
        this.request = request;
        Time = time;
        Cancellation = cancellation;
    }

    /// <summary>The task's name.</summary>
    public string Task => request.Attempt.Task.Value;

    /// <summary>The item's index in a mapped task; null otherwise.</summary>
    public int? Item => request.Attempt.MapIndex;

    /// <summary>1 for the first attempt.</summary>
    public int Attempt => request.Attempt.Number;

    /// <summary>What the task was given, by input name: no expression is left in it.</summary>
    public IReadOnlyDictionary<string, JsonElement> Inputs => request.Inputs;

    /// <summary>The items that ended, in the reduce of a mapped task.</summary>
    public IReadOnlyList<ItemResult> Items => request.Items;

    /// <summary>The test's clock. Waiting on it takes no real time.</summary>
    public TimeProvider Time { get; }

    /// <summary>Cancelled when the attempt should stop: cancelled by a command of the test, or out of its time.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>True while the fake hangs and nobody has asked it to stop.</summary>
    internal bool IsHanging => hangs && !Cancellation.IsCancellationRequested;

    /// <summary>Raised when the fake begins to hang.</summary>
    internal Action? Hung { get; init; }

    /// <summary>The value of an input.</summary>
    /// <exception cref="KeyNotFoundException">The task was not given this input.</exception>
    public T Input<T>(string name) => Inputs.TryGetValue(name, out var value)
        ? OrcJson.FromElement<T>(value)
        : throw new KeyNotFoundException($"Task \"{Task}\" was given no input \"{name}\". It was given: {string.Join(", ", Inputs.Keys)}.");

    /// <summary>Works for so long, by the test's clock.</summary>
    public Task WorkAsync(TimeSpan time) => System.Threading.Tasks.Task.Delay(time, Time, Cancellation);

    /// <summary>Does nothing until it is asked to stop: what a timeout is tested with.</summary>
    public async Task HangAsync()
    {
        hangs = true;
        Hung?.Invoke();
        await System.Threading.Tasks.Task.Delay(Timeout.InfiniteTimeSpan, Time, Cancellation);
    }

    /// <summary>Writes a line to the attempt's log.</summary>
    public void Log(string message) => request.Log.Write(LogSeverity.Info, message);

    /// <summary>To be thrown: the attempt fails.</summary>
    /// <param name="message">What a person would read.</param>
    /// <param name="code">The code that retry rules and tests read.</param>
    /// <param name="retryable">False: no retry policy that does not name the code tries again.</param>
    public ActivityException Failed(string message, string code = "ORC5290", bool retryable = true) =>
        new(new Failure { Code = code, Kind = FailureKind.Work, Message = message, Retryable = retryable, Details = [$"attempt {Attempt} of \"{Task}\", failed by its fake"] });

    /// <summary>To be thrown: there was nothing to do, and the task (or the item) ends as skipped.</summary>
    public ActivityException Skipped(string reason) => new(new Failure { Code = "ORC5291", Kind = FailureKind.Work, Message = reason, Skips = true, Details = [$"attempt {Attempt} of \"{Task}\", skipped by its fake"] });
}
