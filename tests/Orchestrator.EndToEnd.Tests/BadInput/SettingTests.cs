using Orchestrator.Core.Definitions;
using Orchestrator.Runtime.Settings;

namespace Orchestrator.EndToEnd.Tests.BadInput;

/// <summary><c>orc settings</c>: every limit by name, within bounds, for one home.</summary>
public sealed class SettingTests
{
    [Test]
    public void EveryNameHasItsSettingWithinItsOwnBounds()
    {
        var names = typeof(SettingNames).GetFields().Where(field => field.IsLiteral).Select(field => (string?)field.GetRawConstantValue());
        Assert.That(SettingCatalog.All.Select(setting => setting.Name), Is.EquivalentTo(names));
        foreach (var setting in SettingCatalog.All.Where(setting => setting.Usual is not null))
        {
            Assert.That(setting.Usual, Is.InRange(setting.Least, setting.Most), setting.Name);
            foreach (var value in new[] { setting.Least, setting.Usual ?? 0, setting.Most })
            {
                Assert.That(setting.Read(setting.Write(value)), Is.EqualTo(value), setting.Name);
            }
        }
    }

    /// <summary>The table of the documentation is that of the program.</summary>
    [Test]
    public void EverySettingIsInTheDocumentation()
    {
        var page = File.ReadAllText(Repository.Path("engine", "Orchestrator.Runtime", "Settings", "README.md"));
        foreach (var setting in SettingCatalog.All)
        {
            // The number of cores differs from machine to machine.
            var usual = setting.Meaning.Contains("one per core", StringComparison.Ordinal) ? "cores" : setting.Write(setting.Usual);
            Assert.That(page, Does.Contain($"| `{setting.Name}` | {usual} | {setting.Write(setting.Least)} to {setting.Write(setting.Most)} |"), setting.Name);
        }
    }

    [Test]
    public async Task WhatIsSetIsListedAndGoesBack()
    {
        using var orc = new OrcProgram();
        var set = await orc.RunAsync("settings", "set", "task.output", "1MiB", "--json");
        Assert.That(set.ExitCode, Is.Zero, set.ToString());
        Assert.That(set.Json.GetProperty("value").GetString(), Is.EqualTo("1MiB"));
        Assert.That((await orc.RunAsync("settings")).Output, Does.Contain("1MiB *"));

        var unset = await orc.RunAsync("settings", "unset", "task.output");
        Assert.That(unset.Output, Does.Contain("task.output is 256KiB, as usual"));
        Assert.That((await orc.RunAsync("settings", "list", "--json")).Json.EnumerateArray().Any(row => row.GetProperty("isSet").GetBoolean()), Is.False);
    }

    [TestCase("task.ouptut", "1MiB", "ORC5120", "did you mean \"task.output\"?")]
    [TestCase("task.output", "much", "ORC5121", "Write a size")]
    [TestCase("script.time", "5", "ORC5121", "Write a duration")]
    [TestCase("map.items", "1e3", "ORC5121", "Write a whole number")]
    [TestCase("map.items", "-1", "ORC5122", "it may be 1 to 10000000")]
    [TestCase("task.output", "1GiB", "ORC5122", "it may be 1KiB to 16MiB")]
    [TestCase("map.items", "99999999999999999999999", "ORC5121", "Write a whole number")]
    public async Task WhatCannotBeSetIsRefusedAndLeavesNothing(string name, string value, string code, string words)
    {
        using var orc = new OrcProgram();
        var result = await orc.RunAsync("settings", "set", name, "--", value);

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Error, Does.Contain(code).And.Contain(words));
        Assert.That(Directory.Exists(orc.Home), Is.False);
    }

    [TestCase("{ broken", "ORC5123")]
    [TestCase("""{ "task.output": "1GiB" }""", "ORC5122")]
    [TestCase("""{ "no.such": "1" }""", "ORC5120")]
    public async Task ADamagedFileIsToldByEveryCommandThatNeedsIt(string text, string code)
    {
        using var orc = new OrcProgram();
        orc.Write(Path.Combine(".orc", "settings.json"), text);
        orc.Write("p.json", """{ "name": "p", "tasks": { "a": { "uses": "notify.log", "with": { "message": "x" } } } }""");
        var result = await orc.RunAsync("run", "p.json");

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Error, Does.Contain(code));
    }
}
