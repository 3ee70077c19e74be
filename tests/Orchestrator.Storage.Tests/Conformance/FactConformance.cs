using System.Text.Json;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Facts;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Facts reach the tables of families in the transaction that ends the attempt.</summary>
public abstract class FactConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    protected override IEnumerable<IFactHandler> FactHandlers => [new NoteHandler(), new RefusingHandler()];

    [SetUp]
    public Task CreateTableAsync() => Database.WriteAsync(
        (session, token) => session.ExecuteAsync("CREATE TABLE notes (attempt TEXT, outcome TEXT, text TEXT, position INTEGER)", null, token), CancellationToken.None);

    [Test]
    public async Task FactsOfACommitArriveInOrderWithTheirAttempt()
    {
        var run = await CreateAsync();
        var attempt = Samples.Attempt();

        var answer = await Stores.Runs.CommitAsync(Samples.Commit(run) with { Facts = [Facts(run, attempt, Note("a"), Note("b"), Note("c"))] }, CancellationToken.None);

        Assert.That(answer.Outcome, Is.EqualTo(CommitOutcome.Committed));
        Assert.That(await NotesAsync(), Is.EqualTo(new[] { $"{attempt.Id} Failed a", $"{attempt.Id} Failed b", $"{attempt.Id} Failed c" }));
    }

    [Test]
    public async Task AHandlerThatThrowsFailsTheWholeStepAndNobodyElses()
    {
        var (run, neighbour) = (await CreateAsync(), await CreateAsync());
        var attempt = Samples.Attempt();
        var commit = Samples.Commit(run, Samples.Event("ended")) with
        {
            Attempts = [attempt],
            Tasks = [Samples.Task("succeeded", attempt)],
            Facts = [Facts(run, attempt, Note("a"), new RecordedFact { Kind = "test.refused", Value = Samples.Json("1") })],
        };

        var failing = Stores.Runs.CommitAsync(commit, CancellationToken.None);
        var sound = await Stores.Runs.CommitAsync(Samples.Commit(neighbour) with { Facts = [Facts(neighbour, attempt, Note("kept"))] }, CancellationToken.None);

        Assert.That(async () => await failing, Throws.InvalidOperationException.With.Message.EqualTo("no room for facts"));
        Assert.That(sound.Outcome, Is.EqualTo(CommitOutcome.Committed));
        Assert.That(await NotesAsync(), Is.EqualTo(new[] { $"{attempt.Id} Failed kept" }));
        Assert.That((await Stores.Runs.FindAsync(run.Id, CancellationToken.None))!.Sequence, Is.EqualTo(run.Sequence));
        Assert.That(await Stores.Runs.ListTasksAsync(run.Id, CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task FactsOfARefusedCommitNeverAppear()
    {
        var run = await CreateAsync();

        await Stores.Runs.CommitAsync(Samples.Commit(run) with { Epoch = run.Epoch - 1, Facts = [Facts(run, Samples.Attempt(), Note("late"))] }, CancellationToken.None);

        Assert.That(await NotesAsync(), Is.Empty);
    }

    [Test]
    public async Task AFactThatNobodyTakesIsRefusedWithItsKind()
    {
        var run = await CreateAsync();

        Assert.That(
            async () => await Stores.Runs.CommitAsync(
                Samples.Commit(run) with { Facts = [Facts(run, Samples.Attempt(), new RecordedFact { Kind = "other.thing", Value = Samples.Json("1") })] }, CancellationToken.None),
            Throws.TypeOf<StorageException>().With.Property(nameof(StorageException.Code)).EqualTo("ORC5141").And.Message.Contains("other.thing"));
    }

    [Test]
    public void TwoHandlersOfOneKindAreAMistakeOfTheProgram() =>
        Assert.That(() => new EngineStores(Database, [new NoteHandler(), new NoteHandler()]), Throws.ArgumentException.With.Message.Contains("test.note"));

    private static RecordedFact Note(string text) => new() { Kind = "test.note", Value = Samples.Json($"\"{text}\"") };

    private static AttemptFacts Facts(RunInfo run, AttemptRow attempt, params RecordedFact[] facts) => new()
    {
        Context = new FactContext { Attempt = Samples.Info(run, attempt), Outcome = AttemptOutcome.Failed, StartedAt = Start, EndedAt = Start, Now = Start },
        Facts = facts,
    };

    private async Task<RunInfo> CreateAsync() => (await Stores.Runs.CreateAsync(Samples.Run(owner: Samples.Owner()), CancellationToken.None)).Run;

    private Task<IReadOnlyList<string>> NotesAsync() => Database.ReadAsync(
        (session, token) => session.QueryAsync<string>("SELECT attempt || ' ' || outcome || ' ' || text FROM notes ORDER BY position", null, token), CancellationToken.None);

    private sealed class NoteHandler : IFactHandler
    {
        public string Kind => "test.note";

        public Task ApplyAsync(IWriteSession session, FactContext context, JsonElement fact, CancellationToken cancellation) => session.ExecuteAsync(
            "INSERT INTO notes (attempt, outcome, text, position) SELECT @attempt, @outcome, @text, COUNT(*) FROM notes",
            new { attempt = context.Attempt.Id, outcome = context.Outcome.ToString(), text = fact.GetString() },
            cancellation);
    }

    private sealed class RefusingHandler : IFactHandler
    {
        public string Kind => "test.refused";

        public Task ApplyAsync(IWriteSession session, FactContext context, JsonElement fact, CancellationToken cancellation) => throw new InvalidOperationException("no room for facts");
    }
}
