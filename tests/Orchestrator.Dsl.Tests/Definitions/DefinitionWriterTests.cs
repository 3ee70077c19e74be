using System.Text.Json.Nodes;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Tests.Baselines;
using Orchestrator.Dsl.Tests.Catalog;

namespace Orchestrator.Dsl.Tests.Definitions;

internal sealed class DefinitionWriterTests
{
    private static IEnumerable<TestCaseData> Files() => BaselineCase.All()
        .SelectMany(one => new[] { one.Repaired, one.Broken }.Where(File.Exists).Select(file => (one.Name, File: file)))
        .Where(pair => TryRead(File.ReadAllText(pair.File)) is not null)
        .Select(pair => new TestCaseData(pair.File).SetArgDisplayNames($"{pair.Name}/{Path.GetFileName(pair.File)}"));

    [TestCaseSource(nameof(Files))]
    public void ReadingWhatWasWrittenGivesTheSameDefinition(string file)
    {
        var definition = Read(File.ReadAllText(file));
        var written = DefinitionWriter.ToJson(definition);
        var again = Read(written);
        Assert.That(DefinitionWriter.ToJson(again), Is.EqualTo(written));
        Assert.That(DefinitionWriter.Hash(again), Is.EqualTo(DefinitionWriter.Hash(definition)));
        Assert.That(DefinitionWriter.Hash(DefinitionReader.Load(written)), Is.EqualTo(DefinitionWriter.Hash(definition)), "from the authored form");
        Assert.That(DefinitionWriter.Hash(DefinitionReader.Load(DefinitionWriter.ToCanonicalJson(definition))), Is.EqualTo(DefinitionWriter.Hash(definition)), "from the canonical form");
        Assert.That(DefinitionWriter.Hash(DefinitionNormalizer.Normalize(definition, TestActivities.Catalog)), Is.EqualTo(DefinitionWriter.Hash(definition)), "normalised twice");
    }

    [TestCaseSource(nameof(Files))]
    public void TheOrderOfTasksParametersAndMembersDoesNotChangeTheHash(string file)
    {
        var text = File.ReadAllText(file);
        var definition = Read(text);
        var turned = Turn(JsonNode.Parse(text, documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip, AllowTrailingCommas = true })!);
        Assert.That(DefinitionWriter.Hash(Read($"/* a comment */ {turned.ToJsonString()}")), Is.EqualTo(DefinitionWriter.Hash(definition)));
    }

    [Test]
    public void Hash_SpellingOnly_DoesNotChange()
    {
        var one = Read(Split("\"test\": 0.2500, \"seed\": 7, \"dataset\": \"${ tasks['snapshot'][\\\"version\\\"] }\"", "\"when\": \"tasks.snapshot.version!=null&&(1>0)\", \"rule\": \"all_success\", \"priority\": 0, \"cache\": \"auto\","));
        var other = Read(Split("\"test\": 0.25, \"dataset\": \"${tasks.snapshot.version}\"", "\"when\": \"tasks.snapshot.version != null && 1 > 0\","));
        Assert.That(DefinitionWriter.ToCanonicalJson(one), Is.EqualTo(DefinitionWriter.ToCanonicalJson(other)));
    }

    [Test]
    public void Hash_AnyMeaning_Changes()
    {
        string[] variants =
        [
            Split("\"dataset\": \"${tasks.snapshot.version}\"", ""),
            Split("\"dataset\": \"${tasks.snapshot.version}\", \"test\": 0.3", ""),
            Split("\"dataset\": \"${tasks.snapshot.version}\", \"seed\": 8", ""),
            Split("\"dataset\": \"${tasks.snapshot.version}\"", "\"when\": \"1 > 0\","),
            Split("\"dataset\": \"${tasks.snapshot.version}\"", "\"rule\": \"all_done\", \"needs\": [\"snapshot\"],"),
            Split("\"dataset\": \"${tasks.snapshot.version}\"", "\"retry\": { \"attempts\": 2 },"),
            Split("\"dataset\": \"${tasks.snapshot.version}\"", "\"timeout\": \"1m\","),
            Split("\"dataset\": \"${tasks.snapshot.version}\"", "\"pool\": \"big\","),
            Split("\"dataset\": \"${tasks.snapshot.version}\"", "\"onExit\": true,"),
        ];
        Assert.That(variants.Select(text => DefinitionWriter.Hash(Read(text)).Value), Is.Unique);
    }

    [Test]
    public void Normalize_MembersThatRepeatDefaults_Go()
    {
        const string Given = """{ "name": "n", "tasks": { "s": { "uses": "data.snapshot", "with": { "source": "x", "name": "y" } }, "v": { "uses": "data.validate", "with": { "dataset": "${tasks.s.version}", "expect": [ { "severity": "error", "column": "a", "notNull": false, "matches": null } ] } }, "t": { "uses": "train.classifier", "with": { "data": "${tasks.s.version}", "label": "l", "maxTime": "60s", "trainer": { "leaves": 31, "kind": "boosted-trees" } } } } }""";
        var tasks = Read(Given).Tasks;
        Assert.That(tasks[1].With["expect"].GetRawText(), Is.EqualTo("""[{"column":"a"}]"""));
        Assert.That(tasks[2].With.Keys, Is.EqualTo(new[] { "data", "label", "maxTime" }));
        Assert.That(tasks[2].With["maxTime"].GetString(), Is.EqualTo("1m"));
    }

    [Test]
    public void Load_NotADefinition_SaysSo() =>
        Assert.That(Assert.Throws<Core.Activities.ActivityException>(() => DefinitionReader.Load("{}"))!.Failure.Code, Is.EqualTo("ORC5007"));

    [Test]
    public void ToJson_Schema_ComesFirst() =>
        Assert.That(DefinitionWriter.ToJson(Read(Split("\"dataset\": \"${tasks.snapshot.version}\"", "")), "../pipeline.schema.json"), Does.StartWith("{\n  \"$schema\": \"../pipeline.schema.json\",\n  \"name\""));

    private static string Split(string with, string more) =>
        $$"""{ "name": "n", "tasks": { "snapshot": { "uses": "data.snapshot", "with": { "source": "a", "name": "b" } }, "split": { {{more}} "uses": "data.split", "with": { {{with}} } } } }""";

    private static JsonNode Turn(JsonNode node) => node switch
    {
        JsonObject members => new JsonObject(members.Reverse().Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : (JsonNode?)Turn(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(item => item is null ? null : Turn(item))]),
        _ => node.DeepClone(),
    };

    private static PipelineDefinition Read(string text)
    {
        var result = DefinitionReader.Read(new SourceText("a.json", text), TestActivities.Catalog);
        return result.Definition ?? throw new AssertionException(DiagnosticRenderer.Render(result.Diagnostics));
    }

    private static PipelineDefinition? TryRead(string text) => DefinitionReader.Read(new SourceText("a.json", text), TestActivities.Catalog).Definition;
}
