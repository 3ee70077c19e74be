using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Tests.Scripting;

/// <summary>How a script says how many runs may go on at once.</summary>
internal sealed class ConcurrencyTests
{
    private ScriptLab lab = null!;

    [SetUp]
    public void SetUp() => lab = new ScriptLab();

    [TearDown]
    public void TearDown() => lab.Dispose();

    [TestCase("limit: 2", null, 2, Overlap.QueueAll, ConcurrencyScope.Pipeline)]
    [TestCase("region", "${params.region}", 1, Overlap.QueueAll, ConcurrencyScope.Pipeline)]
    [TestCase("Text($\"{region}-x\"), limit: 3, overlap: Overlap.QueueOne", "${params.region}-x", 3, Overlap.QueueOne, ConcurrencyScope.Pipeline)]
    [TestCase("$\"{region}-y\"", "${params.region}-y", 1, Overlap.QueueAll, ConcurrencyScope.Pipeline)]
    [TestCase("\"gpu\", overlap: Overlap.CancelOther, scope: ConcurrencyScope.Home", "gpu", 1, Overlap.CancelOther, ConcurrencyScope.Home)]
    [TestCase("overlap: Overlap.Queue", null, 1, Overlap.QueueAll, ConcurrencyScope.Pipeline)]
    [TestCase("limit: 3, overlap: Overlap.CancelOldest", null, 3, Overlap.CancelOther, ConcurrencyScope.Pipeline)]
    public async Task AScriptSaysWhatJsonSays(string arguments, string? key, int limit, Overlap overlap, ConcurrencyScope scope)
    {
        var result = await lab.EvaluateAsync(Script(arguments));

        Assert.That(result.Definition?.Concurrency, Is.EqualTo(new ConcurrencyDefinition { Key = key, Limit = limit, Overlap = overlap, Scope = scope }), string.Join('\n', result.Diagnostics));
        Assert.That(DefinitionReader.Load(DefinitionWriter.ToCanonicalJson(result.Definition!)).Concurrency, Is.EqualTo(result.Definition!.Concurrency));
    }

    [Test]
    public async Task AKeyThatReadsAnOutputIsFoundInTheScript()
    {
        var result = await lab.EvaluateAsync(Script("region").Replace("return p;", "p.Concurrency(load.Rows + 1, limit: 0); return p;", StringComparison.Ordinal));

        Assert.That(result.Diagnostics.Where(one => one.Severity == Severity.Error).Select(one => one.Code), Is.EquivalentTo(new[] { "ORC3051", "ORC1105" }));
    }

    private static string Script(string arguments) => $$"""
        var p = Pipeline("regional");
        var region = p.Param("region", "eu");
        var load = p.Add("load", new LoadRows { Source = region, Columns = ["x"] });
        p.Concurrency({{arguments}});
        return p;
        """;
}
