using System.Text.Json;
using Orchestrator.Activities.CSharp;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting;
using Orchestrator.Testing;

namespace Orchestrator.Dsl.Tests.Scripting;

/// <summary>Steps as the worker runs them: from the script's text in the artifacts, by name, with the values they read.</summary>
public sealed class StepTests
{
    private const string Script = """
        var p = Pipeline("steps");
        var limit = p.Param("limit", 10);
        var first = p.Add("first", new LoadRows { Source = "a.csv" });
        async Task Tell(StepContext ctx) => ctx.Log($"{ctx.Output(first.Rows)} rows");
        foreach (var part in new[] { "a", "b" })
        {
            var load = p.Add($"load-{part}", new LoadRows { Source = $"{part}.csv" });
            p.Step($"tell-{part}", async ctx =>
            {
                var rows = load.Rows;
                ctx.Log($"{part}: {ctx.Output(rows)}");
                await Tell(ctx);
            });
        }
        var all = new[] { first };
        p.Step("method", Tell);
        p.Step("index", ctx => ctx.Log($"{ctx.Output(all[0].Rows)}"));
        p.Step("given", ctx => { foreach (var one in all) ctx.Log($"{ctx.Output(one.Rows)}"); }, reads: [first.Rows]);
        var count = p.Step("count", ctx => ctx.Output(first.Rows) + ctx.Param(limit));
        p.Step("sets", ctx => { ctx.Set("doubled", 2 * ctx.Output(count.Result)); ctx.Set("name", "x"); });
        p.Step("each", ctx => ctx.Item<string>().ToUpperInvariant()).Map(first.Parts);
        p.Step("throws", ctx =>
        {
            int[] empty = [];
            ctx.Log($"{empty[3]}");
        });
        p.Add("fit", new FitModel { Rows = count.Result });
        return p;
        """;

    private ScriptLab lab = null!;
    private ActivityEnvironment worker = null!;

    [SetUp]
    public void SetUp()
    {
        lab = new ScriptLab();
        worker = new ActivityEnvironment().With<IScriptSteps>(new ScriptSteps(lab.Environment));
    }

    [TearDown]
    public void TearDown()
    {
        lab.Dispose();
        worker.Dispose();
    }

    [Test]
    public async Task EachStepDependsOnWhatItsCodeReads()
    {
        var tasks = (await RegisterAsync(Script)).Tasks.Where(task => task.Uses == "csharp");
        Assert.That(
            tasks.Select(task => $"{task.Name}: {string.Join(' ', task.With.TryGetValue("inputs", out var inputs) ? inputs.EnumerateObject().Select(input => input.Name) : [])}"),
            Is.EqualTo(new[]
            {
                "tell-a: tasks.first.rows tasks[\"load-a\"].rows",
                "tell-b: tasks.first.rows tasks[\"load-b\"].rows",
                "method: tasks.first.rows",
                "index: tasks.first.rows",
                "given: tasks.first.rows",
                "count: params.limit tasks.first.rows",
                "sets: tasks.count.result",
                "each: item",
                "throws: ",
            }));
    }

    [Test]
    public async Task AStepReadsWhatItIsHandedAndLogs()
    {
        await RunAsync("tell-b", ("tasks.first.rows", 3), ("tasks[\"load-b\"].rows", 4));
        Assert.That(worker.Lines, Is.EqualTo(new[] { "b: 4", "3 rows" }));
    }

    [Test]
    public async Task WhatAStepReturnsIsItsResult()
    {
        await RunAsync("count", ("tasks.first.rows", 3), ("params.limit", 10));
        Assert.That(worker.Output<long>("result"), Is.EqualTo(13));
    }

    [Test]
    public async Task WhatAStepSetsByNameIsAnObject()
    {
        await RunAsync("sets", ("tasks.count.result", 13));
        Assert.That(worker.Outputs["result"].GetRawText(), Is.EqualTo("""{"doubled":26,"name":"x"}"""));
    }

    [Test]
    public async Task AMappedStepSeesItsItem()
    {
        await RunAsync("each", ("item", "abc"));
        Assert.That(worker.Output<string>("result"), Is.EqualTo("ABC"));
    }

    [Test]
    public void AStepThatThrowsFailsWithItsLine()
    {
        var failure = Assert.ThrowsAsync<ActivityException>(() => RunAsync("throws"))!.Failure;
        Assert.That((failure.Code, failure.Message, failure.Retryable), Is.EqualTo(("ORC5615", "step \"throws\" threw IndexOutOfRangeException: Index was outside the bounds of the array. (line 25)", true)));
    }

