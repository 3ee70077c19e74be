using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Tests.Ownership;

/// <summary>One run in the real store, written to as the journal of a coordinator writes.</summary>
internal sealed class RealOwnerStore(IRunStore store, RunId run) : IOwnerStore
{
    private static readonly ActivityCatalog Catalog = ActivityCatalog.From(typeof(RealOwnerStore).Assembly);

    public static async Task<RealOwnerStore> CreateAsync(IRunStore store, RunId run, PipelineDefinition pipeline, ImmutableArray<RunEvent> first)
    {
        await store.CreateAsync(
            new NewRun
            {
                Id = run,
                Definition = new StoredDefinition
                {
                    Hash = DefinitionWriter.Hash(pipeline), Pipeline = pipeline.Name, Json = DefinitionWriter.ToJson(pipeline), SourceKind = "json", CreatedAt = DateTimeOffset.UnixEpoch,
                },
                Status = "running",
                Params = OrcJson.ToElement(new { }),
                BaseDirectory = "/",
                CreatedAt = first[0].At,
                Events = [.. first.Select(RunEvents.Write)],
            },
            CancellationToken.None);
        return new RealOwnerStore(store, run);
    }

    public async Task<long?> ClaimAsync(string owner, DateTimeOffset now, DateTimeOffset until)
    {
        var claim = await store.ClaimAsync(
            new RunClaim { Run = run, Owner = new RunOwner { Id = OwnerId(owner), Host = "test", ProcessId = 1, ProcessStartedAt = DateTimeOffset.UnixEpoch }, Now = now, LeaseUntil = until },
            CancellationToken.None);
        return claim is { Outcome: ClaimOutcome.Claimed, Run: { } claimed } ? claimed.Epoch : null;
    }

    public async Task<ImmutableArray<RunEvent>> LoadAsync()
    {
        var loaded = await store.LoadAsync(run, CancellationToken.None) ?? throw new InvalidOperationException("the run is gone");
        return [.. loaded.Events.Select(RunEvents.Read)];
    }

    public async Task<bool> CommitAsync(string owner, long epoch, RunState before, RunState after, ImmutableArray<RunEvent> events, DateTimeOffset now)
    {
        var rows = new RunRows(Catalog, owner);
        rows.Load(before, await store.ListTasksAsync(run, CancellationToken.None), await store.ListAttemptsAsync(run, CancellationToken.None));
        var rowsAfter = rows.Apply(after, events);
        var result = await store.CommitAsync(
            new RunCommit
            {
                Run = run,
                Epoch = epoch,
                ExpectedSequence = before.Sequence,
                Now = now,
                Events = [.. events.Select(RunEvents.Write)],
                Change = before.Status == after.Status ? null : new RunChange { Status = RunWords.Of(after.Status), EndedAt = after.IsEnded ? now : null },
                Tasks = rowsAfter.Tasks,
                Attempts = rowsAfter.Attempts,
            },
            CancellationToken.None);
        return result.Outcome == CommitOutcome.Committed;
    }

    public async Task<bool> RenewAsync(string owner, DateTimeOffset until) =>
        (await store.RenewLeasesAsync(OwnerId(owner), until, CancellationToken.None)).Any(held => held.Id == run);

    public Task<bool> ReleaseAsync(long epoch) => store.ReleaseAsync(run, epoch, CancellationToken.None);

    public async Task<string> DescribeAsync()
    {
        var info = await store.FindAsync(run, CancellationToken.None) ?? throw new InvalidOperationException("the run is gone");
        var owner = info.Owner?.Id.Split('/')[1] ?? "nobody";
        return $"{owner} {info.Epoch} {(await LoadAsync()).Length}{(info.EndedAt is null ? "" : " ended")}";
    }

    // Each path has owners of its own: a renewal concerns all runs of an owner.
    private string OwnerId(string owner) => $"{run}/{owner}";
}
