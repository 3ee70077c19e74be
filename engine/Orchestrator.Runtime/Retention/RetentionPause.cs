using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Retention;

namespace Orchestrator.Runtime.Retention;

/// <summary>Keeps retention from removing anything while it is held, on all machines: whoever copies files must find those that the database speaks of.</summary>
internal sealed class RetentionPause : IAsyncDisposable
{
    private static readonly TimeSpan Renewal = RetentionKeeper.Lease / 5;

    private readonly Duties duties;
    private readonly TimeProvider time;
    private readonly DutyInfo? before;
    private readonly CancellationTokenSource stop = new();
    private readonly Task renewing;

    private RetentionPause(Duties duties, TimeProvider time, DutyInfo? before)
    {
        this.duties = duties;
        this.time = time;
        this.before = before;
        renewing = RenewAsync();
    }

    /// <exception cref="Core.Activities.ActivityException">It is under way (ORC6402).</exception>
    public static async Task<RetentionPause> TakeAsync(OrcDatabase database, TimeProvider time, CancellationToken cancellation)
    {
        var duties = new Duties(database);
        var before = (await duties.ListAsync(cancellation)).FirstOrDefault(duty => duty.Name == RetentionKeeper.Duty);
        var now = time.GetUtcNow();
        var dead = before is { } last && EngineOwners.IsDead(last.Owner) ? last.Owner : null;
        return await duties.TakeAsync(RetentionKeeper.Duty, EngineOwners.This, now, now + RetentionKeeper.Lease, anyTime: true, dead, cancellation)
            ? new RetentionPause(duties, time, before)
            : throw RetentionErrors.Busy();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await renewing;
        stop.Dispose();
        // What it would have been: due when it was due.
        await duties.EndAsync(RetentionKeeper.Duty, EngineOwners.This, before?.EndedAt ?? time.GetUtcNow(), before?.NextAt ?? time.GetUtcNow(), before?.Report, CancellationToken.None);
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(Renewal, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                var now = time.GetUtcNow();
                await duties.RenewAsync(RetentionKeeper.Duty, EngineOwners.This, now, now + RetentionKeeper.Lease, stop.Token);
            }
        }
        catch (Exception over) when (over is OperationCanceledException or StorageException)
        {
            // It is given back, or the database is away: then nobody can begin retention either, until the lease is over.
        }
    }
}
