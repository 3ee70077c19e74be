using System.Collections.Concurrent;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Dsl;
using Orchestrator.Scheduling;
using Orchestrator.Scheduling.Backfills;
using Orchestrator.Scheduling.Starting;
using Orchestrator.Storage.Backfills;

namespace Orchestrator.Cli.Backfills;

/// <summary>Works on a backfill in the foreground, until it is done, or somebody pauses or cancels it, or leaves.</summary>
internal static class BackfillDriver
{
    /// <summary>How soon it is heard that somebody else pauses or cancels, or has started a run of it.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public static async Task<int> DriveAsync(Globals globals, OrcSession session, BackfillInfo backfill, CancellationToken cancellation)
    {
        await using var engine = session.CreateEngine();
        // Left before the engine: what goes on is asked to stop, and can be gone on with.
        await using var starter = new EngineRunStarter(engine);
        var going = new ConcurrentDictionary<string, Task>();
        var runner = new BackfillRunner(new SchedulerParts { Stores = session.Stores, Starter = starter, ReadDefinition = DefinitionReader.Load, Time = globals.Time })
        {
            OnStarted = (_, run) => going[run.Id.Value] = run.Completion,
        };
        await session.Backfills.RunAsync(backfill, cancellation);
        var told = "";
        while (!cancellation.IsCancellationRequested)
        {
            backfill = await runner.StepAsync(backfill.Id, cancellation) ?? backfill;
            var items = await session.Stores.Backfills.ListItemsAsync(backfill.Id, cancellation);
            told = Tell(globals, BackfillReport.Of(backfill, items), told);
            foreach (var done in going.Where(one => one.Value.IsCompleted).ToArray())
            {
                going.TryRemove(done.Key, out _);
            }

            if (backfill.Status != BackfillStatuses.Running && going.IsEmpty)
            {
                return End(globals, backfill, items);
            }

            await Task.WhenAny([.. going.Values, Task.Delay(Look, globals.Time, cancellation)]);
        }

        if (!globals.Json)
        {
            globals.Console.Out.WriteLine($"left; go on with: orc backfill run {backfill.Id}");
        }

        return ExitCodes.Interrupted;
    }

    private static string Tell(Globals globals, BackfillDocument document, string told)
    {
        var words = BackfillReport.Words(document.Progress);
        if (words != told && !globals.Json)
        {
            globals.Console.Out.WriteLine($"{globals.Time.GetLocalNow():HH:mm:ss} {words}");
        }

        return words;
    }

    private static int End(Globals globals, BackfillInfo backfill, IReadOnlyList<BackfillItem> items)
    {
        var progress = BackfillReport.Of(backfill, items).Progress;
        if (globals.Json)
        {
            BackfillReport.Show(globals, backfill, items);
        }
        else
        {
            globals.Console.Out.WriteLine($"\nbackfill {backfill.Id} {(backfill.Status == BackfillStatuses.Done ? "is done" : $"is {backfill.Status}")}: {BackfillReport.Words(progress)}");
            if (progress.Failed > 0 && backfill.Status == BackfillStatuses.Done)
            {
                globals.Console.Out.WriteLine($"try again with: orc backfill retry {backfill.Id}");
            }
        }

        return backfill.Status == BackfillStatuses.Paused ? ExitCodes.Interrupted : backfill.Status == BackfillStatuses.Done && progress.Failed == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }
}
