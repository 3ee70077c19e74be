using System.Diagnostics;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>A home is copied while it is in use, and goes on elsewhere as if nothing had been.</summary>
public sealed class BackupTests
{
    private const string Slow = """
        { "name": "slow", "tasks": {
          "a": { "uses": "exec.command", "with": { "command": "echo one" } },
          "b": { "uses": "exec.command", "needs": ["a"], "with": { "command": "while [ ! -e go ]; do sleep 0.05; done; echo two" } },
          "c": { "uses": "exec.command", "needs": ["b"], "with": { "command": "echo three" } } } }
        """;

    [Test]
    public async Task ARunThatWasActiveGoesOnInTheRestoredHome()
    {
        using var orc = new OrcProgram();
        File.WriteAllText(Path.Combine(orc.Folder, "t.csv"), "a,b\n" + string.Concat(Enumerable.Range(1, 50).Select(row => $"{row},{row}\n")));
        var snapshot = orc.Write("data.json", """{ "name": "data", "tasks": { "snap": { "uses": "data.snapshot", "with": { "source": "t.csv", "name": "t" } } } }""");
        Assert.That((await orc.RunAsync("run", snapshot)).ExitCode, Is.Zero);
        Assert.That((await orc.RunWithInputAsync("s3cret", "secrets", "set", "token")).ExitCode, Is.Zero);
        using var active = orc.Start("run", orc.Write("slow.json", Slow));
        await active.LineAsync(line => line.Contains("b  ", StringComparison.Ordinal) && line.Contains("started", StringComparison.Ordinal));

        var backup = await orc.RunAsync("backup", "copy", "--json");
        Assert.That(backup.ExitCode, Is.Zero, backup.ToString());
        await active.KillAsync();
        var history = await HistoryAsync(orc);
        Assert.That((await orc.RunAsync("backup", "verify", "copy")).ExitCode, Is.Zero);
        Assert.That(backup.Json.GetProperty("hasSecrets").GetBoolean() && !backup.Json.GetProperty("hasKey").GetBoolean(), backup.ToString());
        Assert.That(Directory.EnumerateFiles(Path.Combine(orc.Folder, "copy"), "secrets*"), Is.Empty);

        var old = orc.Home;
        Directory.Move(old, $"{old}-lost");
        orc.Home = Path.Combine(orc.Folder, "elsewhere");
        var restored = await orc.RunAsync("restore", "copy", "--json");
        Assert.That((restored.ExitCode, restored.Json.GetProperty("unfinished").GetArrayLength()), Is.EqualTo((0, 1)), restored.ToString());
        Assert.That(await HistoryAsync(orc), Is.EqualTo(history), "what had happened before is the same");

        File.WriteAllText(Path.Combine(orc.Folder, "go"), "");
        var resumed = await orc.RunAsync("run", "--resume", restored.Json.GetProperty("unfinished")[0].GetString()!, "--json");
        Assert.That((resumed.ExitCode, resumed.Json.GetProperty("status").GetString()), Is.EqualTo((0, "succeeded")), resumed.ToString());
        Assert.That(resumed.Json.GetProperty("tasks").EnumerateArray().First(task => task.GetProperty("name").GetString() == "a").GetProperty("attempts").GetInt32(), Is.EqualTo(1), "what had succeeded is not run again");

        // The key was kept apart: without it secrets cannot be read, and that is said.
        Assert.That((await orc.RunAsync("doctor")).Output, Does.Contain("✗ secrets"));
        File.Copy(Path.Combine($"{old}-lost", "secrets.key"), Path.Combine(orc.Home, "secrets.key"));
        Assert.That((await orc.RunAsync("doctor")).Output, Does.Contain("✓ secrets: 1, and their key opens them"));
    }

