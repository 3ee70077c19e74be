using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>The kit: writes in groups, reads beside them, values both ways.</summary>
public abstract class DatabaseConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    private static readonly SqlStatement InsertNote = new("INSERT INTO notes (id, text) VALUES (@p0, @p1)");

    [SetUp]
    public Task CreateTablesAsync() => Database.WriteAsync(
        async (session, token) =>
        {
            await session.ExecuteAsync("CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, text TEXT)", null, token);
            await session.ExecuteAsync("CREATE TABLE samples (run_id TEXT, task TEXT, created_at BIGINT, ended_at BIGINT, body TEXT, failure TEXT, score DOUBLE PRECISION, is_good INTEGER, map_index INTEGER)", null, token);
        },
        CancellationToken.None);

    [Test]
    public async Task WriteAsync_ManyAtOnce_EachGetsItsOwnResultAndAllAreStored()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Database.WriteAsync(
            async (session, token) =>
            {
                await session.ExecuteRowsAsync(InsertNote, [[i, $"note {i}"]], token);
                return i;
            },
            CancellationToken.None)));

        Assert.That(results, Is.EqualTo(Enumerable.Range(0, 500)));
        Assert.That(await CountAsync(), Is.EqualTo(500));
    }

    [Test]
    public async Task FailingOperationsOfAGroupLeaveTheOthersAlone()
    {
        // The first operation holds the writer until all others wait, so that they end up in groups.
        var gate = new TaskCompletionSource();
        var first = Database.WriteAsync((_, _) => gate.Task, CancellationToken.None);
        var writes = Enumerable.Range(0, 300).Select(i => Database.WriteAsync(
            async (session, token) =>
            {
                await session.ExecuteRowsAsync(InsertNote, [[i, "before"]], token);
                if (i % 3 == 0)
                {
                    throw new InvalidOperationException($"no to {i}");
                }
            },
            CancellationToken.None)).ToList();
        gate.SetResult();
        await first;

        foreach (var (write, i) in writes.Select((write, i) => (write, i)))
        {
            if (i % 3 == 0)
            {
                Assert.That(async () => await write, Throws.InvalidOperationException.With.Message.EqualTo($"no to {i}"));
            }
            else
            {
                await write;
            }
        }

        var ids = await Database.ReadAsync((session, token) => session.QueryAsync<int>("SELECT id FROM notes ORDER BY id", null, token), CancellationToken.None);
        Assert.That(ids, Is.EqualTo(Enumerable.Range(0, 300).Where(i => i % 3 != 0)));
    }

    [Test]
    public async Task WriteAsync_OperationThrowsAlone_NothingOfItIsStored()
    {
        Assert.That(
            async () => await Database.WriteAsync(
                async (session, token) =>
                {
                    await session.ExecuteAsync("INSERT INTO notes (id, text) VALUES (1, 'x')", null, token);
                    throw new InvalidOperationException("no");
                },
                CancellationToken.None),
            Throws.InvalidOperationException);

        Assert.That(await CountAsync(), Is.Zero);
    }

    [Test]
    public async Task WriteAsync_CancelledWhileWaiting_IsNotRun()
    {
        var gate = new TaskCompletionSource();
        var first = Database.WriteAsync((_, _) => gate.Task, CancellationToken.None);
        using var cancelling = new CancellationTokenSource();
        var second = Database.WriteAsync((session, token) => session.ExecuteAsync("INSERT INTO notes (id, text) VALUES (1, 'x')", null, token), cancelling.Token);
        await cancelling.CancelAsync();

        Assert.That(async () => await second, Throws.InstanceOf<OperationCanceledException>());
        gate.SetResult();
        await first;
        Assert.That(await CountAsync(), Is.Zero);
    }

    [Test]
    public void WriteAsync_InsideAWrite_IsRefusedInsteadOfWaitingForItself() => Assert.That(
        async () => await Database.WriteAsync((_, token) => Database.WriteAsync((_, _) => Task.CompletedTask, token), CancellationToken.None),
        Throws.InvalidOperationException.With.Message.Contains("use the operation's session"));

    [Test]
    public async Task Session_UsedAfterItsOperation_IsRefused()
    {
        var leaked = await Database.WriteAsync((session, _) => Task.FromResult(session), CancellationToken.None);

        Assert.That(async () => await leaked.ExecuteAsync("DELETE FROM notes"), Throws.InvalidOperationException.With.Message.Contains("has ended"));
    }

    [Test]
    public void WriteAsync_KeyExists_IsAConstraintErrorThatNamesTheStatement() => Assert.That(
        async () => await Database.WriteAsync(
            async (session, token) =>
            {
                await session.ExecuteRowsAsync(InsertNote, [[1, "a"]], token);
                await session.ExecuteRowsAsync(InsertNote, [[1, "b"]], token);
            },
            CancellationToken.None),
        Throws.TypeOf<StorageException>().With.Property(nameof(StorageException.Kind)).EqualTo(StorageErrorKind.Constraint).And.Property(nameof(StorageException.Code)).EqualTo("ORC5140"));

    [Test]
    public void ReadAsync_StatementThatDoesNotFit_IsADefectWithTheDatabasesWords() => Assert.That(
        async () => await Database.ReadAsync((session, token) => session.QueryAsync<int>("SELECT a FROM nowhere", null, token), CancellationToken.None),
        Throws.TypeOf<StorageException>().With.Property(nameof(StorageException.Kind)).EqualTo(StorageErrorKind.Defect).And.Message.Contains("nowhere"));

    [Test]
    public async Task ExecuteRowsAsync_ConditionDoesNotHold_AnswersThePositions()
    {
        var unchanged = await Database.WriteAsync(
            async (session, token) =>
            {
                await session.ExecuteRowsAsync(InsertNote, [[1, "a"], [3, "c"]], token);
                return await session.ExecuteRowsAsync(new SqlStatement("UPDATE notes SET text = @p1 WHERE id = @p0"), [[1, "x"], [2, "x"], [3, "x"], [4, "x"]], token);
            },
            CancellationToken.None);

        Assert.That(unchanged, Is.EqualTo(new[] { 1, 3 }));
    }

    [Test]
    public async Task ReadAsync_WhileAWriteIsOpen_SeesTheStateBeforeIt()
    {
        var written = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        var write = Database.WriteAsync(
            async (session, token) =>
            {
                await session.ExecuteRowsAsync(InsertNote, [[1, "a"]], token);
                written.SetResult();
                await gate.Task;
            },
            CancellationToken.None);
        await written.Task;

        Assert.That(await CountAsync(), Is.Zero);
        gate.SetResult();
        await write;
        Assert.That(await CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task ReadAsync_TwoStatementsWithACommitBetween_SeeOneState()
    {
        var (before, after) = await Database.ReadAsync(
            async (session, token) =>
            {
                var first = await session.FindAsync<int>("SELECT COUNT(*) FROM notes", null, token);
                await Database.WriteAsync((write, inner) => write.ExecuteRowsAsync(InsertNote, [[1, "a"]], inner), token);
                return (first, await session.FindAsync<int>("SELECT COUNT(*) FROM notes", null, token));
            },
            CancellationToken.None);

        Assert.That((before, after), Is.EqualTo((0, 0)));
        Assert.That(await CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task ReadAsync_MoreThanThereAreReaders_AllGetTheirTurn()
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(CountAsync)));

        Assert.That(counts, Is.All.Zero);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task ValuesOfTheEngineComeBackAsTheyWere(bool byRows)
    {
        var sample = new Sample
        {
            RunId = new RunId("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
            Task = new TaskName("train"),
            CreatedAt = new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.FromHours(2)).AddTicks(1234560),
            Body = JsonElement.Parse("""{"a":[1,2.5,"ü𝄞"]}"""),
            Failure = Samples.Failure(),
            Score = 0.1 + 0.2,
            IsGood = true,
        };

        const string Columns = "INSERT INTO samples (run_id, task, created_at, ended_at, body, failure, score, is_good, map_index) VALUES ";
        await Database.WriteAsync(
            (session, token) => byRows
                ? session.ExecuteRowsAsync(
                    new SqlStatement(Columns + "(@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8)"),
                    [[sample.RunId, sample.Task, sample.CreatedAt, sample.EndedAt, sample.Body, sample.Failure, sample.Score, sample.IsGood, sample.MapIndex]],
                    token)
                : session.ExecuteAsync(Columns + "(@RunId, @Task, @CreatedAt, @EndedAt, @Body, @Failure, @Score, @IsGood, @MapIndex)", sample, token),
            CancellationToken.None);
        var stored = await Database.ReadAsync((session, token) => session.FindAsync<Sample>("SELECT * FROM samples", null, token), CancellationToken.None);

        Assert.That(stored, Is.Not.Null);
        Assert.That(stored with { Body = default, Failure = null }, Is.EqualTo(sample with { Body = default, Failure = null }));
        Assert.That(stored.CreatedAt.Offset, Is.EqualTo(TimeSpan.Zero));
        Assert.That(stored.Body!.Value.GetRawText(), Is.EqualTo(sample.Body.Value.GetRawText()));
        Assert.That(OrcJson.ToElement(stored.Failure).GetRawText(), Is.EqualTo(OrcJson.ToElement(sample.Failure).GetRawText()));
    }

    [Test]
    public async Task DisposeAsync_WithAcceptedWrites_StoresThemFirst()
    {
        var another = await OpenAnotherAsync();
        var writes = Enumerable.Range(0, 200).Select(i => another.WriteAsync((session, token) => session.ExecuteRowsAsync(InsertNote, [[i, "x"]], token), CancellationToken.None)).ToList();
        await another.DisposeAsync();
        await Task.WhenAll(writes);

        Assert.That(await CountAsync(), Is.EqualTo(200));
        Assert.That(async () => await another.WriteAsync((_, _) => Task.CompletedTask, CancellationToken.None), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task TwoProgramsWriteOneDatabaseAtOnce()
    {
        if (!Provider.HasManyWriters)
        {
            Assert.Ignore("this database has one writer");
        }

        var another = await OpenAnotherAsync();
        await Task.WhenAll(
            WriteNotesAsync(Database, 0),
            WriteNotesAsync(another, 10_000));

        Assert.That(await CountAsync(), Is.EqualTo(2 * 400));

        static Task WriteNotesAsync(OrcDatabase database, int from) => Task.Run(async () =>
        {
            for (var i = 0; i < 400; i++)
            {
                await database.WriteAsync((session, token) => session.ExecuteRowsAsync(InsertNote, [[from + i, "x"]], token), CancellationToken.None);
            }
        });
    }

    [Test]
    public async Task CheckAsync_SoundDatabase_FindsNothing() => Assert.That(await Database.CheckAsync(CancellationToken.None), Is.Empty);

    private Task<int> CountAsync() => Database.ReadAsync((session, token) => session.FindAsync<int>("SELECT COUNT(*) FROM notes", null, token), CancellationToken.None);

    private sealed record Sample
    {
        public required RunId RunId { get; init; }

        public TaskName? Task { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset? EndedAt { get; init; }

        public JsonElement? Body { get; init; }

        public Failure? Failure { get; init; }

        public double Score { get; init; }

        public bool IsGood { get; init; }

        public int? MapIndex { get; init; }
    }
}
