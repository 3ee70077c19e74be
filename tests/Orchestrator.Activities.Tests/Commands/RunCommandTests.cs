using System.Text.Json;
using Orchestrator.Activities.Commands;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;

namespace Orchestrator.Activities.Tests.Commands;

[TestFixture]
[Platform(Exclude = "Win", Reason = "the programs here are those of Unix")]
public sealed class RunCommandTests
{
    private CommandEnvironment environment = null!;

    [SetUp]
    public void Start() => environment = new CommandEnvironment();

    [TearDown]
    public async Task End() => await environment.DisposeAsync();

    [Test]
    public async Task AListIsAProgramWithItsExactArguments()
    {
        var outputs = await environment.OutputsAsync("""{ "command": ["printf", "%s|", "a b", "$HOME", "*", 5, true, ""] }""");

        Assert.That(outputs["stdout"].GetString(), Is.EqualTo("a b|$HOME|*|5|true||"));
        Assert.That(outputs["exitCode"].GetInt32(), Is.Zero);
        Assert.That(outputs.ContainsKey("result"), Is.False);
    }

    [Test]
    public async Task ATextIsAScriptThatStopsAtTheFirstFailure()
    {
        var outputs = await environment.OutputsAsync("""{ "command": "echo one | tr o 0\necho two >&2; pwd" }""");

        Assert.That(outputs["stdout"].GetString(), Is.EqualTo($"0ne\n{environment.BaseDirectory}"));
        Assert.That(await environment.LogAsync(), Does.Contain("two"));
        Assert.That((await environment.FailureAsync("""{ "command": "echo before\nfalse\necho after" }""")).Details, Is.EqualTo(new[] { "before" }));
    }

    [Test]
    public async Task BashFailsWhenAnyPartOfAPipeFails()
    {
        await environment.OutputsAsync("""{ "command": "false | true" }""");

        Assert.That((await environment.FailureAsync("""{ "command": "false | true", "shell": "bash" }""")).Code, Is.EqualTo("ORC5601"));
    }

    [Test]
    public async Task InputsComeAndOutputsGoAsJsonFiles()
    {
        var outputs = await environment.OutputsAsync(
            """
            { "command": "test \"$ORC_TASK/$ORC_RUN/$ORC_ATTEMPT/$ORC_KEY\" = step/RUN1/1/RUN1/step; test -d \"$ORC_WORK\"; cp \"$ORC_INPUTS\" \"$ORC_OUTPUTS\"",
              "inputs": { "rows": [1, 2], "name": "ä" }, "outputs": ["rows", "name"] }
            """);

        Assert.That(JsonElement.DeepEquals(outputs["result"], JsonElement.Parse("""{"rows":[1,2],"name":"ä"}""")), Is.True);
    }

    [Test]
    public async Task VariablesAndFolderAreThoseOfTheTask()
    {
        Directory.CreateDirectory(Path.Combine(environment.BaseDirectory, "sub"));

        var outputs = await environment.OutputsAsync("""{ "command": "echo $COLOUR; basename $(pwd)", "environment": { "COLOUR": "green" }, "workingFolder": "sub" }""");

        Assert.That(outputs["stdout"].GetString(), Is.EqualTo("green\nsub"));
    }

    [Test]
    public async Task ASecretIsAVariableOrAFileOfTheAttemptAloneAndCoveredInWhatTheProgramPrints()
    {
        var outputs = await environment.OutputsAsync(
            """
            { "command": "echo token $TOKEN; stat -c %a $KEY_FILE; cat $KEY_FILE; echo; test $(wc -c < $KEY_FILE) = 12; printf $TOKEN | base64; printf '{\"t\":\"%s\"}' $TOKEN > $ORC_OUTPUTS; echo $KEY_FILE > path.txt",
              "environment": { "TOKEN": { "secret": "TOKEN" } }, "secretFiles": { "KEY_FILE": { "secret": "TOKEN" } } }
            """);

        Assert.That(outputs["stdout"].GetString(), Does.StartWith("token ***\n600\n***\n***"));
        Assert.That(outputs["result"].GetRawText(), Is.EqualTo("""{"t":"***"}"""));
        Assert.That(string.Join('\n', await environment.LogAsync()), Does.Not.Contain(FixedSecrets.Token));
        Assert.That(File.Exists(File.ReadAllText(Path.Combine(environment.BaseDirectory, "path.txt")).Trim()), Is.False, "gone with the attempt");
    }

