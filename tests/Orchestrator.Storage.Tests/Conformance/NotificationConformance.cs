using Microsoft.Extensions.Time.Testing;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Notifications;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>What happened becomes messages once, and each message has one sender at a time.</summary>
public abstract class NotificationConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private FakeTimeProvider clock = null!;

    [SetUp]
    public void SetClock() => clock = new FakeTimeProvider(Start);

    private NotificationStore Store => Stores.Notifications;

    private NewNotice Notice(string key, string channel = "ops", string name = "run-failed", bool gathers = true) =>
        new() { Channel = channel, Event = name, Key = key, Payload = Samples.Json($$"""{"key":"{{key}}"}"""), Gathers = gathers, DueAt = gathers ? clock.GetUtcNow() + Window : clock.GetUtcNow() };

    private async Task<NotificationInfo> OneAsync(string id) => await Store.FindAsync(id, CancellationToken.None) ?? throw new AssertionException($"{id} is not there");

    private async Task<RunId> EndAsync(string status, string? relation = null, string pipeline = "churn")
    {
        await Stores.Runs.AddDefinitionAsync(Samples.Definition(pipeline), CancellationToken.None);
        var run = Samples.Run(pipeline, Samples.Owner());
        if (relation is not null)
        {
            var parent = Samples.Run(pipeline, Samples.Owner());
            await Stores.Runs.CreateAsync(parent, CancellationToken.None);
            run = run with { Parent = parent.Id, Relation = relation };
        }

        await Stores.Runs.CreateAsync(run, CancellationToken.None);
        var result = await Stores.Runs.CommitAsync(
            Samples.Commit((await Stores.Runs.FindAsync(run.Id, CancellationToken.None))!) with { Change = new RunChange { Status = status, EndedAt = Start } }, CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(CommitOutcome.Committed));
        return run.Id;
    }

    [Test]
    public async Task TheEndOfARunSaysThatItFailedAndTheFirstSuccessAfterThatItWorksAgain()
    {
        await EndAsync("succeeded");
        await EndAsync("failed", RunRelations.Child);
        var first = await EndAsync("failed", RunRelations.Rerun);
        var second = await EndAsync("failed");
        await EndAsync("cancelled");
        await EndAsync("succeeded", pipeline: "flights");
        var works = await EndAsync("succeeded");
        await EndAsync("succeeded");
        var third = await EndAsync("failed");

        var causes = await Store.ListCausesAsync(100, CancellationToken.None);
        Assert.That(causes.Select(one => $"{one.Kind} {one.Payload.GetProperty("pipeline").GetString()} {one.Payload.GetProperty("run").GetString()}"), Is.EqualTo(new[]
        {
            $"run.failed churn {first}", $"run.failed churn {second}", $"run.recovered churn {works}", $"run.failed churn {third}",
        }));
        var recovered = causes[2].Payload;
        Assert.That((recovered.GetProperty("failed").GetString(), recovered.GetProperty("failures").GetInt64(), recovered.GetProperty("since").GetInt64()),
            Is.EqualTo((first.Value, 2L, (Start - DateTimeOffset.UnixEpoch).Ticks / 10)));
    }

    [Test]
    public async Task WhatHappenedIsLookedAtOnceAndWhatFollowsIsStoredWithThat()
    {
        await EndAsync("failed");
        var cause = (await Store.ListCausesAsync(10, CancellationToken.None)).Single();
        var another = new EngineStores(await OpenAnotherAsync(), []);

        var looks = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            (i % 2 == 0 ? Stores : another).Notifications.PlanAsync(cause.Sequence, [Notice("a"), Notice("a", "mail")], clock, CancellationToken.None))));

        Assert.That(looks.Count(done => done), Is.EqualTo(1));
        Assert.That((await Store.ListAsync(new NotificationFilter { Limit = 10 }, CancellationToken.None)).Select(one => $"{one.Channel} {one.Notices}"), Is.EquivalentTo(new[] { "ops 1", "mail 1" }));
        Assert.That(await Store.ListCausesAsync(10, CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task WhatComesWithinTheWindowIsOneMessageAndTheSameIsToldOnce()
    {
        var first = await Store.AddAsync(Notice("a"), clock, CancellationToken.None);
        clock.Advance(Window / 2);
        Assert.That(await Store.AddAsync(Notice("b"), clock, CancellationToken.None), Is.EqualTo(first));
        Assert.That(await Store.AddAsync(Notice("a"), clock, CancellationToken.None), Is.Null, "it has been told");
        Assert.That(await Store.AddAsync(Notice("a", "mail"), clock, CancellationToken.None), Is.Not.EqualTo(first), "another channel");
        Assert.That(await Store.AddAsync(Notice("c", name: "run-recovered"), clock, CancellationToken.None), Is.Not.EqualTo(first), "another event");
        Assert.That(await Store.AddAsync(Notice("d", gathers: false), clock, CancellationToken.None), Is.Not.EqualTo(first), "one that waits for nobody");
        clock.Advance(Window);
        Assert.That(await Store.AddAsync(Notice("e"), clock, CancellationToken.None), Is.Not.EqualTo(first), "its window is over");

        Assert.That((await Store.ListNoticesAsync(first!, 10, CancellationToken.None)).Select(one => $"{one.Number} {one.Key} {one.Payload.GetProperty("key").GetString()}"), Is.EqualTo(new[] { "1 a a", "2 b b" }));
        Assert.That(await Store.NextDueAsync(CancellationToken.None), Is.EqualTo(Start + (Window / 2)), "the one that waits for nobody");
    }

    [Test]
    public async Task ManyThatComeAtOnceAreEachInOneMessage()
    {
        var another = new EngineStores(await OpenAnotherAsync(), []);
        await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() => (i % 2 == 0 ? Stores : another).Notifications.AddAsync(Notice($"k{i % 12}"), clock, CancellationToken.None))));

        var message = (await Store.ListAsync(new NotificationFilter { Limit = 10 }, CancellationToken.None)).Single();
        var notices = await Store.ListNoticesAsync(message.Id, 100, CancellationToken.None);
        Assert.That((message.Notices, notices.Select(one => one.Key).Distinct().Count(), notices.Select(one => one.Number)), Is.EqualTo((12L, 12, Enumerable.Range(1, 12).Select(i => (long)i))));
    }

    [Test]
    public async Task OfManySendersOneHasAMessageUntilItsLeaseIsOver()
    {
        var id = await Store.AddAsync(Notice("a"), clock, CancellationToken.None);
        Assert.That(await Store.ListDueAsync(clock.GetUtcNow(), 10, CancellationToken.None), Is.Empty);
        clock.Advance(Window);
        var due = (await Store.ListDueAsync(clock.GetUtcNow(), 10, CancellationToken.None)).Single();
        var another = new EngineStores(await OpenAnotherAsync(), []);
        var (now, until) = (clock.GetUtcNow(), clock.GetUtcNow().AddMinutes(1));

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => (i % 2 == 0 ? Stores : another).Notifications.ClaimAsync(due, $"s{i}", now, until, CancellationToken.None))));

        var claimed = claims.OfType<NotificationInfo>().Single();
        Assert.That((claimed.Status, claimed.Attempts, claimed.LeaseUntil), Is.EqualTo((NotificationStatuses.Waiting, 1L, until)));
        Assert.That(await Store.AddAsync(Notice("b"), clock, CancellationToken.None), Is.Not.EqualTo(id), "who is sent gathers no more");
        Assert.That((await Store.ListDueAsync(now, 10, CancellationToken.None)), Is.Empty);

        // The sender was killed; another one takes over, and the first one wakes up.
        var later = (await Store.ListDueAsync(until, 10, CancellationToken.None)).Single(one => one.Id == id);
        var second = await Store.ClaimAsync(later, "other", until, until.AddMinutes(1), CancellationToken.None);
        Assert.That(second!.Attempts, Is.EqualTo(2));
        Assert.That(await Store.SettleAsync(claimed, new NotificationOutcome { Status = NotificationStatuses.Sent, EndedAt = until }, CancellationToken.None), Is.False, "it is another one's by now");
        Assert.That(await Store.SettleAsync(second, new NotificationOutcome { Status = NotificationStatuses.Waiting, DueAt = until.AddHours(1), Error = "it answered 503" }, CancellationToken.None), Is.True);
        Assert.That((await OneAsync(id!)) is { Error: "it answered 503", LeaseOwner: null, LeaseUntil: null, EndedAt: null } retried && retried.DueAt == until.AddHours(1));
    }

    [Test]
    public async Task WhatIsHeldGoesOnGatheringAndUsesNoAttempt()
    {
        var id = await Store.AddAsync(Notice("a"), clock, CancellationToken.None);
        clock.Advance(Window);
        var due = (await Store.ListDueAsync(clock.GetUtcNow(), 10, CancellationToken.None)).Single();
        Assert.That(await Store.HoldAsync(due, clock.GetUtcNow(), clock.GetUtcNow().AddHours(8), CancellationToken.None), Is.True);
        Assert.That(await Store.ListDueAsync(clock.GetUtcNow(), 10, CancellationToken.None), Is.Empty);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.That(await Store.AddAsync(Notice("b"), clock, CancellationToken.None), Is.EqualTo(id));
        Assert.That((await OneAsync(id!)) is { Notices: 2, Attempts: 0 });
    }

    [Test]
    public async Task MessagesAreFoundByWhatTheyAre()
    {
        var one = await Store.AddAsync(Notice("a", gathers: false), clock, CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(1));
        var two = await Store.AddAsync(Notice("b", "mail"), clock, CancellationToken.None);
        var due = (await Store.ListDueAsync(clock.GetUtcNow(), 10, CancellationToken.None)).Single();
        var claimed = await Store.ClaimAsync(due, "s", clock.GetUtcNow(), clock.GetUtcNow().AddMinutes(1), CancellationToken.None);
        await Store.SettleAsync(claimed!, new NotificationOutcome { Status = NotificationStatuses.Failed, Error = "no", EndedAt = clock.GetUtcNow() }, CancellationToken.None);

        async Task<string?[]> ListAsync(NotificationFilter filter) => [.. (await Store.ListAsync(filter, CancellationToken.None)).Select(found => found.Id)];
        Assert.That(await ListAsync(new NotificationFilter { Limit = 10 }), Is.EqualTo(new[] { two, one }));
        Assert.That(await ListAsync(new NotificationFilter { Limit = 10, Before = two }), Is.EqualTo(new[] { one }));
        Assert.That(await ListAsync(new NotificationFilter { Limit = 10, Channel = "mail" }), Is.EqualTo(new[] { two }));
        Assert.That(await ListAsync(new NotificationFilter { Limit = 10, Statuses = [NotificationStatuses.Failed, NotificationStatuses.Sent] }), Is.EqualTo(new[] { one }));
        Assert.That((await Store.FindByPrefixAsync(one![..20], CancellationToken.None)).Select(found => found.Id), Does.Contain(one));
        Assert.That(await Store.FindAsync("nothing", CancellationToken.None), Is.Null);
    }
}
