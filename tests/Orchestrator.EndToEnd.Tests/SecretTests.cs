using System.Text;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>A secret reaches the program that needs it, and nothing that a run leaves behind holds its bytes.</summary>
public sealed class SecretTests
{
    private const string Secret = "Tr0ub4dor&3-and/more+signs";

    [Test]
    public async Task NothingThatARunLeavesBehindHoldsASecret()
    {
        using var orc = new OrcProgram();
        var said = new StringBuilder();
        async Task<ProgramResult> DoAsync(int code, params string[] arguments)
        {
            var result = await orc.RunAsync(arguments);
            said.Append(result.Output).Append(result.Error);
            Assert.That(result.ExitCode, Is.EqualTo(code), $"{string.Join(' ', arguments)}: {result}");
            return result;
        }

        var set = await orc.RunWithInputAsync(Secret + "\n", "secrets", "set", "TOKEN");
        Assert.That(set.ExitCode, Is.Zero, set.ToString());
        await DoAsync(0, "secrets", "list");
        var file = orc.Write("leaky.json", """
            { "name": "leaky", "tasks": {
                "use": { "uses": "exec.command", "with": {
                  "command": "test \"$TOKEN\" = \"$(cat $KEY)\"; echo \"token is $TOKEN\"; echo \"$TOKEN\" >&2; printf %s \"$TOKEN\" | base64; printf '{\"token\":\"%s\",\"length\":%d}' \"$TOKEN\" $${#TOKEN} > $ORC_OUTPUTS",
                  "environment": { "TOKEN": "${secrets.TOKEN}" }, "secretFiles": { "KEY": "${secrets.store.TOKEN}" } } },
                "after": { "uses": "notify.log", "with": { "message": "got ${tasks.use.stdout} ${tasks.use.result.token} of ${tasks.use.result.length}" } },
                "fail": { "uses": "exec.command", "needs": ["after"], "with": { "command": "echo bad $TOKEN; exit 3", "environment": { "TOKEN": "${secrets.TOKEN}" } } } } }
            """);
        await DoAsync(1, "run", file);
        var run = (await orc.RunAsync("runs", "--json")).Json[0].GetProperty("id").GetString() ?? "";
        await DoAsync(0, "show", run);
        await DoAsync(0, "show", run, "--json");
        var log = await DoAsync(0, "logs", run, "after");

        Assert.That(log.Output, Does.Contain("*** of 26"), "the program had the real value");
        Assert.That(said.ToString(), Does.Contain("***"));
        AssertClean("what the program said", Encoding.UTF8.GetBytes(said.ToString()));
        foreach (var left in Directory.EnumerateFiles(orc.Folder, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith(".lock", StringComparison.Ordinal)))
        {
            AssertClean(left, await File.ReadAllBytesAsync(left));
        }
    }

    private static void AssertClean(string where, byte[] bytes)
    {
        string[] forms = [Secret, Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret)), Uri.EscapeDataString(Secret), Secret.Replace("&", "\\u0026", StringComparison.Ordinal)];
        Assert.That(forms.Where(form => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(form)) >= 0), Is.Empty, where);
    }
}
