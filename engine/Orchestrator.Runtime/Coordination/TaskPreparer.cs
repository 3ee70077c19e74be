using Orchestrator.Storage.Faults;
using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Caching;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Runtime.Coordination;

/// <summary>Finds earlier results by cache key.</summary>
public interface IResultCache
{
    /// <param name="since">Results older than this do not count; null: any age.</param>
    Task<ReusedTask?> FindAsync(string key, DateTimeOffset? since, CancellationToken cancellation);

    /// <summary>The same of many keys at once; those without a result are missing in the answer.</summary>
    Task<IReadOnlyDictionary<string, ReusedTask>> FindAllAsync(IReadOnlyCollection<string> keys, DateTimeOffset? since, CancellationToken cancellation);
}

/// <summary>
/// Looks at a task whose turn has come: evaluates its condition, resolves its inputs, looks for an earlier result, and answers with the command that says
/// what comes of it. Reads only; nothing here changes the run.
/// </summary>
internal sealed class TaskPreparer(RunSetting run, MapPageParts parts)
{
    private readonly ExpressionEvaluator evaluator = parts.Evaluator;

    private readonly TemplateResolver templates = new(parts.Evaluator);

    private readonly MapPages pages = new(parts);

    /// <summary>True when <see cref="PrepareAsync"/> for the task looks into no database and no file, so that it is over at once.</summary>
    public bool IsQuick(RunState state, int task)
    {
        var node = state.Graph.Nodes[task];
        var definition = node.Definition;
        if (node.Part != NodePart.Task)
        {
            return true;
        }

        // A test may want to say something between the end of a task and the start of the next.
        return parts.Catalog.Find(definition.Uses) is { IsStandIn: false } activity
            && (!activity.Cacheable || definition.Cache?.Mode == CacheMode.Never)
            && !activity.Inputs.Any(input => InputResolver.IsReference(input.ValueType));
    }

    public async Task<RunCommand?> PrepareAsync(RunState state, int task, CancellationToken cancellation)
    {
        var key = new TaskKey(task);
        try
        {
            FaultPoints.Reached("prepare-begun");
            var answer = await PrepareCheckedAsync(state, key, state.Graph.Nodes[task], cancellation);
            FaultPoints.Reached("prepare-done");
            return answer;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception error)
        {
            return new FailTask(key, RuntimeFailures.Of(error));
        }
    }

    /// <summary>Looks at the first items of a mapped task as its first pages would; for plans.</summary>
    public async Task<IssueItems> ForeseeItemsAsync(RunState state, int task, TaskWork work, int count, CancellationToken cancellation)
    {
        var items = MapItems.Of(work);
        return await pages.PageAsync(state, new ExpandTask(task, 0, 0), items, 0, (int)Math.Min(count, items.Count), RunScope.Of(state, run, state.Graph.Nodes[task]), cancellation);
    }

    /// <summary>Asks a mapped task which items come next.</summary>
    public async Task<RunCommand?> ExpandAsync(RunState state, int task, CancellationToken cancellation)
    {
        var key = new TaskKey(task);
        if (state.Tasks[task] is not Mapping mapping)
        {
            return null;
        }

        try
        {
            return mapping.Work.Spread == Spread.List
                ? await pages.NextAsync(state, task, mapping, RunScope.Of(state, run, state.Graph.Nodes[task]), cancellation)
                : await NextItemsAsync(state, task, mapping, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception error)
        {
            return new FailTask(key, RuntimeFailures.Of(error));
        }
    }

    private async Task<RunCommand> PrepareCheckedAsync(RunState state, TaskKey key, TaskNode node, CancellationToken cancellation)
    {
        var definition = node.Definition;
        // Many tasks have no expression and so nothing to look at.
        var scope = definition is { When: null, Map: null, With.Count: 0 } ? new ExpressionScope() : RunScope.Of(state, run, node);
        if (definition.When is { } when && !MapPages.AsksItems(definition) && !evaluator.EvaluateCondition(when, scope, cancellation))
        {
            return new SkipTask(key, $"its condition is false: {when}{RunScope.Values(when, scope)}");
        }

        if (node.Part == NodePart.End)
        {
            return new CollectOutputs(key, OutputsOf(state, node, scope, cancellation));
        }

        if (node is { Part: NodePart.Begin, Sub: { } begun })
        {
            return new CollectOutputs(key, SubPipelineParameters.Bind(begun, ResolveInputs(definition, scope)).ToImmutableDictionary());
        }

        if (definition.Map is { } map)
        {
            return new QueueWork(key, pages.Spread(node, map, scope, cancellation));
        }

        if (node.Sub is { } child)
        {
            return new QueueWork(key, SubPipelineParameters.WorkOf(child, ResolveInputs(definition, scope)));
        }

        var activity = parts.Catalog.Get(definition.Uses);
        var resolved = await parts.Inputs.ResolveAsync(activity, ResolveInputs(definition, scope), cancellation);
        var work = new TaskWork
        {
            Uses = definition.Uses,
            Lane = activity.Lane,
            Inputs = resolved,
            Spread = activity.SpreadsItself ? Spread.Activity : Spread.None,
        };
        var instance = activity.Create();
        activity.Bind(instance, resolved);
        if (instance is QuestionActivity question)
        {
            return new SuspendTask(key, work, ActivityRunner.Ask(question, parts.Time.GetUtcNow()));
        }

        work = await parts.Keys.AddAsync(activity, instance, definition, work, parts.Keys.Begin(cancellation));
        return await FindEarlierAsync(state, key, definition, work, cancellation);
    }

    /// <summary>What a pipeline yields. An output that reads a task which was skipped is absent, and whoever reads it is told so.</summary>
    private ImmutableDictionary<string, JsonElement> OutputsOf(RunState state, TaskNode end, ExpressionScope scope, CancellationToken cancellation)
    {
        var outputs = ImmutableDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, template) in end.Definition.With)
        {
            try
            {
                outputs[name] = templates.Resolve(template, scope, cancellation);
            }
            catch (ActivityException absent) when (absent.Failure.Code == "ORC5010" && Templates.ExpressionsIn(template).SelectMany(ExpressionReferences.Tasks)
                .Any(task => state[new TaskName(end.Prefix + task)] is Ended { Outcome: TaskOutcome.Skipped }))
            {
                // Its task was skipped, as its author allowed.
            }
        }

        return outputs.ToImmutable();
    }

    private IEnumerable<KeyValuePair<string, JsonElement>> ResolveInputs(TaskDefinition definition, ExpressionScope scope) =>
        definition.With.Select(input => KeyValuePair.Create(input.Key, templates.Resolve(input.Value, scope)));

    private async Task<RunCommand> FindEarlierAsync(RunState state, TaskKey key, TaskDefinition definition, TaskWork work, CancellationToken cancellation) =>
        work.CacheKey is { } wanted && CacheKeys.ModeOf(state, definition) == CacheMode.Auto
            && await parts.Cache.FindAsync(wanted, CacheKeys.Since(definition, parts.Time.GetUtcNow()), cancellation) is { } earlier
            ? new ReuseResult(key, earlier.From, earlier.Outputs)
            : new QueueWork(key, work);

    private Task<IssueItems> NextItemsAsync(RunState state, int task, Mapping mapping, CancellationToken cancellation)
    {
        var activity = parts.Catalog.Get(mapping.Work.Uses);
        var instance = activity.Create();
        activity.Bind(instance, mapping.Work.Inputs);
        return pages.NextAsync(state, task, mapping, ActivityRunner.Expand((MappedActivity)instance, new ExpansionContext { Items = ItemResults.Of(state, task) }), cancellation);
    }
}
