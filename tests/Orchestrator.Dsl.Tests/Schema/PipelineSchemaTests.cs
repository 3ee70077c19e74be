using System.Text.Json.Nodes;
using NJsonSchema;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Schema;
using Orchestrator.Dsl.Tests.Baselines;
using Orchestrator.Dsl.Tests.Catalog;

namespace Orchestrator.Dsl.Tests.Schema;

internal sealed class PipelineSchemaTests
{
    // What a schema of this kind can know: shapes, names of activities and inputs, types, bounds, choices.
    private static readonly string[] SeenBySchema =
    [
        "ORC1101", "ORC1102", "ORC1103", "ORC1104", "ORC1105", "ORC2001", "ORC2012", "ORC3001", "ORC3002", "ORC3003", "ORC3004", "ORC3005", "ORC3006", "ORC3007", "ORC3008", "ORC3010", "ORC3013", "ORC3020",
    ];

    private static JsonSchema schema = null!;

    private static IEnumerable<TestCaseData> Seen() => BaselineCase.All().Where(one => SeenBySchema.Contains(one.Code)).Select(one => new TestCaseData(one).SetArgDisplayNames(one.Name));

    [OneTimeSetUp]
    public async Task Compile() => schema = await JsonSchema.FromJsonAsync(WithoutIf(PipelineSchema.Create(TestActivities.Catalog)).ToJsonString());

    [TestCaseSource(nameof(Seen))]
    public void TheSchemaRefusesTheBrokenFileAndTakesTheRepairedOne(BaselineCase one)
    {
        Assert.That(schema.Validate(Plain(one.Broken)), Is.Not.Empty);
        Assert.That(schema.Validate(Plain(one.Repaired)).Select(error => error.ToString()), Is.Empty);
    }

    [Test]
    public void TheSchemaTakesEverythingThatTheLanguageHas() =>
        Assert.That(schema.Validate(Plain(BaselineCase.All().Single(one => one.Name == "valid-all-features").Broken)).Select(error => error.ToString()), Is.Empty);

    [Test]
    public void TheSchemaTakesEveryRepairedFile() => Assert.Multiple(() =>
    {
        foreach (var one in BaselineCase.All().Where(one => File.Exists(one.Repaired)))
        {
            Assert.That(schema.Validate(Plain(one.Repaired)).Select(error => error.ToString()), Is.Empty, one.Name);
        }
    });

    [Test]
    public void EveryReferenceInTheSchemaHasItsDefinition()
    {
        var made = PipelineSchema.Create(TestActivities.Catalog);
        var known = made["definitions"]!.AsObject().Select(member => $"#/definitions/{member.Key}").ToHashSet();
        Assert.That(References(made).Where(reference => !known.Contains(reference)), Is.Empty);
    }

    /// <summary>Comments and trailing commas are not the schema's business: editors allow them by a setting of their own.</summary>
    private static string Plain(string file) =>
        JsonNode.Parse(File.ReadAllText(file), documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip, AllowTrailingCommas = true })!.ToJsonString();

    /// <summary>The validator at hand knows no if/then; "not if, or then" says the same.</summary>
    private static JsonNode WithoutIf(JsonNode node) => node switch
    {
        JsonObject members when members.ContainsKey("if") => new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["not"] = WithoutIf(members["if"]!) }, WithoutIf(members["then"]!)) },
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : (JsonNode?)WithoutIf(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(item => item is null ? null : WithoutIf(item))]),
        _ => node.DeepClone(),
    };

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "$ref" ? [member.Value!.GetValue<string>()] : References(member.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };
}
