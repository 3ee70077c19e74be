using System.Diagnostics;
using System.Globalization;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Diagnosis;

namespace Orchestrator.Cli.Doctor;

/// <summary>The database: whole, up to date, near, and of one mind with this machine about the time.</summary>
internal static class DatabaseChecks
{
    private const long LargeLog = 256L << 20;

    private static readonly TimeSpan FarClock = TimeSpan.FromSeconds(5), Slow = TimeSpan.FromMilliseconds(250);

    public static async IAsyncEnumerable<Check> RunAsync(OrcSession session, TimeProvider time)
    {
        yield return await CheckDamageAsync(session);
        yield return await CheckSchemaAsync(session);
        if (session.Database.Dialect == Dialect.Sqlite)
        {
            yield return CheckLog(session.Database.DisplayName);
        }

        yield return await CheckLatencyAsync(session);
        yield return await CheckClockAsync(session, time);
    }

    private static async Task<Check> CheckDamageAsync(OrcSession session)
    {
        var damage = await session.Database.CheckAsync(CancellationToken.None);
        return damage.Count == 0
            ? Check.Ok("database", session.Database.DisplayName)
            : Check.Error("database", $"{session.Database.DisplayName} is damaged: {string.Join("; ", damage.Take(3))}", "Stop what works on it and restore a backup into a new home.", "orc restore BACKUP --home DIR");
    }

    /// <summary>Opening it has brought it up to date, or refused it.</summary>
    private static async Task<Check> CheckSchemaAsync(OrcSession session)
    {
        var steps = await session.Database.ListMigrationsAsync(Registration.Migrations, CancellationToken.None);
        return Check.Ok("schema", $"up to date: {steps.Count} steps, the newest of {steps.Max(step => step.AppliedAt):yyyy-MM-dd}");
    }

    /// <summary>The log of a SQLite file is folded into it all the time, unless somebody reads an old state for long.</summary>
    private static Check CheckLog(string path)
    {
        var log = new FileInfo($"{path}-wal");
        return log.Exists && log.Length > LargeLog
            ? Check.Warning("write-ahead log", $"{Words.Bytes(log.Length)}: it is not folded into the database", "A program has been reading one state of the database for long, a database browser perhaps. Find and end it.", $"fuser {path}")
            : Check.Ok("write-ahead log", log.Exists ? Words.Bytes(log.Length) : "none");
    }

    private static async Task<Check> CheckLatencyAsync(OrcSession session)
    {
        var store = new DiagnosisStore(session.Database);
        // The first one may open a connection.
        await store.ReadClockAsync(CancellationToken.None);
        var began = Stopwatch.GetTimestamp();
        const int times = 5;
        for (var i = 0; i < times; i++)
        {
            await store.ReadClockAsync(CancellationToken.None);
        }

        var each = Stopwatch.GetElapsedTime(began) / times;
        var text = each.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture) + " ms for a question";
        return each > Slow ? Check.Warning("database answers", text, "Every step of a run waits for several answers. Bring this program nearer to the database, or find out what keeps the database busy.") : Check.Ok("database answers", text);
    }

    private static async Task<Check> CheckClockAsync(OrcSession session, TimeProvider time)
    {
        var store = new DiagnosisStore(session.Database);
        var before = time.GetUtcNow();
        var theirs = await store.ReadClockAsync(CancellationToken.None);
        var after = time.GetUtcNow();
        var apart = theirs < before ? theirs - before : theirs > after ? theirs - after : TimeSpan.Zero;
        if (apart.Duration() > FarClock)
        {
            return Check.Error(
                "time", $"the database's clock is {Words.Elapsed(apart.Duration())} {(apart > TimeSpan.Zero ? "ahead of" : "behind")} this machine's",
                "Leases of runs and times of schedules are compared between machines. Let both keep their clocks right.", "timedatectl set-ntp true");
        }

        return await store.FindNewestRunAsync(CancellationToken.None) is { } newest && newest > after + FarClock
            ? Check.Warning("time", $"the newest run was accepted {Words.Elapsed(newest - after)} in the future: this machine's clock was set back, or that of another one is wrong", "Schedules wait until the clock has come as far as it was. Look at the clocks.", "date -u")
            : Check.Ok("time", "this machine and the database agree");
    }
}
