using Orchestrator.Core.Activities;
using Orchestrator.Deployment.Endpoints;

namespace Orchestrator.Deployment.Tests.Endpoints;

[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class EndpointStoreTests(string dialect)
{
    private DeploymentHome home = null!;

    [SetUp]
    public async Task Open() => home = await DeploymentHome.OpenAsync(dialect);

    [TearDown]
    public async Task Close() => await home.DisposeAsync();

    [Test]
    public async Task TheFirstDeploymentRegistersMovesTheAliasAndAnswers()
    {
        var result = await home.DeployAsync("a");

        Assert.That((result.Model, result.Version, result.Previous, result.Changed), Is.EqualTo(("churn", 1, (int?)null, true)));
        Assert.That(await home.AliasAsync(), Is.EqualTo(1));
        var detail = await home.DetailAsync();
        Assert.That((detail.Endpoint.Current?.Version, detail.RollbackTarget, detail.History.Count), Is.EqualTo(((int?)1, (DeploymentInfo?)null, 1)));
    }

    [Test]
    public async Task ARollbackGoesBackTogetherWithTheAlias()
    {
        await home.DeployAsync("a");
        await home.DeployAsync("b");

        var result = await home.RollBackAsync();

        Assert.That((result.Version, result.Previous, result.Changed), Is.EqualTo((1, (int?)2, true)));
        Assert.That(await home.AliasAsync(), Is.EqualTo(1));
        var detail = await home.DetailAsync();
        Assert.That(
            detail.History.Select(entry => (entry.Number, entry.Kind, entry.Version, entry.Status)),
            Is.EqualTo(new[]
            {
                (3, DeploymentKind.Rollback, 1, DeploymentStatus.Active),
                (2, DeploymentKind.Deploy, 2, DeploymentStatus.RolledBack),
                (1, DeploymentKind.Deploy, 1, DeploymentStatus.Replaced),
            }));
        Assert.That((detail.History[0].Restores, detail.History[0].Replaced, detail.History[0].Reason), Is.EqualTo(((int?)1, (int?)2, "it misbehaves")));
    }

    [Test]
    public async Task TheSameKeyAgainIsAnsweredTheSameAndDoesNothing()
    {
        await home.DeployAsync("a");
        var first = await home.DeployAsync("b", key: "run-2/deploy");
        await home.RollBackAsync();

        // The engine was killed between the commit and its own record of it: the attempt runs again after the person's rollback.
        var again = await home.DeployAsync("b", key: "run-2/deploy");

        Assert.That((again.Version, again.Previous, again.Changed), Is.EqualTo((first.Version, first.Previous, first.Changed)));
        Assert.That((await home.DetailAsync()).Endpoint.Current?.Version, Is.EqualTo(1));
        Assert.That(await home.AliasAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task DeployingWhatAnswersChangesNothing()
    {
        await home.DeployAsync("a");

        var result = await home.DeployAsync("a");

        Assert.That((result.Version, result.Previous, result.Changed), Is.EqualTo((1, (int?)1, false)));
        Assert.That((await home.DetailAsync()).History, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task DeployingWhatAnswersPutsAMovedAliasBackAndSaysSo()
    {
        await home.DeployAsync("a");
        await home.Registry.RegisterAsync("churn", DeploymentHome.Model("b"), "key", new Core.Values.AttemptId("x"), CancellationToken.None);
        await home.Registry.SetAliasAsync("churn", "champion", 2, CancellationToken.None);

        var result = await home.DeployAsync("a");

        Assert.That(result.Changed, Is.False);
        Assert.That(result.Notes, Has.Some.EqualTo("alias champion now points at version 1, no longer at 2"));
        Assert.That(await home.AliasAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task AFailureInTheMiddleLeavesNothing()
    {
        // The alias is refused after the version was made: all of it is one transaction.
        var refused = Assert.ThrowsAsync<ActivityException>(() => home.DeployAsync("a", alias: "latest"));

        Assert.That(refused!.Failure.Code, Is.EqualTo("ORC5503"));
        Assert.That(await home.Models.ListAsync(CancellationToken.None), Is.Empty);
        Assert.That(await home.Queries.ListAsync(CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task ParallelDeploymentsTakeTurns()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => home.DeployAsync($"model-{i}"))));

        var history = (await home.DetailAsync()).History;
        Assert.That(history.Select(entry => entry.Number), Is.EqualTo(Enumerable.Range(1, 20).Reverse()));
        Assert.That(history.Select(entry => entry.Version).Order(), Is.EqualTo(Enumerable.Range(1, 20)));
        Assert.That(history.Count(entry => entry.Status == DeploymentStatus.Active), Is.EqualTo(1));
        Assert.That(await home.AliasAsync(), Is.EqualTo(history[0].Version));
    }

    [Test]
    public async Task ARollbackAcrossModelNamesTakesTheOtherModelsAliasAway()
    {
        await home.DeployAsync("a");
        await home.DeployAsync("b", name: "churn-deep");

        var result = await home.RollBackAsync();

        Assert.That((result.Model, result.Version, result.PreviousModel), Is.EqualTo(("churn", 1, "churn-deep")));
        Assert.That(await home.AliasAsync(), Is.EqualTo(1));
        Assert.That(await home.AliasAsync("churn-deep"), Is.Null);
        Assert.That(result.Notes, Has.Some.Contains("alias champion of churn-deep is gone"));
    }

    [Test]
    public async Task ARollbackToAVersionThatWasRolledBackSaysSo()
    {
        await home.DeployAsync("a");
        await home.DeployAsync("b");
        await home.RollBackAsync();

        var result = await home.RollBackAsync(to: 2);

        Assert.That((result.Version, result.Previous), Is.EqualTo((2, (int?)1)));
        Assert.That(result.Notes.Single(), Does.StartWith("version 2 was rolled back before"));
    }

    [Test]
    public async Task ADeploymentOfARegisteredVersionRegistersNothing()
    {
        await home.DeployAsync("a");
        await home.DeployAsync("b");
        var first = await home.Registry.FindAsync("churn", "1", CancellationToken.None);

        var result = await home.DeployAsync("", model: first);

        Assert.That((result.Model, result.Version, result.Previous), Is.EqualTo(("churn", 1, (int?)2)));
        Assert.That((await home.Models.ListAsync(CancellationToken.None)).Single().LatestVersion, Is.EqualTo(2));
    }

    [Test]
    public async Task RollBackAsync_NothingToGoBackTo_IsRefusedInWords()
    {
        await home.DeployAsync("a");

        var failure = Assert.ThrowsAsync<ActivityException>(() => home.RollBackAsync())!.Failure;

        Assert.That(failure.Code, Is.EqualTo("ORC5553"));
        Assert.That(failure.Message, Is.EqualTo("endpoint \"churn\" cannot be rolled back: nothing that is still trusted answered it before churn version 1"));
    }

    [Test]
    public async Task RollBackAsync_UnknownEndpoint_NamesTheNearOne()
    {
        await home.DeployAsync("a");

        var failure = Assert.ThrowsAsync<ActivityException>(() => home.RollBackAsync(endpoint: "chrun"))!.Failure;

        Assert.That((failure.Code, failure.Help), Is.EqualTo(("ORC5551", "did you mean \"churn\"?")));
    }

    [TestCase("")]
    [TestCase("1st")]
    [TestCase("a b")]
    [TestCase("a/b")]
    public void DeployAsync_BadEndpointName_IsRefused(string name)
    {
        var request = new DeployRequest { Endpoint = name, Model = DeploymentHome.Model("a"), By = Tracking.Models.ChangeSource.Person, IdempotencyKey = "k" };

        Assert.That(Assert.ThrowsAsync<ActivityException>(() => home.Endpoints.DeployAsync(request, CancellationToken.None))!.Failure.Code, Is.EqualTo("ORC5550"));
    }
}
