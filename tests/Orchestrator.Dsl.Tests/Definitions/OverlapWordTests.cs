using System.Text.Json.Nodes;
using NJsonSchema;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Schema;
using Orchestrator.Dsl.Tests.Catalog;

namespace Orchestrator.Dsl.Tests.Definitions;

/// <summary>Two meanings of <c>overlap</c> can be said with either of two words; what is stored and written has one.</summary>
internal sealed class OverlapWordTests
{
    [TestCase("queue", Overlap.QueueAll, "queue-all")]
    [TestCase("cancel-oldest", Overlap.CancelOther, "cancel-other")]
    public async Task TwoWordsForOneMeaningAreOneDefinition(string word, Overlap meaning, string written)
    {
        var definition = Read(word);

        Assert.That(definition.Concurrency!.Overlap, Is.EqualTo(meaning));
        Assert.That(((TimeTrigger)definition.Triggers.Single()).Overlap, Is.EqualTo(meaning));
        Assert.That(DefinitionWriter.Hash(definition), Is.EqualTo(DefinitionWriter.Hash(Read(written))));
        Assert.That(DefinitionWriter.ToJson(definition), Does.Not.Contain($"\"{word}\"").And.Contain($"\"{written}\""));
        var schema = await JsonSchema.FromJsonAsync(PipelineSchema.Create(TestActivities.Catalog)["properties"]!["concurrency"]!.ToJsonString());
        Assert.That(schema.Validate(new JsonObject { ["overlap"] = word }.ToJsonString()), Is.Empty);
    }

    private static PipelineDefinition Read(string word)
    {
        var result = DefinitionReader.Read(new SourceText("pipeline.json", $$"""
            { "name": "regional", "concurrency": { "key": "eu", "overlap": "{{word}}" }, "triggers": [ { "schedule": "0 2 * * *", "overlap": "{{word}}" } ],
              "tasks": { "tell": { "uses": "notify.log", "with": { "message": "done" } } } }
            """), TestActivities.Catalog);
        Assert.That(result.Diagnostics, Is.Empty, string.Join('\n', result.Diagnostics));
        return result.Definition!;
    }
}
