namespace Orchestrator.Core.Runs;

/// <content>The change of a run's definition.</content>
internal sealed partial class RunTurn
{
    private string? Migrate(MigrateRun migrate)
    {
        var plan = MigrationRules.Plan(State, migrate);
        if (plan.Refusal is { } refusal)
        {
            return refusal;
        }

        var change = new RunMigrated
        {
            At = now,
            From = State.Definition,
            Definition = migrate.Definition,
            By = migrate.By,
            Reason = migrate.Reason,
            Params = migrate.Params,
            Restarted = plan.NamesOf(TaskMigration.Restarted),
            Reconsidered = plan.NamesOf(TaskMigration.Reconsidered),
            Dropped = plan.NamesOf(TaskMigration.Dropped),
        };
        events.Add(change);
        State = RunMigration.Apply(State, change, migrate.Graph);
        foreach (var node in State.Graph.Nodes)
        {
            Join(node.Index);
        }

        return null;
    }
}
