using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Data.Catalog;
using Orchestrator.Data.Validation;
using Orchestrator.Data.Versions;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Facts;
using Orchestrator.Storage.Schedules;
using Orchestrator.Testing;
using Orchestrator.Tests.Shared;
using static Orchestrator.Data.Validation.ExpectationFunctions;

namespace Orchestrator.Data.Tests.Catalog;

/// <summary>What snapshots and validations leave in a real database, and how it is found again.</summary>
[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class DatasetCatalogTests(string dialect)
{
    private readonly ActivityEnvironment environment = new();
    private string url = "";
    private OrcDatabase database = null!;
    private ServiceProvider services = null!;
    private DateTimeOffset now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private DatasetCatalog Catalog => services.GetRequiredService<DatasetCatalog>();

    [SetUp]
    public async Task SetUp()
    {
        url = dialect == "sqlite" ? $"sqlite:{Path.Combine(environment.BaseDirectory, "orc.db")}" : PostgreSqlServer.Instance.CreateUrl();
        database = await OrcDatabase.OpenAsync(url, new DatabaseOptions { Migrations = [EngineStores.Migrations, DataRegistration.Migrations] });
        services = new ServiceCollection().AddSingleton(database).AddData().AddData().BuildServiceProvider();
    }

    [TearDown]
    public async Task TearDown()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
        if (dialect == "postgres")
        {
            PostgreSqlServer.Instance.Remove(url);
        }

        environment.Dispose();
    }

    private async Task<DatasetRef> SnapshotAsync(string text, string name = "customers")
    {
        environment.WriteFile("t.csv", text);
        await environment.RunAsync(new SnapshotDataset { Source = "t.csv", Name = name });
        await StoreAsync();
        return environment.Output<DatasetRef>("version");
    }

    /// <summary>Stores the facts of the last attempt, as the end of an attempt does.</summary>
    private async Task StoreAsync()
    {
        now = now.AddMinutes(1);
        var attempt = new AttemptInfo { Id = new($"attempt-{now.Minute}"), Run = new("run-1"), Pipeline = "churn", Definition = new(new string('0', 64)), Task = new("snapshot"), Number = 1 };
        var context = new FactContext { Attempt = attempt, Outcome = AttemptOutcome.Succeeded, StartedAt = now, EndedAt = now, Now = now };
        var handlers = services.GetServices<IFactHandler>().ToDictionary(handler => handler.Kind);
        await database.WriteAsync(
            async (session, token) =>
            {
                foreach (var fact in environment.Facts)
                {
                    var (kind, value) = fact switch
                    {
                        DatasetVersionFact version => (DatasetVersionFact.Kind, OrcJson.ToElement(version)),
                        ValidationFact validation => (ValidationFact.Kind, OrcJson.ToElement(validation)),
                        _ => throw new InvalidOperationException(fact.GetType().Name),
                    };
                    await handlers[kind].ApplyAsync(session, context, value, token);
                }
            },
            default);
    }

    [Test]
    public async Task ANewVersionIsToldToTriggersAndTheSameBytesAgainAreNot()
    {
        await database.WriteAsync(
            (session, token) => session.ExecuteAsync("INSERT INTO trigger_watches (kind, subject, pipeline, name) VALUES ('dataset-updated', 'customers', 'churn', 'dataset')", null, token), default);
        var first = await SnapshotAsync("a,b\n1,2\n");
        await SnapshotAsync("a,b\n1,2\n");
        var second = await SnapshotAsync("a,b\n1,2\n3,4\n");
        await SnapshotAsync("a\n1\n", name: "others");

        var signals = await new EngineStores(database, []).Triggers.ListSignalsAsync(new TriggerKey("churn", "dataset"), 0, 10, default);
        Assert.That(
            signals.Select(signal => $"{signal.Payload.GetProperty("dataset")} {signal.Payload.GetProperty("version")} {signal.Payload.GetProperty("rows")}"),
            Is.EqualTo(new[] { $"customers {first.Version} 1", $"customers {second.Version} 2" }));
    }

    [Test]
    public async Task Versions_AreListedNewestFirstAndFoundByPrefix()
    {
        var first = await SnapshotAsync("a,b\n1,x\n2,y\n");
        var second = await SnapshotAsync("a,b\n1,x\n2,y\n3,z\n");
        await SnapshotAsync("q\n1\n", "others");

        var datasets = await Catalog.ListAsync(default);
        Assert.That(datasets.Select(d => (d.Name, d.Versions, d.Rows)), Is.EqualTo(new[] { ("customers", 2, 3L), ("others", 1, 1L) }));
        Assert.That(datasets[0].Newest, Is.EqualTo(second.Version));
        var versions = await Catalog.VersionsAsync("customers", default);
        Assert.That(versions.Select(v => v.Dataset.Version), Is.EqualTo(new[] { second.Version, first.Version }));
        Assert.That((versions[0].Source, versions[0].Run.Value, versions[0].Task.Value), Is.EqualTo(("t.csv", "run-1", "snapshot")));
        Assert.That((await Catalog.FindAsync("customers", first.Version[..8], default))!.Dataset.Version, Is.EqualTo(first.Version));
        Assert.That(await Catalog.FindAsync("customers", "ffffffffff", default), Is.Null);
        Assert.That((await DatasetCatalog.ReadProfileAsync(versions[0], environment.Artifacts, default)).Rows, Is.EqualTo(3));
    }

    [Test]
    public async Task SameBytesAgain_ChangeNothingButWhatIsNewest()
    {
        var first = await SnapshotAsync("a\n1\n");
        var second = await SnapshotAsync("a\n2\n");
        await SnapshotAsync("a\n1\n");
        var versions = await Catalog.VersionsAsync("customers", default);
        Assert.That(versions.Select(v => v.Dataset.Version), Is.EqualTo(new[] { first.Version, second.Version }), "the source went back");
        Assert.That(versions[0].Attempt.Value, Is.EqualTo("attempt-1"), "who saw it first is not forgotten");
    }

    [Test]
    public async Task References_MeanOneVersion()
    {
        var resolver = services.GetServices<IReferenceResolver>().Single(r => r.Scheme == "datasets");
        Assert.That(await resolver.ResolveAsync("datasets:/customers@latest", default), Is.Null, "nothing has that name yet");
        var first = await SnapshotAsync("a\n1\n");
        var second = await SnapshotAsync("a\n2\n");
        async Task<string> Version(string reference) => OrcJson.FromElement<DatasetRef>((await resolver.ResolveAsync(reference, default))!.Value).Version;
        Assert.That(await Version("datasets:/customers@latest"), Is.EqualTo(second.Version));
        Assert.That(await Version($"datasets:/customers/{first.Version}"), Is.EqualTo(first.Version));
        Assert.That(await Version($"datasets:/customers/{first.Version[..6]}"), Is.EqualTo(first.Version));
        foreach (var wrong in new[] { "datasets:/customers", "datasets:/customers@champion", "datasets:customers@latest", "datasets:/customers/xyz", "datasets:/customers/ab" })
        {
            Assert.That(Assert.ThrowsAsync<ActivityException>(() => resolver.ResolveAsync(wrong, default))!.Failure.Code, Is.EqualTo("ORC5350"), wrong);
        }
    }

    [Test]
    public async Task UnknownNames_GetNearOnes()
    {
        await SnapshotAsync("a\n1\n");
        var dataset = Assert.ThrowsAsync<ActivityException>(() => Catalog.VersionsAsync("custmers", default))!.Failure;
        Assert.That((dataset.Code, dataset.Help), Is.EqualTo(("ORC5352", "did you mean \"customers\"?")));
        Assert.That(Assert.ThrowsAsync<ActivityException>(() => Catalog.GetAsync("customers", "ffff", default))!.Failure.Code, Is.EqualTo("ORC5353"));
    }

    [Test]
    public async Task Validations_AreKeptPassedAndFailed()
    {
        var version = await SnapshotAsync("a\n1\n2\n");
        await environment.RunAsync(new ValidateDataset { Dataset = version, Expect = [Column("a").NotNull()] });
        await StoreAsync();
        await environment.FailureAsync(new ValidateDataset { Dataset = version, Expect = [Column("a").AtMost(1), Column("a").AtMost(0).Warn()] });
        await StoreAsync();
        var validations = await Catalog.ValidationsAsync("customers", null, 10, default);
        Assert.That(validations.Select(v => (v.Passed, v.Errors, v.Warnings)), Is.EqualTo(new[] { (false, 1, 1), (true, 0, 0) }));
        Assert.That(File.Exists(environment.Artifacts.PathOf(validations[0].Result)));
        Assert.That(await Catalog.ValidationsAsync("customers", version.Version, 1, default), Has.Count.EqualTo(1));
        Assert.That(await Catalog.ValidationsAsync("customers", "other", 1, default), Is.Empty);
    }

    [Test]
    public async Task Diff_SaysWhatMoved()
    {
        await SnapshotAsync("a,b,old\n1,x,1\n2,y,1\n");
        await SnapshotAsync("a,b,new\n1,x,1\n2,z,2\nthree,y,3\n");
        var versions = await Catalog.VersionsAsync("customers", default);
        var diff = await DatasetCatalog.DiffAsync(versions[1], versions[0], environment.Artifacts, default);
        Assert.That(diff.RowsAdded, Is.EqualTo(1));
        Assert.That((diff.Added.Single().Name, diff.Removed.Single().Name), Is.EqualTo(("new", "old")));
        Assert.That(diff.Changed.Select(c => (c.Name, c.TypeChanged)), Is.EqualTo(new[] { ("a", true), ("b", false) }));
        Assert.That(diff.Changed[1].NewValues, Is.EqualTo(new[] { "z" }));
    }
}