    [Test]
    public async Task ADamagedBackupIsToldFileByFileAndNotRestored()
    {
        using var orc = await WithHistoryAsync();
        Assert.That((await orc.RunAsync("backup", "copy")).ExitCode, Is.Zero);
        var folder = Path.Combine(orc.Folder, "copy");
        var log = Directory.EnumerateFiles(Path.Combine(folder, "logs"), "*.log", SearchOption.AllDirectories).First();
        var text = File.ReadAllBytes(log);
        text[0] ^= 1;
        File.WriteAllBytes(log, text);
        File.Delete(Path.Combine(folder, "home.json"));

        var verified = await orc.RunAsync("backup", "verify", "copy");
        Assert.That((verified.ExitCode, verified.Output), Is.EqualTo((1, verified.Output)));
        Assert.That(verified.Output, Does.Contain($"{Path.GetRelativePath(folder, log)} is not what was written").And.Contain("home.json is missing"));
        var restored = await orc.RunAsync("restore", "copy", "--home", "new");
        Assert.That((restored.ExitCode, Directory.Exists(Path.Combine(orc.Folder, "new"))), Is.EqualTo((1, false)), restored.ToString());
        Assert.That(restored.Error, Does.Contain("ORC6415").And.Contain("home.json is missing"));

        var database = Path.Combine(folder, "orc.db");
        File.WriteAllBytes(database, File.ReadAllBytes(database)[..^4096]);
        Assert.That((await orc.RunAsync("backup", "verify", "copy")).Output, Does.Contain("orc.db has "));
    }

    [TestCase("backup-database")]
    [TestCase("backup-file:2")]
    public async Task AKillInTheMiddleLeavesNothingThatLooksWhole(string moment)
    {
        using var orc = await WithHistoryAsync();
        orc.Fault = moment;
        await orc.RunAsync("backup", "copy");
        orc.Fault = null;

        Assert.That(Directory.Exists(Path.Combine(orc.Folder, "copy")), Is.False);
        var partial = Path.GetFileName(Directory.EnumerateDirectories(orc.Folder, "copy.partial-*").Single());
        Assert.That((await orc.RunAsync("backup", "verify", partial)).Error, Does.Contain("ORC6413"));
        Assert.That((await orc.RunAsync("restore", partial, "--home", "new")).ExitCode, Is.EqualTo(2));
        Assert.That((await orc.RunAsync("backup", "copy")).ExitCode, Is.Zero);
        Assert.That(Directory.EnumerateDirectories(orc.Folder, "copy.partial-*"), Is.Empty, "the next one of that name removes it");
    }

    [Test]
    public async Task ADiskThatFillsUpInTheMiddleLeavesNothing()
    {
        using var orc = await WithHistoryAsync();
        // Bytes enough, and room for fewer files than there are.
        using var disk = SmallDisk.Mount(orc.Folder, "size=20m,nr_inodes=7");

        var small = await orc.RunAsync("backup", Path.Combine(disk.Path, "copy"));

        Assert.That(small.ExitCode, Is.EqualTo(1), small.ToString());
        Assert.That(small.Error, Does.Contain("ORC6418").And.Contain("Nothing half-written was kept"));
        Assert.That(Directory.EnumerateFileSystemEntries(disk.Path), Is.Empty);
    }

    [Test]
    public async Task ADiskThatIsTooSmallIsSaidToBeBefore()
    {
        using var orc = await WithHistoryAsync();
        using var disk = SmallDisk.Mount(orc.Folder, "size=900k");
        var before = Path.Combine(disk.Path, "filler");
        File.WriteAllBytes(before, new byte[700 * 1024]);

        var small = await orc.RunAsync("backup", Path.Combine(disk.Path, "copy"));

        Assert.That(small.ExitCode, Is.EqualTo(1), small.ToString());
        Assert.That(small.Error, Does.Contain("ORC6411").And.Contain("Nothing was written"));
        Assert.That(Directory.EnumerateFileSystemEntries(disk.Path), Is.EqualTo(new[] { before }));
    }

