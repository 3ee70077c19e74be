using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.Homes;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.Retention;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Retention;

/// <summary>What retention works on.</summary>
public sealed record RetentionParts
{
    public required OrcHome Home { get; init; }

    public required OrcDatabase Database { get; init; }

    public required IRunStore Runs { get; init; }

    /// <summary>All tables of the program: those of families are searched for what they refer to.</summary>
    public required IReadOnlyList<MigrationSet> Tables { get; init; }

    /// <summary>The families that refer to runs.</summary>
    public required IEnumerable<IRunHolder> Holders { get; init; }

    /// <summary>What is too old.</summary>
    public required RetentionPolicy Policy { get; init; }

    public required TimeProvider Time { get; init; }
}

/// <summary>
/// Says what is older than a home keeps, and removes it, beside everything that goes on. Rows go first and files after them, so that a kill leaves files without rows, which the next time finds, and
/// never rows without files.
/// </summary>
public sealed class RetentionKeeper(RetentionParts parts)
{
    internal const string Duty = "retention";

    /// <summary>How long it may take to hear again of whoever applies retention.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    /// <summary>When the place is taken by hand and no time is set at which a server would.</summary>
    private static readonly TimeSpan UsualEvery = TimeSpan.FromMinutes(1);

    /// <summary>Messages stay at least as long: a webhook that is sent a second time is known by the signal of the first.</summary>
    private static readonly TimeSpan LeastForMessages = TimeSpan.FromDays(1);

    private readonly RetentionPolicy policy = parts.Policy;
    private readonly RetentionStore store = new(parts.Database);
    private readonly ArtifactReferences references = new(parts.Database, parts.Tables);
    private readonly Duties duties = new(parts.Database);
    private readonly RunLogFolders logs = new(parts.Home);

    /// <summary>How often a server applies it by itself; null: it does not.</summary>
    public TimeSpan? Every => policy.Every;

    /// <summary>What would go now. Changes nothing.</summary>
    public async Task<RetentionPlan> PlanAsync(CancellationToken cancellation)
    {
        var now = parts.Time.GetUtcNow();
        var facts = await ReadFactsAsync(cancellation);
        var runs = RetentionPlanner.Decide(policy, facts, now);
        var gone = runs.Remove.Concat(runs.ArtifactsOf).Select(run => run.Id).ToHashSet();
        var used = await references.ListUsedAsync(gone, cancellation);
        var unused = new Artifacts.ArtifactTrash(parts.Home).Files().Where(file => !used.Contains(file.Hash)).Aggregate(default(Amount), (sum, file) => sum + new Amount(1, file.SizeInBytes));
        return new RetentionPlan
        {
            At = now,
            Policy = policy,
            Runs = runs,
            Logs = runs.Remove.Concat(runs.LogsOf).Aggregate(default(Amount), (sum, run) => sum + logs.Measure(run.Id)),
            Artifacts = unused,
            ArtifactsWait = unused.Files == 0 ? null : ArtifactSweep.Forbidden(parts.Home, parts.Database.DisplayName) ?? (facts.Open is [var oldest, ..] ? $"run {oldest.Id}, which goes on, may be about to refer to them" : null),
            Ticks = policy.Ticks is { } ticks ? await store.CountOldTicksAsync(now - ticks, cancellation) : 0,
            Messages = policy.Events is { } events ? await store.CountOldMessagesAsync(now - AgeOfMessages(events), cancellation) : 0,
            Backfills = policy.Runs is { } age ? await store.ListOldBackfillsAsync(now - age, cancellation) : [],
        };
    }