    [Test]
    public void AStepThatTheScriptDoesNotHaveIsRefusedWithANearName()
    {
        var failure = Assert.ThrowsAsync<ActivityException>(() => RunAsync("cuont"))!.Failure;
        Assert.That((failure.Code, failure.Help), Is.EqualTo(("ORC5611", "did you mean \"count\"?")));
    }

    [Test]
    public void AValueOfAnotherTypeIsRefused()
    {
        var failure = Assert.ThrowsAsync<ActivityException>(() => RunAsync("method", ("tasks.first.rows", "many")))!.Failure;
        Assert.That((failure.Code, failure.Message), Is.EqualTo(("ORC5614", "the step reads tasks.first.rows as integer, and it is another type")));
    }

    [Test]
    public void AScriptThatDoesNotCompileHereIsRefusedWithItsFindings()
    {
        var failure = Assert.ThrowsAsync<ActivityException>(() => RunAsync("x", "return Pipelin(\"p\");"))!.Failure;
        Assert.That(failure.Code, Is.EqualTo("ORC5612"));
        Assert.That(string.Join('\n', failure.Details), Does.Contain("the function \"Pipelin\" is not known here"));
    }

    [Test]
    public async Task StepsOfAScriptThatWasEvaluatedBeforeNeedNoCompiler()
    {
        await RegisterAsync(Script);
        await RunAsync("method", ("tasks.first.rows", 1));
        Assert.That(lab.Compilations, Is.EqualTo(1));
    }

    [Test]
    public async Task CodeInADefinitionRunsWithItsInputs()
    {
        await worker.RunAsync(new CSharpStep
        {
            Code = """
                var half = ctx.Input<double>("score") / 2;
                ctx.Log($"half is {half}");
                await Task.Yield();
                ctx.Set("half", half);
                """,
            Inputs = Inputs(("score", 5)),
        });
        Assert.That(worker.Lines, Is.EqualTo(new[] { "half is 2.5" }));
        Assert.That(worker.Outputs["result"].GetRawText(), Is.EqualTo("""{"half":2.5}"""));
    }

    [Test]
    public async Task CodeInADefinitionMayReturnItsResult()
    {
        await worker.RunAsync(new CSharpStep { Code = "return new[] { 1, 2 };" });
        Assert.That(worker.Outputs["result"].GetRawText(), Is.EqualTo("[1,2]"));
    }

    [Test]
    public void CodeThatDoesNotCompileFailsWithTheFindings()
    {
        var failure = Assert.ThrowsAsync<ActivityException>(() => worker.RunAsync(new CSharpStep { Code = "ctx.Lag(\"x\");" }))!.Failure;
        Assert.That(failure.Code, Is.EqualTo("ORC5616"));
        Assert.That(string.Join('\n', failure.Details), Does.Contain("the context of a step has no member \"Lag\"").And.Contain("did you mean \"Log\"?"));
    }

    [Test]
    public void CodeThatReadsWhatItWasNotGivenIsRefused()
    {
        var failure = Assert.ThrowsAsync<ActivityException>(() => worker.RunAsync(new CSharpStep { Code = "return ctx.Input<int>(\"n\");" }))!.Failure;
        Assert.That(failure.Code, Is.EqualTo("ORC5613"));
    }

    private async Task<PipelineDefinition> RegisterAsync(string script)
    {
        var result = await lab.EvaluateAsync(script);
        Assert.That(result.Definition, Is.Not.Null, DiagnosticRenderer.Render(result.Diagnostics));
        return result.Definition!;
    }

    private Task RunAsync(string step, params (string Reference, object Value)[] inputs) => RunAsync(step, Script, inputs);

    private async Task RunAsync(string step, string script, params (string Reference, object Value)[] inputs)
    {
        var source = ScriptSource.Of(new SourceText("pipeline.csx", script));
        var artifact = await worker.Artifacts.AddTextAsync(source.Text, "pipeline.csx");
        Assert.That(artifact.Hash, Is.EqualTo(source.Hash), "the artifact is found by the hash in the definition");
        await worker.RunAsync(new CSharpStep { Script = source.Hash, Step = step, Inputs = Inputs(inputs) });
    }

    private static Dictionary<string, JsonElement> Inputs(params (string Reference, object Value)[] inputs) =>
        inputs.ToDictionary(input => input.Reference, input => OrcJson.ToElement(input.Value));
}
