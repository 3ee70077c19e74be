using Orchestrator.Core.Values;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Generated sequences of operations on a store and on a few lines that say what they mean. After every step both must agree.</summary>
public abstract class RunModelConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    private static readonly string[] Owners = ["a", "b", "c"];

    [Test]
    public async Task StoreAndModelAgreeOnEveryStep([Range(1, 40)] int seed)
    {
        var random = new Random(seed);
        var another = new EngineStores(await OpenAnotherAsync(), []);
        var models = new List<Model>();
        var now = Start;
        for (var step = 0; step < 60; step++)
        {
            var store = (random.Next(2) == 0 ? Stores : another).Runs;
            now = now.AddSeconds(random.Next(8));
            if (models.Count < 3)
            {
                models.Add(await CreateAsync(store, random, now));
                continue;
            }

            var model = models[random.Next(models.Count)];
            var what = random.Next(10) switch
            {
                < 4 => await CommitAsync(store, model, random, now),
                < 7 => await ClaimAsync(store, model, random, now),
                7 => await ReleaseAsync(store, model, random),
                _ => await RenewAsync(store, models, random, now),
            };
            foreach (var one in models)
            {
                var row = await store.FindAsync(one.Id, CancellationToken.None);
                var events = await store.ListEventsAsync(one.Id, 0, 1000, CancellationToken.None);
                Assert.That(
                    (row!.Epoch, row.Sequence, row.Owner?.Id, row.LeaseUntil, Ended: row.EndedAt is not null, Events: events.Count, Last: events.Count == 0 ? 0 : events[^1].Sequence),
                    Is.EqualTo((one.Epoch, one.Sequence, one.Owner, one.LeaseUntil, one.Ended, (int)one.Sequence, one.Sequence)),
                    $"seed {seed}, step {step}: {what}");
            }
        }
    }

    private static async Task<Model> CreateAsync(IRunStore store, Random random, DateTimeOffset now)
    {
        var owner = random.Next(2) == 0 ? null : Owners[random.Next(3)];
        var run = Samples.Run() with { Owner = owner is null ? null : Samples.Owner(owner), LeaseUntil = owner is null ? null : now.AddSeconds(20) };
        await store.CreateAsync(run, CancellationToken.None);
        return new Model(run.Id) { Sequence = 1, Epoch = owner is null ? 0 : 1, Owner = owner, LeaseUntil = run.LeaseUntil };
    }

    private static async Task<string> CommitAsync(IRunStore store, Model model, Random random, DateTimeOffset now)
    {
        var epoch = random.Next(5) == 0 ? model.Epoch - 1 : model.Epoch;
        var expected = random.Next(5) == 0 ? model.Sequence - 1 : model.Sequence;
        var ends = random.Next(25) == 0;
        var events = Enumerable.Range(0, random.Next(3)).Select(_ => Samples.Event("x")).ToArray();
        var answer = await store.CommitAsync(
            new RunCommit
            {
                Run = model.Id,
                Epoch = epoch,
                ExpectedSequence = expected,
                Now = now,
                Events = events,
                Change = ends ? new RunChange { Status = "succeeded", EndedAt = now } : null,
            },
            CancellationToken.None);

        var meant = epoch != model.Epoch ? CommitOutcome.OwnershipLost : expected != model.Sequence ? CommitOutcome.SequenceConflict : CommitOutcome.Committed;
        Assert.That(answer.Outcome, Is.EqualTo(meant));
        if (meant == CommitOutcome.Committed)
        {
            model.Sequence += events.Length;
            model.Ended |= ends;
        }

        return $"commit under {epoch} after {expected}";
    }

    private static async Task<string> ClaimAsync(IRunStore store, Model model, Random random, DateTimeOffset now)
    {
        var owner = Owners[random.Next(3)];
        string[] dead = random.Next(4) == 0 ? [Owners[random.Next(3)]] : [];
        var answer = await store.ClaimAsync(
            new RunClaim { Run = model.Id, Owner = Samples.Owner(owner), Now = now, LeaseUntil = now.AddSeconds(20), DeadOwners = dead }, CancellationToken.None);

        var meant = model.Ended ? ClaimOutcome.Finished
            : model.Owner is null || model.LeaseUntil <= now || dead.Contains(model.Owner) ? ClaimOutcome.Claimed
            : ClaimOutcome.Held;
        Assert.That(answer.Outcome, Is.EqualTo(meant));
        if (meant == ClaimOutcome.Claimed)
        {
            (model.Owner, model.LeaseUntil, model.Epoch) = (owner, now.AddSeconds(20), model.Epoch + 1);
        }

        return $"claim by {owner}, dead: {string.Join(",", dead)}";
    }

    private static async Task<string> ReleaseAsync(IRunStore store, Model model, Random random)
    {
        var epoch = model.Epoch - random.Next(2);
        var released = await store.ReleaseAsync(model.Id, epoch, CancellationToken.None);

        Assert.That(released, Is.EqualTo(epoch == model.Epoch && model.Owner is not null));
        if (released)
        {
            (model.Owner, model.LeaseUntil) = (null, null);
        }

        return $"release under {epoch}";
    }

    private static async Task<string> RenewAsync(IRunStore store, List<Model> models, Random random, DateTimeOffset now)
    {
        var owner = Owners[random.Next(3)];
        var held = await store.RenewLeasesAsync(owner, now.AddSeconds(25), CancellationToken.None);

        var meant = models.Where(model => model.Owner == owner && !model.Ended).ToList();
        Assert.That(held.Select(run => (run.Id, run.Epoch)), Is.EquivalentTo(meant.Select(model => (model.Id, model.Epoch))));
        meant.ForEach(model => model.LeaseUntil = now.AddSeconds(25));
        return $"renew by {owner}";
    }

    private sealed class Model(RunId id)
    {
        public RunId Id { get; } = id;

        public long Epoch { get; set; }

        public long Sequence { get; set; }

        public string? Owner { get; set; }

        public DateTimeOffset? LeaseUntil { get; set; }

        public bool Ended { get; set; }
    }
}
