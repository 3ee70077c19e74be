using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Dsl.Tests.Expressions;

internal sealed class ExpressionSyntaxTests
{
    [TestCase("tasks.compare.candidateScore>=params.minAuc&&tasks.compare.notWorse", "tasks.compare.candidateScore >= params.minAuc && tasks.compare.notWorse")]
    [TestCase("((tasks['a'][\"b\"]) > 0.50)", "tasks.a.b > 0.5")]
    [TestCase("tasks['my-task'].out", "tasks[\"my-task\"].out")]
    [TestCase("a - (b - c)", "a - (b - c)")]
    [TestCase("(a - b) - c", "a - b - c")]
    [TestCase("(a || b) && c", "(a || b) && c")]
    [TestCase("!(a && b)", "!(a && b)")]
    [TestCase("- -1", "-(-1)")]
    [TestCase("x ? 'a' : \"b\"", "x ? \"a\" : \"b\"")]
    [TestCase("(a ?? b) || c", "(a ?? b) || c")]
    [TestCase("2 ** (3 ** 2)", "2 ** 3 ** 2")]
    [TestCase("(-2) ** 2", "(-2) ** 2")]
    [TestCase("[1,...params.x, {a:1,'b-c':2,[d]:3}]", "[1, ...params.x, { a: 1, \"b-c\": 2, [d]: 3 }]")]
    [TestCase("params.x.map(v=>v+1)", "params.x.map((v) => v + 1)")]
    [TestCase("params.x.map((v)=>({v:v}))", "params.x.map((v) => ({ v: v }))")]
    [TestCase("`${params.a}-x`", "`${params.a}-x`")]
    [TestCase("tasks.a?.out ?? 0", "tasks.a?.out ?? 0")]
    [TestCase("typeof params.a === 'string'", "typeof params.a === \"string\"")]
    [TestCase("1e3 + .5", "1000 + 0.5")]
    [TestCase("(1).toFixed(2)", "(1).toFixed(2)")]
    public void Canonical_IsOneSpelling(string text, string expected)
    {
        Assert.That(ExpressionSyntax.Parse(text).Canonical, Is.EqualTo(expected));
        Assert.That(ExpressionSyntax.Parse(expected).Canonical, Is.EqualTo(expected), "and stays");
    }

    [Test]
    public void Canonical_OfWhatOperatorsOfScriptsPrint_IsTheSameText()
    {
        Expr a = new("tasks.a.out"), b = new("params.b"), c = new("run.attempt");
        Expr[] written =
        [
            a >= b & c, (a | b) & !c, a - (b - c), (a - b) * c, !(a & b) | c, (a + b).Is("x\"y"), a.IsNot(1.5), (a > 0.1) & (b < 1e21) & (c <= -3), a / (b * c), (Expr)true & a, new Expr(References.Output(new TaskName("my-task"), "out")) > b,
        ];
        Assert.That(written.Select(expression => ExpressionSyntax.Parse(expression.Text).Canonical), Is.EqualTo(written.Select(expression => expression.Text)));
    }

    [TestCase("tasks.a.out + tasks['b-c']['d'] - params.x", new[] { "tasks a out", "tasks b-c d", "params x " })]
    [TestCase("tasks.a.out.deep[0].er", new[] { "tasks a out" })]
    [TestCase("tasks.a?.out ?? params.x", new[] { "tasks a out?", "params x " })]
    [TestCase("'tasks.a.out' + params.x", new[] { "params x " })]
    [TestCase("params.list.map(tasks => 1)", new[] { "params list " })]
    public void References_AreFoundWithTheirPlaces(string text, string[] expected)
    {
        var found = ExpressionSyntax.Parse(text).References;
        Assert.That(found.Select(reference => $"{reference.Root} {reference.Name} {reference.Member}{(reference.Optional ? "?" : "")}"), Is.EqualTo(expected));
        foreach (var reference in found)
        {
            Assert.That(text.Substring(reference.NameOffset, reference.NameLength).Trim('\'', '"'), Is.EqualTo(reference.Name));
        }
    }

    [TestCase("eval('1')")]
    [TestCase("[].constructor")]
    [TestCase("''['constructor']")]
    [TestCase("Function('return 1')()")]
    [TestCase("globalThis")]
    [TestCase("new Date()")]
    [TestCase("Date.now()")]
    [TestCase("Math.random()")]
    [TestCase("(() => { while (true) {} })()")]
    [TestCase("function () {}")]
    [TestCase("import('fs')")]
    [TestCase("this")]
    [TestCase("x = 1")]
    [TestCase("params.x++")]
    [TestCase("delete params.x")]
    [TestCase("(1, 2)")]
    [TestCase("await params.x")]
    [TestCase("'x'.repeat(1e9)")]
    [TestCase("params?.x")]
    [TestCase("tasks[params.x].out")]
    [TestCase("tasks")]
    [TestCase("tasks /* hidden */ .a.out")]
    [TestCase("1 // tasks.a.out")]
    [TestCase("params.x.map(params => params.y)")]
    [TestCase("10n")]
    [TestCase("1 +")]
    [TestCase("")]
    public void Parse_WhatExpressionsMayNotDo_IsAProblem(string text) => Assert.That(ExpressionSyntax.Parse(text).Problems, Is.Not.Empty);
}
