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
}

/// <summary>
/// Looks at a task whose turn has come: evaluates its condition, resolves its inputs, looks for an earlier result, and answers with the command that says
/// what comes of it. Reads only; nothing here changes the run.
/// </summary>
internal sealed class TaskPreparer(
    RunSetting run, ActivityCatalog catalog, InputResolver inputs, IResultCache cache, TimeProvider time, EngineLimits? limits = null)
{
    /// <summary>How many items of a list are issued at a time: enough to keep every lane busy, few enough that a list of 100,000 costs what it uses.</summary>
    public const int MapPage = 256;

    private readonly EngineLimits limits = limits ?? new EngineLimits();

    private readonly ExpressionEvaluator evaluator = new(limits?.Expressions);

    private readonly TemplateResolver templates = new(new ExpressionEvaluator(limits?.Expressions));

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
        return catalog.Find(definition.Uses) is { IsStandIn: false } activity
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
                ? await NextPageAsync(state, task, mapping, cancellation)
                : NextItems(state, task, mapping);
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
        if (definition.When is { } when && !evaluator.EvaluateCondition(when, scope, cancellation))
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
            return PrepareMap(key, definition, map, scope);
        }

        if (node.Sub is { } child)
        {
            return new QueueWork(key, ChildWork(child, ResolveInputs(definition, scope)));
        }

        var activity = catalog.Get(definition.Uses);
        var resolved = await inputs.ResolveAsync(activity, ResolveInputs(definition, scope), cancellation);
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
            return new SuspendTask(key, work, ActivityRunner.Ask(question, time.GetUtcNow()));
        }

        return await FindEarlierAsync(key, CacheModeOf(state, definition), definition.Cache?.Expires, (activity, instance), work, cancellation);
    }

    /// <summary>What the task says of its cache, unless whoever started the run wants a new result. A task that never stores one is not made to.</summary>
    internal static CacheMode CacheModeOf(RunState state, TaskDefinition definition)
    {
        var mode = definition.Cache?.Mode ?? CacheMode.Auto;
        return mode == CacheMode.Auto && state.Refresh.Contains(definition.Name) ? CacheMode.Refresh : mode;
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

    private RunCommand PrepareMap(TaskKey key, TaskDefinition definition, MapDefinition map, ExpressionScope scope)
    {
        var items = evaluator.EvaluateList(map.Over, scope);
        return items.Count > limits.MapItems
            ? new FailTask(key, RuntimeFailures.TooManyItems(map.Over, items.Count, limits.MapItems))
            : new QueueWork(key, new TaskWork
            {
                Uses = definition.Uses,
                Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty.Add("items", OrcJson.ToElement(items)),
                Spread = Spread.List,
            });
    }

    private async Task<RunCommand> FindEarlierAsync(
        TaskKey key, CacheMode mode, TimeSpan? expires, (ActivityDescriptor About, Activity Instance) activity, TaskWork work, CancellationToken cancellation)
    {
        if (!activity.About.Cacheable || mode == CacheMode.Never)
        {
            return new QueueWork(key, work);
        }

        var parts = new CacheKeyParts
        {
            Activity = activity.About.Type,
            Version = activity.About.Version,
            Inputs = work.Inputs,
            Fingerprint = await ActivityRunner.FingerprintAsync(activity.Instance, new FingerprintContext { BaseDirectory = run.BaseDirectory, Cancellation = cancellation }),
        };
        if (Fingerprints.IsUnknown(parts.Fingerprint))
        {
            return new QueueWork(key, work);
        }

        work = work with { CacheKey = parts.Hash(), Fingerprint = parts.Fingerprint };
        var since = expires is { } age ? time.GetUtcNow() - age : (DateTimeOffset?)null;
        return mode == CacheMode.Auto && await cache.FindAsync(parts.Hash(), since, cancellation) is { } earlier
            ? new ReuseResult(key, earlier.From, earlier.Outputs)
            : new QueueWork(key, work);
    }

    private async Task<RunCommand> NextPageAsync(RunState state, int task, Mapping mapping, CancellationToken cancellation)
    {
        var list = mapping.Work.Inputs["items"];
        var from = mapping.Items.Count;
        // A page ahead of what has ended keeps the lanes fed.
        var to = Math.Min(list.GetArrayLength(), mapping.Ended + MapPage);
        if (to - from < MapPage / 4 && to < list.GetArrayLength())
        {
            return new IssueItems(QuestionOf(task, mapping), [], Complete: false);
        }

        var definition = state.Graph.Nodes[task].Definition;
        var scope = RunScope.Of(state, run, state.Graph.Nodes[task]);
        var page = ImmutableArray.CreateBuilder<TaskWork>(Math.Max(0, to - from));
        for (var index = from; index < to; index++)
        {
            var own = scope with { Item = list[index], Index = index };
            var given = ResolveInputs(definition, own);
            var work = state.Graph.Nodes[task].Sub is { } child ? ChildWork(child, given) : await WorkOfItemAsync(definition, given, cancellation);
            page.Add(work with { Label = Shorten(list[index].GetRawText()) });
        }

        return new IssueItems(QuestionOf(task, mapping), page.ToImmutable(), to == list.GetArrayLength());
    }

    private async Task<TaskWork> WorkOfItemAsync(TaskDefinition definition, IEnumerable<KeyValuePair<string, JsonElement>> given, CancellationToken cancellation)
    {
        var activity = catalog.Get(definition.Uses);
        var resolved = await inputs.ResolveAsync(activity, given, cancellation);
        activity.Bind(activity.Create(), resolved);
        return new TaskWork { Uses = definition.Uses, Lane = activity.Lane, Inputs = resolved };
    }

    /// <summary>The work of a task that a run of its own does: its inputs are that run's parameters.</summary>
    private static TaskWork ChildWork(PipelineDefinition child, IEnumerable<KeyValuePair<string, JsonElement>> given) => new()
    {
        Uses = SubPipelineDefinition.Uses, Lane = Lane.Child, Inputs = SubPipelineParameters.Bind(child, given).ToImmutableSortedDictionary(StringComparer.Ordinal),
    };

    private IssueItems NextItems(RunState state, int task, Mapping mapping)
    {
        var activity = catalog.Get(mapping.Work.Uses);
        var instance = activity.Create();
        activity.Bind(instance, mapping.Work.Inputs);
        var expansion = ActivityRunner.Expand((MappedActivity)instance, new ExpansionContext { Items = ItemResults.Of(state, task) });
        return new IssueItems(
            QuestionOf(task, mapping),
            [.. expansion.Next.Select(item => new TaskWork
            {
                Uses = item.Activity.Uses,
                Lane = catalog.Get(item.Activity.Uses).Lane,
                Inputs = item.Activity.With.ToImmutableSortedDictionary(StringComparer.Ordinal),
                Label = item.Label,
            })],
            expansion.Complete);
    }

    private static ExpandTask QuestionOf(int task, Mapping mapping) => new(task, mapping.Ended, mapping.Items.Count);

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
