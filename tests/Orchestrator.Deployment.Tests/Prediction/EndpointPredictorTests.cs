using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Deployment.Prediction;
using Orchestrator.Testing;

namespace Orchestrator.Deployment.Tests.Prediction;

/// <summary>
/// The way from an endpoint to an answer. The model here is a rule written by hand and the reader knows one table, since the real ones live in families
/// that this one must not know; the end-to-end tests predict with a trained model from a CSV file.
/// </summary>
public sealed class EndpointPredictorTests
{
    private const string Row = """{ "minutes": 300, "plan": "basic" }""";

    private DeploymentHome home = null!;
    private ActivityEnvironment environment = null!;
    private EndpointPredictor predictor = null!;

    [SetUp]
    public async Task Open()
    {
        home = await DeploymentHome.OpenAsync();
        environment = new ActivityEnvironment();
        predictor = new EndpointPredictor(home.Database, environment.Artifacts, new RuleLoader(), new OneTable());
    }

    [TearDown]
    public async Task Close()
    {
        environment.Dispose();
        await home.DisposeAsync();
    }

    [Test]
    public async Task ARowIsAnsweredWithClassProbabilitiesAndVersion()
    {
        await DeployRuleAsync("200");

        var answer = await predictor.PredictJsonAsync("churn", Row, CancellationToken.None);

        Assert.That((answer.Endpoint, answer.Model, answer.Version, answer.Label), Is.EqualTo(("churn", "churn", 1, "churn")));
        Assert.That(answer.Rows.Single().Class, Is.EqualTo("yes"));
        Assert.That(answer.Rows.Single().Probabilities, Is.EqualTo(new Dictionary<string, double> { ["no"] = 0.1, ["yes"] = 0.9 }));
    }

    [Test]
    public async Task ARollbackIsSeenByTheNextPrediction()
    {
        await DeployRuleAsync("200");
        await DeployRuleAsync("400");
        Assert.That((await predictor.PredictJsonAsync("churn", Row, CancellationToken.None)).Rows[0].Class, Is.EqualTo("no"));

        await home.RollBackAsync();

        var answer = await predictor.PredictJsonAsync("churn", Row, CancellationToken.None);
        Assert.That((answer.Version, answer.Rows[0].Class), Is.EqualTo((1, "yes")));
    }

    [Test]
    public async Task AFileIsAnsweredRowByRow()
    {
        await DeployRuleAsync("200");

        var answer = await predictor.PredictFileAsync("churn", environment.WriteFile("rows.csv", "the reader of this test does not look"), CancellationToken.None);

        Assert.That(answer.Rows.Select(row => row.Class), Is.EqualTo(new[] { "no", "yes" }));
        Assert.That(answer.Notes, Is.EqualTo(new[] { "not used by the model: id" }));
    }

    [Test]
    public async Task ARegressionIsAnsweredWithValues()
    {
        var model = await StoreAsync("200");
        await home.DeployAsync("", model: model with { Signature = model.Signature with { Task = ModelTask.Regression, Classes = [] } });

        var answer = await predictor.PredictJsonAsync("churn", Row, CancellationToken.None);

        Assert.That((answer.Rows[0].Value, answer.Rows[0].Class), Is.EqualTo(((double?)100, (string?)null)));
    }

    [Test]
    public async Task BadRequestsAreRefusedWithTheirCodes()
    {
        await DeployRuleAsync("200");

        Assert.That(await CodeAsync("chrun", Row), Is.EqualTo("ORC5551"));
        Assert.That(await CodeAsync("churn", "{"), Is.EqualTo("ORC5556"));
        Assert.That(await CodeAsync("churn", "{}"), Is.EqualTo("ORC5557"));
        var missing = Assert.ThrowsAsync<ActivityException>(() => predictor.PredictFileAsync("churn", "/nowhere.csv", CancellationToken.None));
        Assert.That(missing!.Failure.Code, Is.EqualTo("ORC5560"));
    }

    [Test]
    public async Task AModelWhoseFileIsGoneSaysHowToGoOn()
    {
        await home.DeployAsync("never stored");

        var failure = Assert.ThrowsAsync<ActivityException>(() => predictor.PredictJsonAsync("churn", Row, CancellationToken.None))!.Failure;

        Assert.That(failure.Code, Is.EqualTo("ORC5555"));
        Assert.That(failure.Message, Does.Contain("churn version 1"));
        Assert.That(failure.Help, Does.Contain("orc rollback churn"));
    }

    private Task<string> CodeAsync(string endpoint, string json) =>
        Task.FromResult(Assert.ThrowsAsync<ActivityException>(() => predictor.PredictJsonAsync(endpoint, json, CancellationToken.None))!.Failure.Code);

    private async Task DeployRuleAsync(string threshold) => await home.DeployAsync("", model: await StoreAsync(threshold));

    private async Task<ModelRef> StoreAsync(string threshold) => DeploymentHome.Model("") with { Artifact = await environment.Artifacts.AddTextAsync(threshold, "rule.txt") };

    private sealed class RuleLoader : IModelLoader
    {
        public IPredictor Load(string path, ModelRef model) => new Rule(double.Parse(File.ReadAllText(path), System.Globalization.CultureInfo.InvariantCulture), model.Signature);
    }

    private sealed class Rule(double threshold, ModelSignature signature) : IPredictor
    {
        public ModelSignature Signature => signature;

        public Predictions Predict(Table rows)
        {
            var minutes = ((NumberColumn)rows.Find("minutes")!).Values;
            return signature.Task == ModelTask.Regression
                ? new Predictions { Values = [.. minutes.Select(value => value - threshold)] }
                : new Predictions { Probabilities = [.. minutes.Select(value => value > threshold ? [0.1, 0.9] : new[] { 0.8, 0.2 })] };
        }

        public void Dispose()
        {
        }
    }

    private sealed class OneTable : ITableReader
    {
        public Task<Table> ReadAsync(string path, IReadOnlyList<string>? columns, CancellationToken cancellation) => ReadSourceAsync(path, cancellation);

        public Task<Table> ReadSourceAsync(string path, CancellationToken cancellation) => Task.FromResult(new Table
        {
            RowCount = 2,
            Columns =
            [
                new NumberColumn { Name = "id", Type = ColumnType.Integer, Values = [1, 2] },
                new TextColumn { Name = "plan", Type = ColumnType.Text, Values = ["basic", null] },
                new NumberColumn { Name = "minutes", Type = ColumnType.Integer, Values = [100, 300] },
            ],
        });
    }
}