    /// <summary>Removes what is too old, unless another process does so right now.</summary>
    /// <param name="byHand">Somebody asked for it; else it is done only when it is due.</param>
    /// <param name="atOnce">Also files that became unused just now. Only when nobody else works on the home.</param>
    /// <param name="cancellation">Stops between two removals.</param>
    /// <returns>Null: it is another one's turn, or not due.</returns>
    /// <exception cref="Core.Activities.ActivityException">Another process applies it (ORC6402, by hand only), or the home is in use (ORC6403, at once only).</exception>
    public async Task<RetentionReport?> ApplyAsync(bool byHand, bool atOnce, CancellationToken cancellation)
    {
        if (atOnce)
        {
            await CheckQuietAsync(cancellation);
        }

        var now = parts.Time.GetUtcNow();
        var dead = (await duties.ListAsync(cancellation)).FirstOrDefault(duty => duty.Name == Duty && EngineOwners.IsDead(duty.Owner))?.Owner;
        if (!await duties.TakeAsync(Duty, EngineOwners.This, now, now + Lease, byHand, dead, cancellation))
        {
            return byHand ? throw RetentionErrors.Busy() : null;
        }

        RetentionReport? report = null;
        try
        {
            report = await RemoveAsync(atOnce, cancellation);
            return report;
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            throw RetentionErrors.FilesStay(error);
        }
        finally
        {
            // Also after a failure: the place is free for the next one, at the usual time.
            var end = parts.Time.GetUtcNow();
            await duties.EndAsync(Duty, EngineOwners.This, end, end + (policy.Every ?? UsualEvery), report is null ? null : JsonSerializer.SerializeToElement(report, OrcJson.Options), CancellationToken.None);
        }
    }

    /// <summary>The error for somebody who asks for a run that is not there, if retention is why.</summary>
    /// <param name="run">An id, or the beginning of one.</param>
    public async Task<Core.Activities.ActivityException?> ExplainMissingAsync(string run, CancellationToken cancellation) =>
        await FindRemovedAsync(run, cancellation) is { } removed ? RetentionErrors.RunRemoved(removed) : null;

    /// <summary>The removed run of an id, or of the beginning of one.</summary>
    public Task<RemovedRun?> FindRemovedAsync(string run, CancellationToken cancellation) => store.FindRemovedAsync(run.ToUpperInvariant(), cancellation);

    private async Task<RetentionReport> RemoveAsync(bool atOnce, CancellationToken cancellation)
    {
        var now = parts.Time.GetUtcNow();
        var report = new RetentionReport { At = now };
        foreach (var run in await store.ListCondemnedAsync(cancellation))
        {
            await store.FinishRemovalAsync(run, now, cancellation);
        }

        if (policy.Runs is { } age)
        {
            report = report with { Backfills = await RemoveBackfillsAsync(now - age, cancellation) };
        }

        if (!policy.KeepsAll)
        {
            report = await ApplyToRunsAsync(report, cancellation);
        }

        report = report with
        {
            Ticks = policy.Ticks is { } ticks ? await store.RemoveTicksAsync(now - ticks, cancellation) : 0,
            Messages = policy.Events is { } events ? await store.RemoveMessagesAsync(now - AgeOfMessages(events), cancellation) : 0,
            Logs = report.Logs + await RemoveForgottenLogsAsync(cancellation),
        };
        await RenewAsync(cancellation);
        return await SweepAsync(report, atOnce, cancellation);
    }

    private async Task<RetentionReport> ApplyToRunsAsync(RetentionReport report, CancellationToken cancellation)
    {
        var now = parts.Time.GetUtcNow();
        var runs = RetentionPlanner.Decide(policy, await ReadFactsAsync(cancellation), now);
        var (removed, freed, beat) = (0L, default(Amount), parts.Time.GetTimestamp());
        async Task BeatAsync()
        {
            cancellation.ThrowIfCancellationRequested();
            if (parts.Time.GetElapsedTime(beat) > Lease / 5)
            {
                await RenewAsync(cancellation);
                beat = parts.Time.GetTimestamp();
            }
        }

        foreach (var run in runs.Remove)
        {
            await BeatAsync();
            if (await store.RemoveRunAsync(run.Id, now, cancellation))
            {
                Storage.Faults.FaultPoints.Reached("run-removed");
                removed++;
                freed += logs.Remove(run.Id);
            }
        }

        foreach (var run in runs.EventsOf)
        {
            await BeatAsync();
            await store.RemoveEventsAsync(run.Id, cancellation);
        }

        foreach (var run in runs.ArtifactsOf)
        {
            await BeatAsync();
            await store.ReleaseArtifactsAsync(run.Id, cancellation);
        }

        foreach (var run in runs.LogsOf)
        {
            await BeatAsync();
            freed += logs.Remove(run.Id);
        }

        return report with { Runs = removed, Spared = runs.Remove.Count - removed, EventsOf = runs.EventsOf.Count, ArtifactsOf = runs.ArtifactsOf.Count, Logs = freed };
    }

