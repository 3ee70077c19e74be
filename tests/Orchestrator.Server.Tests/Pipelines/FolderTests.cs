using System.Text.Json;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Pipelines;

/// <summary>A folder of definitions: registered when they change, never for another reason, and never broken.</summary>
public sealed class FolderTests
{
    // Each evaluation leaves its mark: a script that is evaluated says so in a file.
    private const string Script = """
        System.IO.File.AppendAllText(@"MARK", "evaluated\n");
        var p = Pipeline("scripted", "From a script");
        p.Add("add", new AddNumbers { Left = 1 });
        return p;
        """;

    private ServedHome served = null!;

    private string Folder => Path.Combine(served.Folder, "pipelines");

    [SetUp]
    public async Task StartAsync() => served = await ServedHome.StartAsync(Watch);

    [TearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public async Task WhatIsThereAtTheStartAndWhatComesLaterIsRegistered()
    {
        Write("sum.json", Samples.Sum);
        await VersionAsync("sum", 1);
        Write("deep/er/failing.json", Samples.Failing);
        await VersionAsync("failing", 1);

        Write("sum.json", Samples.Sum.Replace("10", "11", StringComparison.Ordinal));

        await VersionAsync("sum", 2);
        var pipeline = (await served.Owner.GetAsync("pipelines/sum")).Json;
        Assert.That((pipeline.GetProperty("source").GetString(), pipeline.GetProperty("sourcePath").GetString(), pipeline.GetProperty("baseDirectory").GetString()), Is.EqualTo(("folder", Path.Combine(Folder, "sum.json"), Folder)));
        Assert.That((await served.Owner.GetAsync("audit?action=pipeline.register")).Json.GetProperty("items").EnumerateArray().Select(row => row.GetProperty("via").GetString()), Is.All.EqualTo("folder").And.Exactly(3).Items);
    }

    [Test]
    public async Task ABrokenFileIsReportedAndTheVersionBeforeStays()
    {
        Write("sum.json", Samples.Sum);
        await VersionAsync("sum", 1);

        Write("sum.json", Samples.Sum.Replace("test.add", "test.ad", StringComparison.Ordinal));

        var file = await FileAsync("sum.json", "broken");
        Assert.That(file.GetProperty("diagnostics").EnumerateArray().Select(one => one.GetProperty("line").GetInt32()), Is.EqualTo(new[] { 2, 3 }));
        Assert.That((await served.Owner.GetAsync("pipelines/sum")).Json.GetProperty("version").GetInt32(), Is.EqualTo(1));
        Assert.That(served.Log, Does.Contain("sum.json:2:").And.Contain("the version before stays"));
        await served.RunWhenAsync(await served.StartRunAsync("sum"), "succeeded");
        Write("sum.json", Samples.Sum.Replace("10", "12", StringComparison.Ordinal));
        await VersionAsync("sum", 2);
        await FileAsync("sum.json", "registered");
    }

    [Test]
    public async Task AScriptIsEvaluatedWhenItChangesAndAtNoStart()
    {
        var mark = Path.Combine(served.Folder, "mark.txt");
        Write("scripted.csx", Script.Replace("MARK", mark, StringComparison.Ordinal));
        await VersionAsync("scripted", 1);
        var evaluated = await File.ReadAllTextAsync(mark);

        await served.StopAsync();
        await served.StartServerAsync(Watch);
        // Another file, taken after it in order: when that is registered, this one was looked at.
        Write("zz.json", Samples.Sum);
        await VersionAsync("sum", 1);

        Assert.That(await File.ReadAllTextAsync(mark), Is.EqualTo(evaluated));
        Write("scripted.csx", Script.Replace("MARK", mark, StringComparison.Ordinal).Replace("Left = 1", "Left = 2", StringComparison.Ordinal));
        await VersionAsync("scripted", 2);
        Assert.That((await File.ReadAllTextAsync(mark)).Length, Is.GreaterThan(evaluated.Length));
    }

    [Test]
    public async Task AFileThatAnotherOneNamesChangesThatOneToo()
    {
        Write("inner.json", """{ "name": "inner", "tasks": { "x": { "uses": "test.add", "with": { "left": 1 } } } }""");
        Write("outer.json", """{ "name": "outer", "tasks": { "in": { "pipeline": "inner.json" } } }""");
        await VersionAsync("outer", 1);

        Write("inner.json", """{ "name": "inner", "tasks": { "x": { "uses": "test.add", "with": { "left": 2 } } } }""");

        await VersionAsync("outer", 2);
        await VersionAsync("inner", 2);
    }

    [Test]
    public async Task AFileThatLacksAnotherIsReadAgainWhenThatComes()
    {
        Write("outer.json", """{ "name": "outer", "tasks": { "in": { "pipeline": "inner.json" } } }""");
        await FileAsync("outer.json", "broken");

        Write("inner.json", """{ "name": "inner", "tasks": { "x": { "uses": "test.add", "with": { "left": 1 } } } }""");

        await VersionAsync("outer", 1);
    }

    [Test]
    public async Task TwoFilesOfOneNameAreAMistakeOfTheSecond()
    {
        Write("a.json", Samples.Sum);
        await VersionAsync("sum", 1);

        Write("b.json", Samples.Sum.Replace("10", "11", StringComparison.Ordinal));

        Assert.That((await FileAsync("b.json", "broken")).GetProperty("diagnostics")[0].GetProperty("code").GetString(), Is.EqualTo("ORC6063"));
        Assert.That((await served.Owner.GetAsync("pipelines/sum")).Json.GetProperty("version").GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public async Task APipelineWhoseFileIsGoneStays()
    {
        Write("sum.json", Samples.Sum);
        await VersionAsync("sum", 1);

        File.Delete(Path.Combine(Folder, "sum.json"));

        await FileAsync("sum.json", "gone");
        await VersionAsync("sum", 1);
    }

    [Test]
    public async Task WhatIsNoPipelineIsPassedOver()
    {
        Write("data.json", """{ "rows": [1, 2] }""");
        Write(".hidden/sum.json", Samples.Sum);
        Write("notes.txt", "tasks");
        Write("zz.json", Samples.Failing);
        await VersionAsync("failing", 1);

        Assert.That((await served.Owner.GetAsync("folder")).Json.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString()), Is.EqualTo(new[] { "zz.json" }));
    }

    private Hosting.ServerOptions Watch(ServedHome home, Hosting.ServerOptions options)
    {
        Directory.CreateDirectory(Path.Combine(home.Folder, "pipelines"));
        return options with { PipelinesFolder = Path.Combine(home.Folder, "pipelines") };
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private Task VersionAsync(string pipeline, int version) => ServedHome.UntilAsync($"{pipeline} is version {version}; {served.Log}", async () =>
        await served.Owner.GetAsync($"pipelines/{pipeline}") is { Code: null } shown && shown.Json.GetProperty("version").GetInt32() == version);

    private async Task<JsonElement> FileAsync(string path, string state)
    {
        JsonElement? found = null;
        await ServedHome.UntilAsync($"{path} is {state}", async () =>
        {
            found = (await served.Owner.GetAsync("folder")).Json.GetProperty("files").EnumerateArray().Where(file => file.GetProperty("path").GetString() == path && file.GetProperty("state").GetString() == state).Select(file => (JsonElement?)file).FirstOrDefault();
            return found is not null;
        });
        return found!.Value;
    }
}
