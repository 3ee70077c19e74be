using Orchestrator.Dsl.Scripting;

namespace Orchestrator.Dsl.Tests.Scripting;

public sealed class ScriptCacheTests
{
    private const string Script = """
        var p = Pipeline("cached");
        var load = p.Add("load", new LoadRows { Source = "a.csv" });
        p.Step("tell", ctx => ctx.Log($"{ctx.Output(load.Rows)}"));
        return p;
        """;

    private ScriptLab lab = null!;

    [SetUp]
    public void SetUp() => lab = new ScriptLab();

    [TearDown]
    public void TearDown() => lab.Dispose();

    [Test]
    public async Task ACachedScriptGivesTheSameDefinitionWithoutTheCompiler()
    {
        var first = await lab.EvaluateAsync(Script);
        var second = await lab.EvaluateAsync(Script);
        Assert.Multiple(() =>
        {
            Assert.That(lab.Compilations, Is.EqualTo(1));
            Assert.That((first.FromCache, second.FromCache), Is.EqualTo((false, true)));
            Assert.That(DefinitionWriter.ToCanonicalJson(second.Definition!), Is.EqualTo(DefinitionWriter.ToCanonicalJson(first.Definition!)));
        });
    }

    [Test]
    public async Task LineEndsAndAByteOrderMarkMakeNoOtherScript()
    {
        var first = await lab.EvaluateAsync(Script);
        var second = await lab.EvaluateAsync("\uFEFF" + Script.ReplaceLineEndings("\r\n"));
        Assert.That((second.FromCache, second.Source.Hash), Is.EqualTo((true, first.Source.Hash)));
    }

    [Test]
    public async Task AChangedScriptIsCompiledAgain()
    {
        await lab.EvaluateAsync(Script);
        await lab.EvaluateAsync(Script.Replace("a.csv", "b.csv", StringComparison.Ordinal));
        Assert.That(lab.Compilations, Is.EqualTo(2));
    }

    [TestCase("empty")]
    [TestCase("cut short")]
    [TestCase("one byte changed")]
    [TestCase("of another script")]
    [TestCase("a folder")]
    public async Task ACacheFileThatIsNotWhatWasWrittenIsIgnoredAndReplaced(string kind)
    {
        var first = await lab.EvaluateAsync(Script);
        var file = Directory.GetFiles(lab.CacheFolder).Single();
        await DamageAsync(file, kind);
        var second = await lab.EvaluateAsync(Script);
        var third = await lab.EvaluateAsync(Script);
        Assert.Multiple(() =>
        {
            Assert.That(second.FromCache, Is.False);
            Assert.That(DefinitionWriter.Hash(second.Definition!), Is.EqualTo(DefinitionWriter.Hash(first.Definition!)));
            // A folder in the file's place cannot be replaced; the script works all the same.
            Assert.That(third.FromCache, Is.EqualTo(kind != "a folder"));
        });
    }

    [Test]
    public async Task ACacheThatCannotBeWrittenIsNoError()
    {
        var blocked = lab.Write("not a folder", "blocked");
        lab.Environment = lab.Environment with { CacheDirectory = Path.Combine(blocked, "cache") };
        var result = await lab.EvaluateAsync(Script);
        Assert.That(result.Definition, Is.Not.Null);
    }

    [Test]
    public async Task TwoCompilingTheSameScriptAtOnceBothSucceed()
    {
        var path = lab.Write(Script);
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ScriptFrontEnd.EvaluateAsync(path, lab.Environment, CancellationToken.None))));
        Assert.Multiple(() =>
        {
            Assert.That(results.Select(result => result.Definition is null), Has.None.True);
            Assert.That(Directory.GetFiles(lab.CacheFolder).Select(Path.GetExtension), Is.EqualTo(new[] { ".script" }));
        });
    }

    [Test]
    public async Task AScriptWithMistakesIsNotKept()
    {
        await lab.EvaluateAsync("var p = Pipeline(\"p\");");
        Assert.That(Directory.Exists(lab.CacheFolder), Is.False);
    }

    private async Task DamageAsync(string file, string kind)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        switch (kind)
        {
            case "empty":
                await File.WriteAllBytesAsync(file, []);
                break;
            case "cut short":
                await File.WriteAllBytesAsync(file, bytes[..(bytes.Length / 2)]);
                break;
            case "one byte changed":
                bytes[^100] ^= 1;
                await File.WriteAllBytesAsync(file, bytes);
                break;
            case "of another script":
                await lab.EvaluateAsync(Script.Replace("a.csv", "b.csv", StringComparison.Ordinal));
                File.Copy(Directory.GetFiles(lab.CacheFolder).Single(other => other != file), file, overwrite: true);
                break;
            default:
                File.Delete(file);
                Directory.CreateDirectory(file);
                break;
        }
    }
}