    [Test]
    public async Task WhatOnlyTheEngineMayKnowIsNotInAProgramsEnvironment()
    {
        Environment.SetEnvironmentVariable("ORC_SECRET_HIDDEN", "hidden");
        Environment.SetEnvironmentVariable("ORC_API_KEY", "hidden");
        try
        {
            Assert.That((await environment.OutputsAsync("""{ "command": "env | grep -c -e ORC_SECRET -e ORC_API_KEY || true" }"""))["stdout"].GetString(), Is.EqualTo("0"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("ORC_SECRET_HIDDEN", null);
            Environment.SetEnvironmentVariable("ORC_API_KEY", null);
        }
    }

    [TestCase("""{ "command": ["true"], "environment": { "A": "x" }, "secretFiles": { "A": "y" } }""", "ORC5617")]
    [TestCase("""{ "command": ["true"], "secretFiles": { "../A": "y" } }""", "ORC5618")]
    [TestCase("""{ "command": ["true"], "environment": { "A": { "secret": "TOKNE" } } }""", "ORC5266")]
    public async Task AMistakeWithSecretsHasItsCode(string with, string code) => Assert.That((await environment.FailureAsync(with)).Code, Is.EqualTo(code));

    [TestCase(75, true)]
    [TestCase(3, false)]
    public async Task OnlyCodesThatTheAuthorNamesAreRetried(int code, bool retried) =>
        Assert.That((await environment.FailureAsync($$"""{ "command": "exit {{code}}", "retryCodes": [75] }""")).Retryable, Is.EqualTo(retried));

    [Test]
    public async Task AnExitCodeIsAFailureThatShowsTheLastLines()
    {
        var failure = await environment.FailureAsync("""{ "command": ["sh", "-c", "echo to stdout; echo bad column >&2; exit 3"] }""");

        Assert.That(failure.Code, Is.EqualTo("ORC5601"));
        Assert.That(failure.Message, Is.EqualTo("sh ended with exit code 3"));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Work));
        Assert.That(failure.Retryable, Is.True);
        Assert.That(failure.Details, Is.EquivalentTo(new[] { "to stdout", "bad column" }));
    }

    [Test]
    public async Task ASignalIsNamed() =>
        Assert.That((await environment.FailureAsync("""{ "command": ["sh", "-c", "kill -SEGV $$"] }""")).Message, Is.EqualTo("sh ended with exit code 139 (SIGSEGV)"));

    [Test]
    public async Task ExitCodesThatTheAuthorNamesAreSuccess()
    {
        var outputs = await environment.OutputsAsync("""{ "command": ["sh", "-c", "exit 3"], "exitCodes": [0, 3] }""");

        Assert.That(outputs["exitCode"].GetInt32(), Is.EqualTo(3));
    }

    [Test]
    public async Task AProgramThatIsNotThereHasNearNames()
    {
        var failure = await environment.FailureAsync("""{ "command": ["chmdo", "x"] }""");

        Assert.That(failure.Code, Is.EqualTo("ORC5602"));
        Assert.That(failure.Message, Is.EqualTo("there is no program \"chmdo\" on this machine"));
        Assert.That(failure.Help, Does.Contain("chmod"));
        Assert.That(failure.Retryable, Is.False);
    }

    [Test]
    public async Task AScriptFileThatIsNotThereHasNearNames()
    {
        environment.WriteProgram("scripts/train.sh", "#!/bin/sh\necho trained\n");

        Assert.That((await environment.OutputsAsync("""{ "command": ["./scripts/train.sh"] }"""))["stdout"].GetString(), Is.EqualTo("trained"));
        Assert.That((await environment.FailureAsync("""{ "command": ["./scripts/trian.sh"] }""")).Help, Does.Contain("train.sh"));
    }

    [Test]
    public async Task AFileThatMayNotBeExecutedIsToldHowToBe()
    {
        environment.WriteFile("train.sh", "echo x");

        var failure = await environment.FailureAsync("""{ "command": ["./train.sh"] }""");

        Assert.That(failure.Code, Is.EqualTo("ORC5603"));
        Assert.That(failure.Help, Does.Contain("chmod +x"));
    }

