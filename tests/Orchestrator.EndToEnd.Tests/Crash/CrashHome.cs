using System.Text.Json;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;

namespace Orchestrator.EndToEnd.Tests.Crash;

/// <summary>What is on the disk of one run: the state that its events make, its rows, and its traces outside.</summary>
internal sealed record RunPicture
{
    public required RunInfo Run { get; init; }

    public required RunState State { get; init; }

    public required IReadOnlyList<RunEvent> Events { get; init; }

    public required IReadOnlyList<TaskInfo> Tasks { get; init; }

    public required IReadOnlyList<AttemptRow> Attempts { get; init; }

    /// <summary>How often each idempotency key was used for real.</summary>
    public required IReadOnlyDictionary<string, int> Effects { get; init; }

    /// <summary>Status and outputs of every task and item, with nothing in it that differs from run to run.</summary>
    public string Outcome => $"{State.Status}\n" + string.Join('\n', Tasks.Select(task => $"{task.Task}/{task.MapIndex} {task.Status} {(task.Outputs is { } outputs ? CanonicalJson.Write(outputs) : "")}"));
}

/// <summary>A home that programs are killed over, and that is looked at between.</summary>
internal sealed class CrashHome : IDisposable
{
    public CrashHome(params IEnumerable<string> shapes)
    {
        foreach (var shape in shapes)
        {
            Orc.Write($"{shape}.json", CrashShapes.All[shape]);
        }
    }

    public OrcProgram Orc { get; } = new();

    private string Effects => Path.Combine(Orc.Folder, "effects.txt");

    public static string KeyOf(RunPicture run, TaskKey key) => $"{run.Run.Id}/{run.State.NameOf(key)}{(key.IsItem ? $"/{key.Item}" : "")}";

