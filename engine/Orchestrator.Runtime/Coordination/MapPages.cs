using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What a page of items is made with.</summary>
internal sealed record MapPageParts(ActivityCatalog Catalog, InputResolver Inputs, IResultCache Cache, CacheKeys Keys, ExpressionEvaluator Evaluator, TimeProvider Time, EngineLimits Limits);

/// <summary>Makes the items of mapped tasks, a page at a time, and looks for earlier results of a whole page at once.</summary>
internal sealed class MapPages(MapPageParts parts)
{
    /// <summary>How many items of a list are issued at a time: enough to keep every lane busy, few enough that a list of 100,000 costs what it uses.</summary>
    public const int Size = 256;

    private readonly TemplateResolver templates = new(parts.Evaluator);

    /// <summary>The work of a mapped task itself: the lists, never their combinations.</summary>
    /// <exception cref="ActivityException">Something is no list (ORC5014, ORC5236), there are too many items (ORC5234), or lists to zip differ in length (ORC5237).</exception>
    public TaskWork Spread(TaskNode node, MapDefinition map, ExpressionScope scope, CancellationToken cancellation)
    {
        var work = new TaskWork
        {
            Uses = node.Definition.Uses,
            Inputs = map.Lists.IsEmpty
                ? MapItems.Store(OrcJson.ToElement(parts.Evaluator.EvaluateList(map.Over ?? "", scope, cancellation)))
                : MapItems.Store(map.Combine, [.. map.Lists.Select(list => (list.Name, ListOf(list, scope, cancellation)))]),
            Spread = Core.Runs.Spread.List,
            Yields = node.Sub is { } child ? [.. child.Outputs.Keys] : [.. parts.Catalog.Get(node.Definition.Uses).Outputs.Select(output => output.Name)],
        };
        if (map.Combine == MapCombination.Zip && work.Inputs.TryGetValue("lists", out var zipped) && zipped.EnumerateArray().Select(list => list.GetArrayLength()).Distinct().Count() > 1)
        {
            throw MapErrors.NotEquallyLong(map.Lists.Zip(zipped.EnumerateArray(), (list, items) => (list.Name, items.GetArrayLength())));
        }

        var items = MapItems.Of(work);
        return items.Count <= parts.Limits.MapItems
            ? work
            : throw new ActivityException(RuntimeFailures.TooManyItems(map.Over is { } over ? $"the list {over}" : $"the map ({items.Shape})", items.Count, parts.Limits.MapItems));
    }

    /// <summary>The next items of a list; none when those under way are enough for now.</summary>
    public async Task<IssueItems> NextAsync(RunState state, int task, Mapping mapping, ExpressionScope scope, CancellationToken cancellation)
    {
        var items = MapItems.Of(mapping.Work);
        var question = new ExpandTask(task, mapping.Ended, mapping.Items.Count);
        var from = mapping.Items.Count;
        // A page ahead of what has ended keeps the lanes fed.
        var to = (int)Math.Min(items.Count, mapping.Ended + Size);
        return to - from < Size / 4 && to < items.Count
            ? new IssueItems(question, [], Complete: false)
            : await PageAsync(state, question, items, from, Math.Max(from, to), scope, cancellation);
    }

    /// <summary>The items from one place to another, with what stands in for them.</summary>
    public async Task<IssueItems> PageAsync(RunState state, ExpandTask question, MapItems items, int from, int to, ExpressionScope scope, CancellationToken cancellation)
    {
        var node = state.Graph.Nodes[question.Task];
        var definition = node.Definition;
        var condition = AsksItems(definition) ? definition.When : null;
        var context = parts.Keys.Begin(cancellation);
        var page = ImmutableArray.CreateBuilder<TaskWork>(to - from);
        var skipped = ImmutableSortedDictionary.CreateBuilder<int, string>();
        for (var index = from; index < to; index++)
        {
            var own = scope with { Item = items[index], Index = index };
            TaskWork work;
            if (condition is not null && !parts.Evaluator.EvaluateCondition(condition, own, cancellation))
            {
                skipped.Add(index - from, $"its condition is false: {condition}");
                work = new TaskWork { Uses = definition.Uses, Lane = node.Sub is null ? parts.Catalog.Get(definition.Uses).Lane : Lane.Child, Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty };
            }
            else
            {
                work = await WorkOfAsync(node, own, context);
            }

            page.Add(work with { Label = items.LabelOf(index) });
        }

        return new IssueItems(question, page.ToImmutable(), to == items.Count) { Skipped = skipped.ToImmutable(), Reused = await FindEarlierAsync(state, definition, page, cancellation) };
    }

