using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Pipelines;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Registered pipelines, their versions, and how others follow their changes.</summary>
public abstract class PipelineConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    [Test]
    public async Task ARegisteredDefinitionIsTheCurrentOneAndTheFirstVersion()
    {
        var wish = await WishAsync("churn", 1) with { SourcePath = "/work/churn.json", Project = "sales" };

        var result = await Stores.Pipelines.RegisterAsync(wish, null, CancellationToken.None);

        var expected = new PipelineInfo
        {
            Name = "churn",
            Project = "sales",
            Version = 1,
            Hash = HashOf("churn", 1),
            Source = "folder",
            SourcePath = "/work/churn.json",
            BaseDirectory = "/work",
            RegisteredAt = Start,
            RegisteredBy = "ada",
            Revision = 1,
        };
        Assert.That(result, Is.EqualTo(new PipelineResult { Outcome = RegistryOutcome.Changed, Pipeline = expected }));
        Assert.That(await FindAsync("churn"), Is.EqualTo(expected));
        Assert.That(
            await Stores.Pipelines.ListVersionsAsync("churn", null, 10, CancellationToken.None),
            Is.EqualTo(new[]
            {
                new PipelineVersion
                {
                    Pipeline = "churn", Version = 1, Hash = expected.Hash, Source = "folder", SourcePath = "/work/churn.json", BaseDirectory = "/work", RegisteredAt = Start, RegisteredBy = "ada",
                },
            }));
    }

    [Test]
    public async Task VersionsAreKeptAndPagedNewestFirst()
    {
        foreach (var number in new[] { 1, 2, 3, 1 })
        {
            await RegisterAsync("churn", number);
        }

        var first = await Stores.Pipelines.ListVersionsAsync("churn", null, 3, CancellationToken.None);
        var second = await Stores.Pipelines.ListVersionsAsync("churn", first[^1].Version, 3, CancellationToken.None);

        Assert.That(first.Concat(second).Select(version => (version.Version, version.Hash)), Is.EqualTo(new[] { (4, HashOf("churn", 1)), (3, HashOf("churn", 3)), (2, HashOf("churn", 2)), (1, HashOf("churn", 1)) }));
        Assert.That((await Stores.Pipelines.FindVersionAsync("churn", 3, CancellationToken.None))?.Hash, Is.EqualTo(HashOf("churn", 3)));
        Assert.That(await Stores.Pipelines.FindVersionAsync("churn", 5, CancellationToken.None), Is.Null);
        Assert.That((await FindAsync("churn"))?.Hash, Is.EqualTo(HashOf("churn", 1)));
    }

    [Test]
    public async Task TheSameFromTheSamePlaceChangesNothing()
    {
        await RegisterAsync("churn", 1);
        var before = await FindAsync("churn");

        var again = await Stores.Pipelines.RegisterAsync(await WishAsync("churn", 1) with { By = "bob", Now = Start.AddDays(1) }, Forbidden, CancellationToken.None);

        Assert.That(again, Is.EqualTo(new PipelineResult { Outcome = RegistryOutcome.Unchanged, Pipeline = before }));
        Assert.That((await RegisterAsync(await WishAsync("churn", 1) with { BaseDirectory = "/elsewhere" })).Pipeline?.Version, Is.EqualTo(2), "its runs would find other files");
    }

    [Test]
    public async Task RegisterAsync_DefinitionThatIsNotStoredOrOfAnotherPipeline_IsRefused()
    {
        await RegisterAsync("churn", 1);

        foreach (var (pipeline, hash) in new[] { ("churn", HashOf("churn", 9)), ("flights", HashOf("churn", 1)) })
        {
            Assert.That(
                async () => await Stores.Pipelines.RegisterAsync(Wish(pipeline, hash), null, CancellationToken.None),
                Throws.TypeOf<StorageException>().With.Property(nameof(StorageException.Code)).EqualTo("ORC6000").And.Message.Contains($"\"{pipeline}\""));
        }

        Assert.That(await FindAsync("flights"), Is.Null);
        Assert.That(await NewestAsync(), Is.EqualTo(1), "a change that is refused has no number");
    }

    [Test]
    public async Task AnExpectedRevisionThatIsNotThereAnyMoreIsRefused()
    {
        Assert.That((await RegisterAsync(await WishAsync("churn", 1) with { ExpectedRevision = 1 })).Outcome, Is.EqualTo(RegistryOutcome.OtherRevision));
        Assert.That((await RegisterAsync(await WishAsync("churn", 1) with { ExpectedRevision = 0 })).Outcome, Is.EqualTo(RegistryOutcome.Changed));
        Assert.That((await RegisterAsync(await WishAsync("churn", 2) with { ExpectedRevision = 0 })).Outcome, Is.EqualTo(RegistryOutcome.OtherRevision));
        Assert.That((await RegisterAsync(await WishAsync("churn", 2) with { ExpectedRevision = 1 })).Outcome, Is.EqualTo(RegistryOutcome.Changed));

        var late = await ChangeAsync("churn", PipelineAction.Pause, expected: 1);

        Assert.That((late.Outcome, late.Pipeline?.Revision, late.Pipeline?.IsPaused), Is.EqualTo((RegistryOutcome.OtherRevision, 2L, false)));
    }

    [Test]
    public async Task ANameBelongsToOneProject()
    {
        await RegisterAsync(await WishAsync("churn", 1) with { Project = "sales" });

        Assert.That((await RegisterAsync(await WishAsync("churn", 2) with { Project = "fraud" })).Outcome, Is.EqualTo(RegistryOutcome.OtherProject));
        Assert.That((await RegisterAsync("churn", 2)).Pipeline?.Project, Is.EqualTo("sales"));
        await ChangeAsync("churn", PipelineAction.Remove);
        Assert.That((await RegisterAsync(await WishAsync("churn", 3) with { Project = "fraud" })).Outcome, Is.EqualTo(RegistryOutcome.OtherProject), "its runs are still there");
        Assert.That((await RegisterAsync("flights", 1)).Pipeline?.Project, Is.EqualTo(PipelineRegistration.DefaultProject));
    }

    [Test]
    public async Task APauseOutlivesNewVersionsAndEndsWhenSomebodyResumes()
    {
        await RegisterAsync("churn", 1);

        var paused = await ChangeAsync("churn", PipelineAction.Pause);
        await RegisterAsync("churn", 2);

        Assert.That((paused.Pipeline?.PausedAt, paused.Pipeline?.PausedBy, paused.Pipeline?.PauseReason), Is.EqualTo((Start.AddHours(1), "bob", "because")));
        Assert.That((await FindAsync("churn"))?.IsPaused, Is.True);
        Assert.That((await ChangeAsync("churn", PipelineAction.Pause)).Outcome, Is.EqualTo(RegistryOutcome.Unchanged));
        var resumed = await ChangeAsync("churn", PipelineAction.Resume);
        Assert.That((resumed.Outcome, resumed.Pipeline?.PausedAt, resumed.Pipeline?.PausedBy, resumed.Pipeline?.PauseReason), Is.EqualTo((RegistryOutcome.Changed, (DateTimeOffset?)null, (string?)null, (string?)null)));
        Assert.That((await ChangeAsync("churn", PipelineAction.Resume)).Outcome, Is.EqualTo(RegistryOutcome.Unchanged));
    }

    [Test]
    public async Task ARemovedPipelineIsInNoListAndComesBackWithTheNextVersion()
    {
        await RegisterAsync("churn", 1);

        var removed = await ChangeAsync("churn", PipelineAction.Remove);

        Assert.That((removed.Pipeline?.IsRemoved, removed.Pipeline?.RemovedBy), Is.EqualTo((true, "bob")));
        Assert.That(await Stores.Pipelines.ListAsync(new PipelineFilter(), CancellationToken.None), Is.Empty);
        Assert.That((await ChangeAsync("churn", PipelineAction.Pause)).Outcome, Is.EqualTo(RegistryOutcome.NotFound));
        Assert.That((await ChangeAsync("nobody", PipelineAction.Remove)).Outcome, Is.EqualTo(RegistryOutcome.NotFound));
        var back = await RegisterAsync("churn", 1);
        Assert.That((back.Outcome, back.Pipeline?.Version, back.Pipeline?.IsRemoved), Is.EqualTo((RegistryOutcome.Changed, 2, false)));
    }

    [Test]
    public async Task ListsArePagedByNameAndFilteredByProject()
    {
        foreach (var (name, project) in new[] { ("d", "sales"), ("a", "sales"), ("c", "fraud"), ("b", "sales"), ("e", "ops") })
        {
            await RegisterAsync(await WishAsync(name, 1) with { Project = project });
        }

        Assert.That(await NamesAsync(new PipelineFilter { Limit = 2 }), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(await NamesAsync(new PipelineFilter { Limit = 2, After = "b" }), Is.EqualTo(new[] { "c", "d" }));
        Assert.That(await NamesAsync(new PipelineFilter { Projects = ["sales", "ops"] }), Is.EqualTo(new[] { "a", "b", "d", "e" }));
        Assert.That(await NamesAsync(new PipelineFilter { Projects = [] }), Is.Empty);
        Assert.That(await NamesAsync(new PipelineFilter { Search = "B" }), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public async Task WhoFollowsSeesEachPipelineOnceAsItIsNow()
    {
        await RegisterAsync("a", 1);
        await RegisterAsync("b", 1);
        await RegisterAsync("a", 2);
        await ChangeAsync("b", PipelineAction.Remove);
        await RegisterAsync("c", 1);

        var page = await Stores.Pipelines.ListChangedAsync(0, 2, CancellationToken.None);
        var next = await Stores.Pipelines.ListChangedAsync(page[^1].Revision, 2, CancellationToken.None);

        Assert.That(page.Concat(next).Select(pipeline => (pipeline.Name, pipeline.Revision, pipeline.Version, pipeline.IsRemoved)), Is.EqualTo(new[] { ("a", 3L, 2, false), ("b", 4L, 1, true), ("c", 5L, 1, false) }));
        Assert.That(await Stores.Pipelines.ListChangedAsync(5, 2, CancellationToken.None), Is.Empty);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task WhoWaitsIsToldOfChangesHereAtOnceAndOfThoseElsewhereAtTheNextLook(CancellationToken cancellation)
    {
        var another = new EngineStores(await OpenAnotherAsync(), []);
        var here = Stores.Pipelines.WaitForChangeAsync(0, TimeSpan.FromHours(1), TimeProvider.System, cancellation);
        var there = another.Pipelines.WaitForChangeAsync(0, TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellation);
        Assert.That(here.IsCompleted || there.IsCompleted, Is.False);

        await RegisterAsync("churn", 1);

        Assert.That((await here, await there), Is.EqualTo((1L, 1L)));
        Assert.That(await Stores.Pipelines.WaitForChangeAsync(0, TimeSpan.FromHours(1), TimeProvider.System, cancellation), Is.EqualTo(1), "what has changed already is not waited for");
    }

    [Test]
    public async Task WhatIsToBeWrittenTogetherIsStoredTogetherOrNotAtAll()
    {
        var seen = new List<PipelineInfo>();

        await Stores.Pipelines.RegisterAsync(
            await WishAsync("churn", 1),
            async (session, now, token) =>
            {
                seen.Add(now);
                await session.ExecuteAsync("INSERT INTO pools (name, size) VALUES ('beside', 1)", cancellation: token);
            },
            CancellationToken.None);
        Assert.That(
            async () => await Stores.Pipelines.ChangeAsync(Change("churn", PipelineAction.Pause), (_, _, _) => throw new InvalidOperationException("no"), CancellationToken.None),
            Throws.InvalidOperationException);

        Assert.That(seen.Select(pipeline => (pipeline.Name, pipeline.Version)), Is.EqualTo(new[] { ("churn", 1) }));
        Assert.That((await Stores.Pools.ListAsync(Start, CancellationToken.None)).Select(pool => pool.Name), Is.EqualTo(new[] { "beside" }));
        Assert.That((await FindAsync("churn"))?.IsPaused, Is.False);
        Assert.That(await NewestAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task RegistrationsOfTwoProcessesAtOnceAreAllKeptInOneOrder()
    {
        var another = new EngineStores(await OpenAnotherAsync(), []);
        var wishes = new List<PipelineRegistration>();
        for (var number = 1; number <= 16; number++)
        {
            wishes.Add(await WishAsync("churn", number));
        }

        var results = await Task.WhenAll(wishes.Select((wish, i) => (i % 2 == 0 ? Stores : another).Pipelines.RegisterAsync(wish, null, CancellationToken.None)));

        Assert.That(results.Select(result => result.Pipeline?.Version), Is.EquivalentTo(Enumerable.Range(1, 16)));
        Assert.That(results.Select(result => result.Pipeline?.Revision), Is.EqualTo(results.Select(result => (long?)result.Pipeline?.Version)));
        var last = results.Single(result => result.Pipeline?.Version == 16).Pipeline;
        Assert.That(await FindAsync("churn"), Is.EqualTo(last));
    }

    [Test]
    public async Task OfManyThatExpectTheSameRevisionOneIsServed()
    {
        await RegisterAsync("churn", 1);
        var another = new EngineStores(await OpenAnotherAsync(), []);

        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => (i % 2 == 0 ? Stores : another).Pipelines.ChangeAsync(
            Change("churn", PipelineAction.Pause) with { ExpectedRevision = 1 }, null, CancellationToken.None)));

        Assert.That(results.Count(result => result.Outcome == RegistryOutcome.Changed), Is.EqualTo(1));
        Assert.That(results.Where(result => result.Outcome != RegistryOutcome.Changed).Select(result => result.Outcome), Is.All.EqualTo(RegistryOutcome.OtherRevision));
    }

    private static Task Forbidden(IWriteSession session, PipelineInfo now, CancellationToken cancellation) => throw new InvalidOperationException("nothing was to be written");

    private static DefinitionHash HashOf(string pipeline, int number) => new($"{pipeline}-{number}".PadLeft(64, '0'));

    private static PipelineRegistration Wish(string pipeline, DefinitionHash hash) =>
        new() { Pipeline = pipeline, Hash = hash, Source = "folder", BaseDirectory = "/work", By = "ada", Now = Start };

    private static PipelineChange Change(string pipeline, PipelineAction action, long? expected = null) =>
        new() { Pipeline = pipeline, Action = action, Reason = "because", By = "bob", Now = Start.AddHours(1), ExpectedRevision = expected };

    /// <summary>Stores the definition that the wish names.</summary>
    private async Task<PipelineRegistration> WishAsync(string pipeline, int number)
    {
        await Stores.Runs.AddDefinitionAsync(Samples.Definition(pipeline) with { Hash = HashOf(pipeline, number) }, CancellationToken.None);
        return Wish(pipeline, HashOf(pipeline, number));
    }

    private async Task<PipelineResult> RegisterAsync(string pipeline, int number) => await RegisterAsync(await WishAsync(pipeline, number));

    private Task<PipelineResult> RegisterAsync(PipelineRegistration wish) => Stores.Pipelines.RegisterAsync(wish, null, CancellationToken.None);

    private Task<PipelineResult> ChangeAsync(string pipeline, PipelineAction action, long? expected = null) => Stores.Pipelines.ChangeAsync(Change(pipeline, action, expected), null, CancellationToken.None);

    private Task<PipelineInfo?> FindAsync(string pipeline) => Stores.Pipelines.FindAsync(pipeline, CancellationToken.None);

    private async Task<string[]> NamesAsync(PipelineFilter filter) => [.. (await Stores.Pipelines.ListAsync(filter, CancellationToken.None)).Select(pipeline => pipeline.Name)];

    private Task<long> NewestAsync() => Stores.Pipelines.WaitForChangeAsync(-1, TimeSpan.FromHours(1), TimeProvider.System, CancellationToken.None);
}
