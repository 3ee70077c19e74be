using System.Globalization;

namespace Orchestrator.EndToEnd.Tests.BadInput;

/// <summary>Definitions that nobody should write: refused with a code and words, exit code 2, in a process that lives on to say so.</summary>
public sealed class DefinitionTests
{
    private static readonly int[] ManyNumbers = [.. Enumerable.Range(0, 100_000)];

    private static IEnumerable<TestCaseData> Expressions()
    {
        // Each of these ended the process by an overflow of its stack, in the parser or in what walks its tree.
        yield return Case("a chain of operators", string.Join(" + ", Enumerable.Repeat("1", 100_000)));
        yield return Case("a chain of members", "params" + string.Concat(Enumerable.Repeat(".a", 50_000)));
        yield return Case("conditions in conditions", string.Concat(Enumerable.Repeat("1?", 20_000)) + "1" + string.Concat(Enumerable.Repeat(":1", 20_000)));
        yield return Case("parentheses", new string('(', 500_000) + "1" + new string(')', 500_000));
        yield return Case("brackets", new string('[', 500_000) + "1" + new string(']', 500_000));
        yield return Case("negations", new string('!', 1_000_000) + "1");
        yield return Case("functions in functions", string.Concat(Enumerable.Repeat("a=>", 3_000)) + "1");
        yield return Case("a text of megabytes", "'" + new string('x', 2_000_000) + "'");

        static TestCaseData Case(string name, string expression) => new TestCaseData(expression).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Expressions))]
    public async Task AnExpressionThatIsTooLargeIsRefusedWithWords(string expression)
    {
        using var orc = new OrcProgram();
        orc.Write("p.json", Say("x ${" + expression + "}"));
        var result = await orc.RunAsync("validate", "p.json");

        Assert.That(result.ExitCode, Is.EqualTo(2), result.Error);
        Assert.That(result.Output + result.Error, Does.Contain("ORC1030").And.Contain("Do the work in a task"));
    }

    [Test]
    public async Task MoreTasksThanTheHomeAllowsAreRefusedAndTheLimitCanBeRaised()
    {
        using var orc = new OrcProgram();
        orc.Write("p.json", $$"""{ "name": "many", "tasks": { {{string.Join(", ", Enumerable.Range(0, 11).Select(index => $$""" "t{{index}}": { "uses": "notify.log", "with": { "message": "x" } } """))}} } }""");
        await orc.RunAsync("settings", "set", "definition.tasks", "10");
        var refused = await orc.RunAsync("run", "p.json");
        Assert.That(refused.ExitCode, Is.EqualTo(2), refused.ToString());
        Assert.That(refused.Output + refused.Error, Does.Contain("ORC2013").And.Contain("orc settings set definition.tasks VALUE"));

        await orc.RunAsync("settings", "set", "definition.tasks", "11");
        Assert.That((await orc.RunAsync("run", "p.json")).ExitCode, Is.Zero);
    }

    [Test]
    public async Task AMillionParametersAreOneFinding()
    {
        using var orc = new OrcProgram();
        var parameters = string.Join(",", Enumerable.Range(0, 300_000).Select(index => $"\"p{index.ToString(CultureInfo.InvariantCulture)}\":{{\"type\":\"integer\"}}"));
        orc.Write("p.json", $$"""{ "name": "many", "params": { {{parameters}} }, "tasks": { "a": { "uses": "notify.log", "with": { "message": "x" } } } }""");
        var result = await orc.RunAsync("validate", "p.json");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Output + result.Error, Does.Contain("ORC2040").And.Contain("orc settings set definition.parameters VALUE").And.Contain("1 error"));
    }

    [TestCase("p.json", "ORC1014", "definition.characters")]
    [TestCase("p.csx", "ORC4008", "script.characters")]
    public async Task AFileOfAGigabyteIsRefusedUnread(string name, string code, string setting)
    {
        using var orc = new OrcProgram();
        using (var file = File.Create(Path.Combine(orc.Folder, name)))
        {
            file.SetLength(1L << 30);
        }

        var result = await orc.RunAsync("validate", name);

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Output + result.Error, Does.Contain(code).And.Contain($"orc settings set {setting} VALUE"));
    }

    [TestCase("""{ "name": "d", "tasks": { "a": { "uses": "notify.log", "timeout": "99999999999999h", "with": { "message": "x" } } } }""", "ORC3013")]
    [TestCase("""{ "name": "d", "parallel": 1e300, "tasks": { "a": { "uses": "notify.log", "with": { "message": "x" } } } }""", "ORC1101")]
    [TestCase("""{ "name": "d", "params": { "n": { "type": "number", "default": 1e999 } }, "tasks": { "a": { "uses": "notify.log", "with": { "message": "${params.n}" } } } }""", "ORC1010")]
    [TestCase("""{ "name": "d", "params": { "n": { "type": "integer", "default": 99999999999999999999999 } }, "tasks": { "a": { "uses": "notify.log", "with": { "message": "${String(params.n)}" } } } }""", "ORC3016")]
    [TestCase("""{ "name": "d\u202e", "tasks": { "a": { "uses": "notify.log", "with": { "message": "x" } } } }""", "ORC2001")]
    [TestCase("""{ "name": "d", "tasks": { "../../etc": { "uses": "notify.log", "with": { "message": "x" } } } }""", "ORC2001")]
    [TestCase("""{ "name": "d", "tasks": { "a\u0301": { "uses": "notify.log", "with": { "message": "x" } } } }""", "ORC2001")]
    public async Task NumbersAndNamesThatCannotBeAreRefused(string definition, string code)
    {
        using var orc = new OrcProgram();
        orc.Write("p.json", definition);
        var result = await orc.RunAsync("validate", "p.json");

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Output + result.Error, Does.Contain(code));
    }

    [Test]
    public async Task OddTextIsAValueLikeAnyOther()
    {
        using var orc = new OrcProgram();
        orc.Write("p.json", Say("\\u202e\\ud83d\\ude00 \\u001b[2J \\u0000 e\\u0301 \\ud800"));
        var result = await orc.RunAsync("run", "p.json");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(await File.ReadAllTextAsync(Directory.GetFiles(Path.Combine(orc.Home, "logs"), "*.log", SearchOption.AllDirectories).Single()), Does.Contain("😀").And.Not.Contain("\u001b").And.Not.Contain("\u202e"));
    }

    [Test]
    public async Task AListOfAHundredThousandIsNoTrouble()
    {
        using var orc = new OrcProgram();
        orc.Write("p.json", $$"""
            { "name": "list", "params": { "all": { "type": "json", "default": [{{string.Join(",", ManyNumbers)}}] } },
              "tasks": { "a": { "uses": "notify.log", "with": { "message": "${String(params.all.length)}" } } } }
            """);
        var result = await orc.RunAsync("run", "p.json", "--json");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
    }

    [TestCase("int F(int n) => F(n + 1) + 1;\nvar p = Pipeline(\"r\");\np.Add(\"a\", new NotifyLog { Message = $\"{F(0)}\" });\nreturn p;", "ORC4030", null)]
    [TestCase("class N { public N Next => new N().Next; }\nvar p = Pipeline(\"r\");\nvar x = new N().Next;\nreturn p;", "ORC4030", null)]
    [TestCase("Func<int, int> f = null;\nf = n => f(n + 1) + 1;\nvar p = Pipeline(\"r\");\np.Add(\"a\", new NotifyLog { Message = $\"{f(0)}\" });\nreturn p;", "ORC4030", null)]
    [TestCase("var l = new List<byte[]>();\nwhile (true) { l.Add(new byte[100000]); }\nreturn Pipeline(\"r\");", "ORC4031", "script.memory 64MiB")]
    [TestCase("while (true) { }\nreturn Pipeline(\"r\");", "ORC4009", "script.time 500ms")]
    public async Task AScriptThatWouldEndTheProcessIsAFindingWithItsPlace(string script, string code, string? setting)
    {
        using var orc = new OrcProgram();
        if (setting?.Split(' ') is [var name, var value])
        {
            await orc.RunAsync("settings", "set", name, value);
        }

        orc.Write("p.csx", script);
        var result = await orc.RunAsync("validate", "p.csx");

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Output + result.Error, Does.Contain(code).And.Contain("--> p.csx:"));
    }

    private static string Say(string text) => $$"""{ "name": "p", "tasks": { "a": { "uses": "notify.log", "with": { "message": "{{text}}" } } } }""";
}