    private async Task<TaskWork> WorkOfAsync(TaskNode node, ExpressionScope scope, FingerprintContext context)
    {
        var definition = node.Definition;
        var given = definition.With.Select(input => KeyValuePair.Create(input.Key, templates.Resolve(input.Value, scope, context.Cancellation)));
        if (node.Sub is { } child)
        {
            return SubPipelineParameters.WorkOf(child, given);
        }

        var activity = parts.Catalog.Get(definition.Uses);
        var work = new TaskWork { Uses = definition.Uses, Lane = activity.Lane, Inputs = await parts.Inputs.ResolveAsync(activity, given, context.Cancellation) };
        var instance = activity.Create();
        activity.Bind(instance, work.Inputs);
        return await parts.Keys.AddAsync(activity, instance, definition, work, context);
    }

    /// <summary>
    /// The next items of an activity that spreads itself. What its item yields depends on the item's inputs alone, and it asks for items by index and never by order of
    /// completion; so an item that was done before, in this sweep or in a shorter one, stands in.
    /// </summary>
    public async Task<IssueItems> NextAsync(RunState state, int task, Mapping mapping, Expansion expansion, CancellationToken cancellation)
    {
        var definition = state.Graph.Nodes[task].Definition;
        var context = parts.Keys.Begin(cancellation);
        var page = ImmutableArray.CreateBuilder<TaskWork>(expansion.Next.Count);
        foreach (var item in expansion.Next)
        {
            var activity = parts.Catalog.Get(item.Activity.Uses);
            var work = new TaskWork
            {
                Uses = item.Activity.Uses, Lane = activity.Lane, Inputs = item.Activity.With.ToImmutableSortedDictionary(StringComparer.Ordinal), Label = item.Label,
            };
            page.Add(activity.Cacheable ? await AddKeyAsync(activity, definition, work, context) : work);
        }

        return new IssueItems(new ExpandTask(task, mapping.Ended, mapping.Items.Count), page.ToImmutable(), expansion.Complete)
        {
            Reused = await FindEarlierAsync(state, definition, page, cancellation),
        };
    }

    /// <summary>True when the condition of a mapped task is about each of its items.</summary>
    public static bool AsksItems(TaskDefinition definition) =>
        definition is { Map: not null, When: { } when } && !ExpressionSyntax.Parse(when).ItemPlaces.IsEmpty;

    private async Task<TaskWork> AddKeyAsync(ActivityDescriptor activity, TaskDefinition definition, TaskWork work, FingerprintContext context)
    {
        try
        {
            var instance = activity.Create();
            activity.Bind(instance, work.Inputs);
            return await parts.Keys.AddAsync(activity, instance, definition, work, context);
        }
        catch (ActivityException)
        {
            // An item with inputs that do not fit fails by itself and is counted by its activity, as a trial that cannot be trained.
            return work;
        }
    }

    /// <summary>Earlier results by place in the page, all found by one query.</summary>
    private async Task<ImmutableSortedDictionary<int, ReusedTask>> FindEarlierAsync(RunState state, TaskDefinition definition, ImmutableArray<TaskWork>.Builder page, CancellationToken cancellation)
    {
        var keys = page.Select(work => work.CacheKey).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (keys.Count == 0 || CacheKeys.ModeOf(state, definition) != CacheMode.Auto)
        {
            return ImmutableSortedDictionary<int, ReusedTask>.Empty;
        }

        var found = await parts.Cache.FindAllAsync(keys, CacheKeys.Since(definition, parts.Time.GetUtcNow()), cancellation);
        var reused = ImmutableSortedDictionary.CreateBuilder<int, ReusedTask>();
        for (var place = 0; place < page.Count; place++)
        {
            if (page[place].CacheKey is { } key && found.TryGetValue(key, out var earlier))
            {
                reused.Add(place, earlier);
            }
        }

        return reused.ToImmutable();
    }

    private JsonElement ListOf(MapList list, ExpressionScope scope, CancellationToken cancellation) =>
        parts.Evaluator.Evaluate(list.Expression, scope, cancellation) is var value && value.ValueKind == JsonValueKind.Array ? value : throw MapErrors.NotAList(list, value);
}
