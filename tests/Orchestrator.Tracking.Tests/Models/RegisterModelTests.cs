using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Storage.Databases;
using Orchestrator.Testing;
using Orchestrator.Tracking.Models;

namespace Orchestrator.Tracking.Tests.Models;

public sealed class RegisterModelTests
{
    private TrackingDatabase home = null!;
    private ActivityEnvironment environment = null!;

    [SetUp]
    public async Task Open()
    {
        home = await TrackingDatabase.OpenAsync();
        environment = new ActivityEnvironment()
            .With<OrcDatabase>(home.Database)
            .With(new ModelRegistry(home.Database, TimeProvider.System));
    }

    [TearDown]
    public async Task Close()
    {
        environment.Dispose();
        await home.DisposeAsync();
    }

    [Test]
    public async Task RegisterModel_New_GivesTheVersionAndTheAlias()
    {
        var model = await ModelAsync("weights");

        await environment.RunAsync(new RegisterModel { Model = model, Name = "churn", Alias = "challenger", Tags = new Dictionary<string, string> { ["team"] = "growth" } });

        Assert.That(environment.Output<int>("version"), Is.EqualTo(1));
        var registered = environment.Output<ModelRef>("registered");
        Assert.That((registered.Name, registered.Version, registered.Artifact), Is.EqualTo(("churn", 1, model.Artifact)));
        Assert.That(environment.Lines, Is.EqualTo(new[] { "registered churn version 1" }));
        var version = (await new ModelQueries(home.Database).GetAsync("churn", CancellationToken.None)).Versions.Single();
        Assert.That(version.Aliases, Is.EqualTo(new[] { "challenger" }));
        Assert.That(version.Tags["team"], Is.EqualTo("growth"));
        Assert.That((version.Run?.Value, version.Task?.Value), Is.EqualTo(("run-1", "task")));
    }

    [Test]
    public async Task RegisterModel_TheSameFileAgain_AnswersTheVersionAndSaysSo()
    {
        var model = await ModelAsync("weights");
        await environment.RunAsync(new RegisterModel { Model = model, Name = "churn" });
        var registry = new ModelRegistry(home.Database, TimeProvider.System);
        await registry.RegisterAsync("churn", Samples.Model("other"), "other", Samples.Attempt, CancellationToken.None);

        await environment.RunAsync(new RegisterModel { Model = model, Name = "churn" });

        Assert.That(environment.Output<int>("version"), Is.EqualTo(1));
        Assert.That(environment.Lines, Is.EqualTo(new[] { "this model is churn version 1 already; no new version was made" }));
    }

    [Test]
    public async Task RegisterModel_BadAlias_RegistersNothing()
    {
        var model = await ModelAsync("weights");

        var refused = Assert.ThrowsAsync<ActivityException>(() => environment.RunAsync(new RegisterModel { Model = model, Name = "churn", Alias = "v2" }));

        Assert.That(refused!.Failure.Code, Is.EqualTo("ORC5503"));
        Assert.That(await new ModelQueries(home.Database).ListAsync(CancellationToken.None), Is.Empty);
    }

    [Test]
    public void RegisterModel_FileNotInTheStore_IsRefused() =>
        Assert.That(
            Assert.ThrowsAsync<ActivityException>(() => environment.RunAsync(new RegisterModel { Model = Samples.Model(), Name = "churn" }))!.Failure.Code,
            Is.EqualTo("ORC5101"));

    private async Task<ModelRef> ModelAsync(string text) => Samples.Model() with { Artifact = await environment.Artifacts.AddTextAsync(text, "model.zip") };
}
