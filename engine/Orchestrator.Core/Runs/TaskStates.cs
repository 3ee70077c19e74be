using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Core.Runs;

/// <summary>Where the tasks of a run stand, by graph index. Immutable.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "It is named after what is in it, as a field would be.")]
public sealed class TaskStates : IReadOnlyDictionary<int, TaskState>
{
    private readonly PersistentList<TaskState> states;

    private TaskStates(PersistentList<TaskState> states) => this.states = states;

    public static TaskStates Empty { get; } = new(PersistentList<TaskState>.Empty);

    public int Count => states.Count;

    public IEnumerable<int> Keys => Enumerable.Range(0, Count);

    public IEnumerable<TaskState> Values => states;

    public TaskState this[int task] => states[task];

    /// <param name="all">In the order of the graph.</param>
    public static TaskStates Of(IEnumerable<TaskState> all) =>
        new(all.Aggregate(PersistentList<TaskState>.Empty, (list, state) => list.SetItem(list.Count, state)));

    public TaskStates SetItem(int task, TaskState state) => new(states.SetItem(task, state));

    public bool ContainsKey(int task) => task >= 0 && task < Count;

    public bool TryGetValue(int task, [MaybeNullWhen(false)] out TaskState state)
    {
        state = GetValueOrDefault(task);
        return state is not null;
    }

    public TaskState? GetValueOrDefault(int task) => ContainsKey(task) ? states[task] : null;

    public IEnumerator<KeyValuePair<int, TaskState>> GetEnumerator() => states.Select((state, task) => KeyValuePair.Create(task, state)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Where the items of mapped tasks stand. The items of a task are numbered without gaps, in the order in which they were issued. Immutable.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "It is named after what is in it, as a field would be.")]
public sealed class ItemStates : IReadOnlyDictionary<TaskKey, TaskState>
{
    private readonly ImmutableSortedDictionary<int, PersistentList<TaskState>> byTask;

    private ItemStates(ImmutableSortedDictionary<int, PersistentList<TaskState>> byTask) => this.byTask = byTask;

    public static ItemStates Empty { get; } = new(ImmutableSortedDictionary<int, PersistentList<TaskState>>.Empty);

    public int Count => byTask.Values.Sum(items => items.Count);

    public IEnumerable<TaskKey> Keys => this.Select(pair => pair.Key);

    public IEnumerable<TaskState> Values => byTask.Values.SelectMany(items => items);

    public TaskState this[TaskKey key] => GetValueOrDefault(key) ?? throw new KeyNotFoundException($"task {key.Task} has no item {key.Item}");

    public ItemStates SetItem(TaskKey key, TaskState state) =>
        new(byTask.SetItem(key.Task, (byTask.TryGetValue(key.Task, out var items) ? items : PersistentList<TaskState>.Empty).SetItem(key.Item, state)));

    public bool ContainsKey(TaskKey key) => GetValueOrDefault(key) is not null;

    public bool TryGetValue(TaskKey key, [MaybeNullWhen(false)] out TaskState state)
    {
        state = GetValueOrDefault(key);
        return state is not null;
    }

    public TaskState? GetValueOrDefault(TaskKey key) => byTask.TryGetValue(key.Task, out var items) && key.Item >= 0 && key.Item < items.Count ? items[key.Item] : null;

    public IEnumerator<KeyValuePair<TaskKey, TaskState>> GetEnumerator() => byTask
        .SelectMany(task => task.Value.Select((state, item) => KeyValuePair.Create(new TaskKey(task.Key, item), state)))
        .GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
