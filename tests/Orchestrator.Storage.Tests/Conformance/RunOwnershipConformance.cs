using Orchestrator.Core.Values;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Claims, leases, requests to owners.</summary>
public abstract class RunOwnershipConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    private static readonly RunOwner First = Samples.Owner("first");
    private static readonly RunOwner Second = Samples.Owner("second");

    [Test]
    public async Task ClaimAsync_RunWithoutOwner_IsClaimedWithTheNextEpoch()
    {
        var run = await CreateAsync(null);

        var answer = await ClaimAsync(run, First, Start);

        Assert.That((answer.Outcome, answer.Run!.Epoch, answer.Run.Owner, answer.Run.LeaseUntil), Is.EqualTo((ClaimOutcome.Claimed, 1L, First, (DateTimeOffset?)Start.AddSeconds(30))));
    }

    [TestCase(29, ClaimOutcome.Held)]
    [TestCase(30, ClaimOutcome.Claimed)]
    public async Task ClaimAsync_LeaseOfAnother_IsHeldUntilItsVeryEnd(int afterSeconds, ClaimOutcome expected)
    {
        var run = await CreateAsync(First);

        var answer = await ClaimAsync(run, Second, Start.AddSeconds(afterSeconds));

        Assert.That((answer.Outcome, answer.Run!.Owner!.Id), Is.EqualTo((expected, expected == ClaimOutcome.Claimed ? "second" : "first")));
    }

    [Test]
    public async Task ClaimAsync_OwnerKnownToBeDead_DoesNotWaitForTheLease()
    {
        var run = await CreateAsync(First);

        Assert.That((await ClaimAsync(run, Second, Start, "someone", "first")).Outcome, Is.EqualTo(ClaimOutcome.Claimed));
    }

    [Test]
    public async Task ClaimAsync_LiveLeaseOfTheClaimerItself_IsHeld()
    {
        var run = await CreateAsync(First);

        Assert.That((await ClaimAsync(run, First, Start)).Outcome, Is.EqualTo(ClaimOutcome.Held));
    }

    [Test]
    public async Task ClaimAsync_FinishedOrUnknownRun_SaysSo()
    {
        var run = await CreateAsync(First);
        await Stores.Runs.CommitAsync(Samples.Commit(run) with { Change = new RunChange { Status = "succeeded", EndedAt = Start } }, CancellationToken.None);

        Assert.That((await ClaimAsync(run, Second, Start.AddDays(1))).Outcome, Is.EqualTo(ClaimOutcome.Finished));
        Assert.That((await ClaimAsync(run with { Id = new RunId("nobody") }, Second, Start)).Outcome, Is.EqualTo(ClaimOutcome.NotFound));
    }

    [Test]
    public async Task OfManyClaimersAtOnceOneGetsTheRun()
    {
        var run = await CreateAsync(null);
        var another = new EngineStores(await OpenAnotherAsync(), []);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? Stores : another).Runs.ClaimAsync(
            new RunClaim { Run = run.Id, Owner = Samples.Owner($"owner-{i}"), Now = Start, LeaseUntil = Start.AddSeconds(30) }, CancellationToken.None)));

        Assert.That(answers.Count(answer => answer.Outcome == ClaimOutcome.Claimed), Is.EqualTo(1));
        Assert.That(answers.Select(answer => answer.Run!.Epoch), Is.All.EqualTo(1));
    }

    [Test]
    public async Task ReleaseAsync_OwnRun_LetsAnybodyClaimAndOldEpochsReleaseNothing()
    {
        var run = await CreateAsync(First);

        Assert.That(await Stores.Runs.ReleaseAsync(run.Id, run.Epoch, CancellationToken.None));
        Assert.That((await ClaimAsync(run, Second, Start)).Outcome, Is.EqualTo(ClaimOutcome.Claimed));
        Assert.That(await Stores.Runs.ReleaseAsync(run.Id, run.Epoch, CancellationToken.None), Is.False);
        Assert.That((await Stores.Runs.FindAsync(run.Id, CancellationToken.None))!.Owner!.Id, Is.EqualTo("second"));
    }

    [Test]
    public async Task RenewLeasesAsync_SomeRunsLost_AnswersTheOnesStillHeld()
    {
        var (kept, lost, finished) = (await CreateAsync(First), await CreateAsync(First), await CreateAsync(First));
        await ClaimAsync(lost, Second, Start.AddMinutes(1));
        await Stores.Runs.CommitAsync(Samples.Commit(finished) with { Change = new RunChange { Status = "failed", EndedAt = Start } }, CancellationToken.None);

        var held = await Stores.Runs.RenewLeasesAsync("first", Start.AddMinutes(5), CancellationToken.None);

        Assert.That(held, Is.EqualTo(new[] { new HeldRun { Id = kept.Id, Epoch = 1 } }));
        Assert.That((await Stores.Runs.FindAsync(kept.Id, CancellationToken.None))!.LeaseUntil, Is.EqualTo(Start.AddMinutes(5)));
        Assert.That((await Stores.Runs.FindAsync(lost.Id, CancellationToken.None))!.LeaseUntil, Is.EqualTo(Start.AddSeconds(90)));
    }

    [Test]
    public async Task ListClaimableAsync_ListsWhatAClaimWouldGetOldestFirst()
    {
        var free = await CreateAsync(null);
        var expired = await CreateAsync(Second);
        var dead = await CreateAsync(First);
        await Stores.Runs.RenewLeasesAsync("first", Start.AddHours(1), CancellationToken.None);

        Assert.That(await Stores.Runs.ListClaimableAsync(Start.AddMinutes(1), ["first"], CancellationToken.None), Is.EqualTo(new[] { free.Id, expired.Id, dead.Id }));
        Assert.That(await Stores.Runs.ListClaimableAsync(Start.AddMinutes(1), [], CancellationToken.None), Is.EqualTo(new[] { free.Id, expired.Id }));
        Assert.That(await Stores.Runs.ListClaimableAsync(Start, [], CancellationToken.None), Is.EqualTo(new[] { free.Id }));
        Assert.That(await Stores.Runs.ListOwnersAsync(CancellationToken.None), Is.EqualTo(new[] { First, Second }));
    }

    [Test]
    public async Task ARequestWaitsForTheOwnerUntilACommitHandlesIt()
    {
        var run = await CreateAsync(First);
        var cancel = Request(run, "cancel") with { Payload = Samples.Json("""{"reason":"wrong data"}""") };
        Assert.That(await Stores.Runs.AddRequestAsync(cancel, CancellationToken.None));
        Assert.That(await Stores.Runs.AddRequestAsync(Request(run, "pause"), CancellationToken.None));

        Assert.That(await Stores.Runs.ListRequestsAsync("second", CancellationToken.None), Is.Empty);
        var open = await Stores.Runs.ListRequestsAsync("first", CancellationToken.None);
        Assert.That(open.Select(request => request.Kind), Is.EqualTo(new[] { "cancel", "pause" }));
        Assert.That(OrcJson.ToElement(open[0]).GetRawText(), Is.EqualTo(OrcJson.ToElement(cancel).GetRawText()));

        // A commit that is refused handles nothing.
        await Stores.Runs.CommitAsync(Samples.Commit(run) with { ExpectedSequence = 99, HandledRequests = [cancel.Id] }, CancellationToken.None);
        Assert.That(await Stores.Runs.ListRequestsAsync("first", CancellationToken.None), Has.Count.EqualTo(2));
        await Stores.Runs.CommitAsync(Samples.Commit(run) with { HandledRequests = [cancel.Id] }, CancellationToken.None);
        Assert.That((await Stores.Runs.ListRequestsAsync("first", CancellationToken.None)).Select(request => request.Kind), Is.EqualTo(new[] { "pause" }));
    }

    [Test]
    public async Task AddRequestAsync_FinishedOrUnknownRun_IsRefusedAndTheEndClosesOpenOnes()
    {
        var run = await CreateAsync(First);
        await Stores.Runs.AddRequestAsync(Request(run, "pause"), CancellationToken.None);
        await Stores.Runs.CommitAsync(Samples.Commit(run) with { Change = new RunChange { Status = "succeeded", EndedAt = Start } }, CancellationToken.None);

        Assert.That(await Stores.Runs.AddRequestAsync(Request(run, "cancel"), CancellationToken.None), Is.False);
        Assert.That(await Stores.Runs.AddRequestAsync(Request(run with { Id = new RunId("nobody") }, "cancel"), CancellationToken.None), Is.False);
        var open = await Database.ReadAsync((session, token) => session.FindAsync<int>("SELECT COUNT(*) FROM run_requests WHERE taken_at IS NULL", null, token), CancellationToken.None);
        Assert.That(open, Is.Zero);
    }

    private static RunRequest Request(RunInfo run, string kind) => new() { Id = Ids.New(TimeProvider.System), RunId = run.Id, Kind = kind, By = "ada", At = Start };

    private async Task<RunInfo> CreateAsync(RunOwner? owner) => (await Stores.Runs.CreateAsync(Samples.Run(owner: owner), CancellationToken.None)).Run;

    private Task<ClaimResult> ClaimAsync(RunInfo run, RunOwner owner, DateTimeOffset now, params string[] dead) => Stores.Runs.ClaimAsync(
        new RunClaim { Run = run.Id, Owner = owner, Now = now, LeaseUntil = now.AddSeconds(30), DeadOwners = dead }, CancellationToken.None);
}