    [TestCase("""{ "command": ["true"], "workingFolder": "none" }""", "ORC5604")]
    [TestCase("""{ "command": "echo not json > $ORC_OUTPUTS" }""", "ORC5606")]
    [TestCase("""{ "command": "head -c 300000 /dev/zero > $ORC_OUTPUTS" }""", "ORC5607")]
    [TestCase("""{ "command": "echo '{\"aux\":1}' > $ORC_OUTPUTS", "outputs": ["auc"] }""", "ORC5608")]
    [TestCase("""{ "command": ["true"], "outputs": ["auc"] }""", "ORC5608")]
    [TestCase("""{ "command": [] }""", "ORC5609")]
    [TestCase("""{ "command": "  " }""", "ORC5609")]
    [TestCase("""{ "command": 5 }""", "ORC5001")]
    [TestCase("""{ "command": [["a"]] }""", "ORC5001")]
    public async Task AMistakeHasItsCode(string with, string code) => Assert.That((await environment.FailureAsync(with)).Code, Is.EqualTo(code));

    [Test]
    public async Task OnlyTheEndOfALongOutputIsKept()
    {
        var outputs = await environment.OutputsAsync("""{ "command": "seq 1 100000", "outputLimit": 23 }""");

        Assert.That(outputs["stdout"].GetString(), Is.EqualTo("99998\n99999\n100000"));
    }

    [Test]
    public async Task AProgramThatWaitsForInputGetsNone() =>
        Assert.That((await environment.OutputsAsync("""{ "command": "cat; echo done" }"""))["stdout"].GetString(), Is.EqualTo("done"));

    [Test]
    public async Task AProgramThatWaitsForAllItsChildrenIsNotHeldUp() =>
        Assert.That((await environment.OutputsAsync("""{ "command": "true & wait; echo done" }"""))["stdout"].GetString(), Is.EqualTo("done"));

    [Test]
    public async Task OutputIsInTheLogWhileTheProgramRunsAndStopEndsIt()
    {
        var running = environment.RunAsync("""{ "command": "echo started; sleep 100000" }""");
        await foreach (var line in environment.Logs.FollowAsync(LogKey.Of(environment.Last), running))
        {
            if (line.Text == "started")
            {
                Assert.That(running.IsCompleted, Is.False);
                await environment.Stop.CancelAsync();
            }
        }

        Assert.That(await running, Is.InstanceOf<AttemptResult.Cancelled>());
    }

    [Test]
    public async Task ATimeoutEndsTheProgram() =>
        Assert.That((await environment.FailureAsync("""{ "command": "trap '' TERM; sleep 100000; sleep 100000" }""", TimeSpan.FromMilliseconds(200))).Code, Is.EqualTo("ORC5201"));

    [Test]
    public async Task WithoutSourcesEachRunHasAFingerprintOfItsOwn()
    {
        var command = new RunCommand { Command = CommandFunctions.Shell("date") };

        var first = await FingerprintAsync(command);

        Assert.That(await FingerprintAsync(command), Is.Not.EqualTo(first));
    }

    [Test]
    public async Task SourcesMakeTheFingerprintOfTheirNamesAndBytes()
    {
        environment.WriteFile("train.py", "print(1)");
        environment.WriteFile("lib/a.py", "a");
        environment.WriteFile("lib/deep/b.py", "b");
        var command = new RunCommand { Command = CommandFunctions.Program("python3", "train.py"), Sources = ["train.py", "lib", "*.py"] };

        var first = await FingerprintAsync(command);
        Assert.That(await FingerprintAsync(command), Is.EqualTo(first));
        environment.WriteFile("lib/deep/b.py", "c");
        var second = await FingerprintAsync(command);
        File.Move(Path.Combine(environment.BaseDirectory, "lib/a.py"), Path.Combine(environment.BaseDirectory, "lib/z.py"));

        Assert.That(second, Is.Not.EqualTo(first));
        Assert.That(await FingerprintAsync(command), Is.Not.EqualTo(second));
    }

