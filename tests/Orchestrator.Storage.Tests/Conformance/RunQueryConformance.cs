using Orchestrator.Core.Values;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Looking at runs and definitions.</summary>
public abstract class RunQueryConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    [Test]
    public async Task ListAsync_PageByPage_ShowsEveryRunOnceNewestFirst()
    {
        var ids = new List<RunId>();
        for (var i = 0; i < 25; i++)
        {
            ids.Add((await CreateAsync("churn")).Id);
        }

        var seen = new List<RunId>();
        RunId? after = null;
        while (await Stores.Runs.ListAsync(new RunFilter { Limit = 10, After = after }, CancellationToken.None) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(run => run.Id));
            after = seen[^1];
            // A run that appears while somebody leafs moves nothing.
            await CreateAsync("churn");
        }

        Assert.That(seen, Is.EqualTo(Enumerable.Reverse(ids)));
    }

    [Test]
    public async Task ListAsync_EachFilter_ShowsJustItsRuns()
    {
        var old = await CreateAsync("churn", Start.AddDays(-2));
        var other = await CreateAsync("fraud");
        var failed = await CreateAsync("churn");
        await Stores.Runs.CommitAsync(Samples.Commit(failed) with { Change = new RunChange { Status = "failed", EndedAt = Start, Failure = Samples.Failure() } }, CancellationToken.None);
        var child = (await Stores.Runs.CreateAsync(Samples.Run() with { Parent = failed.Id, Relation = "rerun" }, CancellationToken.None)).Run;

        Assert.That(await ListAsync(new RunFilter { Pipeline = "fraud" }), Is.EqualTo(new[] { other.Id }));
        Assert.That(await ListAsync(new RunFilter { Statuses = ["failed", "cancelled"] }), Is.EqualTo(new[] { failed.Id }));
        Assert.That(await ListAsync(new RunFilter { Unfinished = true }), Is.EqualTo(new[] { child.Id, other.Id, old.Id }));
        Assert.That(await ListAsync(new RunFilter { Parent = failed.Id }), Is.EqualTo(new[] { child.Id }));
        Assert.That(await ListAsync(new RunFilter { CreatedBefore = Start }), Is.EqualTo(new[] { old.Id }));
        Assert.That(await ListAsync(new RunFilter { CreatedFrom = Start, Pipeline = "churn", Limit = 1 }), Is.EqualTo(new[] { child.Id }));
        Assert.That((await Stores.Runs.FindAsync(failed.Id, CancellationToken.None))!.Failure!.Message, Is.EqualTo(Samples.Failure().Message));
    }

    [Test]
    public async Task FindByPrefixAsync_WhatPeopleType_FindsTheRun()
    {
        var run = await CreateAsync("churn");

        Assert.That((await Stores.Runs.FindByPrefixAsync(run.Id.Value[..20].ToLowerInvariant(), CancellationToken.None)).Select(found => found.Id), Does.Contain(run.Id));
        Assert.That(await Stores.Runs.FindByPrefixAsync("ZZ", CancellationToken.None), Is.Empty);
        Assert.That(await Stores.Runs.FindByPrefixAsync("%", CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task ListEventsAsync_InPages_ContinuesAfterANumber()
    {
        var run = await CreateAsync("churn");
        await Stores.Runs.CommitAsync(Samples.Commit(run, [.. Enumerable.Range(0, 100).Select(i => Samples.Event($"e{i}"))]), CancellationToken.None);

        var page = await Stores.Runs.ListEventsAsync(run.Id, 50, 20, CancellationToken.None);

        Assert.That(page.Select(change => change.Sequence), Is.EqualTo(Enumerable.Range(51, 20).Select(i => (long)i)));
    }

    [Test]
    public async Task LoadAsync_UnknownRun_IsNull()
    {
        Assert.That(await Stores.Runs.LoadAsync(new RunId("nobody"), CancellationToken.None), Is.Null);
        Assert.That(await Stores.Runs.FindAsync(new RunId("nobody"), CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task DefinitionsAreFoundByHashAndAsThePipelinesLatest()
    {
        var first = Samples.Definition();
        var second = first with { Hash = new DefinitionHash(new string('c', 64)), Json = """{"name":"churn","title":"new"}""", SourceKind = "script", SourcePath = null, ScriptArtifact = new string('d', 64) };
        await Stores.Runs.CreateAsync(Samples.Run() with { Definition = first }, CancellationToken.None);
        await Stores.Runs.CreateAsync(Samples.Run() with { Definition = second }, CancellationToken.None);

        Assert.That(await Stores.Definitions.FindAsync(first.Hash, CancellationToken.None), Is.EqualTo(first));
        Assert.That(await Stores.Definitions.FindLatestAsync("churn", CancellationToken.None), Is.EqualTo(second));
        Assert.That(await Stores.Definitions.FindLatestAsync("other", CancellationToken.None), Is.Null);

        // Going back to the old text makes it the latest again.
        await Stores.Runs.CreateAsync(Samples.Run() with { Definition = first with { SourcePath = "/elsewhere.json" } }, CancellationToken.None);
        Assert.That(await Stores.Definitions.FindLatestAsync("churn", CancellationToken.None), Is.EqualTo(first));
    }

    private async Task<RunInfo> CreateAsync(string pipeline, DateTimeOffset? at = null) =>
        (await Stores.Runs.CreateAsync(Samples.Run(pipeline, Samples.Owner()) with { CreatedAt = at ?? Start }, CancellationToken.None)).Run;

    private async Task<IReadOnlyList<RunId>> ListAsync(RunFilter filter) => [.. (await Stores.Runs.ListAsync(filter, CancellationToken.None)).Select(run => run.Id)];
}
