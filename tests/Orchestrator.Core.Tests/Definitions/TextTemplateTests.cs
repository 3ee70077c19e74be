using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Tests.Definitions;

internal sealed class TextTemplateTests
{
    private static readonly Param<double> Score = new("score");

    [Test]
    public void Text_WithExpressionsAndValues_LeavesTheExpressionsForTheRun() =>
        Assert.That(Text($"score {Score} of {1.5}, better: {Score > 0.5}"), Is.EqualTo("score ${params.score} of 1.5, better: ${params.score > 0.5}"));

    [Test]
    public void Text_OfOneExpression_KeepsItsType() => Assert.That(Templates.AsWhole(Text($"{Score}")), Is.EqualTo("params.score"));

    [Test]
    public void Text_WithWhatLooksLikeAnExpression_IsEscaped() => Assert.That(Text($"{"${x}"} ${{y}}"), Is.EqualTo("$${x} $${y}"));

    [Test]
    public void Text_WithADollarBeforeAnExpression_KeepsBoth() => Assert.That(Text($"costs ${Score}"), Is.EqualTo("costs ${\"$\" + params.score}"));

    [Test]
    public void AnInputTakesATemplate() => Assert.That(((Input<string>)Template($"score {Score}")).Binding?.GetString(), Is.EqualTo("score ${params.score}"));

    private static string Text(TextTemplate template) => template.Text;

    private static TextTemplate Template(TextTemplate template) => template;
}