    [Test]
    public void ASourceThatIsNotThereIsRefused() => Assert.That(
        Assert.ThrowsAsync<ActivityException>(() => FingerprintAsync(new RunCommand { Command = CommandFunctions.Shell("x"), Sources = ["none/*.py"] }))!.Failure.Code,
        Is.EqualTo("ORC5605"));

    [Test]
    public async Task AnotherFileChangesTheFingerprintByItsName()
    {
        environment.WriteFile("train.py", "print(1)");
        var before = Fingerprints.PartsOf(await FingerprintAsync(new RunCommand { Command = CommandFunctions.Program("sh", "-e", "train.py"), Sources = [] }))!;
        environment.WriteFile("train.py", "print(2)");
        var after = Fingerprints.PartsOf(await FingerprintAsync(new RunCommand { Command = CommandFunctions.Program("sh", "-e", "train.py"), Sources = [] }))!;

        Assert.That(before.Keys, Is.EquivalentTo(new[] { "program", "what is in the program", "script train.py" }), "what an interpreter is given counts although nobody names it");
        Assert.That(before.Keys.Where(part => before[part] != after[part]), Is.EqualTo(new[] { "script train.py" }));
    }

    [Test]
    public async Task TheProgramIsPartOfTheFingerprintWithItsPlaceAndItsBytes()
    {
        environment.WriteProgram("bin/tool", "#!/bin/sh\necho 1");
        var command = new RunCommand { Command = CommandFunctions.Program("bin/tool"), Sources = [] };
        var first = Fingerprints.PartsOf(await FingerprintAsync(command))!;
        environment.WriteProgram("bin/tool", "#!/bin/sh\necho 2");

        Assert.That(first["program"], Is.EqualTo("bin/tool"), "relative, so that a checkout elsewhere has the same");
        Assert.That(Fingerprints.PartsOf(await FingerprintAsync(command))!["what is in the program"], Is.Not.EqualTo(first["what is in the program"]));
        Assert.That(Fingerprints.IsUnknown(await FingerprintAsync(new RunCommand { Command = CommandFunctions.Program("no-such-program"), Sources = [] })), Is.True, "the attempt says what is missing");
    }

    [Test]
    public async Task OfManySourcesOneHashIsKept()
    {
        foreach (var number in Enumerable.Range(0, 30))
        {
            environment.WriteFile($"lib/{number}.py", "x");
        }

        Assert.That(Fingerprints.PartsOf(await FingerprintAsync(new RunCommand { Command = CommandFunctions.Shell("true"), Sources = ["lib"] }))!.Keys, Does.Contain("one of its 30 sources"));
    }

    [Test]
    public async Task ASkipCodeIsNoFailureAndTheLastLineIsItsReason()
    {
        var failure = await environment.FailureAsync("""{ "command": "echo looking; echo nothing new since Monday; exit 99", "skipCodes": [99], "retryCodes": [75] }""");

        Assert.That(failure.Skips, Is.True);
        Assert.That(failure.Message, Is.EqualTo("the sh script ended with exit code 99, which skips the task: nothing new since Monday"));
    }

    [TestCase("""{ "command": "exit 3", "exitCodes": [0, 3], "skipCodes": [3] }""", "exit code 3 stands in exitCodes and in skipCodes")]
    [TestCase("""{ "command": "exit 0", "skipCodes": [0] }""", "exit code 0 stands in exitCodes and in skipCodes")]
    [TestCase("""{ "command": "exit 75", "retryCodes": [75], "skipCodes": [75, 76] }""", "exit code 75 stands in retryCodes and in skipCodes")]
    public async Task ACodeMeansOneThing(string with, string message)
    {
        var failure = await environment.FailureAsync(with);

        Assert.That(failure.Code, Is.EqualTo("ORC5619"));
        Assert.That(failure.Message, Is.EqualTo(message));
    }

    [TestCase("""["a","b c"]""")]
    [TestCase("\"a | b\"")]
    public void ACommandIsWrittenAsItWasRead(string json) =>
        Assert.That(OrcJson.ToElement(JsonSerializer.Deserialize<CommandLine>(json, OrcJson.Options)).GetRawText(), Is.EqualTo(json));

    private Task<string?> FingerprintAsync(RunCommand command) =>
        ActivityRunner.FingerprintAsync(command, new FingerprintContext { BaseDirectory = environment.BaseDirectory, Cancellation = CancellationToken.None });
}
