using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Runs;
using static Orchestrator.Runtime.Tests.Coordination.EngineHarness;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>
/// A power cut leaves of the database's log what was synced, and of what came after any part. Each part that can be left is tried: the log of a whole run is cut off,
/// or gets a hole, at each of its frames, and the run is resumed over what remains.
/// </summary>
public sealed class PowerLossTests
{
    /// <summary>Of a write-ahead log (sqlite.org/fileformat2.html#walformat), with pages of 4096 bytes.</summary>
    private const int HeaderBytes = 32, FrameBytes = 24 + 4096;

    [Test]
    public async Task WhateverIsLeftOfTheLogTheRunGoesOnToTheSameOutputsAndWhatWasToldIsKept()
    {
        var log = await RecordAsync();
        Assert.That(log.Bytes.LongLength, Is.GreaterThan(log.SyncedAtAcceptance).And.LessThan(16_000_000), "no checkpoint has moved anything out of the log");

        var tried = 0;
        var lastSeen = -1L;
        for (var kept = log.LengthAtOpening; kept <= log.Bytes.LongLength; kept += FrameBytes)
        {
            await using var home = await EngineHarness.CreateAsync(home => log.WriteTo(home.DatabasePath, kept, withHole: kept / FrameBytes % 2 == 0), null);
            var run = await home.Stores.Runs.FindAsync(log.Run, CancellationToken.None);
            if (run is null)
            {
                Assert.That(kept, Is.LessThan(log.SyncedAtAcceptance), "an accepted run is lost");
                continue;
            }

            Assert.That(run.EndedAt is not null || kept < log.SyncedAtEnd, Is.True, $"the end that was told is lost with {kept} bytes of the log");
            if (run.Sequence == lastSeen)
            {
                continue; // A frame inside a transaction: the same database as before.
            }

            lastSeen = run.Sequence;
            tried++;
            Assert.That(await EndAsync(home, run), Is.EqualTo(log.Outputs), $"resumed after {run.Sequence} events");
        }

        Assert.That(tried, Is.GreaterThan(8), "several steps were not synced one by one and could have been lost");
    }

    [Test]
    public async Task InnerStepsReachTheDiskByThemselvesSoon()
    {
        var synced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = false;
        await using var harness = await EngineHarness.CreateAsync(_ => { }, _ =>
        {
            if (Volatile.Read(ref started))
            {
                synced.TrySetResult();
            }
        });
        var ear = new Ear();
        var handle = await harness.StartAsync(Pipeline(Task("hold", "test.wait", ("until", "never"))), ear);
        await ear.WaitForAsync(change => change is AttemptStarted);
        Volatile.Write(ref started, true);

        // Nobody asks for a sync any more; the start of the attempt is on the disk all the same.
        await synced.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await handle.SendAsync(new CancelRun("test"));
        await handle.Completion;
    }

    private static PipelineDefinition TwoWays() => Pipeline(
        [
            Task("t0", "test.double", ("number", 1)),
            .. Enumerable.Range(1, 9).Select(i => Task($"t{i}", "test.double", ("number", $"${{tasks.t{i - 1}.twice}}"))),
            Task("each", "test.double", ("number", "${item + tasks.t3.twice}")) with { Map = new MapDefinition { Over = "[1, 2, 3, 4, 5]" } },
        ]);

    private static async Task<RecordedLog> RecordAsync()
    {
        long synced = 0;
        await using var harness = await EngineHarness.CreateAsync(_ => { }, length => Volatile.Write(ref synced, length));
        var path = $"{harness.Home.DatabasePath}-wal";
        // A new database's tables are in the file itself, and its log is empty.
        var opened = Math.Max(new FileInfo(path).Length, HeaderBytes);
        Assert.That((opened - HeaderBytes) % FrameBytes, Is.Zero, "the log has other frames than this test thinks");
        var handle = await harness.StartAsync(TwoWays());
        var accepted = Volatile.Read(ref synced);
        var state = await handle.Completion;
        var ended = Volatile.Read(ref synced);

        await using var log = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[log.Length];
        await log.ReadExactlyAsync(bytes);
        return new RecordedLog(handle.Id, await File.ReadAllBytesAsync(harness.Home.DatabasePath), bytes, opened, accepted, ended, OutputsOf(state));
    }

    private static async Task<string> EndAsync(EngineHarness home, RunInfo run)
    {
        if (run.EndedAt is null)
        {
            await home.RestartAsync(TimeSpan.FromMinutes(5));
            return OutputsOf(await (await home.Engine.ResumeAsync(run.Id, new Ear(), CancellationToken.None)).Completion);
        }

        var loaded = await home.Stores.Runs.LoadAsync(run.Id, CancellationToken.None) ?? throw new InvalidOperationException("the run was there");
        return OutputsOf(RunFold.Replay(new Core.Graph.PipelineGraph(Dsl.DefinitionReader.Load(loaded.Definition.Json)), loaded.Events.Select(RunEvents.Read)));
    }

    private static string OutputsOf(RunState state) => string.Join('\n', state.Graph.Nodes.Select(node =>
        $"{node.Definition.Name}: {JsonSerializer.Serialize((state.Tasks[node.Index] as Ended)?.Outputs, OrcJson.Options)}"));

    /// <summary>What a run left in the files of its database, and how much of it was on the disk when somebody was told.</summary>
    private sealed record RecordedLog(RunId Run, byte[] Database, byte[] Bytes, long LengthAtOpening, long SyncedAtAcceptance, long SyncedAtEnd, string Outputs)
    {
        /// <summary>Leaves the frames up to a length: of what comes after nothing, or all but the next frame, for disks write in any order.</summary>
        public void WriteTo(string path, long kept, bool withHole)
        {
            File.WriteAllBytes(path, Database);
            var left = withHole ? (byte[])Bytes.Clone() : Bytes[..(int)kept];
            if (withHole && kept < Bytes.Length)
            {
                Array.Clear(left, (int)kept, FrameBytes);
            }

            File.WriteAllBytes($"{path}-wal", left);
        }
    }
}
