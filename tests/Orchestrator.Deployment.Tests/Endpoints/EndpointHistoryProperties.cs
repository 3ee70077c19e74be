using CsCheck;
using Orchestrator.Core.Activities;
using Orchestrator.Deployment.Endpoints;

namespace Orchestrator.Deployment.Tests.Endpoints;

/// <summary>Any sequence of deployments and rollbacks, against the real tables.</summary>
public sealed class EndpointHistoryProperties
{
    /// <summary>Model 1..4 is deployed (under one of two names), 0 rolls back, -n rolls back to version n.</summary>
    private static readonly Gen<int[]> Moves = Gen.OneOf(Gen.Int[1, 4], Gen.Const(0), Gen.Int[-4, -1]).Array[1, 25];

    [Test]
    public async Task AnEndpointAlwaysPointsAtAnExistingVersionAndItsHistoryOnlyGrows() => await Moves.SampleAsync(
        async moves =>
        {
            await using var home = await DeploymentHome.OpenAsync();
            IReadOnlyList<DeploymentInfo> before = [];
            foreach (var move in moves)
            {
                var undone = await MoveAsync(home, move);
                var history = await HistoryAsync(home);
                CheckAppended(before, history);
                await CheckCurrentAsync(home, history);
                if (move == 0 && undone is not null)
                {
                    Assert.That(history[^1].Restores, Is.Not.Null.And.Not.EqualTo(undone), "a rollback restores something else than it took back");
                    Assert.That(history[(history[^1].Restores ?? 0) - 1].Status, Is.Not.EqualTo(DeploymentStatus.RolledBack), "an unnamed rollback goes to what is still trusted");
                }

                before = history;
            }

            await CheckRollbacksEndAsync(home, before.Count);
        },
        iter: 40);

    /// <summary>Makes the move, or nothing when it is refused; answers the entry that a rollback took back.</summary>
    private static async Task<int?> MoveAsync(DeploymentHome home, int move)
    {
        if (move > 0)
        {
            await home.DeployAsync($"model-{move}", name: move == 4 ? "other" : "churn");
            return null;
        }

        try
        {
            var current = (await HistoryAsync(home)).LastOrDefault(entry => entry.Status == DeploymentStatus.Active)?.Number;
            return (await home.RollBackAsync(to: move == 0 ? null : -move)).Changed ? current : null;
        }
        catch (ActivityException refused) when (refused.Failure.Code is "ORC5551" or "ORC5553" or "ORC5554")
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<DeploymentInfo>> HistoryAsync(DeploymentHome home) =>
        (await home.Queries.ListAsync(CancellationToken.None)).Count == 0 ? [] : [.. (await home.DetailAsync()).History.Reverse()];

    private static void CheckAppended(IReadOnlyList<DeploymentInfo> before, IReadOnlyList<DeploymentInfo> now)
    {
        Assert.That(now, Has.Count.InRange(before.Count, before.Count + 1));
        for (var i = 0; i < before.Count; i++)
        {
            Assert.That(now[i] with { Status = before[i].Status }, Is.EqualTo(before[i]), "only the status of an entry changes");
            Assert.That(before[i].Status != DeploymentStatus.RolledBack || now[i].Status == DeploymentStatus.RolledBack, "what was rolled back stays so");
        }
    }

    private static async Task CheckCurrentAsync(DeploymentHome home, IReadOnlyList<DeploymentInfo> history)
    {
        if (history.Count == 0)
        {
            return;
        }

        var active = history.Where(entry => entry.Status == DeploymentStatus.Active).ToList();
        Assert.That(active, Is.EqualTo(new[] { history[^1] }), "the newest entry answers, alone");
        Assert.That((await home.DetailAsync()).Endpoint.Current, Is.EqualTo(history[^1]));
        Assert.That(await home.Registry.FindAsync(active[0].Model, $"{active[0].Version}", CancellationToken.None), Is.Not.Null);
        Assert.That(await home.AliasAsync(active[0].Model), Is.EqualTo(active[0].Version), "the champion is what answers");
    }

    private static async Task CheckRollbacksEndAsync(DeploymentHome home, int steps)
    {
        var left = steps + 1;
        while (left > 0 && await MoveAsync(home, 0) is not null)
        {
            left--;
        }

        Assert.That(left, Is.GreaterThan(0), "repeated rollbacks come to an end instead of going to and fro");
    }
}
