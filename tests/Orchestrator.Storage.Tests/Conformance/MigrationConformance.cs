using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Schemas grow by steps that never change.</summary>
public abstract class MigrationConformance(DatabaseProvider provider)
{
    private const string First = "CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY);\nINSERT INTO notes (id) VALUES (1);\n";
    private const string Second = "INSERT INTO notes (id) SELECT id + 1 FROM notes;\n";

    private string url = "";

    [SetUp]
    public void CreateUrl() => url = provider.CreateUrl();

    [TearDown]
    public void Remove() => provider.Remove(url);

    [Test]
    public async Task OpenAsync_NewDatabase_AppliesAllStepsInOrderOnce()
    {
        Assert.That(await NotesAfterAsync(Set(("0001_first.sql", First))), Is.EqualTo(new[] { 1 }));
        Assert.That(await NotesAfterAsync(Set(("0001_first.sql", First), ("0002_second.sql", Second))), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(await NotesAfterAsync(Set(("0001_first.sql", First), ("0002_second.sql", Second))), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task OpenAsync_SameTextWithOtherLineEnds_IsTheSameStep()
    {
        await NotesAfterAsync(Set(("0001_first.sql", First)));

        Assert.That(await NotesAfterAsync(Set(("0001_first.sql", First.Replace("\n", "\r\n", StringComparison.Ordinal)))), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task OpenAsync_AppliedStepWasEdited_IsRefusedWithItsName()
    {
        await NotesAfterAsync(Set(("0001_first.sql", First)));

        Assert.That(
            async () => await NotesAfterAsync(Set(("0001_first.sql", First + " "), ("0002_second.sql", Second))),
            Throws.TypeOf<StorageException>().With.Property(nameof(StorageException.Code)).EqualTo("ORC5131").And.Message.Contains("test/0001_first.sql"));
        Assert.That(await NotesAfterAsync(Set(("0001_first.sql", First))), Is.EqualTo(new[] { 1 }), "nothing was changed");
    }

    [Test]
    public async Task OpenAsync_DatabaseOfANewerVersion_IsRefusedWithWords()
    {
        await NotesAfterAsync(Set(("0001_first.sql", First), ("0002_second.sql", Second)));

        Assert.That(
            async () => await NotesAfterAsync(Set(("0001_first.sql", First))),
            Throws.TypeOf<StorageException>().With.Property(nameof(StorageException.Code)).EqualTo("ORC5132")
                .And.Property(nameof(StorageException.Kind)).EqualTo(StorageErrorKind.Newer).And.Message.Contains("0002_second.sql"));
    }

    [Test]
    public async Task OpenAsync_SetThatThisProgramDoesNotHave_IsLeftAlone()
    {
        await NotesAfterAsync(Set(("0001_first.sql", First)));

        Assert.That(await NotesAfterAsync(MigrationSet.FromTexts("other", ("0001_other.sql", "CREATE TABLE others (id INTEGER)"))), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task OpenAsync_StepFails_NothingOfThisStartIsLeft()
    {
        if (!provider.HasTransactionalSchema)
        {
            Assert.Ignore("this database cannot undo a change of the schema");
        }

        await NotesAfterAsync(Set(("0001_first.sql", First)));

        Assert.That(
            async () => await NotesAfterAsync(Set(("0001_first.sql", First), ("0002_second.sql", Second), ("0003_third.sql", "CREATE TABLE third (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n"))),
            Throws.TypeOf<StorageException>().With.Property(nameof(StorageException.Code)).EqualTo("ORC5139").And.Message.Contains("test/0003_third.sql").And.Message.Contains("nowhere"));
        Assert.That(await NotesAfterAsync(Set(("0001_first.sql", First))), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task ManyProgramsThatStartTogetherApplyEachStepOnce()
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => NotesAfterAsync(Set(("0001_first.sql", First), ("0002_second.sql", Second))))));

        Assert.That(counts, Is.All.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task OfManyProgramsThatUpgradeADatabaseInUseOneAppliesTheStep()
    {
        await NotesAfterAsync(Set(("0001_first.sql", First)));
        await using var old = await OrcDatabase.OpenAsync(url, new DatabaseOptions { Migrations = [Set(("0001_first.sql", First))] });
        var next = Set(("0001_first.sql", First), ("0002_second.sql", "INSERT INTO notes (id) SELECT MAX(id) + 100 FROM notes;\n"));

        var applied = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            await using var database = await OrcDatabase.OpenAsync(url);
            return await database.MigrateAsync([next], CancellationToken.None);
        })));
        await old.WriteAsync((session, token) => session.ExecuteAsync("INSERT INTO notes (id) VALUES (7)", null, token), CancellationToken.None);

        Assert.That(applied.SelectMany(steps => steps).Select(step => step.File), Is.EqualTo(new[] { "0002_second.sql" }));
        Assert.That(await NotesAfterAsync(next), Is.EqualTo(new[] { 1, 7, 101 }), "and the version before goes on");
    }

    [Test]
    public void OpenAsync_NumbersWithAGap_AreAMistakeOfTheProgram()
    {
        Assert.That(async () => await NotesAfterAsync(Set(("0001_first.sql", First), ("0003_third.sql", Second))), Throws.InvalidOperationException.With.Message.Contains("0003_third.sql"));
        Assert.That(async () => await NotesAfterAsync(Set(("first.sql", First))), Throws.InvalidOperationException.With.Message.Contains("NNNN_name.sql"));
    }

    private static MigrationSet Set(params (string File, string Text)[] files) => MigrationSet.FromTexts("test", files);

    private async Task<IReadOnlyList<int>> NotesAfterAsync(MigrationSet set)
    {
        await using var database = await OrcDatabase.OpenAsync(url, new DatabaseOptions { Migrations = [set] });
        return await database.ReadAsync((session, token) => session.QueryAsync<int>("SELECT id FROM notes ORDER BY id", null, token), CancellationToken.None);
    }
}
