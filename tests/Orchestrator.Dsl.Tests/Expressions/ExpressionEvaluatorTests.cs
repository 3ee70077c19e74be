using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Dsl.Tests.Expressions;

internal sealed class ExpressionEvaluatorTests
{
    private static readonly ExpressionEvaluator Evaluator = new();

    private static readonly ExpressionScope Scope = new()
    {
        Tasks = new Dictionary<string, IReadOnlyDictionary<string, JsonElement>>
        {
            ["train"] = new Dictionary<string, JsonElement> { ["auc"] = Json("0.91"), ["big"] = Json("9007199254740993"), ["model"] = Json("""{"name":"churn","versions":[1,2]}"""), ["ok"] = Json("true") },
            ["my-task"] = new Dictionary<string, JsonElement> { ["out"] = Json("\"x\"") },
        },
        Params = new Dictionary<string, JsonElement> { ["minAuc"] = Json("0.85"), ["list"] = Json("[3,1,2]") },
        Run = Json("""{"id":"r1","pipeline":"churn","logicalDate":"2026-01-02T00:00:00Z"}"""),
        Item = Json("""{"file":"a.csv"}"""),
        Index = 4,
    };

    [TestCase("tasks.train.auc", "0.91")]
    [TestCase("tasks.train.big", "9007199254740993")]
    [TestCase("tasks.train.auc >= params.minAuc && tasks.train.ok", "true")]
    [TestCase("tasks['my-task'].out + index", "\"x4\"")]
    [TestCase("tasks.train.model.versions[1]", "2")]
    [TestCase("tasks.train.model.nothing", "null")]
    [TestCase("params.list.filter(x => x > 1).map(x => ({ x: x * 2 }))", """[{"x":6},{"x":4}]""")]
    [TestCase("`${run.pipeline}-${item.file}`", "\"churn-a.csv\"")]
    [TestCase("{ a: 1 }", """{"a":1}""")]
    [TestCase("tasks.gone?.auc ?? 0", "0")]
    [TestCase("tasks.train.gone ?? 7", "7")]
    [TestCase("tasks.gone ? 1 : 2", "2")]
    [TestCase("(0.1 + 0.2).toFixed(2)", "\"0.30\"")]
    [TestCase("tasks.train.ok || tasks.gone.out", "true")]
    [TestCase("item", """{"file":"a.csv"}""")]
    [TestCase(" index ", "4")]
    [TestCase("item.file", "\"a.csv\"")]
    [TestCase("item.nothing", "null")]
    [TestCase("item.file.length", "5")]
    [TestCase("item.file .length", "5")]
    public void Evaluate_Expression_ItsValue(string expression, string expected) => Assert.That(Evaluator.Evaluate(expression, Scope).GetRawText(), Is.EqualTo(expected));

    /// <summary>Parentheses lead round the short way for plain items.</summary>
    [Test]
    public void Evaluate_PlainItem_WhatJavaScriptSays(
        [Values("""{"a":{"b":{"c":1}},"list":[1,2],"$x_1":"y","toString":3}""", "[1,2]", "\"text\"", "7", "null", "true")] string item,
        [Values("item", "item.a", "item.a.b", "item.a.b.c", "item.list", "item.list.length", "item.$x_1", "item.toString", "item.__proto__.a", "item?.a", "item.gone")] string expression)
    {
        var scope = new ExpressionScope { Item = Json(item) };

        Assert.That(Outcome(expression, scope), Is.EqualTo(Outcome($"({expression})", scope)));
    }

    private static string Outcome(string expression, ExpressionScope scope)
    {
        try
        {
            return Evaluator.Evaluate(expression, scope).GetRawText();
        }
        catch (ActivityException failed)
        {
            return failed.Failure.Code;
        }
    }

