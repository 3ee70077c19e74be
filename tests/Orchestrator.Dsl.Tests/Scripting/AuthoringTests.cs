using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting;

namespace Orchestrator.Dsl.Tests.Scripting;

public sealed class AuthoringTests
{
    private ScriptLab lab = null!;

    [SetUp]
    public void SetUp() => lab = new ScriptLab();

    [TearDown]
    public void TearDown() => lab.Dispose();

    [Test]
    public async Task AScriptWithEverythingGivesTheDefinitionThatItSays()
    {
        var definition = await DefinitionOf("""
            var p = Pipeline("everything", "All that a script can say").Timeout("2h").Parallel(4);
            var minScore = p.Param("minScore", 0.85, "Lowest score", min: 0.5, max: 1);
            var limit = p.Param("limit", 10, min: 1);
            var wait = p.Param("wait", Duration("5m"));
            var kind = p.Param("kind", "fast", choices: ["fast", "good"]);
            var sure = p.Param("sure", true);
            var threshold = p.RequiredParam<double>("threshold", "No default");
            var load = p.Add("load", new LoadRows { Source = "a.csv", Limit = limit, Columns = ["x", "y"], MaxAge = wait })
                .Timeout("5m").QueueTimeout("1h").NoCache().Pool("disk").Priority(3).Title("Read it").Limits(log: "1MB", output: "512KiB");
            var fit = p.Add("fit", new FitModel { Rows = load.Rows, Rate = threshold, Part = Item })
                .When(load.Rows > limit & sure)
                .Retry(3, Backoff.Exponential("10s", max: "5m"))
                .Map(load.Parts, parallel: 2);
            p.Add("search", new SearchBest { Try = new FitModel { Rows = load.Rows } }).Needs(load, fit).Rule(JoinRule.AllDone).OnExit();
            return p;
            """);
        Assert.Multiple(() =>
        {
            Assert.That(definition.Name, Is.EqualTo("everything"));
            Assert.That(definition.Title, Is.EqualTo("All that a script can say"));
            Assert.That(definition.Timeout, Is.EqualTo(TimeSpan.FromHours(2)));
            Assert.That(definition.Parallel, Is.EqualTo(4));
            Assert.That(
                definition.Params.Select(p => $"{p.Name} {p.Type} {p.Default?.GetRawText()} {p.Minimum} {p.Maximum} {string.Join('|', p.Choices)}"),
                Is.EqualTo(new[] { "minScore Number 0.85 0.5 1 ", "limit Integer 10 1  ", "wait Duration \"5m\"   ", "kind String \"fast\"   fast|good", "sure Boolean true   ", "threshold Number    " }));
            var (load, fit, search) = (definition.Tasks[0], definition.Tasks[1], definition.Tasks[2]);
            Assert.That(With(load), Is.EqualTo("""columns=["x","y"] limit="${params.limit}" maxAge="${params.wait}" source="a.csv" """.Trim()));
            Assert.That((load.Timeout, load.QueueTimeout, load.Cache?.Mode, load.Pool, load.Priority, load.Title),
                Is.EqualTo((TimeSpan.FromMinutes(5), TimeSpan.FromHours(1), CacheMode.Never, "disk", 3, "Read it")));
            Assert.That(load.Limits, Is.EqualTo(new TaskLimits { LogInBytes = 1_000_000, OutputInBytes = 512 << 10 }));
            Assert.That(With(fit), Is.EqualTo("""part="${item}" rate="${params.threshold}" rows="${tasks.load.rows}" """.Trim()));
            Assert.That(fit.When, Is.EqualTo("tasks.load.rows > params.limit && params.sure"));
            Assert.That(fit.Retry, Is.EqualTo(new RetryPolicy { Attempts = 3 }));
            Assert.That(fit.Map, Is.EqualTo(new MapDefinition { Over = "tasks.load.parts", Parallel = 2 }));
            Assert.That(With(search), Is.EqualTo("""try={"uses":"script.fit","with":{"rows":"${tasks.load.rows}"}}"""));
            Assert.That(search.Needs, Is.EqualTo(new TaskName[] { new("load"), new("fit") }));
            Assert.That((search.Rule, search.OnExit), Is.EqualTo((JoinRule.AllDone, true)));
        });
    }

    [Test]
    public async Task AMapOverSeveralListsIsWhatTheSameJsonSays()
    {
        var script = await DefinitionOf("""
            var p = Pipeline("grid");
            var load = p.Add("load", new LoadRows { Source = "a.csv" });
            p.Add("fit", new FitModel { Rows = load.Rows, Part = Item.Member("part") })
                .Map(("part", load.Parts), ("rate", ListOf(0.1, 0.2)), combine: MapCombination.Zip, parallel: 2)
                .Cache("7d", CacheScope.Pipeline, ["SEED"]);
            return p;
            """);
        var json = DefinitionReader.Read(new SourceText("grid.json", """
            { "name": "grid", "tasks": {
                "load": { "uses": "script.load", "with": { "source": "a.csv" } },
                "fit": { "uses": "script.fit", "map": { "over": { "part": "tasks.load.parts", "rate": [0.1, 0.2] }, "combine": "zip", "parallel": 2 },
                         "with": { "rows": "${tasks.load.rows}", "part": "${item[\"part\"]}" }, "cache": { "expires": "7d", "scope": "pipeline", "environment": ["SEED"] } } } }
            """), ScriptLab.Catalog).Definition;
        Assert.That(DefinitionWriter.ToCanonicalJson(script), Is.EqualTo(DefinitionWriter.ToCanonicalJson(json!)));
    }

