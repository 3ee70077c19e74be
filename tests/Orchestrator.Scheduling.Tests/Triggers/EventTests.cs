using System.Text;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Scheduling.Events;
using Orchestrator.Scheduling.Tests.Hosting;
using Orchestrator.Scheduling.Webhooks;
using Orchestrator.Storage.Alerts;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling.Tests.Triggers;

/// <summary>Runs for things that happen, and what is written down of those that start none.</summary>
public sealed class EventTests
{
    private SchedulerHome home = null!;
    private AcceptingStarter starter = null!;

    [SetUp]
    public async Task SetUp()
    {
        home = await SchedulerHome.CreateAsync();
        starter = new AcceptingStarter(home.Stores, home.Clock);
    }

    [TearDown]
    public async Task TearDown() => await home.DisposeAsync();

    private async Task<string[]> DecisionsAsync(string pipeline, string name) => [.. (await home.AllTicksAsync(pipeline, name)).Select(tick => tick.Reason is null ? tick.Decision : $"{tick.Decision}: {tick.Reason}")];

    private Task SweepAsync(IFileListing? files = null) => home.Core(starter, files).SweepAsync(CancellationToken.None);

    private Task<bool> TellAsync(string kind, string subject, object payload) => home.Stores.Triggers.AddSignalAsync(
        new NewSignal { Topic = new SignalTopic(kind, subject), Payload = OrcJson.ToElement(payload), At = home.Clock.GetUtcNow() }, CancellationToken.None);

    [Test]
    public async Task AFilterDecidesAndItsReasonIsKept()
    {
        await home.RegisterAsync("p", new DatasetTrigger
        {
            Dataset = "customers", When = "run.trigger.event.rows > 10", Overlap = Overlap.Allow, Params = TaskDefinition.EmptyWith,
        });
        await SweepAsync();
        await TellAsync(Signals.DatasetUpdated, "customers", new { rows = 5 });
        await TellAsync(Signals.DatasetUpdated, "customers", new { rows = 50 });
        await TellAsync(Signals.DatasetUpdated, "customers", new { });
        Assert.That(await TellAsync(Signals.DatasetUpdated, "others", new { rows = 50 }), Is.False, "nobody waits for them");
        await SweepAsync();
        await SweepAsync();

        Assert.That(await DecisionsAsync("p", "dataset"), Is.EqualTo(new[]
        {
            "ignored: \"when\" is false: run.trigger.event.rows > 10", "started", "ignored: \"when\" is false: run.trigger.event.rows > 10",
        }));
        Assert.That((await home.RunsAsync()).Single().Trigger!.Value.GetProperty("event").GetRawText(), Is.EqualTo("""{"rows":50}"""));
    }

    [Test]
    public async Task WhatHappensWhileNoSchedulerIsThereIsHeardLaterAndOnce()
    {
        await home.RegisterAsync("p", new ModelTrigger { Model = "churn", Overlap = Overlap.Allow });
        await SweepAsync();
        await TellAsync(Signals.AliasMoved, "churn@champion", new { version = 2 });
        await TellAsync(Signals.AliasMoved, "churn@champion", new { version = 3 });
        await Task.WhenAll(SweepAsync(), SweepAsync());
        await SweepAsync();

        Assert.That(await DecisionsAsync("p", "model"), Is.EqualTo(new[] { "started", "started" }));
    }

    [Test]
    public async Task TheEndOfARunStartsThoseWhoWaitForIt()
    {
        await home.RegisterAsync("rows", new PipelineTrigger { Pipeline = "before", When = "run.trigger.event.outputs.rows > 10" });
        await home.RegisterAsync("clean", new PipelineTrigger { Pipeline = "before", Outcome = RunOutcome.Failed });
        await home.RegisterAsync("before", new IntervalTrigger { Every = TimeSpan.FromHours(1), Overlap = Overlap.Allow });
        await SweepAsync();
        foreach (var (status, rows) in new[] { ("succeeded", 5), ("succeeded", 50), ("failed", 50) })
        {
            home.Clock.Advance(TimeSpan.FromHours(1));
            await SweepAsync();
            await starter.EndAsync((await home.RunsAsync("before"))[^1].Id, status, OrcJson.ToElement(new { rows }));
        }

        await SweepAsync();
        var runs = await home.RunsAsync("before");
        Assert.That(await DecisionsAsync("rows", "pipeline"), Is.EqualTo(new[]
        {
            "ignored: \"when\" is false: run.trigger.event.outputs.rows > 10", "started", $"ignored: run {runs[2].Id} is failed, and the trigger waits for succeeded",
        }));
        Assert.That(await DecisionsAsync("clean", "pipeline"), Is.EqualTo(new[]
        {
            $"ignored: run {runs[0].Id} is succeeded, and the trigger waits for failed", $"ignored: run {runs[1].Id} is succeeded, and the trigger waits for failed", "started",
        }));
    }