    [TestCase("tasks.gone.out", "ORC5010")]
    [TestCase("tasks.gone.out > 1", "ORC5010")]
    [TestCase("tasks.train.gone", "ORC5011")]
    [TestCase("tasks.train.gone + 1", "ORC5011")]
    [TestCase("params.gone", "ORC5012")]
    [TestCase("params.gone + 1", "ORC5012")]
    [TestCase("tasks.train.auc.x.y", "ORC5013")]
    [TestCase("params.minAuc()", "ORC5013")]
    [TestCase("0 / 0", "ORC5014")]
    [TestCase("x => x", "ORC5014")]
    [TestCase("1 +", "ORC5016")]
    [TestCase("eval('1')", "ORC5016")]
    public void Evaluate_Failure_IsTypedAndNamesTheExpression(string expression, string code)
    {
        var thrown = Assert.Throws<ActivityException>(() => Evaluator.Evaluate(expression, Scope))!;
        Assert.That(thrown.Failure.Code, Is.EqualTo(code));
        Assert.That(thrown.Message, Does.Contain(expression));
    }

    [TestCase("Array(100000).fill(0).map(x => Array(1000).fill(1).map(y => y + 1).length).length", "")]
    [TestCase("(f => f(f))(f => f(f))", "calls inside each other")]
    [TestCase("Array(30).fill('x'.concat('y')).reduce((s) => s + s, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx').length", "")]
    [TestCase("Array(4294967295).fill(0).length", "")]
    public void Evaluate_WhatWouldTakeForEver_IsStopped(string expression, string limit)
    {
        var evaluator = new ExpressionEvaluator(new ExpressionLimits { Time = TimeSpan.FromSeconds(1), Statements = 200_000, MemoryInBytes = 16 * 1024 * 1024 });
        var thrown = Assert.Throws<ActivityException>(() => evaluator.Evaluate(expression, Scope))!;
        Assert.That(thrown.Failure.Code, Is.AnyOf("ORC5015", "ORC5013"));
        Assert.That(thrown.Message, Does.Contain(limit));
    }

    [Test]
    public void Evaluate_HostTypes_AreNotThere()
    {
        foreach (var name in new[] { "System", "clr", "importNamespace", "require", "process" })
        {
            Assert.Throws<ActivityException>(() => Evaluator.Evaluate($"{name}.x", Scope), name);
        }
    }

    [Test]
    public void EvaluateCondition_Number_SaysWhatItIs()
    {
        Assert.That(Evaluator.EvaluateCondition("tasks.train.ok", Scope), Is.True);
        var thrown = Assert.Throws<ActivityException>(() => Evaluator.EvaluateCondition("tasks.train.auc", Scope))!;
        Assert.That(thrown.Message, Is.EqualTo("the expression \"tasks.train.auc\" yields 0.91 where true or false is needed"));
    }

    [Test]
    public void EvaluateList_List_ItsItems()
    {
        Assert.That(Evaluator.EvaluateList("params.list", Scope).Select(item => item.GetInt32()), Is.EqualTo(new[] { 3, 1, 2 }));
        Assert.That(Assert.Throws<ActivityException>(() => Evaluator.EvaluateList("params.minAuc", Scope))!.Failure.Code, Is.EqualTo("ORC5014"));
    }

    [TestCase("\"${tasks.train.auc}\"", "0.91")]
    [TestCase("\"auc ${tasks.train.auc} of ${tasks.train.model}\"", "\"auc 0.91 of {\\\"name\\\":\\\"churn\\\",\\\"versions\\\":[1,2]}\"")]
    [TestCase("""{"a":["${params.list}","x"],"b":{"c":"$${no}"},"d":1}""", """{"a":[[3,1,2],"x"],"b":{"c":"${no}"},"d":1}""")]
    [TestCase("""{ "plain" : 1 }""", """{ "plain" : 1 }""")]
    public void Resolve_Template_KeepsTypesOfWholeExpressions(string template, string expected) =>
        Assert.That(new TemplateResolver(Evaluator).Resolve(Json(template), Scope).GetRawText(), Is.EqualTo(expected));

    [Test]
    public void Resolve_NullInsideText_IsRefused() =>
        Assert.That(Assert.Throws<ActivityException>(() => new TemplateResolver(Evaluator).Resolve(Json("\"a ${tasks.train.model.nothing}\""), Scope))!.Failure.Code, Is.EqualTo("ORC5014"));

    [Test]
    public void Evaluate_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.That(() => Evaluator.Evaluate("params.list.map(x => x + 1)", Scope, source.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
