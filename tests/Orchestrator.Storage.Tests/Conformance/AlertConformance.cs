using Microsoft.Extensions.Time.Testing;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Alerts;
using Orchestrator.Storage.Notifications;
using Orchestrator.Storage.Pipelines;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>What is raised: once while it is open, and with it what triggers and people hear.</summary>
public abstract class AlertConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    private FakeTimeProvider clock = null!;

    [SetUp]
    public void SetClock() => clock = new FakeTimeProvider(Start);

    private static NewAlert Drift(AlertSeverity severity = AlertSeverity.Warning, string subject = "churn", string reason = "PSI of age is 0.31") =>
        new() { Name = "drift", Subject = subject, Severity = severity, Reason = reason, By = "monitor", Details = Samples.Json("""{"feature":"age"}""") };

    private Task<RaisedAlert> RaiseAsync(NewAlert alert) => Stores.Alerts.RaiseAsync(alert, clock, null, CancellationToken.None);

    private async Task<IReadOnlyList<string>> ToldAsync() =>
        [.. (await Stores.Notifications.ListCausesAsync(100, CancellationToken.None)).Select(cause => $"{cause.Kind} {cause.Payload.GetProperty("severity").GetString()}")];

    [Test]
    public async Task AnAlertThatIsOpenIsCountedAndToldAgainOnlyWhenItIsWorse()
    {
        var first = await RaiseAsync(Drift());
        clock.Advance(TimeSpan.FromMinutes(1));
        var again = await RaiseAsync(Drift(AlertSeverity.Info, reason: "it goes on"));
        var worse = await RaiseAsync(Drift(AlertSeverity.Critical));
        var other = await RaiseAsync(Drift(subject: "fraud"));

        Assert.That((first.IsNews, again.IsNews, worse.IsNews, other.IsNews), Is.EqualTo((true, false, true, true)));
        Assert.That((again.Alert.Id, worse.Alert.Id, other.Alert.Id == first.Alert.Id), Is.EqualTo((first.Alert.Id, first.Alert.Id, false)));
        Assert.That((again.Alert.Severity, again.Alert.Reason, again.Alert.Times, again.Alert.RaisedAt, again.Alert.LastAt), Is.EqualTo(("warning", "it goes on", 2L, Start, Start.AddMinutes(1))));
        Assert.That((worse.Alert.Severity, worse.Alert.Times, worse.Alert.Status), Is.EqualTo(("critical", 3L, "open")));
        Assert.That(await ToldAsync(), Is.EqualTo(new[] { "alert.raised warning", "alert.raised critical", "alert.raised warning" }));
    }

    [Test]
    public async Task WhatIsClosedIsOverAndRaisedAgainANewOne()
    {
        var first = (await RaiseAsync(Drift())).Alert;
        Assert.That(await Stores.Alerts.AcknowledgeAsync(first.Id, "ann", "looking", Start, null, CancellationToken.None), Is.True);
        Assert.That(await Stores.Alerts.AcknowledgeAsync(first.Id, "bob", null, Start, null, CancellationToken.None), Is.False, "somebody looks already");
        await RaiseAsync(Drift(AlertSeverity.Critical));
        Assert.That((await Stores.Alerts.FindAsync(first.Id, CancellationToken.None))!.Status, Is.EqualTo("open"), "it is worse than what ann said she looks at");
        Assert.That(await Stores.Alerts.CloseAsync(first.Id, "ann", null, Start, null, CancellationToken.None), Is.True);
        Assert.That(await Stores.Alerts.CloseAsync(first.Id, "ann", null, Start, null, CancellationToken.None), Is.False);
        Assert.That(await Stores.Alerts.AcknowledgeAsync(first.Id, "ann", null, Start, null, CancellationToken.None), Is.False);
        clock.Advance(TimeSpan.FromMinutes(1));
        var second = (await RaiseAsync(Drift())).Alert;

        Assert.That(second.Id, Is.Not.EqualTo(first.Id));
        Assert.That((await ListAsync(new AlertFilter { Limit = 10 })), Is.EqualTo(new[] { second.Id }));
        Assert.That((await ListAsync(new AlertFilter { All = true, Limit = 10 })), Is.EqualTo(new[] { second.Id, first.Id }));
        Assert.That((await ListAsync(new AlertFilter { All = true, Before = second.Id, Limit = 10 })), Is.EqualTo(new[] { first.Id }));
        Assert.That((await ListAsync(new AlertFilter { All = true, Name = "skew", Limit = 10 })), Is.Empty);
        Assert.That((await ListAsync(new AlertFilter { All = true, Projects = ["sales"], Limit = 10 })), Is.Empty);
        Assert.That((await ListAsync(new AlertFilter { All = true, Projects = ["sales", NewAlert.DefaultProject], Limit = 1 })), Is.EqualTo(new[] { second.Id }));
        var closed = await Stores.Alerts.FindAsync(first.Id, CancellationToken.None);
        Assert.That((closed!.Comment, closed.ClosedBy, closed.Details?.GetRawText()), Is.EqualTo(("looking", "ann", """{"feature":"age"}""")));
    }

    [Test]
    public async Task TriggersThatWaitForItHearOfItWithTheAlert()
    {
        await Stores.Runs.AddDefinitionAsync(Samples.Definition(), CancellationToken.None);
        await Stores.Pipelines.RegisterAsync(
            new PipelineRegistration { Pipeline = "churn", Hash = Samples.Definition().Hash, Source = "test", BaseDirectory = "/work", By = "ann", Now = Start }, null, CancellationToken.None);
        var pipeline = (await Stores.Triggers.ListUnsyncedAsync(10, CancellationToken.None)).Single();
        await Stores.Triggers.SyncAsync(
            new TriggerSync { Pipeline = pipeline, Triggers = [new TriggerRegistration { Name = "alert", Kind = "alert", Timing = "drift", Watches = [new SignalTopic(Signals.AlertRaised, "drift")] }], Now = Start },
            CancellationToken.None);
        await RaiseAsync(Drift());
        await RaiseAsync(Drift());
        await RaiseAsync(Drift() with { Name = "skew" });

        var heard = (await Stores.Triggers.ListSignalsAsync(new TriggerKey("churn", "alert"), 0, 10, CancellationToken.None)).Single();
        Assert.That((heard.Subject, heard.Payload.GetProperty("subject").GetString(), heard.Payload.GetProperty("severity").GetString()), Is.EqualTo(("drift", "churn", "warning")));
    }

    /// <summary>Each of them finds that there is none, unless they take turns until their commits.</summary>
    [Test]
    public async Task OfManyThatRaiseTheSameAtOnceOneMakesIt()
    {
        var another = new EngineStores(await OpenAnotherAsync(), []);
        var raised = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => (i % 2 == 0 ? Stores : another).Alerts.RaiseAsync(Drift(), clock, null, CancellationToken.None))));

        Assert.That(raised.Count(one => one.IsNews), Is.EqualTo(1));
        Assert.That((await Stores.Alerts.ListAsync(new AlertFilter { All = true, Limit = 20 }, CancellationToken.None)).Single().Times, Is.EqualTo(12));
        Assert.That(await ToldAsync(), Has.Count.EqualTo(1));
    }

    [TestCase("", "", "why")]
    [TestCase("two words", "", "why")]
    [TestCase("drift", "line\nend", "why")]
    [TestCase("drift", "", " ")]
    public void WhatIsNoAlertIsRefused(string name, string subject, string reason) =>
        Assert.That(() => RaiseAsync(Drift() with { Name = name, Subject = subject, Reason = reason }), Throws.ArgumentException);

    private async Task<string[]> ListAsync(AlertFilter filter) => [.. (await Stores.Alerts.ListAsync(filter, CancellationToken.None)).Select(one => one.Id)];
}
