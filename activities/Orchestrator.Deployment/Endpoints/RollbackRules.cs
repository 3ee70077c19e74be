namespace Orchestrator.Deployment.Endpoints;

/// <summary>
/// Where a rollback goes. An endpoint's entries form a stack through <see cref="DeploymentInfo.Fallback"/>: deploying pushes, rolling back pops.
/// Pure: the history comes in, the plan goes out.
/// </summary>
internal static class RollbackRules
{
    /// <summary>Plans a rollback.</summary>
    /// <param name="endpoint">Its name, for messages.</param>
    /// <param name="history">All entries of the endpoint, in order of number.</param>
    /// <param name="to">The version to go back to; null: the entry that the current one falls back to.</param>
    /// <exception cref="Core.Activities.ActivityException">Nothing answers (ORC5552), there is nothing to go back to (ORC5553), or the version never answered (ORC5554).</exception>
    public static RollbackPlan Plan(string endpoint, IReadOnlyList<DeploymentInfo> history, int? to)
    {
        var stack = StackOf(history);
        if (stack is not [var current, .. var below])
        {
            throw DeploymentErrors.NothingDeployed(endpoint);
        }

        if (to is not { } version)
        {
            return below is [var next, ..]
                ? new RollbackPlan { Current = current, Target = next, Fallback = next.Fallback, Undone = [current] }
                : throw DeploymentErrors.NothingToRollBackTo(endpoint, $"{current.Model} version {current.Version}");
        }

        if (current.Version == version)
        {
            return new RollbackPlan { Current = current, Target = current, Fallback = current.Fallback, Undone = [] };
        }

        // A version may have answered under two model names; the current model's is meant then, and the newest entry of it.
        if (Choose(below, version, current.Model) is { } trusted)
        {
            return new RollbackPlan { Current = current, Target = trusted, Fallback = trusted.Fallback, Undone = [.. stack.TakeWhile(entry => entry != trusted)] };
        }

        // A person who names a version that was rolled back knows better than the history: it answers again, above what the current entry stood on.
        return Choose(history.Reverse(), version, current.Model) is { } named
            ? new RollbackPlan { Current = current, Target = named, Fallback = current.Fallback, Undone = [current] }
            : throw DeploymentErrors.NeverDeployed(endpoint, version, [.. history.Select(entry => entry.Version).Distinct().Order()]);
    }

    /// <summary>The active entry and what rollbacks would come to one after the other.</summary>
    public static List<DeploymentInfo> StackOf(IReadOnlyList<DeploymentInfo> history)
    {
        var byNumber = history.ToDictionary(entry => entry.Number);
        var stack = new List<DeploymentInfo>();
        for (var entry = history.LastOrDefault(entry => entry.Status == DeploymentStatus.Active);
             entry is not null;
             entry = entry.Fallback is { } below ? byNumber.GetValueOrDefault(below) : null)
        {
            stack.Add(entry);
        }

        return stack;
    }

    /// <summary>
    /// Which aliases a rollback moves. The restored entry's alias goes to its version. Another alias that an undone entry brought goes back to what
    /// stands under it in the stack, or away when nothing does; unless somebody has moved it since.
    /// </summary>
    /// <param name="plan">The rollback.</param>
    /// <param name="history">All entries of the endpoint.</param>
    public static IReadOnlyList<AliasMove> AliasMoves(RollbackPlan plan, IReadOnlyList<DeploymentInfo> history)
    {
        var moves = new List<AliasMove> { new(plan.Target.Model, plan.Target.Alias, plan.Target.Version, OnlyFrom: null) };
        var kept = Below(plan, history);
        foreach (var undone in plan.Undone.DistinctBy(entry => (entry.Model, entry.Alias)).Where(entry => (entry.Model, entry.Alias) != (plan.Target.Model, plan.Target.Alias)))
        {
            var beneath = kept.FirstOrDefault(entry => (entry.Model, entry.Alias) == (undone.Model, undone.Alias));
            moves.Add(new AliasMove(undone.Model, undone.Alias, beneath?.Version, OnlyFrom: undone.Version));
        }

        return moves;
    }

    private static List<DeploymentInfo> Below(RollbackPlan plan, IReadOnlyList<DeploymentInfo> history)
    {
        var byNumber = history.ToDictionary(entry => entry.Number);
        var kept = new List<DeploymentInfo>();
        for (var next = plan.Fallback; next is { } number && byNumber.TryGetValue(number, out var entry); next = entry.Fallback)
        {
            kept.Add(entry);
        }

        return kept;
    }

    private static DeploymentInfo? Choose(IEnumerable<DeploymentInfo> newestFirst, int version, string model)
    {
        var matches = newestFirst.Where(entry => entry.Version == version).ToList();
        return matches.Find(entry => entry.Model == model) ?? matches.FirstOrDefault();
    }
}

/// <summary>What a rollback does.</summary>
internal sealed record RollbackPlan
{
    public required DeploymentInfo Current { get; init; }

    /// <summary>The entry that answers again. The same as <see cref="Current"/>: nothing to do.</summary>
    public required DeploymentInfo Target { get; init; }

    /// <summary>The new entry's <see cref="DeploymentInfo.Fallback"/>.</summary>
    public required int? Fallback { get; init; }

    /// <summary>The entries that count as rolled back from now on, the current first.</summary>
    public required IReadOnlyList<DeploymentInfo> Undone { get; init; }
}

/// <param name="Version">Null: the alias goes away.</param>
/// <param name="OnlyFrom">Move it only while it points at this version; null: in any case.</param>
internal readonly record struct AliasMove(string Model, string Alias, int? Version, int? OnlyFrom);
