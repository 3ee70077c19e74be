using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Deployment.Endpoints;
using Orchestrator.Testing;

namespace Orchestrator.Deployment.Tests.Endpoints;

public sealed class DeployActivitiesTests
{
    private DeploymentHome home = null!;
    private ActivityEnvironment environment = null!;

    [SetUp]
    public async Task Open()
    {
        home = await DeploymentHome.OpenAsync();
        environment = new ActivityEnvironment().With(home.Endpoints);
    }

    [TearDown]
    public async Task Close()
    {
        environment.Dispose();
        await home.DisposeAsync();
    }

    [Test]
    public async Task DeployModel_First_SetsItsOutputsAndSaysWhatItDid()
    {
        var model = await ModelAsync();

        await environment.RunAsync(new DeployModel { Model = model, Endpoint = "churn", Reason = "first" });

        Assert.That(environment.Output<int>("version"), Is.EqualTo(1));
        Assert.That(environment.Output<bool>("changed"), Is.True);
        Assert.That(environment.Outputs["previous"].ValueKind, Is.EqualTo(System.Text.Json.JsonValueKind.Null));
        Assert.That(environment.Output<ModelRef>("deployed").Version, Is.EqualTo(1));
        Assert.That(environment.Lines, Is.EqualTo(new[] { "registered churn version 1", "deployed: endpoint churn is answered by churn version 1, nothing before" }));
        var entry = (await home.DetailAsync()).History.Single();
        Assert.That((entry.Run?.Value, entry.Task?.Value, entry.Attempt?.Value, entry.Reason), Is.EqualTo(("run-1", "task", "attempt-1", "first")));
    }

    [Test]
    public async Task DeployModel_WhatAnswersAlready_SaysThatNothingChanged()
    {
        var model = await ModelAsync();
        await home.DeployAsync("", model: model);

        await environment.RunAsync(new DeployModel { Model = model, Endpoint = "churn", Strategy = RolloutStrategies.AllAtOnce() });

        Assert.That(environment.Output<bool>("changed"), Is.False);
        Assert.That(environment.Output<int>("previous"), Is.EqualTo(1));
        Assert.That(environment.Lines[^1], Is.EqualTo("nothing to do: endpoint churn is answered by churn version 1 already"));
    }

    [Test]
    public void DeployModel_FileNotInTheStore_IsRefused() =>
        Assert.That(
            Assert.ThrowsAsync<ActivityException>(() => environment.RunAsync(new DeployModel { Model = DeploymentHome.Model("a"), Endpoint = "churn" }))!.Failure.Code,
            Is.EqualTo("ORC5101"));

    [Test]
    public void Strategy_OfAnotherKind_IsRefusedBeforeAnythingRuns()
    {
        var descriptor = ActivityDescriptor.Of(typeof(DeployModel));
        var values = new Dictionary<string, System.Text.Json.JsonElement>
        {
            ["model"] = OrcJson.ToElement(DeploymentHome.Model("a")),
            ["endpoint"] = OrcJson.ToElement("churn"),
            ["strategy"] = System.Text.Json.JsonElement.Parse("""{ "kind": "canary" }"""),
        };

        Assert.That(Assert.Throws<ActivityException>(() => descriptor.Bind(descriptor.Create(), values))!.Failure.Code, Is.EqualTo("ORC5001"));
    }

    [Test]
    public async Task RollbackModel_GoesBackAndSaysSo()
    {
        await home.DeployAsync("a");
        await home.DeployAsync("b");

        await environment.RunAsync(new RollbackModel { Endpoint = "churn", Reason = "error rate" });

        Assert.That((environment.Output<int>("version"), environment.Output<int>("previous"), environment.Output<bool>("changed")), Is.EqualTo((1, 2, true)));
        Assert.That(environment.Lines, Is.EqualTo(new[] { "rolled back: endpoint churn is answered by churn version 1, churn version 2 before" }));
    }

    private async Task<ModelRef> ModelAsync() => DeploymentHome.Model("") with { Artifact = await environment.Artifacts.AddTextAsync("weights", "model.zip") };
}