    [Test]
    public async Task WhereThereIsSomethingNothingIsWritten()
    {
        using var orc = await WithHistoryAsync();
        orc.Write("taken/file.txt", "mine");

        Assert.That((await orc.RunAsync("backup", "taken")).Error, Does.Contain("ORC6410"));
        Assert.That((await orc.RunAsync("backup", Path.Combine(orc.Home, "copy"))).Error, Does.Contain("ORC6412"));
        Assert.That((await orc.RunAsync("backup", "copy")).ExitCode, Is.Zero);
        Assert.That((await orc.RunAsync("restore", "copy")).Error, Does.Contain("ORC6416"));
        Assert.That((await orc.RunAsync("restore", "copy", "--home", "taken")).Error, Does.Contain("ORC6416"));
        Assert.That((await orc.RunAsync("restore", "taken", "--home", "new")).Error, Does.Contain("ORC6413"));
        Assert.That((await orc.RunAsync("backup", "other", "--home", "nowhere")).Error, Does.Contain("ORC6419"));
        Assert.That(Directory.Exists(Path.Combine(orc.Folder, "nowhere")), Is.False);
        Assert.That(Directory.EnumerateFileSystemEntries(Path.Combine(orc.Folder, "taken")), Has.Exactly(1).Items);
    }

    [Test]
    public async Task AHomeThatCannotBeWrittenCanBeLookedAt()
    {
        using var orc = new OrcProgram();
        using var disk = SmallDisk.Mount(orc.Folder, "size=20m");
        orc.Home = Path.Combine(disk.Path, "home");
        Assert.That((await orc.RunAsync("run", orc.Write("p.json", """{ "name": "p", "tasks": { "say": { "uses": "exec.command", "with": { "command": "echo hello" } } } }"""))).ExitCode, Is.Zero);
        disk.MakeReadOnly();

        foreach (var words in new[] { "runs", "show last", "logs last", "why last" })
        {
            var looked = await orc.RunAsync(words.Split(' '));
            Assert.That(looked.ExitCode, Is.Zero, $"{words}: {looked}");
        }

        Assert.That((await orc.RunAsync("logs", "last")).Output, Does.Contain("hello"));
        Assert.That((await orc.RunAsync("cancel", "last")).Error, Does.Contain("ORC5134").Or.Contain("ORC5112"));
        Assert.That((await orc.RunAsync("doctor")).Output, Does.Contain("✗ permissions"));
    }

    private static async Task<OrcProgram> WithHistoryAsync()
    {
        var orc = new OrcProgram();
        Assert.That((await orc.RunAsync("run", orc.Write("p.json", """{ "name": "p", "tasks": { "say": { "uses": "exec.command", "with": { "command": "echo hello" } }, "more": { "uses": "exec.command", "with": { "command": "echo more" } } } }"""))).ExitCode, Is.Zero);
        return orc;
    }

    /// <summary>Everything that the runs of a home tell of themselves, but for what goes on.</summary>
    private static async Task<string> HistoryAsync(OrcProgram orc)
    {
        var runs = (await orc.RunAsync("runs", "--json")).Json.EnumerateArray().Select(run => run.GetProperty("id").GetString()!);
        var all = new List<string>();
        foreach (var run in runs)
        {
            var shown = (await orc.RunAsync("show", run, "--json")).Json;
            all.Add(string.Join('\n', shown.GetProperty("tasks").EnumerateArray().Select(task => task.GetRawText())));
            all.Add((await orc.RunAsync("logs", run)).Output);
        }

        return string.Join('\n', all);
    }
}

/// <summary>A small file system of its own. Only root may mount one; elsewhere the test is ignored with words.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static SmallDisk Mount(string parent, string options)
    {
        var path = Directory.CreateDirectory(System.IO.Path.Combine(parent, "disk")).FullName;
        if (!OperatingSystem.IsLinux() || Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path) != 0)
        {
            Assert.Ignore("a file system for the test can be mounted only as root on Linux");
        }

        return new SmallDisk(path);
    }

    public void MakeReadOnly()
    {
        if (Run("mount", "-o", "remount,ro", Path) != 0)
        {
            Assert.Ignore("remounting read-only is not allowed here");
        }
    }

    public void Dispose() => Run("umount", "-l", Path);

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