    /// <summary>All runs of the home, oldest first. Empty before there is a database.</summary>
    public async Task<IReadOnlyList<RunPicture>> LookAsync()
    {
        var path = Path.Combine(Orc.Home, "orc.db");
        if (Orc.Database is null && !File.Exists(path))
        {
            return [];
        }

        await using var database = await OrcDatabase.OpenAsync(Orc.Database ?? $"sqlite:{path}", new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        Assert.That(await database.CheckAsync(CancellationToken.None), Is.Empty, "the database is damaged");
        var stores = new EngineStores(database, []);
        var pictures = new List<RunPicture>();
        foreach (var run in (await stores.Runs.ListAsync(new RunFilter { Limit = 1000 }, CancellationToken.None)).Reverse())
        {
            pictures.Add(await PictureAsync(stores, run));
        }

        return pictures;
    }

    public async Task<RunPicture> LookAsync(RunId run) => (await LookAsync()).Single(picture => picture.Run.Id == run);

    /// <summary>What the killed program left: every run can be gone on with, and says of everything that is open what it waits for.</summary>
    public static void CheckInterrupted(RunPicture run)
    {
        CheckRows(run);
        var open = run.State.Graph.Nodes.Where(node => run.State.Tasks[node.Index] is not Ended).Select(node => node.Definition.Name);
        var reasons = WaitReasons.Of(run.State).ToArray();
        Assert.That(reasons.Where(reason => reason.Item is null).Select(reason => reason.Task), Is.EquivalentTo(run.State.IsEnded ? [] : open));
        Assert.That(reasons.Select(reason => reason.Message), Has.All.Not.Empty);
        Assert.That(run.Run.EndedAt is not null, Is.EqualTo(run.State.IsEnded));
    }

    /// <summary>What a run must be in the end, compared with a run that nobody killed and with what was there when it was killed.</summary>
    public static void CheckFinished(RunPicture run, string calm, IEnumerable<RunPicture> earlier)
    {
        CheckRows(run);
        Assert.That(run.Outcome, Is.EqualTo(calm), "the same end as without a kill");
        Assert.That(run.Attempts.Where(attempt => attempt.EndedAt is null).Select(attempt => $"{attempt.Task} {attempt.Number}"), Is.Empty, "an attempt that nobody works on looks as if it ran");
        foreach (var before in earlier)
        {
            CheckNothingRanAgain(before, run);
        }

        foreach (var (key, _) in AllStates(run).Where(one => one.State is Ended { Outcome: TaskOutcome.Succeeded }))
        {
            Assert.That(run.Events.OfType<AttemptSucceeded>().Count(done => done.Task == run.State.NameOf(key) && done.Item == (key.IsItem ? key.Item : null)), Is.LessThanOrEqualTo(1));
        }
    }

    /// <summary>Makes the pool that some shapes take their slots from.</summary>
    public async Task MakePoolAsync()
    {
        var made = await Orc.RunAsync("pools", "set", CrashShapes.Pool, $"{CrashShapes.PoolSlots}");
        Assert.That(made.ExitCode, Is.Zero, made.ToString());
    }

    /// <summary>Every slot that was taken was given back, whoever died with it; one whose lease has run out meanwhile counts as well.</summary>
    public async Task CheckNoSlotIsTakenAsync()
    {
        await using var database = await OrcDatabase.OpenAsync($"sqlite:{Path.Combine(Orc.Home, "orc.db")}", new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        var pools = await new EngineStores(database, []).Pools.ListAsync(DateTimeOffset.UnixEpoch, CancellationToken.None);
        Assert.That(pools.Select(pool => (pool.Name, pool.Used)), Is.EqualTo(new[] { (CrashShapes.Pool, 0) }), "a slot is leaked");
    }

    /// <summary>The home has nothing of dead processes in it.</summary>
    public void CheckNothingIsLeft()
    {
        foreach (var folder in new[] { "work", "workers" })
        {
            Assert.That(Directory.EnumerateFileSystemEntries(Path.Combine(Orc.Home, folder)), Is.Empty, folder);
        }

        Assert.That(Directory.EnumerateFiles(Path.Combine(Orc.Home, "artifacts"), "*.draft"), Is.Empty);
    }

    public void Dispose() => Orc.Dispose();

    /// <summary>What had succeeded before a kill has not been tried again.</summary>
    public static void CheckNothingRanAgain(RunPicture before, RunPicture after)
    {
        foreach (var (key, state) in AllStates(before).Where(one => one.State is Ended { Outcome: TaskOutcome.Succeeded }))
        {
            var name = KeyOf(before, key);
            Assert.That(after.State[key].Tries, Is.EqualTo(state.Tries), $"{name} was recorded as succeeded and ran again");
            Assert.That(after.Effects.GetValueOrDefault(name), Is.EqualTo(before.Effects.GetValueOrDefault(name)), $"{name} was recorded as succeeded and acted again");
        }
    }

    /// <summary>The rows that people see say what the events say.</summary>
    private static void CheckRows(RunPicture run)
    {
        Assert.That(run.State.Sequence, Is.EqualTo(run.Run.Sequence));
        var words = AllStates(run).ToDictionary(one => (run.State.NameOf(one.Key), one.Key.IsItem ? one.Key.Item : (int?)null), one => one.State.Word);
        foreach (var task in run.Tasks)
        {
            Assert.That(task.Status, Is.EqualTo(words[(task.Task, task.MapIndex)]), $"{run.Run.Id}/{task.Task}/{task.MapIndex}");
        }

        // Before the first commit of its owner a run has no rows of tasks.
        Assert.That(run.Tasks, run.Tasks.Count == 0 ? Is.Empty : Has.Count.EqualTo(words.Count));
    }

    private static IEnumerable<(TaskKey Key, TaskState State)> AllStates(RunPicture run) =>
        run.State.Tasks.Select(pair => (new TaskKey(pair.Key), pair.Value)).Concat(run.State.Items.Select(pair => (pair.Key, pair.Value)));

    private async Task<RunPicture> PictureAsync(EngineStores stores, RunInfo run)
    {
        var loaded = await stores.Runs.LoadAsync(run.Id, CancellationToken.None) ?? throw new AssertionException($"run {run.Id} is lost");
        var events = loaded.Events.Select(RunEvents.Read).ToArray();
        return new RunPicture
        {
            Run = loaded.Run,
            Events = events,
            State = await RunHistory.ReplayAsync(stores.Runs, loaded, DefinitionReader.Load, CancellationToken.None),
            Tasks = await stores.Runs.ListTasksAsync(run.Id, CancellationToken.None),
            Attempts = await stores.Runs.ListAttemptsAsync(run.Id, CancellationToken.None),
            Effects = File.Exists(Effects)
                ? (await File.ReadAllLinesAsync(Effects)).Where(line => line.StartsWith(run.Id.Value, StringComparison.Ordinal)).CountBy(line => line).ToDictionary()
                : new Dictionary<string, int>(),
        };
    }
}
