using CsCheck;
using Orchestrator.Core.Definitions;
using Orchestrator.Notifications.Channels;
using Orchestrator.Notifications.Configuration;
using Orchestrator.Notifications.Planning;
using Orchestrator.Notifications.Sending;
using Orchestrator.Notifications.Tests.Channels;
using Orchestrator.Runtime.Outgoing;
using Orchestrator.Scheduling.Webhooks;
using Orchestrator.Storage.Notifications;
using Orchestrator.Storage.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Notifications.Tests.Sending;

/// <summary>From what happened to what people are told, over a real database.</summary>
public sealed class NotifierTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private static ChannelSettings Channel(string name = "ops") => new() { Name = name, Kind = ChannelKind.Log, Group = TimeSpan.Zero };

    [Test]
    public async Task AWebhookThatFailsTwiceIsAskedAgainAndThenHasTheMessageOnce()
    {
        await using var home = await NotifierHome.CreateAsync();
        using var receiver = new HttpReceiver();
        receiver.Answer(503);
        receiver.Answer(500);
        var settings = Given.Settings(new ChannelSettings { Name = "hook", Kind = ChannelKind.Webhook, Url = new Uri(receiver.Url), Secret = Given.Secret("HOOK"), Group = TimeSpan.Zero });
        await home.RaiseAsync("churn");
        var core = new NotifierCore(home.Parts(settings));

        await NotifierHome.LookAsync(core);
        var first = await receiver.NextAsync();
        Assert.That((await home.ListAsync()).Single() is { Status: NotificationStatuses.Waiting, Attempts: 1, Error: "it answered 503 Service Unavailable" } once && Near(once.DueAt, home.Clock.GetUtcNow().AddSeconds(10)));
        await NotifierHome.LookAsync(core);
        Assert.That(receiver.Waiting, Is.Zero, "not before its time");
        home.Clock.Advance(TimeSpan.FromSeconds(10));

        // Another program goes on where the first one was killed.
        core = new NotifierCore(home.Parts(settings, stores: await home.OpenAsync()));
        await NotifierHome.LookAsync(core);
        var second = await receiver.NextAsync();
        home.Clock.Advance(TimeSpan.FromSeconds(20));
        await NotifierHome.LookAsync(core);
        var third = await receiver.NextAsync();

        Assert.That((await home.ListAsync()).Single() is { Status: NotificationStatuses.Sent, Attempts: 3, Error: null });
        Assert.That(new[] { first, second, third }.Select(one => one.Headers["X-Orc-Delivery"]).Distinct().Count(), Is.EqualTo(1), "receivers know that it is the same");
        Assert.That(WebhookSignature.Verify("key", third.Body, name => third.Headers.GetValueOrDefault(name), home.Clock.GetUtcNow(), TimeSpan.FromSeconds(1)), Is.EqualTo(SignatureVerdict.Good), "signed anew, with the time of this attempt");
        Assert.That(WebhookSignature.Verify("key", first.Body, name => first.Headers.GetValueOrDefault(name), home.Clock.GetUtcNow(), TimeSpan.FromSeconds(1)), Is.EqualTo(SignatureVerdict.OutOfWindow));
        home.Clock.Advance(TimeSpan.FromDays(1));
        await NotifierHome.LookAsync(core);
        Assert.That(receiver.Waiting, Is.Zero);
    }

    [Test]
    public async Task AMessageThatNobodyTakesIsGivenUpWithTheReason()
    {
        await using var home = await NotifierHome.CreateAsync();
        var channel = new FakeChannel { Before = (_, _) => throw new ChannelException("the mailbox is full") };
        var core = new NotifierCore(home.Parts(Given.Settings(Channel()), channel, new SendingLimits { Attempts = 4 }));
        await home.RaiseAsync("churn");
        for (var i = 0; i < 10; i++)
        {
            await NotifierHome.LookAsync(core);
            home.Clock.Advance(TimeSpan.FromHours(2));
        }

        Assert.That((await home.ListAsync()).Single() is { Status: NotificationStatuses.Failed, Attempts: 4, Error: "the mailbox is full", EndedAt: not null });
    }

    /// <summary>A sender that dies in the middle leaves its message to others, who wait until it cannot be at it any more.</summary>
    [Test]
    public async Task WhatADeadSenderHadIsSentByAnother()
    {
        await using var home = await NotifierHome.CreateAsync();
        var limits = new SendingLimits { Time = TimeSpan.FromSeconds(30) };
        var (dead, alive) = (new FakeChannel(), new FakeChannel());
        var never = new TaskCompletionSource();
        dead.Before = (_, _) => never.Task;
        var killed = new NotifierCore(home.Parts(Given.Settings(Channel()), dead, limits));
        await home.RaiseAsync("churn");
        await killed.PlanAsync(CancellationToken.None);
        var due = (await killed.ListDueAsync(new Dictionary<string, string>(), CancellationToken.None)).Single();
        var hanging = killed.SendAsync(due, CancellationToken.None);
        await UntilAsync(async () => (await home.ListAsync()).Single().LeaseOwner is not null);

        var other = new NotifierCore(home.Parts(Given.Settings(Channel()), alive, limits, await home.OpenAsync()));
        await NotifierHome.LookAsync(other);
        Assert.That(alive.Taken, Is.Empty, "the first one may still be at it");
        home.Clock.Advance(TimeSpan.FromSeconds(46));
        await NotifierHome.LookAsync(other);
        Assert.That(alive.Taken.Select(message => message.Id), Is.EqualTo(new[] { due.Id }));

        // It wakes up, and what it says changes nothing.
        never.SetException(new ChannelException("too late"));
        await hanging;
        Assert.That((await home.ListAsync()).Single() is { Status: NotificationStatuses.Sent, Error: null });
    }

    [Test]
    public async Task ASenderThatIsStoppedLeavesItsMessageAtOnce()
    {
        await using var home = await NotifierHome.CreateAsync();
        var begun = new TaskCompletionSource();
        var channel = new FakeChannel
        {
            Before = async (_, cancellation) =>
            {
                begun.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellation);
            },
        };
        await home.RaiseAsync("churn");
        await using (var service = NotifierService.Start(home.Parts(Given.Settings(Channel()), channel)))
        {
            await begun.Task;
        }

        Assert.That((await home.ListAsync()).Single() is { Status: NotificationStatuses.Waiting, LeaseOwner: null } left && left.DueAt == home.Clock.GetUtcNow());
    }

    /// <summary>Each has a connection of its own, and all look at the same time.</summary>
    [TestCase("sqlite")]
    [TestCase("postgres")]
    public async Task SeveralSendersOnOneDatabaseSendEachMessageOnce(string dialect)
    {
        await using var home = await NotifierHome.CreateAsync(dialect);
        var channel = new FakeChannel { Before = (_, _) => Task.Yield().ToTask() };
        var settings = Given.Settings(Channel("a"), Channel("b"));
        var cores = new List<NotifierCore>();
        for (var i = 0; i < 3; i++)
        {
            cores.Add(new NotifierCore(home.Parts(settings, channel, stores: await home.OpenAsync())));
        }

        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < 8; i++)
            {
                await home.RaiseAsync($"{round}-{i}");
            }

            await Task.WhenAll(cores.Select(core => Task.Run(() => NotifierHome.LookAsync(core))));
        }

        Assert.That(channel.Taken.Select(message => (message.Channel, message.Notices.Single().Subject)), Is.EquivalentTo(
            from round in Enumerable.Range(0, 5) from i in Enumerable.Range(0, 8) from name in new[] { "a", "b" } select (name, $"{round}-{i}")));
        Assert.That((await home.ListAsync()).Select(one => (one.Status, one.Attempts)), Has.All.EqualTo((NotificationStatuses.Sent, 1L)));
    }

    [Test]
    public async Task QuietHoursHoldWhatCanWaitAndGatherIt()
    {
        await using var home = await NotifierHome.CreateAsync();
        var channel = new FakeChannel();
        // Quiet from now until the end of a night in which the clock is set back.
        var quiet = new QuietHours(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), TimeSpan.FromHours(22), TimeSpan.FromHours(7), Enum.GetValues<DayOfWeek>());
        home.Clock.SetUtcNow(new DateTimeOffset(2026, 10, 24, 20, 0, 0, TimeSpan.Zero));
        var core = new NotifierCore(home.Parts(Given.Settings(Channel() with { Quiet = quiet }), channel));
        foreach (var hour in Enumerable.Range(0, 10))
        {
            await home.RaiseAsync($"h{hour}", hour == 4 ? AlertSeverity.Critical : AlertSeverity.Warning);
            await NotifierHome.LookAsync(core);
            home.Clock.Advance(TimeSpan.FromMinutes(59));
            await NotifierHome.LookAsync(core);
            home.Clock.Advance(TimeSpan.FromMinutes(1));
            if (hour < 9)
            {
                Assert.That(channel.Taken.SelectMany(message => message.Notices).Select(notice => notice.Subject), hour < 4 ? Is.Empty : Is.EqualTo(new[] { "h4" }), $"after {hour} h");
            }
        }

        Assert.That(home.Clock.GetUtcNow(), Is.EqualTo(new DateTimeOffset(2026, 10, 25, 6, 0, 0, TimeSpan.Zero)), "07:00, an hour later than in other nights");
        await NotifierHome.LookAsync(core);
        Assert.That(channel.Taken[^1].Notices.Select(notice => notice.Subject), Is.EqualTo(Enumerable.Range(0, 10).Where(hour => hour != 4).Select(hour => $"h{hour}")));
        Assert.That(channel.Taken, Has.Count.EqualTo(2));
    }

    /// <summary>A message that was due by day and that nobody could send until the night is held as well.</summary>
    [Test]
    public async Task WhatComesToBeSentInQuietHoursIsHeldThen()
    {
        await using var home = await NotifierHome.CreateAsync();
        var channel = new FakeChannel();
        var quiet = new QuietHours(TimeZoneInfo.Utc, TimeSpan.FromHours(13), TimeSpan.FromHours(14), Enum.GetValues<DayOfWeek>());
        var core = new NotifierCore(home.Parts(Given.Settings(Channel() with { Quiet = quiet }), channel));
        await home.RaiseAsync("churn");
        await core.PlanAsync(CancellationToken.None);
        home.Clock.Advance(TimeSpan.FromMinutes(70));
        await NotifierHome.LookAsync(core);
        Assert.That(channel.Taken, Is.Empty);
        Assert.That((await home.ListAsync()).Single() is { Attempts: 0 } held && held.DueAt == Given.Now.AddHours(2));
        home.Clock.Advance(TimeSpan.FromMinutes(50));
        await NotifierHome.LookAsync(core);
        Assert.That(channel.Taken, Has.Count.EqualTo(1));
    }

    /// <summary>Whatever happens when, each thing is in one message, none is told before its window is over or later than the next look after that, and a message spans no more than its window.</summary>
    [Test]
    public async Task EverythingIsToldOnceAndTogetherWithWhatCameInItsWindow() =>
        await Gen.Int[0, 900].Array[1, 12].SampleAsync(
            async gaps =>
            {
                await using var home = await NotifierHome.CreateAsync();
                var channel = new FakeChannel();
                var sentAt = new List<(Message Message, DateTimeOffset At)>();
                channel.Before = (message, _) =>
                {
                    sentAt.Add((message, home.Clock.GetUtcNow()));
                    return Task.CompletedTask;
                };
                var core = new NotifierCore(home.Parts(Given.Settings(Channel() with { Group = Window }), channel));
                foreach (var (gap, i) in gaps.Select((gap, i) => (gap, i)))
                {
                    await PassAsync(home, core, gap);
                    await home.RaiseAsync($"s{i}");
                    await NotifierHome.LookAsync(core);
                }

                await PassAsync(home, core, (int)Window.TotalSeconds);
                var told = sentAt.SelectMany(one => one.Message.Notices).Select(notice => notice.Subject).ToArray();
                return told.SequenceEqual(gaps.Select((_, i) => $"s{i}"))
                    && sentAt.All(one => one.At - one.Message.Notices[0].At >= Window && one.At - one.Message.Notices[0].At <= Window + TimeSpan.FromSeconds(60) && one.Message.Notices[^1].At - one.Message.Notices[0].At < Window);
            },
            iter: 25,
            threads: 1);

    /// <summary>In steps, since a service looks all the time.</summary>
    private static async Task PassAsync(NotifierHome home, NotifierCore core, int seconds)
    {
        for (var left = seconds; left > 0; left -= 60)
        {
            home.Clock.Advance(TimeSpan.FromSeconds(Math.Min(left, 60)));
            await NotifierHome.LookAsync(core);
        }
    }

    [Test]
    public async Task WhatIsOlderThanPeopleCareForIsNotTold()
    {
        await using var home = await NotifierHome.CreateAsync();
        var channel = new FakeChannel();
        await home.RaiseAsync("old");
        home.Clock.Advance(TimeSpan.FromDays(4));
        await home.RaiseAsync("new");
        await NotifierHome.LookAsync(new NotifierCore(home.Parts(Given.Settings(Channel()), channel)));
        Assert.That(channel.Taken.SelectMany(message => message.Notices).Select(notice => notice.Subject), Is.EqualTo(new[] { "new" }));
        Assert.That(await home.Stores.Notifications.ListCausesAsync(10, CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task AChannelThatIsGoneFromTheSettingsIsGivenUp()
    {
        await using var home = await NotifierHome.CreateAsync();
        await home.RaiseAsync("churn");
        await new NotifierCore(home.Parts(Given.Settings(Channel()), new FakeChannel())).PlanAsync(CancellationToken.None);
        await NotifierHome.LookAsync(new NotifierCore(home.Parts(Given.Settings(Channel("other")), new FakeChannel())));
        Assert.That((await home.ListAsync()).Single() is { Status: NotificationStatuses.Failed, Error: "the settings have this channel no more" });
    }

    [Test]
    public async Task EachKindOfCauseIsInWordsThatPeopleRead()
    {
        await using var home = await NotifierHome.CreateAsync();
        var channel = new FakeChannel();
        await SayAsync(home, Causes.RunLate, """{"run":"R1","pipeline":"churn","task":"train","what":{"type":"task-deadline-passed","after":"2h","then":"cancel"}}""");
        await SayAsync(home, Causes.RunLate, """{"run":"R1","pipeline":"churn","what":{"type":"run-timed-out"}}""");
        await SayAsync(home, Causes.ApprovalWanted, """{"run":"R1","pipeline":"churn","task":"ask","prompt":"Deploy?\nBcc: x","approvers":["ann","bob"],"deadline":"2026-03-03T12:00:00Z"}""");
        await SayAsync(home, Causes.RunRecovered, """{"run":"R2","pipeline":"churn","failed":"R1","failures":3,"since":1772366400000000}""");
        await SayAsync(home, Causes.RunFailed, """{"run":"gone","pipeline":"churn"}""");
        await home.RaiseAsync("age of churn", AlertSeverity.Critical);
        await NotifierHome.LookAsync(new NotifierCore(home.Parts(Given.Settings(Channel()), channel)));

        Assert.That(channel.Taken.SelectMany(message => message.Notices).Select(notice => $"{notice.Event} | {notice.Title} | {notice.Text} | {notice.Command?[..8]}"), Is.EquivalentTo(new[]
        {
            "deadline-missed | churn is late: train | task train has taken longer than its deadline of 2h, and it will cancel | orc why ",
            "deadline-missed | churn is late | the run has taken longer than its timeout, and ends as failed | orc why ",
            "approval-wanted | churn asks: Deploy? Bcc: x | Deploy?\nBcc: x\nmay answer: ann, bob\nuntil 2026-03-03 12:00:00Z | orc appr",
            "run-recovered | churn succeeded again | 3 failed runs before it, the first at 2026-03-01 12:00:00Z | orc show",
            "alert-raised | critical alert drift: age of churn | because | orc aler",
        }));
    }

    private static bool Near(DateTimeOffset one, DateTimeOffset other) => (one - other).Duration() < TimeSpan.FromMilliseconds(1);

    private static async Task SayAsync(NotifierHome home, string kind, string payload)
    {
        var run = new NewRun
        {
            Id = Storage.Identifiers.Ids.NewRun(home.Clock),
            Definition = new Storage.Definitions.StoredDefinition { Hash = new DefinitionHash(new string('a', 64)), Pipeline = "any", Json = "{}", SourceKind = "json", CreatedAt = Given.Now },
            Status = "running",
            Params = System.Text.Json.JsonElement.Parse("{}"),
            BaseDirectory = "/work",
            CreatedAt = Given.Now,
            Owner = new RunOwner { Id = "o", Host = "h", ProcessId = 1, ProcessStartedAt = Given.Now },
            LeaseUntil = Given.Now.AddMinutes(1),
            Events = [],
        };
        await home.Stores.Runs.CreateAsync(run, CancellationToken.None);
        var info = await home.Stores.Runs.FindAsync(run.Id, CancellationToken.None);
        await home.Stores.Runs.CommitAsync(
            new RunCommit { Run = run.Id, Epoch = info!.Epoch, ExpectedSequence = info.Sequence, Now = home.Clock.GetUtcNow(), Outbox = [new NewOutboxMessage { Kind = kind, Payload = System.Text.Json.JsonElement.Parse(payload) }] },
            CancellationToken.None);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
        {
            await Task.Delay(5);
        }
    }
}

internal static class Yielding
{
    /// <summary>Gives others their turn in the middle.</summary>
    public static async Task ToTask(this System.Runtime.CompilerServices.YieldAwaitable turn) => await turn;
}
