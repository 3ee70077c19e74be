using Microsoft.Extensions.Time.Testing;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage;
using Orchestrator.Storage.Schedules;
using Orchestrator.Tracking.Models;

namespace Orchestrator.Tracking.Tests.Models;

[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class ModelRegistryTests(string dialect)
{
    private readonly FakeTimeProvider clock = new(Samples.Noon);
    private TrackingDatabase home = null!;
    private ModelRegistry registry = null!;

    [SetUp]
    public async Task Open()
    {
        home = await TrackingDatabase.OpenAsync(dialect);
        registry = new ModelRegistry(home.Database, clock);
    }

    [TearDown]
    public async Task Close() => await home.DisposeAsync();

    [Test]
    public async Task AMovedAliasIsToldToTriggersAndOneThatStaysIsNot()
    {
        await home.Database.WriteAsync(
            (session, token) => session.ExecuteAsync("INSERT INTO trigger_watches (kind, subject, pipeline, name) VALUES ('alias-moved', 'churn@champion', 'watch', 'model')", null, token), default);
        await RegisterAsync("key-1", "file-1");
        await RegisterAsync("key-2", "file-2");
        foreach (var (alias, version) in new[] { ("champion", 1), ("champion", 1), ("challenger", 2), ("champion", 2) })
        {
            await registry.SetAliasAsync("churn", alias, version, default);
        }

        var signals = await new EngineStores(home.Database, []).Triggers.ListSignalsAsync(new TriggerKey("watch", "model"), 0, 10, default);
        Assert.That(signals.Select(signal => signal.Payload.GetRawText()), Is.EqualTo(new[]
        {
            """{"model":"churn","alias":"champion","version":1}""", """{"model":"churn","alias":"champion","version":2,"before":1}""",
        }));
    }

    [Test]
    public async Task ParallelRegistrationsGetEveryVersionOnce()
    {
        var models = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => RegisterAsync($"key-{i}", $"file-{i}"))));

        Assert.That(models.Select(model => model.Version).Order(), Is.EqualTo(Enumerable.Range(1, 20)));
    }

    [Test]
    public async Task TwoProcessesOnOneFileGetEveryVersionOnce()
    {
        await using var other = await Orchestrator.Storage.Databases.OrcDatabase.OpenAsync(home.Url, new Orchestrator.Storage.Databases.DatabaseOptions { Migrations = [TrackingRegistration.Migrations] });
        var second = new ModelRegistry(other, clock);

        var models = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() =>
            (i % 2 == 0 ? registry : second).RegisterAsync("churn", Samples.Model($"file-{i}"), $"key-{i}", Samples.Attempt, CancellationToken.None))));

        Assert.That(models.Select(model => model.Version).Order(), Is.EqualTo(Enumerable.Range(1, 20)));
    }

    [Test]
    public async Task TheSameKeyMakesOneVersionHoweverOftenItIsAsked()
    {
        var first = await RegisterAsync("run-1/register", "a");
        var again = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => RegisterAsync("run-1/register", "a"))));

        Assert.That(again, Has.All.EqualTo(first).Using<ModelRef, ModelRef>((left, right) => left.Version == right.Version && left.Artifact == right.Artifact));
        Assert.That((await RegisterAsync("run-2/register", "b")).Version, Is.EqualTo(2));
    }

    [Test]
    public async Task RegisterAsync_BadName_IsRefusedAndLeavesNothing()
    {
        var refused = Assert.ThrowsAsync<ActivityException>(() => registry.RegisterAsync("a/b", Samples.Model(), "key", Samples.Attempt, CancellationToken.None));

        Assert.That(refused!.Failure.Code, Is.EqualTo("ORC5502"));
        Assert.That(await new ModelQueries(home.Database).ListAsync(CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task FindAsync_ByAliasNumberAndLatest_AnswersTheVersion()
    {
        await RegisterAsync("1", "a");
        await RegisterAsync("2", "b");
        await registry.SetAliasAsync("churn", "champion", 1, CancellationToken.None);

        Assert.That((await registry.FindAsync("churn", "champion", CancellationToken.None))?.Version, Is.EqualTo(1));
        Assert.That((await registry.FindAsync("churn", "2", CancellationToken.None))?.Version, Is.EqualTo(2));
        Assert.That((await registry.FindAsync("churn", "latest", CancellationToken.None))?.Version, Is.EqualTo(2));
        Assert.That(await registry.FindAsync("churn", "3", CancellationToken.None), Is.Null);
        Assert.That(await registry.FindAsync("churn", "challenger", CancellationToken.None), Is.Null);
        Assert.That(await registry.FindAsync("nobody", "champion", CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task SetAliasAsync_Moves_AndItsHistoryTellsEveryMoveOnce()
    {
        await RegisterAsync("1", "a");
        await RegisterAsync("2", "b");

        Assert.That(await registry.SetAliasAsync("churn", "champion", 1, CancellationToken.None), Is.Null);
        Assert.That(await registry.SetAliasAsync("churn", "champion", 2, CancellationToken.None), Is.EqualTo(1));
        Assert.That(await registry.SetAliasAsync("churn", "champion", 2, CancellationToken.None), Is.EqualTo(2));

        var detail = await new ModelQueries(home.Database).GetAsync("churn", CancellationToken.None);
        Assert.That(detail.AliasHistory.Select(change => (change.Version, change.PreviousVersion)), Is.EqualTo(new (int?, int?)[] { (2, 1), (1, null) }));
        Assert.That(detail.AliasHistory[0].ChangedAt, Is.EqualTo(Samples.Noon));
        Assert.That(detail.Model.Aliases, Is.EqualTo(new Dictionary<string, int> { ["champion"] = 2 }));
        Assert.That(detail.Versions.Select(version => version.Aliases), Is.EqualTo(new[] { new[] { "champion" }, [] }));
    }

    [TestCase("churn", 7, "ORC5505", "versions 1 to 2")]
    [TestCase("chrun", 1, "ORC5504", "did you mean \"churn\"?")]
    public async Task SetAliasAsync_NoSuchVersionOrModel_IsRefusedWithHelp(string name, int version, string code, string help)
    {
        await RegisterAsync("1", "a");
        await RegisterAsync("2", "b");

        var failure = Assert.ThrowsAsync<ActivityException>(() => registry.SetAliasAsync(name, "champion", version, CancellationToken.None))!.Failure;

        Assert.That(failure.Code, Is.EqualTo(code));
        Assert.That(failure.Help, Does.Contain(help));
    }

    [Test]
    public async Task AReferenceIsResolvedAndAMissingAliasIsNothing()
    {
        await RegisterAsync("1", "a");
        await registry.SetAliasAsync("churn", "champion", 1, CancellationToken.None);
        var resolver = new ModelReferenceResolver(registry);

        var model = OrcJson.FromElement<ModelRef>((await resolver.ResolveAsync("models:/churn@champion", CancellationToken.None))!.Value);

        Assert.That((model.Name, model.Version), Is.EqualTo(("churn", 1)));
        Assert.That(await resolver.ResolveAsync("models:/churn@challenger", CancellationToken.None), Is.Null);
        Assert.ThrowsAsync<ActivityException>(() => resolver.ResolveAsync("models:/churn", CancellationToken.None));
    }

    private Task<ModelRef> RegisterAsync(string key, string file) => registry.RegisterAsync("churn", Samples.Model(file), key, Samples.Attempt, CancellationToken.None);
}
