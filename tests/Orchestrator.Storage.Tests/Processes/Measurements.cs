using System.Diagnostics;
using System.Globalization;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.Tests.Conformance;

namespace Orchestrator.Storage.Tests.Processes;

/// <summary>
/// What the kit and the stores cost, on the disk of the database it is given. Not a test: timings are for people, who run it with
/// <c>dotnet run -c Release --project tests/Orchestrator.Storage.Tests -- measure sqlite:/path/to/new.db</c>.
/// </summary>
internal static class Measurements
{
    public static async Task RunAsync(string url)
    {
        await using var database = await OrcDatabase.OpenAsync(url, new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        await database.WriteAsync((session, token) => session.ExecuteAsync("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)", null, token), CancellationToken.None);
        var stores = new EngineStores(database, []);
        foreach (var callers in new[] { 1, 1, 8, 64, 512 })
        {
            await MeasureWritesAsync(database, callers);
        }

        foreach (var tasksPerCommit in new[] { 1, 1, 10, 100, 1000 })
        {
            await MeasureCommitsAsync(stores, runs: 1, tasksPerCommit);
        }

        await MeasureCommitsAsync(stores, runs: 200, tasksPerCommit: 1);
    }

    private static async Task MeasureWritesAsync(OrcDatabase database, int callers)
    {
        var insert = new SqlStatement("INSERT INTO notes (text) VALUES (@p0)");
        var each = Math.Max(40, 2000 / callers);
        var clock = new Clock();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                await database.WriteAsync((session, token) => session.ExecuteRowsAsync(insert, [["a small row of some forty characters ...."]], token), CancellationToken.None);
            }
        })));
        await PrintAsync($"writes of one row, {callers} callers", callers * each, clock);
    }

    /// <summary>Two commits per group of tasks, as the coordinator makes them: started (event, attempt, task), ended (event, attempt, task).</summary>
    private static async Task MeasureCommitsAsync(EngineStores stores, int runs, int tasksPerCommit)
    {
        var tasksPerRun = runs > 1 ? 20 : 20_000;
        if (tasksPerCommit == 1 && runs == 1)
        {
            tasksPerRun = 1000;
        }

        var clock = new Clock();
        await Task.WhenAll(Enumerable.Range(0, runs).Select(_ => Task.Run(() => DriveAsync(stores.Runs, tasksPerRun, tasksPerCommit))));
        await PrintAsync($"tasks, {runs} run(s) at once, {tasksPerCommit} task(s) per commit, 2 commits each", runs * tasksPerRun, clock);
    }

    private static async Task DriveAsync(IRunStore store, int tasks, int tasksPerCommit)
    {
        var run = (await store.CreateAsync(Samples.Run(owner: Samples.Owner()), CancellationToken.None)).Run;
        var sequence = run.Sequence;
        for (var start = 0; start < tasks; start += tasksPerCommit)
        {
            var attempts = Enumerable.Range(start, tasksPerCommit)
                .Select(i => Samples.Attempt() with { Task = new TaskName($"task-{i}"), Id = Ids.NewAttempt(TimeProvider.System) }).ToList();
            foreach (var ended in new[] { false, true })
            {
                var rows = ended ? [.. attempts.Select(attempt => attempt with { Status = "succeeded", EndedAt = Samples.Start })] : attempts;
                var answer = await store.CommitAsync(
                    new RunCommit
                    {
                        Run = run.Id,
                        Epoch = run.Epoch,
                        ExpectedSequence = sequence,
                        Now = Samples.Start,
                        Events = [.. rows.Select(row => new NewEvent { Type = ended ? "attempt-succeeded" : "attempt-started", At = Samples.Start, Payload = $$"""{"type":"attempt","task":"{{row.Task}}","attempt":"{{row.Id}}","number":1,"at":"2026-03-01T08:00:00+00:00"}""" })],
                        Attempts = rows,
                        Tasks = [.. rows.Select(row => Samples.Task(row.Status, row) with { StartedAt = Samples.Start })],
                    },
                    CancellationToken.None);
                sequence += rows.Count;
                if (answer.Outcome != CommitOutcome.Committed)
                {
                    throw new InvalidOperationException($"{answer.Outcome}");
                }
            }
        }
    }

    private static Task PrintAsync(string what, int count, Clock clock)
    {
        var (elapsed, processor) = clock.Read();
        return Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-70} {count,6}: {count / elapsed.TotalSeconds,8:0}/s, {elapsed.TotalMicroseconds / count,8:0.0} us each, of which the processors worked {processor.TotalMicroseconds / count,6:0.0} us"));
    }

    /// <summary>Wall clock and the processors' time of this process: the second says more on a machine that is busy with other things.</summary>
    private sealed class Clock
    {
        private readonly long started = Stopwatch.GetTimestamp();
        private readonly TimeSpan processorBefore = Environment.CpuUsage.TotalTime;

        public (TimeSpan Elapsed, TimeSpan Processor) Read() => (Stopwatch.GetElapsedTime(started), Environment.CpuUsage.TotalTime - processorBefore);
    }
}
