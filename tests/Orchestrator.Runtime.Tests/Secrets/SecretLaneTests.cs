using System.Text;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Tests.Hosting;

namespace Orchestrator.Runtime.Tests.Secrets;

/// <summary>What every lane does with secrets.</summary>
[TestFixture(Lane.Inline)]
[TestFixture(Lane.Process)]
[TestFixture(Lane.Command)]
public sealed class SecretLaneTests(Lane lane)
{
    private const string Value = "s3cr3t-Value/with+signs";

    private TemporaryHome folder = null!;
    private TestEngine engine = null!;

    [OneTimeSetUp]
    public void Start()
    {
        folder = new TemporaryHome();
        engine = new TestEngine(folder.Home, secrets: new Dictionary<string, string> { ["TOKEN"] = Value, ["OTHER"] = "not for you" });
    }

    [OneTimeTearDown]
    public async Task End()
    {
        await engine.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task AnAttemptGetsItsSecretAndLeavesNoTraceOfIt()
    {
        var attempt = engine.Start(new TellActivity { Text = "Bearer " + SecretFunctions.Secret("TOKEN") }, lane, secrets: [new(SecretSource.Any, "TOKEN")]);

        Assert.That(await attempt.Progress.NextAsync(), Is.EqualTo("progress Bearer ***"));
        var result = (AttemptResult.Succeeded)await attempt.EndAsync();
        Assert.That(result.Outputs["length"].GetInt32(), Is.EqualTo("Bearer ".Length + Value.Length), "the activity has seen the value");
        Assert.That(result.Outputs["told"].GetString(), Is.EqualTo("Bearer ***"));
        Assert.That(result.Facts.Single().Value.GetRawText(), Does.Contain("Bearer ***"));
        Assert.That(await attempt.LogTextAsync(), Does.Contain("logged Bearer ***").And.Contain("base64 "));
        AssertNoTrace();
    }

    [Test]
    public async Task AFailureHoldsNoSecret()
    {
        var failure = await engine.Start(new TellActivity { Text = SecretFunctions.Secret("store.TOKEN"), Fail = true }, lane, secrets: [new(SecretSource.Store, "TOKEN")]).FailureAsync();

        Assert.That(failure.Message, Is.EqualTo("unexpected error: no luck with *** (InvalidOperationException)"));
        AssertNoTrace();
    }

    [Test]
    public async Task ASecretThatIsNotThereHasNearNames()
    {
        var failure = await engine.Start(new TellActivity { Text = SecretFunctions.Secret("TOKNE") }, lane, secrets: [new(SecretSource.Any, "TOKNE")]).FailureAsync();

        Assert.That(failure.Code, Is.EqualTo("ORC5260"));
        Assert.That(failure.Help, Does.Contain("TOKEN"));
    }

    [Test]
    public async Task ASecretThatTheDefinitionDoesNotNameIsNotGiven()
    {
        var failure = await engine.Start(new TellActivity { Text = SecretFunctions.Secret("OTHER") }, lane, secrets: [new(SecretSource.Any, "TOKEN")]).FailureAsync();

        Assert.That(failure.Code, Is.EqualTo("ORC5266"));
    }

    [Test]
    public async Task AWorkerThatKnowsASecretServesNoOtherAttempt()
    {
        var first = await engine.Start(new TellActivity { Text = SecretFunctions.Secret("TOKEN") }, Lane.Process, secrets: [new(SecretSource.Any, "TOKEN")]).OutputsAsync();
        var second = await engine.Start(new TellActivity { Text = SecretText.OfPlain("nothing") }, Lane.Process).OutputsAsync();

        Assert.That(second["process"].GetInt32(), Is.Not.EqualTo(first["process"].GetInt32()));
    }

    /// <summary>In all files of the home but locks and the socket of the workers.</summary>
    private void AssertNoTrace()
    {
        foreach (var file in Directory.EnumerateFiles(folder.Home, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal) && Path.GetFileName(file) != "s"))
        {
            var text = Encoding.UTF8.GetString(File.ReadAllBytes(file));
            Assert.That(text, Does.Not.Contain(Value).And.Not.Contain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Value))), file);
        }
    }
}

[Activity("test.tell", Title = "Tell", Summary = "Says its secret in every way it can.")]
public sealed class TellActivity : Activity
{
    public required Input<SecretText> Text { get; set; }

    public Input<bool> Fail { get; set; } = false;

    public Output<string> Told { get; } = new();

    public Output<int> Length { get; } = new();

    public Output<int> Process { get; } = new();

    protected override Task ExecuteAsync(ActivityContext context)
    {
        var text = context.Reveal(Text.Value);
        context.Progress(0.5, $"progress {text}");
        context.Log($"logged {text}");
        context.Log($"base64 {Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}");
        context.Record(new NoteFact { Text = text });
        if (Fail.Value)
        {
            throw new InvalidOperationException($"no luck with {text}");
        }

        context.Set(Told, text);
        context.Set(Length, text.Length);
        context.Set(Process, Environment.ProcessId);
        return Task.CompletedTask;
    }
}
