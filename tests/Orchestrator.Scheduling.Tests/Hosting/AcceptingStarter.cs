using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Scheduling.Starting;
using Orchestrator.Storage;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Scheduling.Tests.Hosting;

/// <summary>Accepts runs as the engine does, in the same transaction with their cause, and works on none. A test ends them when it likes.</summary>
internal sealed class AcceptingStarter(EngineStores stores, TimeProvider time) : IRunStarter
{
    private readonly RunOwner owner = new() { Id = "test/1-1", Host = "elsewhere", ProcessId = 1, ProcessStartedAt = time.GetUtcNow() };
    private readonly Dictionary<RunId, TaskCompletionSource> going = [];

    /// <summary>Called right before each acceptance: a test lets another scheduler go first.</summary>
    public Func<RunStart, Task> Before { get; set; } = _ => Task.CompletedTask;

    public int Accepted { get; private set; }

    public List<RunId> TakenUp { get; } = [];

    public async Task<StartedRun> StartAsync(RunStart start, CancellationToken cancellation)
    {
        await Before(start);
        var id = Ids.NewRun(time);
        await stores.Runs.CreateAsync(
            new NewRun
            {
                Id = id,
                Definition = start.Definition,
                Status = "running",
                Params = OrcJson.ToElement(start.Params),
                Trigger = OrcJson.ToElement(start.Trigger),
                BaseDirectory = start.BaseDirectory,
                CreatedAt = time.GetUtcNow(),
                Owner = owner,
                LeaseUntil = time.GetUtcNow().AddYears(10),
                Cause = start.Cause,
                LogicalDate = start.Trigger?.LogicalDate,
            },
            cancellation);
        lock (going)
        {
            Accepted++;
            going[id] = new TaskCompletionSource();
            return new StartedRun(id, going[id].Task);
        }
    }

    public Task TakeUpAsync(RunId run, CancellationToken cancellation)
    {
        TakenUp.Add(run);
        return Task.CompletedTask;
    }

    /// <summary>Ends a run.</summary>
    public async Task EndAsync(RunId run, string status = "succeeded", JsonElement? outputs = null)
    {
        IReadOnlyList<TaskInfo> tasks = outputs is null ? [] : [new TaskInfo { Task = new TaskName(".outputs"), Status = "succeeded", AttemptNumber = 0, Outputs = outputs }];
        var result = await stores.Runs.CommitAsync(
            new RunCommit { Run = run, Epoch = 1, ExpectedSequence = 0, Now = time.GetUtcNow(), Tasks = tasks, Change = new RunChange { Status = status, EndedAt = time.GetUtcNow() } }, CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(CommitOutcome.Committed));
        lock (going)
        {
            if (going.Remove(run, out var ended))
            {
                ended.TrySetResult();
            }
        }
    }
}
