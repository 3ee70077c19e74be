using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Tests.Diagnostics;

internal sealed class DiagnosticRendererTests
{
    [Test]
    public void Render_Finding_HasTheFormOfAllMessages()
    {
        var source = new SourceText("workflows/churn/pipeline.json", string.Concat(Enumerable.Repeat("\n", 40)) + "    \"needs\": [\"trian\"]\n");
        var start = source.Text.IndexOf("\"trian", StringComparison.Ordinal);
        var finding = DiagnosticCatalog.UnknownNeed.At(
            source.Span(start, start + 7),
            "unknown task",
            "task \"evaluate\" depends on \"trian\", which is not a task of this pipeline",
            "did you mean \"train\"? Otherwise add a task named \"trian\".",
            ["train"],
            [new DiagnosticNote("a task with a close name, \"train\", is declared", source.Span(0, 0))]);
        Assert.That(DiagnosticRenderer.Render(finding), Is.EqualTo(
            """
            error ORC2003: task "evaluate" depends on "trian", which is not a task of this pipeline
              --> workflows/churn/pipeline.json:41:15
               |
            41 |     "needs": ["trian"]
               |               ^^^^^^^ unknown task
               |
               = why: dependencies decide the order, so every name must resolve before a run starts
               = note: a task with a close name, "train", is declared at 1:1
               = help: did you mean "train"? Otherwise add a task named "trian".

            """));
    }

    [Test]
    public void Render_LongLine_ShowsTheCaretsInside()
    {
        var source = new SourceText("a.json", $"{new string('x', 5000)}HERE{new string('y', 5000)}");
        var text = DiagnosticRenderer.Render(DiagnosticCatalog.BadNumber.At(source.Span(5000, 5004), "here", "m"));
        var lines = text.Split('\n');
        Assert.That(lines[3].Length, Is.LessThan(200));
        Assert.That(lines[3].Substring(lines[4].IndexOf('^'), 4), Is.EqualTo("HERE"));
    }

    [Test]
    public void Render_Color_OnlyAddsEscapes()
    {
        var finding = DiagnosticCatalog.BadNumber.At(new SourceText("a.json", "01").Whole, "here", "m", "h");
        var plain = System.Text.RegularExpressions.Regex.Replace(DiagnosticRenderer.Render(finding, color: true), "\e\\[[0-9;]*m", "");
        Assert.That(plain, Is.EqualTo(DiagnosticRenderer.Render(finding)));
    }

    [Test]
    public void ToJson_Finding_HasPositions()
    {
        var finding = DiagnosticCatalog.BadNumber.At(new SourceText("a.json", "x\n01").Span(2, 4), "here", "m", near: ["1"]);
        Assert.That(DiagnosticRenderer.ToJson([finding]).ToJsonString(), Is.EqualTo(
            """[{"code":"ORC1010","severity":"error","message":"m","file":"a.json","span":{"start":2,"end":4,"line":2,"column":1,"endLine":2,"endColumn":3},"label":"here","why":"WHY","nearNames":["1"]}]"""
                .Replace("WHY", DiagnosticCatalog.BadNumber.Why, StringComparison.Ordinal)));
    }
}
