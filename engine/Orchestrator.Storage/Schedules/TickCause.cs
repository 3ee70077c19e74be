using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Schedules;

/// <summary>A tick whose time has come. It makes one run, whoever starts it and how often.</summary>
/// <param name="Trigger">Whose tick.</param>
/// <param name="Tick">Its key.</param>
/// <param name="Alone">True: not while another run of the trigger goes on.</param>
public sealed record TickCause(TriggerKey Trigger, string Tick, bool Alone) : RunCause
{
    internal override async Task<string?> RecordAsync(IWriteSession session, RunId run, DateTimeOffset now, CancellationToken cancellation)
    {
        var args = new { pipeline = Trigger.Pipeline, name = Trigger.Name, tick = Tick, run, alone = Alone ? 1 : 0, now };
        if (await session.ExecuteAsync(TriggerStore.Sql["start_tick"], args, cancellation) > 0)
        {
            return null;
        }

        var decision = await session.FindAsync<string>(TriggerStore.Sql["find_tick_decision"], args, cancellation);
        return decision is TickDecisions.Due or TickDecisions.Queued ? "another run of the trigger goes on" : $"the tick {Tick} of {Trigger} is {decision ?? "not there"}";
    }
}

/// <summary>An item of a backfill whose turn has come.</summary>
/// <param name="Backfill">Which backfill.</param>
/// <param name="Position">Which item.</param>
/// <param name="Attempt">Which try.</param>
public sealed record BackfillCause(string Backfill, int Position, int Attempt) : RunCause
{
    internal override async Task<string?> RecordAsync(IWriteSession session, RunId run, DateTimeOffset now, CancellationToken cancellation)
    {
        var args = new { backfill = Backfill, position = Position, attempt = Attempt, run };
        return await session.ExecuteAsync(Backfills.BackfillStore.Sql["start_item"], args, cancellation) > 0
            ? null
            : $"item {Position} of backfill {Backfill} has a run already, or the backfill does not run, or as many of its runs go on as may";
    }
}