    [Test]
    public async Task AnAlertStartsThoseWhoWaitForItAndForWhatIsSoSevere()
    {
        await home.RegisterAsync("any", new AlertTrigger { Alert = "drift", Overlap = Overlap.Allow });
        await home.RegisterAsync("worse", new AlertTrigger { Alert = "drift", Severity = AlertSeverity.Warning, Subject = "churn", Overlap = Overlap.Allow, When = "run.trigger.event.reason != 'because'" });
        await SweepAsync();
        async Task RaiseAsync(AlertSeverity severity, string subject, string reason = "because") => await home.Stores.Alerts.RaiseAsync(
            new NewAlert { Name = "drift", Subject = subject, Severity = severity, Reason = reason, By = "test" }, home.Clock, null, CancellationToken.None);
        await RaiseAsync(AlertSeverity.Info, "churn");
        await RaiseAsync(AlertSeverity.Info, "churn");
        await RaiseAsync(AlertSeverity.Warning, "fraud");
        await RaiseAsync(AlertSeverity.Warning, "churn");
        await RaiseAsync(AlertSeverity.Critical, "churn", "it goes on");
        await SweepAsync();

        Assert.That(await DecisionsAsync("any", "alert"), Is.EqualTo(new[] { "started", "started", "started", "started" }), "what was open and no worse was no news");
        Assert.That(await DecisionsAsync("worse", "alert"), Is.EqualTo(new[]
        {
            "ignored: the alert is of severity info, and the trigger waits for warning", "ignored: the alert is about \"fraud\", and the trigger waits for \"churn\"",
            "ignored: \"when\" is false: run.trigger.event.reason != 'because'", "started",
        }));
    }

