using Orchestrator.Activities.Containers;
using Orchestrator.Activities.Tests.Commands;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;

namespace Orchestrator.Activities.Tests.Containers;

/// <summary>Real containers of podman, where it can run.</summary>
[TestFixture]
[NonParallelizable]
[Platform("Linux", Reason = "podman runs containers of Linux")]
public sealed class RunContainerTests
{
    private TestImage image = null!;
    private CommandEnvironment environment = null!;

    [OneTimeSetUp]
    public async Task MakeImage() => image = await TestImage.MakeAsync();

    [OneTimeTearDown]
    public async Task RemoveImage() => await (image?.DisposeAsync() ?? ValueTask.CompletedTask);

    [SetUp]
    public void Start() => environment = new CommandEnvironment(typeof(RunContainer));

    [TearDown]
    public async Task End() => await environment.DisposeAsync();

    [Test]
    public async Task InputsOutputsVariablesSecretsAndMountsAreThoseOfACommand()
    {
        environment.WriteFile("data/rows.csv", "a,b");

        var outputs = await environment.OutputsAsync(With(
            """
            "command": "test \"$ORC_TASK/$ORC_RUN/$ORC_WORK\" = step/RUN1//orc; test $(cat $KEY) = $TOKEN; cat /data/rows.csv; echo; echo $COLOUR $TOKEN; cp $ORC_INPUTS $ORC_OUTPUTS",
            "environment": { "COLOUR": "green", "TOKEN": { "secret": "TOKEN" } }, "secretFiles": { "KEY": { "secret": "TOKEN" } },
            "mounts": [ { "from": "data", "to": "/data" } ], "inputs": { "rows": [1, 2] }, "outputs": ["rows"]
            """));

        Assert.That(outputs["stdout"].GetString(), Is.EqualTo("a,b\ngreen ***"));
        Assert.That(outputs["result"].GetRawText(), Is.EqualTo("""{"rows":[1,2]}"""));
        Assert.That(await TestImage.ListAsync(), Is.Empty);
    }

    [Test]
    public async Task AMountIsReadOnlyUnlessItSaysWrite()
    {
        Directory.CreateDirectory(Path.Combine(environment.BaseDirectory, "data"));

        Assert.That((await environment.FailureAsync(With("""
            "command": ["touch", "/data/x"], "mounts": [ { "from": "data", "to": "/data" } ]
            """))).Code, Is.EqualTo("ORC5601"));
        await environment.OutputsAsync(With("""
            "command": ["touch", "/data/x"], "mounts": [ { "from": "data", "to": "/data", "write": true } ]
            """));
        Assert.That(File.Exists(Path.Combine(environment.BaseDirectory, "data", "x")), Is.True);
    }

    [Test]
    public async Task AnExitCodeIsThatOfTheProgram()
    {
        var failure = await environment.FailureAsync(With("""
            "command": "echo bad column >&2; exit 3"
            """));

        Assert.That(failure.Code, Is.EqualTo("ORC5601"));
        Assert.That(failure.Message, Does.EndWith("exit code 3"));
        Assert.That(failure.Details, Is.EqualTo(new[] { "bad column" }));
    }

    [TestCase("""{ "image": "localhost/none:1", "pull": "never" }""", "ORC5621")]
    [TestCase("""{ "image": "localhost/orc-test:1", "network": "none", "command": ["no-such-program"] }""", "ORC5622")]
    [TestCase("""{ "image": "localhost/orc-test:1", "mounts": [ { "from": "none", "to": "/x" } ] }""", "ORC5623")]
    [TestCase("""{ "image": "localhost/orc-test:1", "mounts": [ { "from": ".", "to": "/orc/" } ] }""", "ORC5624")]
    [TestCase("""{ "image": "localhost/orc-test:1", "mounts": [ { "from": ".", "to": "/a:rw" } ] }""", "ORC5624")]
    [TestCase("""{ "image": "localhost/orc-test:1", "memory": "much" }""", "ORC5625")]
    [TestCase("""{ "image": "localhost/orc-test:1", "environment": { "A=B": "x" } }""", "ORC5626")]
    public async Task AMistakeHasItsCode(string with, string code) => Assert.That((await environment.FailureAsync(with)).Code, Is.EqualTo(code));

    [Test]
    public async Task LimitsReachTheContainer() => await environment.OutputsAsync(With("""
        "command": ["true"], "memory": "64MiB", "cpus": 0.5
        """).Replace("[\"true\"]", "\"echo ok\"", StringComparison.Ordinal));

    [Test]
    public async Task AStopEndsTheContainerToo()
    {
        var running = environment.RunAsync(With("""
            "command": "trap '' TERM; echo started; while true; do sleep 1; done"
            """));
        await foreach (var line in environment.Logs.FollowAsync(LogKey.Of(environment.Last), running))
        {
            if (line.Text == "started")
            {
                Assert.That(await TestImage.ListAsync(), Is.EqualTo("orc-a1"));
                await environment.Stop.CancelAsync();
            }
        }

        Assert.That(await running, Is.InstanceOf<AttemptResult.Cancelled>());
        Assert.That(await TestImage.ListAsync(), Is.Empty);
    }

    private static string With(string rest) => $$"""{ "image": "{{TestImage.Name}}", "pull": "never", "network": "none", {{rest}} }""";
}

/// <summary>What needs no container to be told.</summary>
[TestFixture]
[NonParallelizable]
public sealed class NoContainerEngineTests
{
    [Test]
    public async Task AMachineWithoutPodmanAndDockerIsToldWhatToInstall()
    {
        await using var environment = new CommandEnvironment(typeof(RunContainer));
        var path = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", environment.BaseDirectory);
        try
        {
            var failure = await environment.FailureAsync("""{ "image": "x" }""");

            Assert.That(failure.Code, Is.EqualTo("ORC5620"));
            Assert.That(failure.Message, Is.EqualTo("there is no podman and no docker on this machine"));
            Assert.That(failure.Help, Does.Contain("apt-get install podman"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }
}