    private async Task<RetentionReport> SweepAsync(RetentionReport report, bool atOnce, CancellationToken cancellation)
    {
        if (ArtifactSweep.Forbidden(parts.Home, parts.Database.DisplayName) is { } forbidden)
        {
            return report with { ArtifactsWait = forbidden };
        }

        var (gone, waiting, why) = await new ArtifactSweep(parts.Home, references, store, parts.Time).RunAsync(atOnce ? TimeSpan.Zero : ArtifactSweep.UsualGrace, cancellation);
        return report with { Artifacts = gone, Waiting = waiting, ArtifactsWait = why };
    }

    private async Task<long> RemoveBackfillsAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var removed = 0L;
        foreach (var id in await store.ListOldBackfillsAsync(before, cancellation))
        {
            removed += await store.RemoveBackfillAsync(id, before, cancellation) ? 1 : 0;
        }

        return removed;
    }

    /// <summary>Of runs whose rows went and whose remover was killed before the logs went. A folder of a run that this database does not know is not touched.</summary>
    private async Task<Amount> RemoveForgottenLogsAsync(CancellationToken cancellation)
    {
        var freed = default(Amount);
        foreach (var some in logs.Runs().Chunk(1000))
        {
            foreach (var run in await store.ListRemovedOfAsync(some, cancellation))
            {
                freed += logs.Remove(run);
            }
        }

        return freed;
    }

    private async Task<RetentionFacts> ReadFactsAsync(CancellationToken cancellation)
    {
        // Those that go on are asked first: one that ends meanwhile is in both, and goes on as far as this plan is concerned.
        var open = await store.ListOpenAsync(cancellation);
        var reuses = new List<RunReference>(await store.ListReusesAsync(cancellation));
        foreach (var run in open)
        {
            // What a run is to take over is told by its first event, before its tasks say so.
            if (await parts.Runs.ListEventsAsync(run.Id, 0, 1, cancellation) is [var first] && RunEvents.Read(first) is RunAccepted accepted)
            {
                reuses.AddRange(accepted.Reused.Values.Select(reused => new RunReference(run.Id, reused.From)));
            }
        }

        return new RetentionFacts
        {
            Open = open,
            Ended = await store.ListEndedAsync(policy is not { Events: null, Artifacts: null }, cancellation),
            References = reuses,
            Holds = [.. await store.ListHoldsAsync(parts.Holders, cancellation), .. await store.ListBackfillRunsAsync(cancellation)],
        };
    }

    private static TimeSpan AgeOfMessages(TimeSpan events) => events > LeastForMessages ? events : LeastForMessages;

    private async Task RenewAsync(CancellationToken cancellation)
    {
        var now = parts.Time.GetUtcNow();
        if (!await duties.RenewAsync(Duty, EngineOwners.This, now, now + Lease, cancellation))
        {
            throw RetentionErrors.Busy();
        }
    }

    private async Task CheckQuietAsync(CancellationToken cancellation)
    {
        if (ServerAddress.Find(parts.Home.Folder) is { } server)
        {
            throw RetentionErrors.StillInUse($"the server at {server.Url} serves this home");
        }

        if (await store.ListOpenAsync(cancellation) is [var run, ..])
        {
            throw RetentionErrors.StillInUse($"run {run.Id} goes on");
        }
    }
}
