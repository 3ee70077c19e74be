using Orchestrator.Core.Activities;
using Orchestrator.Deployment.Endpoints;

namespace Orchestrator.Deployment.Tests.Endpoints;

/// <summary>The rules alone, over histories written as words: <c>d3</c> deploys version 3, <c>r</c> rolls back, <c>r1</c> rolls back to version 1.</summary>
public sealed class RollbackRulesTests
{
    [TestCase("d1 d2 r", 1, TestName = "Rollback_OfTheSecond_GoesToTheFirst")]
    [TestCase("d1 d2 d3 r r", 1, TestName = "Rollback_Twice_WalksBack")]
    [TestCase("d1 d2 r d3 r", 1, TestName = "Rollback_AfterARolledBackVersion_SkipsIt")]
    [TestCase("d1 d2 d3 r d4 r r", 1, TestName = "Rollback_ThroughANewerDeployment_NeverComesToTheRolledBackOne")]
    [TestCase("d1 d2 r d2 r", 1, TestName = "Rollback_OfAVersionDeployedAgain_GoesToTheFirst")]
    [TestCase("d1 d2 d1 r", 2, TestName = "Rollback_OfAnOldVersionDeployedAgain_GoesToWhatItReplaced")]
    [TestCase("d1 d2 d3 d4 r1", 1, TestName = "RollbackTo_FurtherBack_SkipsWhatIsBetween")]
    [TestCase("d1 d2 d3 d4 r2 r", 1, TestName = "Rollback_AfterRollbackTo_WalksOnFromThere")]
    [TestCase("d1 d2 d3 r r3", 3, TestName = "RollbackTo_ARolledBackVersion_IsAPersonsChoice")]
    [TestCase("d1 d2 d3 r r3 r", 1, TestName = "Rollback_AfterThatChoice_GoesBelowWhatWasLeft")]
    [TestCase("d1 d2 r2", 2, TestName = "RollbackTo_TheCurrentVersion_ChangesNothing")]
    public void History_Answers(string history, int version) => Assert.That(Play(history)[^1].Version, Is.EqualTo(version));

    [TestCase("d1 r", "ORC5553")]
    [TestCase("d1 d2 r r", "ORC5553")]
    [TestCase("d1 d2 r1 r", "ORC5553")]
    [TestCase("d1 d2 r7", "ORC5554")]
    [TestCase("r", "ORC5552")]
    public void History_IsRefused(string history, string code) =>
        Assert.That(Assert.Throws<ActivityException>(() => Play(history))!.Failure.Code, Is.EqualTo(code));

    [Test]
    public void AliasMoves_OtherAliasUndone_GoesToWhatStandsUnderItOrAway()
    {
        var history = new List<DeploymentInfo>();
        Deploy(history, "a", 1, "champion");
        Deploy(history, "b", 1, "champion");
        Deploy(history, "b", 2, "champion");
        var plan = RollbackRules.Plan("e", history, to: null);
        Assert.That(RollbackRules.AliasMoves(plan, history), Is.EqualTo(new[] { new AliasMove("b", "champion", 1, null) }));

        Apply(history, plan);
        plan = RollbackRules.Plan("e", history, to: null);

        Assert.That(RollbackRules.AliasMoves(plan, history), Is.EqualTo(new[] { new AliasMove("a", "champion", 1, null), new AliasMove("b", "champion", null, 1) }));
    }

    private static List<DeploymentInfo> Play(string words)
    {
        var history = new List<DeploymentInfo>();
        foreach (var word in words.Split(' '))
        {
            int? version = word.Length > 1 ? int.Parse(word[1..], System.Globalization.CultureInfo.InvariantCulture) : null;
            if (word[0] == 'd')
            {
                Deploy(history, "m", version!.Value, "champion");
            }
            else
            {
                Apply(history, RollbackRules.Plan("e", history, version));
            }
        }

        return history;
    }

    private static void Deploy(List<DeploymentInfo> history, string model, int version, string alias)
    {
        var current = Take(history, DeploymentStatus.Replaced);
        history.Add(Entry(history.Count + 1, DeploymentKind.Deploy, model, version, alias) with { Fallback = current });
    }

    private static void Apply(List<DeploymentInfo> history, RollbackPlan plan)
    {
        if (plan.Undone.Count == 0)
        {
            return;
        }

        Take(history, DeploymentStatus.RolledBack);
        foreach (var undone in plan.Undone)
        {
            history[undone.Number - 1] = history[undone.Number - 1] with { Status = DeploymentStatus.RolledBack };
        }

        history.Add(Entry(history.Count + 1, DeploymentKind.Rollback, plan.Target.Model, plan.Target.Version, plan.Target.Alias) with { Fallback = plan.Fallback, Restores = plan.Target.Number });
    }

    private static int? Take(List<DeploymentInfo> history, DeploymentStatus status)
    {
        var index = history.FindIndex(entry => entry.Status == DeploymentStatus.Active);
        if (index < 0)
        {
            return null;
        }

        history[index] = history[index] with { Status = status };
        return index + 1;
    }

    private static DeploymentInfo Entry(int number, DeploymentKind kind, string model, int version, string alias) => new()
    {
        Endpoint = "e",
        Number = number,
        Kind = kind,
        Status = DeploymentStatus.Active,
        Model = model,
        Version = version,
        Alias = alias,
        At = DateTimeOffset.UnixEpoch.AddMinutes(number),
    };
}