    [Test]
    public async Task AScriptSaysTriggersOfEveryKind()
    {
        var definition = await DefinitionOf("""
            var p = Pipeline("triggers");
            p.Schedule("0 2 * * *", zone: "Europe/Berlin", overlap: Overlap.Allow, missed: Missed.RunAll);
            p.On(DatasetUpdated("customers"));
            p.On(DatasetUpdated("orders") with { Name = "rows", When = "run.trigger.event.rows > 10", Overlap = Overlap.Skip });
            p.On(AliasMoved("churn", "challenger"));
            p.On(PipelineEnded("features", RunOutcome.Any));
            p.On(AlertRaised("drift", AlertSeverity.Warning) with { Subject = "churn" });
            p.On(FileAppeared("incoming/*.csv") with { Stable = Duration("1m") });
            p.On(Webhook("orders", "ORDERS_KEY"));
            p.On(AllOf(DatasetUpdated("a"), PipelineEnded("b")) with { Within = Duration("1h") });
            p.On(AnyOf(DatasetUpdated("a"), DatasetUpdated("b")) with { Debounce = Duration("5m") });
            p.Add("load", new LoadRows { Source = "a.csv" });
            return p;
            """);
        Assert.That(definition.Triggers.SkipLast(2), Is.EqualTo(new TriggerDefinition[]
        {
            new ScheduleTrigger { Schedule = "0 2 * * *", Zone = "Europe/Berlin", Overlap = Overlap.Allow, Missed = Missed.RunAll },
            new DatasetTrigger { Dataset = "customers" },
            new DatasetTrigger { Dataset = "orders", Name = "rows", When = "run.trigger.event.rows > 10", Overlap = Overlap.Skip },
            new ModelTrigger { Model = "churn", Alias = "challenger" },
            new PipelineTrigger { Pipeline = "features", Outcome = RunOutcome.Any },
            new AlertTrigger { Alert = "drift", Severity = AlertSeverity.Warning, Subject = "churn" },
            new FileTrigger { File = "incoming/*.csv", Stable = TimeSpan.FromMinutes(1) },
            new WebhookTrigger { Webhook = "orders", Secret = "ORDERS_KEY" },
        }));
        Assert.That(definition.Triggers.OfType<CombinedTrigger>().Select(one => $"{one.All} {string.Join('+', one.Of.Select(TriggerNames.KindOf))} {one.Within} {one.Debounce}"),
            Is.EqualTo(new[] { "True dataset+pipeline 01:00:00 ", "False dataset+dataset  00:05:00" }));
        Assert.That(TriggerNames.Of(definition).Select(one => one.Name),
            Is.EqualTo(new[] { "schedule", "dataset", "rows", "model", "pipeline", "alert", "file", "webhook", "combination", "combination-2" }));
    }

    [Test]
    public async Task ATriggerGivesParametersTheirValues()
    {
        var definition = await DefinitionOf("""
            var p = Pipeline("given");
            var threshold = p.RequiredParam<double>("threshold", "No default");
            var day = p.Param("day", "none");
            p.On(Cron("0 2 * * *").Give("threshold", 0.5).Give("day", Run.LogicalDate));
            p.Add("fit", new FitModel { Rows = 1, Rate = threshold });
            return p;
            """);
        Assert.That(definition.Triggers[0].Params.Select(one => $"{one.Key}={one.Value.GetRawText()}"), Is.EqualTo(new[] { "day=\"${run.logicalDate}\"", "threshold=0.5" }));
    }

    [Test]
    public async Task AStepWrittenInPlaceDependsOnWhatItReads()
    {
        var result = await lab.EvaluateAsync("""
            var p = Pipeline("steps");
            var limit = p.Param("limit", 10);
            var load = p.Add("load", new LoadRows { Source = "a.csv" });
            p.Step("tell", async ctx => ctx.Log($"{ctx.Output(load.Rows)} of {ctx.Param(limit)}"));
            return p;
            """);
        var step = DefinitionOf(result).Tasks[1];
        Assert.That(step.Uses, Is.EqualTo("csharp"));
        Assert.That(With(step), Is.EqualTo(
            $$"""inputs={"params.limit":"${params.limit}","tasks.load.rows":"${tasks.load.rows}"} script="{{result.Source.Hash}}" step="tell" """.Trim()));
    }

    private async Task<PipelineDefinition> DefinitionOf(string script) => DefinitionOf(await lab.EvaluateAsync(script));

    private static PipelineDefinition DefinitionOf(ScriptResult result)
    {
        Assert.That(result.Definition, Is.Not.Null, DiagnosticRenderer.Render(result.Diagnostics));
        return result.Definition!;
    }

    private static string With(TaskDefinition task) => string.Join(' ', task.With.Select(input => $"{input.Key}={input.Value.GetRawText()}"));
}
