using Microsoft.Extensions.Time.Testing;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Logs;
using Orchestrator.Runtime.Secrets;
using Orchestrator.Runtime.Tests.Hosting;

namespace Orchestrator.Runtime.Tests.Logs;

[TestFixture]
public sealed class AttemptLogTests
{
    private AttemptLogOptions options = null!;
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero));
    private TemporaryHome folder = null!;
    private OrcHome home = null!;
    private AttemptLogs logs = null!;

    private static AttemptInfo Attempt { get; } = new()
    {
        Id = new AttemptId("a"),
        Run = new RunId("R1"),
        Pipeline = "p",
        Definition = new DefinitionHash("d"),
        Task = new TaskName("train"),
        MapIndex = 3,
        Number = 2,
    };

    private static LogKey Key { get; } = LogKey.Of(Attempt);

    [SetUp]
    public void Start()
    {
        folder = new TemporaryHome();
        home = OrcHome.Open(folder.Home);
        options = new AttemptLogOptions();
        logs = new AttemptLogs(home, time, options);
    }

    [TearDown]
    public void End()
    {
        home.Dispose();
        folder.Dispose();
    }

    [Test]
    public void Write_OneMessage_IsOneStampedLineInTheFileOfTheAttempt()
    {
        using (var log = logs.Open(Attempt))
        {
            log.Write(LogSeverity.Info, "hello");
            log.Write(LogSeverity.Error, "first\nsecond\r\n\n  third\n");
        }

        var path = Path.Combine(home.Folder, "logs", "R1", "train.3", "2.log");
        Assert.That(File.ReadAllText(path), Is.EqualTo(
            "2026-02-03T04:05:06.789Z INFO  hello\n2026-02-03T04:05:06.789Z ERROR first\n    second\n    \n      third\n"));
    }

    [Test]
    public async Task Read_WhatWasWritten_ComesBackByLine()
    {
        using (var log = logs.Open(Attempt))
        {
            log.Write(LogSeverity.Warning, "one\ntwo");
        }

        var lines = await ReadAsync();

        Assert.That(lines, Is.EqualTo(new[]
        {
            new LogLine { At = time.GetUtcNow(), Severity = LogSeverity.Warning, Text = "one" },
            new LogLine { At = time.GetUtcNow(), Severity = LogSeverity.Warning, Text = "two", Continues = true },
        }));
    }

    [Test]
    public async Task Read_NoFile_IsEmpty() => Assert.That(await ReadAsync(), Is.Empty);

    [Test]
    public void Open_NothingWritten_MakesNoFile()
    {
        logs.Open(Attempt).Dispose();

        Assert.That(Directory.GetFileSystemEntries(home.LogsFolder), Is.Empty);
    }

    [TestCase("\u001b[31mred\u001b[0m text", "red text")]
    [TestCase("\u001b]0;title\a\u001b]8;;http://x\u001b\\link", "link")]
    [TestCase("bell\a back\b tab\tend", "bell back tab\tend")]
    [TestCase("10%\r50%\r100%\r", "100%")]
    [TestCase("cut off \u001b[3", "cut off ")]
    [TestCase("cut off \u001b", "cut off ")]
    public void Printable_TerminalControl_IsTakenOut(string text, string printable) =>
        Assert.That(LogFormat.Printable(text), Is.EqualTo(printable));

    [Test]
    public async Task Write_TextThatLooksLikeAStamp_StaysPartOfItsMessage()
    {
        using (var log = logs.Open(Attempt))
        {
            log.Write(LogSeverity.Info, "real\n2030-01-01T00:00:00.000Z ERROR forged");
        }

        Assert.That((await ReadAsync())[1], Is.EqualTo(
            new LogLine { At = time.GetUtcNow(), Severity = LogSeverity.Info, Text = "2030-01-01T00:00:00.000Z ERROR forged", Continues = true }));
    }

    [Test]
    public async Task Write_BeyondTheLimit_KeepsTheLastLinesAndSaysWhatIsMissing()
    {
        options.MaxBytes = 1000;
        options.EndLines = 3;
        using (var log = logs.Open(Attempt))
        {
            for (var i = 0; i < 1000; i++)
            {
                log.Write(LogSeverity.Info, $"line {i}");
            }
        }

        var lines = await ReadAsync();
        Assert.That(new FileInfo(logs.PathOf(Key)).Length, Is.LessThan(1500));
        Assert.That(lines.Select(line => line.Text), Has.Some.Contains("reached its limit of 1,000 bytes"));
        Assert.That(lines.TakeLast(4).Select(line => line.Text), Is.EqualTo(new[] { "974 messages were dropped; the last lines were:", "line 997", "line 998", "line 999" }));
    }

    [Test]
    public async Task Write_AVeryLongLine_IsCutAndCounted()
    {
        options.MaxLineLength = 10;
        using (var log = logs.Open(Attempt))
        {
            log.Write(LogSeverity.Info, new string('x', 5000));
        }

        Assert.That((await ReadAsync()).Single().Text, Is.EqualTo("xxxxxxxxxx … (4,990 more characters)"));
    }

    [Test]
    public async Task Write_WithHiddenSecrets_WritesAndRemembersOnlyCoveredText()
    {
        options.MaxLineLength = 30;
        using var log = logs.Open(Attempt);
        log.Hide(new SecretMask(["hunter2-hunter2"]));

        log.Write(LogSeverity.Info, "password hunter2-hunter2");
        log.Write(LogSeverity.Info, "across the cut of a line: hunter2-hunter2 and more");
        log.Write(LogSeverity.Info, "in \u001b[31mhunter2\u001b[0m-hunter2 colours");

        Assert.That((await ReadAsync()).Select(line => line.Text), Is.EqualTo(new[] { "password ***", "across the cut of a line: ***  … (8 more characters)", "in *** colours" }));
        Assert.That(log.Tail, Is.EqualTo(new[] { "password ***", "across the cut of a line: *** and more", "in *** colours" }));
    }

    [Test]
    public async Task Write_FromManyThreads_KeepsMessagesWhole()
    {
        using (var log = logs.Open(Attempt))
        {
            await Parallel.ForAsync(0, 500, (i, _) =>
            {
                log.Write(LogSeverity.Info, $"message {i}\ncontinued {i}");
                return ValueTask.CompletedTask;
            });
        }

        var lines = await ReadAsync();
        Assert.That(lines, Has.Count.EqualTo(1000));
        Assert.That(lines.Chunk(2).All(pair => pair[1].Text == pair[0].Text.Replace("message", "continued", StringComparison.Ordinal)), Is.True);
    }

    [Test]
    public void Write_AfterDispose_DoesNothing()
    {
        var log = logs.Open(Attempt);
        log.Write(LogSeverity.Info, "in time");
        log.Dispose();
        var length = new FileInfo(logs.PathOf(Key)).Length;

        log.Write(LogSeverity.Info, "late");

        Assert.That(new FileInfo(logs.PathOf(Key)).Length, Is.EqualTo(length));
    }

    [Test]
    public async Task Follow_AGrowingLog_GivesEachLineSoonAndEndsWithTheAttempt()
    {
        var real = new AttemptLogs(home, TimeProvider.System, new AttemptLogOptions { FollowInterval = TimeSpan.FromMilliseconds(2) });
        var over = new TaskCompletionSource();
        await using var follower = real.FollowAsync(Key, over.Task).GetAsyncEnumerator();

        // Nothing is there yet: neither the file nor its folder.
        var first = follower.MoveNextAsync().AsTask();
        using (var log = real.Open(Attempt))
        {
            log.Write(LogSeverity.Info, "one");
            Assert.That(await first.WaitAsync(TimeSpan.FromSeconds(30)), Is.True);
            Assert.That(follower.Current.Text, Is.EqualTo("one"));

            var second = follower.MoveNextAsync().AsTask();
            log.Write(LogSeverity.Info, "two");
            Assert.That(await second.WaitAsync(TimeSpan.FromSeconds(30)), Is.True);
            Assert.That(follower.Current.Text, Is.EqualTo("two"));
            log.Write(LogSeverity.Info, "three");
        }

        over.SetResult();
        Assert.That(await follower.MoveNextAsync(), Is.True);
        Assert.That(follower.Current.Text, Is.EqualTo("three"));
        Assert.That(await follower.MoveNextAsync(), Is.False);
    }

    [Test]
    public void PathOf_NamesThatLeadOutOfTheHome_AreRefused() =>
        Assert.That(() => logs.PathOf(new LogKey(new RunId("../.."), new TaskName("x"), null, 1)), Throws.ArgumentException);

    private async Task<List<LogLine>> ReadAsync()
    {
        var lines = new List<LogLine>();
        await foreach (var line in logs.ReadAsync(Key))
        {
            lines.Add(line);
        }

        return lines;
    }
}
