using System.Text.Json.Nodes;
using NJsonSchema;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>The schema that the program writes, as an editor uses it: with all of the program's activities, read by a validator that is not ours.</summary>
public sealed class SchemaTests
{
    private JsonSchema schema = null!;

    [OneTimeSetUp]
    public async Task Compile()
    {
        using var orc = new OrcProgram();
        var result = await orc.RunAsync("schema");
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        schema = await JsonSchema.FromJsonAsync(WithoutIf(JsonNode.Parse(result.Output)!).ToJsonString());
    }

    [Test]
    public void TheSamplePipelineFits() =>
        Assert.That(schema.Validate(File.ReadAllText(Repository.Path("workflows", "churn", "churn.json"))).Select(error => error.ToString()), Is.Empty);

    [Test]
    public async Task WhatInitWritesFits()
    {
        using var orc = new OrcProgram();
        orc.CopyChurn();
        var result = await orc.RunAsync("init", Path.Combine("churn", "data", "churn.csv"), "--output", "made.json");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(schema.Validate(File.ReadAllText(Path.Combine(orc.Folder, "made.json"))).Select(error => error.ToString()), Is.Empty);
    }

    [TestCase("train.classifier", """ "data": "datasets:/t@latest", "label": "y", "trainer": "fasttree", "classWeights": "balanced" """, true)]
    [TestCase("train.classifier", """ "data": "datasets:/t@latest", "label": "y", "trainer": { "kind": "lightgbm", "leaves": 7, "l2": "${params.l2}" }, "classWeights": { "yes": 5 } """, true)]
    [TestCase("train.classifier", """ "data": "datasets:/t@latest", "label": "y", "trainer": "${params.trainer}" """, true)]
    [TestCase("train.classifier", """ "data": "datasets:/t@latest", "label": "y", "trainer": "xgboost" """, false)]
    [TestCase("train.classifier", """ "data": "datasets:/t@latest", "label": "y", "trainer": { "kind": "lightgbm", "leafs": 7 } """, false)]
    [TestCase("train.classifier", """ "data": "datasets:/t@latest", "label": "y", "trainer": { "kind": "lightgbm", "leaves": 1 } """, false)]
    [TestCase("train.classifier", """ "data": "datasets:/t@latest", "label": "y", "classWeights": "blanced" """, false)]
    [TestCase("exec.command", """ "command": ["head", "-n", 5] """, true)]
    [TestCase("exec.command", """ "command": "make all" """, true)]
    [TestCase("exec.command", """ "command": { "run": "make" } """, false)]
    [TestCase("data.validate", """ "dataset": "datasets:/t@latest", "expect": [ { "column": "a", "inSet": ["x", 1, true] } ] """, true)]
    [TestCase("data.validate", """ "dataset": "datasets:/t@latest", "expect": [ { "column": "a", "inSet": [["x"]] } ] """, false)]
    public void ValuesWithAFormOfTheirOwnAreKnown(string uses, string with, bool fits)
    {
        var errors = schema.Validate($$"""{ "name": "p", "tasks": { "t": { "uses": "{{uses}}", "with": { {{with}} } } } }""");
        Assert.That(errors.Count == 0, Is.EqualTo(fits), string.Join('\n', errors));
    }

    /// <summary>The validator at hand knows no if/then; "not if, or then" says the same.</summary>
    private static JsonNode WithoutIf(JsonNode node) => node switch
    {
        JsonObject members when members.ContainsKey("if") => new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["not"] = WithoutIf(members["if"]!) }, WithoutIf(members["then"]!)) },
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : (JsonNode?)WithoutIf(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(item => item is null ? null : WithoutIf(item))]),
        _ => node.DeepClone(),
    };
}
