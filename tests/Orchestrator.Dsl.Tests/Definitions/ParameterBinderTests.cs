using System.Text.Json;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Dsl.Tests.Definitions;

internal sealed class ParameterBinderTests
{
    private static readonly PipelineDefinition Definition = new()
    {
        Name = "p",
        Params =
        [
            new ParameterDefinition { Name = "text", Type = ParameterType.String, Default = JsonElement.Parse("\"a\"") },
            new ParameterDefinition { Name = "number", Type = ParameterType.Number, Default = JsonElement.Parse("1"), Minimum = 0 },
            new ParameterDefinition { Name = "count", Type = ParameterType.Integer, Default = JsonElement.Parse("2") },
            new ParameterDefinition { Name = "flag", Type = ParameterType.Boolean, Default = JsonElement.Parse("false") },
            new ParameterDefinition { Name = "wait", Type = ParameterType.Duration, Default = JsonElement.Parse("\"1m\"") },
            new ParameterDefinition { Name = "any", Type = ParameterType.Json, Default = JsonElement.Parse("[]") },
        ],
    };

    [TestCase("text", "7", "\"7\"")]
    [TestCase("text", "a=b", "\"a=b\"")]
    [TestCase("number", "1e3", "1e3")]
    [TestCase("number", ".5", "0.5")]
    [TestCase("count", "12", "12")]
    [TestCase("flag", "True", "true")]
    [TestCase("wait", "90s", "\"1m30s\"")]
    [TestCase("any", "{\"a\":1}", "{\"a\":1}")]
    public void Bind_Text_BecomesTheParametersType(string name, string text, string expected) =>
        Assert.That(ParameterBinder.Bind(Definition, new Dictionary<string, string> { [name] = text }).Values![name].GetRawText(), Is.EqualTo(expected));

    [TestCase("number", "much")]
    [TestCase("number", "NaN")]
    [TestCase("count", "1.5")]
    [TestCase("flag", "yes")]
    [TestCase("wait", "90")]
    [TestCase("any", "{")]
    public void Bind_TextOfAnotherType_IsRefused(string name, string text) =>
        Assert.That(ParameterBinder.Bind(Definition, new Dictionary<string, string> { [name] = text }).Diagnostics.Single().Code, Is.EqualTo("ORC3032"));

    [Test]
    public void Bind_Nothing_GivesAllDefaults() =>
        Assert.That(ParameterBinder.Bind(Definition, new Dictionary<string, string>()).Values!.Keys, Is.EqualTo(Definition.Params.Select(parameter => parameter.Name)));

    [Test]
    public void Bind_JsonOfAnotherType_IsRefused() =>
        Assert.That(ParameterBinder.Bind(Definition, new Dictionary<string, JsonElement> { ["count"] = JsonElement.Parse("\"12\"") }).Diagnostics.Single().Code, Is.EqualTo("ORC3032"));
}
