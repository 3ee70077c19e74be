using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>
/// Decides what becomes of each task when a run is given another definition of its pipeline, and everything that speaks against it.
/// </summary>
/// <remarks>
/// <code>
/// a task that                       and in the new definition      becomes
/// has ended                         has the same activity          kept: its end and its outputs stay, whatever else is said of it
/// has ended                         has another activity           refused (ORC5282)
/// has started, has ended            is not there                   refused (ORC5284); dropped with --drop
/// is under way                      is the same in what its        continues; retries, timeouts, limits and deadline are those of the new
///                                   attempt was prepared from      definition from now on
/// is under way                      is another in that             refused (ORC5283); restarted with --restart: the attempt is fenced off and
///                                                                  stopped, the next one starts when it has stopped
/// is ready or being prepared,       is another in anything         reconsidered: condition, inputs and cache are looked at again
/// no attempt yet
/// waits                             is there                       waits, by the rule and for the tasks of the new definition
/// waits, was never started          is not there                   dropped
/// is not there                      is there                       new: its join counts the ends there are
/// has passed its join               would come after one that      refused (ORC5285)
///                                   has not ended, and did not
/// </code>
/// "Under way": running, retrying, suspended, mapping, or ready again after an attempt. "Prepared from": activity, inputs, the parameters that they read, the list of
/// the map, the step's code; while an attempt runs also its pool. Parameters: those of the same name keep their value (another only where the new declaration needs
/// it), new ones have their default or what was given, others go. A limit in time that was there counts from where it counted, a new one from the migration.
/// </remarks>
public static class MigrationRules
{
    /// <summary>Looks at everything, and tells all that speaks against it at once.</summary>
    public static MigrationPlan Plan(RunState state, MigrateRun wish)
    {
        var (from, to) = (state.Graph, wish.Graph);
        var problems = new List<Failure>();
        var changedParams = ChangedParams(state, wish);
        if (from.Definition.Name != to.Definition.Name)
        {
            // Everything else would be a consequence of this.
            return PlanOf(state, wish, [], [MigrationProblems.OtherPipeline(from.Definition.Name, to.Definition.Name)]);
        }

        if (state.Definition == wish.Definition)
        {
            problems.Add(MigrationProblems.SameDefinition(wish.Definition));
        }

        if (state.Status is RunStatus.Cancelling)
        {
            problems.Add(MigrationProblems.Ending(state.Status));
        }

        problems.AddRange(ParameterProblems(state, to.Definition, wish));
        var tasks = to.Nodes.Select(node => from.Contains(node.Definition.Name)
                ? Existing(state, from[node.Definition.Name], node, wish, changedParams)
                : new MigratedTask { Task = node.Definition.Name, Becomes = TaskMigration.New })
            .Concat(from.Nodes.Where(node => !to.Contains(node.Definition.Name)).Select(node => new MigratedTask
            {
                Task = node.Definition.Name, Becomes = TaskMigration.Dropped, Status = state.Tasks[node.Index].Word,
            }))
            .ToImmutableArray();
        problems.AddRange(tasks.SelectMany(task => ProblemsOf(state, task, wish)));
        problems.AddRange(WishProblems(state, wish));
        return PlanOf(state, wish, tasks, problems);
    }

    /// <summary>The task an author would say has begun: it ran, took a result over, or asks somebody.</summary>
    private static bool HasStarted(TaskState task) => task switch
    {
        Waiting or Preparing or Ended { Outcome: TaskOutcome.Skipped or TaskOutcome.UpstreamFailed } => task.Tries.Attempts > 0,
        Ready { Work.Spread: Spread.None } => task.Tries.Attempts > 0,
        Ended { Outcome: TaskOutcome.Cancelled } => task.Tries.Attempts > 0,
        _ => true,
    };

    private static bool IsUnderWay(TaskState task) => task is not (Ended or Waiting or Preparing) && HasStarted(task);

    private static MigratedTask Existing(RunState state, TaskNode was, TaskNode now, MigrateRun wish, HashSet<string> changedParams)
    {
        var at = state.Tasks[was.Index];
        var line = new MigratedTask { Task = now.Definition.Name, Becomes = TaskMigration.Kept, Status = at.Word, Changes = [.. Differences(was.Definition, now.Definition)] };
        if (at is Ended)
        {
            return line;
        }

        if (IsUnderWay(at))
        {
            return line with { Becomes = wish.Restart.Contains(line.Task) ? TaskMigration.Restarted : TaskMigration.Continues };
        }

        var same = line.Changes.IsEmpty && !ReadsAny(now, changedParams) && Missed(state, wish.Graph, was, now).IsEmpty;
        return line with { Becomes = at is Waiting ? TaskMigration.Waits : same ? TaskMigration.Continues : TaskMigration.Reconsidered };
    }

