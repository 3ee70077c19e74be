using System.Diagnostics;

namespace Orchestrator.EndToEnd.Tests.BadInput;

/// <summary>Work that uses up what it can: it fails with words that name the limit, and another run on the same home goes on.</summary>
public sealed class RunTests
{
    private static bool IsLong => Environment.GetEnvironmentVariable("ORC_LONG") == "1";

    private static IEnumerable<TestCaseData> Greedy()
    {
        yield return Case("no list", null, """ "c": { "uses": "csharp", "with": { "code": "return \"abc\";" } }, "a": { "uses": "notify.log", "map": { "over": "tasks.c.result" }, "with": { "message": "x" } } """, "ORC5014", "a list is needed");
        yield return Case("too many items", "map.items 10", """ "a": { "uses": "notify.log", "map": { "over": "Array.from({ length: 11 }, (_, i) => i)" }, "with": { "message": "x" } } """, "ORC5234", "orc settings set map.items VALUE");
        yield return Case("memory", null, """ "a": { "uses": "notify.log", "with": { "message": "${String(Array.from({ length: 1000000 }, (_, i) => 'x'.concat(i)).length)}" } } """, "ORC5015", "orc settings set expression.memory VALUE");
        yield return Case("a long list", "expression.list 10", """ "a": { "uses": "notify.log", "with": { "message": "${String(Array.from({ length: 50 }, (_, i) => i).length)}" } } """, "ORC5015", "orc settings set expression.list VALUE");
        yield return Case("steps", "expression.steps 1000", """ "a": { "uses": "notify.log", "with": { "message": "${String(Array.from({ length: 5000 }, (_, i) => i + 1).length)}" } } """, "ORC5015", "orc settings set expression.steps VALUE");
        yield return Case("a pattern that goes back for ever", "expression.time 500ms", """ "a": { "uses": "notify.log", "with": { "message": "${String(/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'))}" } } """, "ORC5015", "orc settings set expression.time VALUE");
        yield return Case("a large output", null, """ "a": { "uses": "csharp", "with": { "code": "return new string('x', 400000);" } } """, "ORC5206", "Store it as an artifact");
        yield return Case("recursion in a step", null, """ "a": { "uses": "csharp", "retry": { "attempts": 1, "losses": 0 }, "with": { "code": "int F(int n) => F(n + 1) + 1; return F(0);" } } """, "ORC5615", "call each other too deeply");
        yield return Case("memory of a worker", "task.memory 300MiB", """ "a": { "uses": "csharp", "with": { "code": "var l = new List<byte[]>(); while (true) { var b = new byte[1 << 20]; Array.Fill(b, (byte)1); l.Add(b); }" } } """, "ORC5209", "orc settings set task.memory VALUE");
        yield return Case("an output of the wrong shape", null, """ "a": { "uses": "exec.command", "with": { "command": "echo '[1, 2' > $ORC_OUTPUTS", "outputs": ["n"] } } """, "ORC5606", "Write one JSON value");
        yield return Case("an output nobody asked for", null, """ "a": { "uses": "exec.command", "with": { "command": "echo '{ \"m\": 1 }' > $ORC_OUTPUTS", "outputs": ["n"] } } """, "ORC5608", "It gave m.");

        static TestCaseData Case(string name, string? setting, string tasks, string code, string words) => new TestCaseData(setting, tasks, code, words).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Greedy))]
    public async Task ItFailsWithWordsAndHarmsNobody(string? setting, string tasks, string code, string words)
    {
        using var orc = new OrcProgram();
        if (setting?.Split(' ') is [var name, var value])
        {
            var set = await orc.RunAsync("settings", "set", name, value);
            Assert.That(set.ExitCode, Is.Zero, set.ToString());
        }

        orc.Write("good.json", """{ "name": "good", "tasks": { "wait": { "uses": "exec.command", "with": { "command": "while [ ! -e bad-has-ended ]; do sleep 0.05; done" } }, "after": { "uses": "notify.log", "needs": ["wait"], "with": { "message": "done" } } } }""");
        orc.Write("bad.json", $$"""{ "name": "bad", "tasks": { {{tasks}} } }""");
        using var good = orc.Start("run", "good.json");
        await good.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal));

        var bad = await orc.RunAsync("run", "bad.json");
        orc.Write("bad-has-ended", "");

        Assert.That(bad.ExitCode, Is.EqualTo(1), bad.ToString());
        Assert.That(bad.Output + bad.Error, Does.Contain(code).And.Contain(words));
        var ended = await good.EndAsync();
        Assert.That(ended.ExitCode, Is.Zero, ended.ToString());
    }

    /// <summary>Short: 100 MB. With ORC_LONG=1: 10 GB.</summary>
    [TestCase("yes 'a line that is as long as lines of logs usually are, which is about a hundred characters or a few more'")]
    [TestCase("tr '\\\\0' x < /dev/zero")]
    public async Task AProgramThatPrintsWithoutEndFillsNeitherMemoryNorDisk(string print)
    {
        using var orc = new OrcProgram();
        await orc.RunAsync("settings", "set", "task.log", "1MiB");
        orc.Write("p.json", $$"""{ "name": "p", "tasks": { "a": { "uses": "exec.command", "with": { "command": "{{print}} | head -c {{(IsLong ? 10_000_000_000 : 100_000_000)}}" } } } }""");
        using var program = orc.Start("run", "p.json");
        var most = await MostMemoryAsync(program.Process);
        var result = await program.EndAsync();

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(most, Is.LessThan(500L << 20), "resident memory of the engine");
        var log = new FileInfo(Directory.GetFiles(Path.Combine(orc.Home, "logs"), "*.log", SearchOption.AllDirectories).Single());
        Assert.That(log.Length, Is.LessThan(3 << 20));
        Assert.That(await File.ReadAllTextAsync(log.FullName), Does.Contain("the setting task.log").And.Contain("messages were dropped"));
    }

    [Test]
    public async Task ALineOfAHundredMegabytesIsCutIntoPieces()
    {
        using var orc = new OrcProgram();
        orc.Write("p.json", """{ "name": "p", "tasks": { "a": { "uses": "exec.command", "with": { "command": "head -c 100000000 /dev/zero | tr '\\0' x; echo; echo done" } } } }""");
        var result = await orc.RunAsync("run", "p.json");
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        var logs = await orc.RunAsync("logs", "last", "a");

        Assert.That(logs.ExitCode, Is.Zero);
        Assert.That(logs.Output, Does.Contain("done"));
    }

    /// <summary>SIGSTOP: a worker whose threads all stand still, as in a hung file system. Another one gets the attempt.</summary>
    [Test]
    public async Task AWorkerThatNeverAnswersIsReplaced()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("looks for the worker in /proc");
        }

        using var orc = new OrcProgram();
        await orc.RunAsync("settings", "set", "worker.silence", "5s");
        var go = Path.Combine(orc.Folder, "go");
        orc.Write("p.json", $$"""{ "name": "p", "tasks": { "a": { "uses": "csharp", "with": { "code": "System.IO.File.WriteAllText(\"{{go}}.\" + Environment.ProcessId, \"\"); while (!System.IO.File.Exists(\"{{go}}\")) { System.Threading.Thread.Sleep(20); } return 1;" } } } }""");
        using var program = orc.Start("run", "p.json");
        var worker = await WorkerAsync(go);
        using (var stop = Process.Start("kill", ["-STOP", worker]))
        {
            await stop.WaitForExitAsync();
        }

        await program.LineAsync(line => line.Contains("ORC5211", StringComparison.Ordinal));
        await File.WriteAllTextAsync(go, "");
        var result = await program.EndAsync();

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(Directory.Exists($"/proc/{worker}"), Is.False, "the silent worker is gone");
    }

    /// <summary>The worker says its number by making a file.</summary>
    private static async Task<string> WorkerAsync(string go)
    {
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(go)!, "go.*");
        var made = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Created += (_, file) => made.TrySetResult(file.Name ?? "");
        watcher.EnableRaisingEvents = true;
        foreach (var already in Directory.GetFiles(Path.GetDirectoryName(go)!, "go.*"))
        {
            made.TrySetResult(Path.GetFileName(already));
        }

        return (await made.Task.WaitAsync(TimeSpan.FromMinutes(2)))["go.".Length..];
    }

    /// <summary>The highest resident memory until the end; the kernel keeps the record, so looking seldom is enough.</summary>
    private static async Task<long> MostMemoryAsync(Process process)
    {
        var most = 0L;
        var ended = process.WaitForExitAsync();
        while (!ended.IsCompleted)
        {
            try
            {
                process.Refresh();
                most = Math.Max(most, process.PeakWorkingSet64);
            }
            catch (InvalidOperationException)
            {
                break;
            }

            await Task.WhenAny(ended, Task.Delay(100));
        }

        return most;
    }
}
