using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Tests.Catalog;

namespace Orchestrator.Dsl.Tests.Definitions;

/// <summary>Maps over several lists, and what a task says of its cache: read, written and hashed.</summary>
internal sealed class MapDefinitionTests
{
    [TestCase("""{ "over": { "region": "params.regions", "model": "['a', 'b']" } }""")]
    [TestCase("""{ "over": { "region": "${params.regions}", "model": ["a", "b"] } }""")]
    [TestCase("""{ "over": { "region": "${ params.regions }", "model": "${['a','b']}" }, "combine": "product" }""")]
    [TestCase("""{ "over": [ { "region": "params.regions" }, { "model": ["a", "b"] } ] }""")]
    public void FourWaysToWriteOneProductHaveOneHash(string map)
    {
        var definition = Read(map);

        Assert.That(definition.Tasks[0].Map!.Lists.Select(list => list.Name), Is.EqualTo(new[] { "region", "model" }));
        Assert.That(DefinitionWriter.ToCanonicalJson(definition), Does.Contain("""{"map":{"over":[{"region":"params.regions"},{"model":"[\"a\", \"b\"]"}]},"""));
        Assert.That(DefinitionWriter.Hash(DefinitionReader.Load(DefinitionWriter.ToCanonicalJson(definition))), Is.EqualTo(DefinitionWriter.Hash(definition)));
        Assert.That(DefinitionWriter.Hash(DefinitionReader.Load(DefinitionWriter.ToJson(definition))), Is.EqualTo(DefinitionWriter.Hash(definition)));
    }

    [Test]
    public void TheOrderOfTheListsIsPartOfTheHash() => Assert.That(
        DefinitionWriter.Hash(Read("""{ "over": { "model": ["a", "b"], "region": "params.regions" } }""")),
        Is.Not.EqualTo(DefinitionWriter.Hash(Read("""{ "over": { "region": "params.regions", "model": ["a", "b"] } }"""))));

    [Test]
    public void AMapOverOneListIsWrittenAsItAlwaysWas()
    {
        var definition = Read("""{ "over": "params.regions", "parallel": 3 }""", item: "item");

        Assert.That(DefinitionWriter.ToCanonicalJson(definition), Does.Contain("""{"map":{"over":"params.regions","parallel":3},"""));
    }

    [TestCase("\"auto\"", null)]
    [TestCase("""{ "mode": "auto", "scope": "home", "environment": [] }""", null)]
    [TestCase("\"never\"", """ "cache":"never" """)]
    [TestCase("""{ "expires": "1h" }""", """ "cache":{"expires":"1h","mode":"auto"} """)]
    [TestCase("""{ "scope": "pipeline", "environment": ["B", "A", "B"] }""", """ "cache":{"environment":["A","B"],"mode":"auto","scope":"pipeline"} """)]
    public void ACacheIsWrittenWhenItSaysSomething(string cache, string? canonical)
    {
        var text = DefinitionWriter.ToCanonicalJson(Read("""{ "over": "params.regions" }""", item: "item", more: $"\"cache\": {cache},"));

        Assert.That(text, canonical is null ? Does.Not.Contain("cache") : Does.Contain(canonical.Trim()));
    }

    [TestCase("""{ "over": { "region": 3 } }""", "ORC1101", "list \"region\" should be a text with an expression, or a list of values, and is a number")]
    [TestCase("""{ "over": { "region": ["${params.regions}"] } }""", "ORC1101", "list \"region\" should be a text with an expression, or a list of values, and is a list with expressions in it")]
    [TestCase("""{ "over": [1, 2] }""", "ORC1101", "\"over\" should be a text with an expression, or an object of named lists and is a list")]
    [TestCase("""{ "over": { "region": "params.limit" } }""", "ORC3022", "list \"region\" of task \"all\" yields a number and should yield a list")]
    [TestCase("""{ "over": { "region": "${ params.region }" } }""", "ORC2009", "the expression refers to \"region\", which is not a parameter of this pipeline")]
    [TestCase("""{ "over": { "region": "params.regions" }, "combine": "zip" }""", "ORC1105", "task \"all\" zips one list")]
    [TestCase("""{ "over": { "region": "params.regions", "b.c": [1] } }""", "ORC2001", "the name of list \"b.c\" of task \"all\" is not a legal name")]
    [TestCase("""{ "over": { "region": "params.regions" }, "combine": "all" }""", "ORC1104", "\"combine\" is \"all\" and should be \"product\" or \"zip\"")]
    public void WhatIsWrongIsSaid(string map, string code, string message)
    {
        var found = Find(map).Where(diagnostic => diagnostic.Severity == Severity.Error).ToArray();

        Assert.That(found.Select(diagnostic => diagnostic.Message), Is.EqualTo(new[] { message }));
        Assert.That(found[0].Code, Is.EqualTo(code));
    }

    [Test]
    public void AMistakeInsideBracesIsPointedAt()
    {
        var found = Find("""{ "over": { "region": "${ params.region }" } }""").Single(diagnostic => diagnostic.Code == "ORC2009");

        Assert.That(found.Span.Text, Is.EqualTo("region"));
    }

    private static PipelineDefinition Read(string map, string item = "item.region", string more = "") => Result(Text(map, item, more)).Definition
        ?? throw new InvalidOperationException(DiagnosticRenderer.Render(Result(Text(map, item, more)).Diagnostics));

    private static System.Collections.Immutable.ImmutableArray<Diagnostic> Find(string map) => Result(Text(map, "item.region", "")).Diagnostics;

    private static DefinitionResult Result(string text) => DefinitionReader.Read(new SourceText("a.json", text), TestActivities.Catalog);

    private static string Text(string map, string item, string more) => $$"""
        { "name": "maps", "params": { "regions": { "type": "json", "default": ["eu"] }, "limit": { "type": "number", "default": 1 } },
          "tasks": { "all": { "uses": "notify.log", {{more}} "map": {{map}}, "with": { "message": "${ {{item}} } of ${params.limit}" } } } }
        """;
}