    private static IEnumerable<Failure> ProblemsOf(RunState state, MigratedTask line, MigrateRun wish)
    {
        var from = state.Graph;
        if (line.Becomes == TaskMigration.Dropped)
        {
            if (HasStarted(state[line.Task]) && !wish.Drop.Contains(line.Task))
            {
                yield return MigrationProblems.RemovedAfterStart(line.Task, state[line.Task].Word);
            }

            yield break;
        }

        if (line.Becomes is not (TaskMigration.Kept or TaskMigration.Continues))
        {
            yield break;
        }

        var (was, now, at) = (from[line.Task], wish.Graph[line.Task], state[line.Task]);
        if (at is Ended && was.Definition.Uses != now.Definition.Uses)
        {
            yield return MigrationProblems.OtherActivity(was.Definition, now.Definition, at.Word);
        }

        if (IsUnderWay(at) && at is not (Running { Stopping: true } or Mapping { Stopping: true }) && PreparedOtherwise(state, was, now, wish) is { Length: > 0 } changes)
        {
            yield return MigrationProblems.ChangedUnderWay(was.Definition, at.Word, changes);
        }

        if (Missed(state, wish.Graph, was, now) is { IsEmpty: false } missed)
        {
            yield return MigrationProblems.LateBefore(line.Task, at.Word, missed);
        }
    }

    /// <summary>The tasks that a task which has passed its join would come after from now on, and that have not ended.</summary>
    private static ImmutableArray<TaskName> Missed(RunState state, PipelineGraph graph, TaskNode was, TaskNode now)
    {
        var known = was.Upstream.Select(index => state.Graph.Nodes[index].Definition.Name).ToHashSet();
        return [.. now.Upstream.Select(index => graph.Nodes[index].Definition.Name).Where(name => !known.Contains(name) && IsOpen(state, name))];
    }

    private static bool IsOpen(RunState state, TaskName name) => !state.Graph.Contains(name) || state[name] is not Ended;

    /// <summary>What an attempt of the task was prepared from and is otherwise now.</summary>
    private static string[] PreparedOtherwise(RunState state, TaskNode was, TaskNode now, MigrateRun wish)
    {
        var changedParams = ChangedParams(state, wish);
        var holds = state.InFlight.Values.Any(key => state.NameOf(key) == was.Definition.Name);
        return
        [
            .. Differences(was.Definition, now.Definition).Where(change => change is "activity" or "pipeline" or "list of the map" or "step code" || change.StartsWith("input ", StringComparison.Ordinal) || (holds && change == "pool")),
            .. Reads(now).Where(changedParams.Contains).Select(name => $"value of parameter {name}"),
        ];
    }

