using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.EndToEnd.Tests.Crash;

/// <summary>What machines do to a program short of killing it: no room on the disk, a lock that is not given back, an owner that sleeps.</summary>
public sealed class HardshipTests
{
    private static bool IsLong => Environment.GetEnvironmentVariable("ORC_LONG") == "1";

    [Test]
    public async Task ADiskThatRunsFullInTheMiddleLosesNothingThatWasFinished()
    {
        using var home = new CrashHome("chain");
        var disk = Directory.CreateDirectory(Path.Combine(home.Orc.Folder, "disk")).FullName;
        if (!OperatingSystem.IsLinux() || !await SystemAsync("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk))
        {
            Assert.Ignore("mounting a tmpfs is not allowed here");
        }

        try
        {
            home.Orc.Home = Path.Combine(disk, ".orc");
            var ballast = Path.Combine(disk, "ballast");
            // The third command takes all the room there is, so that what is full is the disk under the next commits.
            home.Orc.Write("full.json", CrashShapes.All["chain"].Replace("\"c2\": { \"uses\": \"exec.command\", \"with\": { \"command\": \"", $"\"c2\": {{ \"uses\": \"exec.command\", \"with\": {{ \"command\": \"if [ ! -e filled ]; then touch filled; cat /dev/zero > {ballast} 2>/dev/null || true; fi; ", StringComparison.Ordinal));
            var full = await home.Orc.RunAsync("run", "full.json");
            Assert.That(full.ExitCode, Is.EqualTo(1), full.ToString());
            Assert.That(full.Output + full.Error, Does.Contain("full").Or.Contain("room").Or.Contain("space"), "the message says what is wrong");
            File.Delete(ballast);

            var before = (await home.LookAsync()).Single();
            CrashHome.CheckInterrupted(before);
            if (!before.State.IsEnded)
            {
                var resumed = await home.Orc.RunAsync("run", "--resume", before.Run.Id.Value);
                Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());
                var after = (await home.LookAsync()).Single();
                CrashHome.CheckFinished(after, after.Outcome, [before]);
                Assert.That(after.State.Status, Is.EqualTo(RunStatus.Succeeded));
            }
        }
        finally
        {
            await SystemAsync("umount", "-l", disk);
        }
    }

    /// <summary>Short: 3 s. With ORC_LONG=1: 30 s.</summary>
    [Test]
    public async Task ARunWaitsOutADatabaseThatAnotherProcessHolds()
    {
        using var home = new CrashHome("chain");
        using var program = home.Orc.Start("run", "chain.json");
        await program.LineAsync(line => line.Contains("c2", StringComparison.Ordinal));
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(home.Orc.Home, "orc.db")};Pooling=False"))
        {
            await other.OpenAsync();
            var command = other.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            await command.ExecuteNonQueryAsync();
            // The length of the lock is what is tried.
            await Task.Delay(TimeSpan.FromSeconds(IsLong ? 30 : 3));
            command.CommandText = "ROLLBACK";
            await command.ExecuteNonQueryAsync();
        }

        var ended = await program.EndAsync();
        Assert.That(ended.ExitCode, Is.Zero, ended.ToString());
        var run = (await home.LookAsync()).Single();
        Assert.That(run.Attempts, Has.Count.EqualTo(8), "nothing was tried twice");
    }

    /// <summary>SIGSTOP for longer than a lease. Only with ORC_LONG=1: a lease is 30 s of real time; the same with a clock of its own is in the tests of the coordinator.</summary>
    [Test]
    public async Task AnOwnerThatSleptThroughItsLeaseChangesNothingMore()
    {
        if (!IsLong)
        {
            Assert.Ignore("takes the 30 s of a lease; set ORC_LONG=1");
        }

        using var home = new CrashHome("map");
        using var sleeper = home.Orc.Start("run", "map.json");
        var run = (await sleeper.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        await SystemAsync("kill", "-STOP", $"{sleeper.Process.Id}");
        var limit = Stopwatch.StartNew();
        ProgramResult taken;
        do
        {
            taken = await home.Orc.RunAsync("run", "--resume", run);
        }
        while (taken.ExitCode != 0 && limit.Elapsed < TimeSpan.FromMinutes(2));
        Assert.That(taken.ExitCode, Is.Zero, taken.ToString());
        var before = await home.LookAsync(new RunId(run));

        await SystemAsync("kill", "-CONT", $"{sleeper.Process.Id}");
        var woken = await sleeper.EndAsync();

        Assert.That(woken.ExitCode, Is.EqualTo(1), woken.ToString());
        Assert.That(woken.Error, Does.Contain("ORC5243"));
        var after = await home.LookAsync(new RunId(run));
        CrashHome.CheckFinished(after, before.Outcome, [before]);
        Assert.That(after.Run.Sequence, Is.EqualTo(before.Run.Sequence));
    }

    private static async Task<bool> SystemAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