    [Test]
    public async Task AFileIsToldOfWhenItIsWholeAndAgainWhenItChanges()
    {
        var incoming = Directory.CreateDirectory(Path.Combine(home.Folder, "incoming")).FullName;
        await home.RegisterAsync("p", new FileTrigger { File = "incoming/*.csv", Stable = TimeSpan.FromSeconds(10), Poll = TimeSpan.FromSeconds(5), Overlap = Overlap.Allow });
        var file = Path.Combine(incoming, "a.csv");
        async Task PassAsync(int seconds)
        {
            for (var i = 0; i < seconds; i += 5)
            {
                home.Clock.Advance(TimeSpan.FromSeconds(5));
                await SweepAsync();
            }
        }

        await SweepAsync();
        await File.WriteAllTextAsync(file, "1");
        await File.WriteAllTextAsync(Path.Combine(incoming, "a.txt"), "no csv");
        await PassAsync(5);
        // Still being written.
        await File.WriteAllTextAsync(file, "1,2");
        await PassAsync(10);
        Assert.That(await DecisionsAsync("p", "file"), Is.Empty);
        await PassAsync(20);
        Assert.That(await DecisionsAsync("p", "file"), Is.EqualTo(new[] { "started" }));
        var happened = (await home.RunsAsync()).Single().Trigger!.Value.GetProperty("event");
        Assert.That((happened.GetProperty("path").GetString(), happened.GetProperty("size").GetInt64()), Is.EqualTo((file, 3)));

        await File.WriteAllTextAsync(file, "1,2,3");
        await PassAsync(30);
        File.Delete(file);
        await PassAsync(30);
        Assert.That(await DecisionsAsync("p", "file"), Is.EqualTo(new[] { "started", "started" }));
        Assert.That(await home.Stores.Triggers.ListFilesAsync(new TriggerKey("p", "file"), CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task ACombinationRunsOnceForAllOfIt()
    {
        await home.RegisterAsync("p", new CombinedTrigger
        {
            Of = [new DatasetTrigger { Dataset = "a" }, new DatasetTrigger { Dataset = "b", When = "run.trigger.event.rows > 10" }], All = true, Within = TimeSpan.FromMinutes(10), Overlap = Overlap.Allow,
        });
        await SweepAsync();
        await TellAsync(Signals.DatasetUpdated, "a", new { rows = 1 });
        await TellAsync(Signals.DatasetUpdated, "b", new { rows = 2 });
        await SweepAsync();
        Assert.That(await DecisionsAsync("p", "combination"), Is.EqualTo(new[] { "ignored: \"when\" is false: run.trigger.event.rows > 10" }));

        // The first has waited too long; found by the clock alone.
        home.Clock.Advance(TimeSpan.FromMinutes(11));
        await SweepAsync();
        await TellAsync(Signals.DatasetUpdated, "b", new { rows = 20 });
        await SweepAsync();
        await TellAsync(Signals.DatasetUpdated, "a", new { rows = 3 });
        await SweepAsync();
        Assert.That(await DecisionsAsync("p", "combination"), Is.EqualTo(new[]
        {
            "ignored: it has waited for the others for longer than 10m", "ignored: \"when\" is false: run.trigger.event.rows > 10", "started",
        }));
        Assert.That((await home.RunsAsync()).Single().Trigger!.Value.GetProperty("event").GetRawText(), Is.EqualTo("""{"events":[{"rows":3},{"rows":20}]}"""));
    }

    [Test]
    public async Task WhatHappensWhileATriggerIsPausedIsPassedOver()
    {
        await home.RegisterAsync("p", new DatasetTrigger { Dataset = "a", Overlap = Overlap.Allow });
        await SweepAsync();
        var key = new TriggerKey("p", "dataset");
        await home.Control.PauseAsync((await home.TriggerAsync("p", "dataset"))!, "ann", null, CancellationToken.None);
        await TellAsync(Signals.DatasetUpdated, "a", new { rows = 1 });
        await SweepAsync();
        await TellAsync(Signals.DatasetUpdated, "a", new { rows = 2 });
        Assert.That(await home.Control.ResumeAsync(key, CancellationToken.None), Is.EqualTo(1));
        await TellAsync(Signals.DatasetUpdated, "a", new { rows = 3 });
        await SweepAsync();

        Assert.That(await DecisionsAsync("p", "dataset"), Is.EqualTo(new[] { "skipped: paused by ann", "skipped: paused by ann", "started" }));
    }

    [Test]
    public async Task ASignedRequestStartsARunAndARepetitionDoesNot()
    {
        await home.RegisterAsync("p", new WebhookTrigger { Webhook = "orders", Secret = "KEY", When = "run.trigger.event.payload.amount > 10" });
        await home.RegisterAsync("q", new WebhookTrigger { Webhook = "orders", Secret = "OTHER" });
        await SweepAsync();
        var intake = new WebhookIntake(home.Stores, DefinitionReader.Load, (secret, _) => Task.FromResult<string?>(secret.Name == "KEY" ? "s3cret" : "another"), home.Clock);
        Task<WebhookOutcome> Send(string body, string signature, string name = "orders") => intake.ReceiveAsync(
            new WebhookRequest { Name = name, Body = Encoding.UTF8.GetBytes(body), Headers = new Dictionary<string, string> { ["x-orc-signature"] = signature, ["X-Api-Key"] = "k" } }, CancellationToken.None);
        string Sign(string body, int seconds = 0, string secret = "s3cret") => WebhookSignature.Sign(secret, Encoding.UTF8.GetBytes(body), home.Clock.GetUtcNow().AddSeconds(seconds));

        const string Body = """{"amount":20}""";
        Assert.That(await Send(Body, Sign(Body), "nobody"), Is.EqualTo(WebhookOutcome.NotFound));
        Assert.That(await Send(Body, Sign(Body, secret: "guess")), Is.EqualTo(WebhookOutcome.Refused));
        Assert.That(await Send("""{"amount":99}""", Sign(Body)), Is.EqualTo(WebhookOutcome.Refused));
        Assert.That(await Send(Body, "t=x,v1=y"), Is.EqualTo(WebhookOutcome.Refused));
        Assert.That(await Send(Body, Sign(Body, -301)), Is.EqualTo(WebhookOutcome.OutOfWindow));
        Assert.That(await Send(Body, Sign(Body, 301)), Is.EqualTo(WebhookOutcome.OutOfWindow));
        Assert.That(await Send(new string('x', WebhookIntake.MostBytes + 1), ""), Is.EqualTo(WebhookOutcome.TooLarge));
        Assert.That(await Send(Body, Sign(Body)), Is.EqualTo(WebhookOutcome.Accepted));
        Assert.That(await Send(Body, Sign(Body)), Is.EqualTo(WebhookOutcome.Repeated));
        await SweepAsync();

        Assert.That(await DecisionsAsync("p", "webhook"), Is.EqualTo(new[] { "started" }));
        Assert.That(await DecisionsAsync("q", "webhook"), Is.Empty, "it was not signed with its secret");
        Assert.That((await home.RunsAsync()).Single().Trigger!.Value.GetProperty("event").GetRawText(), Is.EqualTo("""{"payload":{"amount":20},"headers":{}}"""));
    }

    [Test]
    public void ABodyThatIsSignedAloneIsRead()
    {
        // The example of GitHub's documentation on validating webhook deliveries.
        var body = Encoding.UTF8.GetBytes("Hello, World!");
        SignatureVerdict Verify(string? header) => WebhookSignature.Verify(
            "It's a Secret to Everybody", body, name => name == WebhookSignature.BodyHeader ? header : null, SchedulerHome.Start, TimeSpan.FromMinutes(5));

        Assert.That(Verify("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"), Is.EqualTo(SignatureVerdict.Good));
        Assert.That(Verify("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e18"), Is.EqualTo(SignatureVerdict.Wrong));
        Assert.That(Verify("757107ea"), Is.EqualTo(SignatureVerdict.Wrong));
        Assert.That(Verify(null), Is.EqualTo(SignatureVerdict.Missing));
    }
}