    private static IEnumerable<string> Differences(TaskDefinition was, TaskDefinition now)
    {
        if (was.Uses != now.Uses)
        {
            yield return "activity";
        }

        foreach (var name in was.With.Keys.Union(now.With.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (!was.With.TryGetValue(name, out var before) || !now.With.TryGetValue(name, out var after) || !JsonElement.DeepEquals(before, after))
            {
                yield return now.Uses == "csharp" && name == "script" ? "step code" : $"input {name}";
            }
        }

        var others = new (string What, bool Differs)[]
        {
            ("pipeline", !Equals(Text(was.Pipeline), Text(now.Pipeline))),
            ("list of the map", Text(was.Map is { } list ? list with { Parallel = null } : null) != Text(now.Map is { } other ? other with { Parallel = null } : null)),
            ("limit of the map", was.Map?.Parallel != now.Map?.Parallel),
            ("needs", !was.Needs.ToHashSet().SetEquals(now.Needs)),
            ("rule", was.Rule != now.Rule),
            ("condition", was.When != now.When),
            ("retry", !Equals(Text(was.Retry), Text(now.Retry))),
            ("timeout", was.Timeout != now.Timeout),
            ("queueTimeout", was.QueueTimeout != now.QueueTimeout),
            ("heartbeat", was.Heartbeat != now.Heartbeat),
            ("deadline", was.Deadline != now.Deadline),
            ("limits", was.Limits != now.Limits),
            ("cache", Text(was.Cache) != Text(now.Cache)),
            ("pool", was.Pool != now.Pool || was.PoolSlots != now.PoolSlots),
            ("priority", was.Priority != now.Priority),
            ("onExit", was.OnExit != now.OnExit),
        };
        foreach (var (what, differs) in others)
        {
            if (differs)
            {
                yield return what;
            }
        }
    }

    // These have lists in them, and records compare those by reference.
    private static string? Text<T>(T? part) where T : class => part is null ? null : OrcJson.ToElement(part).GetRawText();

    // What is a parameter inside a sub-pipeline is an output of the node that begins it.
    private static IEnumerable<string> Reads(TaskNode task) =>
        task.ParamsFrom is not null ? [] : task.Definition.Expressions().SelectMany(expression => ExpressionReferences.Find(expression)).Where(reference => reference.Root == "params").Select(reference => reference.Name).Distinct();

    private static bool ReadsAny(TaskNode task, HashSet<string> parameters) => parameters.Count > 0 && Reads(task).Any(parameters.Contains);

    /// <summary>Parameters that both definitions have, with another value.</summary>
    private static HashSet<string> ChangedParams(RunState state, MigrateRun wish) => wish.Params
        .Where(one => state.Params.TryGetValue(one.Key, out var before) && !JsonElement.DeepEquals(before, one.Value))
        .Select(one => one.Key)
        .ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<Failure> ParameterProblems(RunState state, PipelineDefinition definition, MigrateRun wish)
    {
        // Half of the run with one value and half with another is no run of either; a value that its declaration no longer allows must change all the same.
        foreach (var name in ChangedParams(state, wish).Order(StringComparer.Ordinal))
        {
            var was = state.Graph.Definition.Params.FirstOrDefault(parameter => parameter.Name == name);
            if (was is not null && definition.Params.FirstOrDefault(parameter => parameter.Name == name) is { } now && Bounds(was) == Bounds(now))
            {
                yield return MigrationProblems.Parameters(
                    $"parameter \"{name}\" is {state.Params[name].GetRawText()} in this run and would be {wish.Params[name].GetRawText()}",
                    $"Leave --param {name} out. To run again with another value, start a new run: orc retry RUN --param {name}=VALUE, when this one has ended.");
            }
        }

        foreach (var missing in definition.Params.Where(parameter => !wish.Params.ContainsKey(parameter.Name)))
        {
            yield return MigrationProblems.Parameters($"parameter \"{missing.Name}\" has no value", $"Add --param {missing.Name}=VALUE.");
        }

        foreach (var unknown in wish.Params.Keys.Where(name => definition.Params.All(parameter => parameter.Name != name)))
        {
            yield return MigrationProblems.Parameters($"the new definition has no parameter \"{unknown}\"", $"Leave --param {unknown} out.");
        }
    }

    private static string Bounds(ParameterDefinition parameter) => OrcJson.ToElement(parameter with { Help = null, Default = null }).GetRawText();

    /// <summary>Names that were given and mean nothing.</summary>
    private static IEnumerable<Failure> WishProblems(RunState state, MigrateRun wish)
    {
        foreach (var name in wish.Restart.Distinct())
        {
            if (!state.Graph.Contains(name) || !wish.Graph.Contains(name))
            {
                yield return MigrationProblems.NothingToRestart(name, state.Graph.Contains(name) ? "the new definition does not have it" : "the run has no such task");
            }
            else if (!IsUnderWay(state[name]))
            {
                yield return MigrationProblems.NothingToRestart(name, $"it is {state[name].Word}");
            }
        }

        foreach (var name in wish.Drop.Distinct())
        {
            if (!state.Graph.Contains(name) || wish.Graph.Contains(name))
            {
                yield return MigrationProblems.NothingToDrop(name, state.Graph.Contains(name) ? "the new definition has it" : "the run has no such task");
            }
        }
    }

    private static MigrationPlan PlanOf(RunState state, MigrateRun wish, ImmutableArray<MigratedTask> tasks, IEnumerable<Failure> problems) =>
        new() { From = state.Definition, To = wish.Definition, Tasks = tasks, Problems = [.. problems] };
}
