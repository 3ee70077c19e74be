using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;

namespace Orchestrator.Storage.Audit;

/// <summary>The hash-chained audit log.</summary>
/// <remarks>
/// It shows what was edited, removed, added or moved inside the log. Somebody who may write the database can compute a whole new chain; against that, keep a head (<see cref="AuditVerdict.Head"/>)
/// somewhere else and compare.
/// </remarks>
public sealed class AuditLog(OrcDatabase database)
{
    private const int Page = 1000;

    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(AuditLog).Assembly, "Audit", "audit");

    public static MigrationSet Migrations { get; } = MigrationSet.FromResources("audit", typeof(AuditLog).Assembly, "Audit");

    /// <summary>Adds an entry inside somebody's transaction: stored with the change that it tells of, or not at all.</summary>
    public static async Task AppendAsync(IWriteSession session, AuditEntry entry, CancellationToken cancellation)
    {
        await session.ExecuteAsync(Sql["take_head"], cancellation: cancellation);
        var head = await FindHeadAsync(session, cancellation);
        var row = new AuditRow
        {
            Seq = head.Seq,
            // As it comes back from the database: the hash is of what a reader sees.
            At = TypeConversions.FromMicroseconds(TypeConversions.ToMicroseconds(entry.At)),
            Actor = entry.Actor,
            Via = entry.Via,
            Action = entry.Action,
            Target = entry.Target,
            Project = entry.Project,
            Details = entry.Details,
            Previous = head.Hash,
            Hash = "",
        };
        row = row with { Hash = row.ComputeHash() };
        await session.ExecuteAsync(Sql["append"], row, cancellation);
        await session.ExecuteAsync(Sql["move_head"], new { hash = row.Hash }, cancellation);
    }

    /// <summary>Adds an entry by itself, for a change that is stored elsewhere.</summary>
    public Task AppendAsync(AuditEntry entry, CancellationToken cancellation) => database.WriteAsync((session, token) => AppendAsync(session, entry, token), cancellation);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<AuditRow>> ListAsync(AuditFilter filter, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(filter.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(filter.Limit, Page);
        return database.ReadAsync(
            (session, token) => session.QueryAsync<AuditRow>(Sql["list"], new { before = filter.Before, actor = filter.Actor, action = filter.Action, target = filter.Target, limit = filter.Limit }, token),
            cancellation);
    }

    /// <summary>Walks the whole chain, from one consistent view of the database.</summary>
    /// <param name="expected">A head that was noted earlier: it must be the hash of some row. Null: nothing to compare.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public Task<AuditVerdict> VerifyAsync(string? expected, CancellationToken cancellation) => database.ReadAsync((session, token) => VerifyAsync(session, expected, token), cancellation);

    private static async Task<AuditVerdict> VerifyAsync(IReadSession session, string? expected, CancellationToken cancellation)
    {
        var (sound, previous) = (0L, "");
        var seen = expected is null or "";
        while (await session.QueryAsync<AuditRow>(Sql["list_onward"], new { after = sound, limit = Page }, cancellation) is { Count: > 0 } page)
        {
            foreach (var row in page)
            {
                if (ProblemOf(row, sound, previous) is { } problem)
                {
                    return new AuditVerdict { Sound = sound, Head = previous, Problem = problem };
                }

                (sound, previous) = (row.Seq, row.Hash);
                seen |= row.Hash == expected;
            }
        }

        var head = await FindHeadAsync(session, cancellation);
        return new AuditVerdict
        {
            Sound = sound,
            Head = previous,
            Problem = (head.Seq, head.Hash) != (sound, previous) ? $"the log ends at row {sound}, and row {head.Seq} was the last one written: rows are missing at its end"
                : !seen ? $"no row has the hash {expected}: the log was rewritten since that hash was noted, or it is the head of another log"
                : null,
        };
    }

    private static string? ProblemOf(AuditRow row, long sound, string previous) =>
        row.Seq != sound + 1 ? $"row {sound + 1} is missing: row {row.Seq} follows row {sound}"
        : row.Previous != previous ? $"row {row.Seq} does not follow the row before it: one of them was moved, added or written anew"
        : row.Hash != row.ComputeHash() ? $"row {row.Seq} is not what was written: its hash is of other content"
        : null;

    private static async Task<HeadRow> FindHeadAsync(IReadSession session, CancellationToken cancellation) =>
        await session.FindAsync<HeadRow>(Sql["find_head"], cancellation: cancellation) ?? new HeadRow { Seq = 0, Hash = "" };

    private sealed class HeadRow
    {
        public required long Seq { get; init; }

        public required string Hash { get; init; }
    }
}
