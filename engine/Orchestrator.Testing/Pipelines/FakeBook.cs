using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Testing.Pipelines;

/// <summary>Which task does what in a test: a task's own fake first, then that of its activity, then the one for all others.</summary>
internal sealed class FakeBook
{
    private readonly Dictionary<string, Func<FakeCall, Task<object?>>> fakes = new(StringComparer.Ordinal);
    private readonly HashSet<string> real = new(StringComparer.Ordinal);
    private readonly List<Trouble> troubles = [];

    public bool FakesOthers { get; set; }

    public void Put(string taskOrActivity, Func<FakeCall, Task<object?>> fake)
    {
        fakes[taskOrActivity] = fake;
        real.Remove(taskOrActivity);
    }

    public void PutReal(string taskOrActivity)
    {
        real.Add(taskOrActivity);
        fakes.Remove(taskOrActivity);
    }

    public void Put(string taskOrActivity, FailureKind kind, string message, IReadOnlyCollection<int> attempts) =>
        troubles.Add(new Trouble(taskOrActivity, kind, message, attempts));

    /// <summary>Every name that the test used, so that one that fits nothing is found.</summary>
    public IEnumerable<string> Names => fakes.Keys.Concat(real).Concat(troubles.Select(trouble => trouble.Name)).Distinct();

    public bool IsReal(string task, string activity) => real.Contains(task) || (!fakes.ContainsKey(task) && real.Contains(activity));

    public bool IsFake(string task, string activity) => !IsReal(task, activity) && (FakesOthers || fakes.ContainsKey(task) || fakes.ContainsKey(activity));

    public bool HasFake(string taskOrActivity) => fakes.ContainsKey(taskOrActivity);

    /// <summary>The failure that the test wants of this attempt; null: it wants none.</summary>
    public Failure? TroubleOf(string task, string activity, int attempt)
    {
        var trouble = troubles.FirstOrDefault(one => (one.Name == task || one.Name == activity) && (one.Attempts.Count == 0 || one.Attempts.Contains(attempt)));
        return trouble is null ? null : new Failure { Code = "ORC5290", Kind = trouble.Kind, Message = trouble.Message, Retryable = true };
    }

    /// <summary>What a fake answers, with a sample for each promised output that it leaves out.</summary>
    public async Task<IReadOnlyDictionary<string, JsonElement>> AnswerAsync(string name, ActivityDescriptor activity, FakeCall call)
    {
        var answer = fakes.GetValueOrDefault(name) ?? fakes.GetValueOrDefault(activity.Type);
        var given = answer is null ? null : await answer(call);
        var outputs = new Dictionary<string, JsonElement>(SampleValues.Of(activity), StringComparer.Ordinal);
        if (given is not null)
        {
            foreach (var output in OrcJson.ToElement(given).EnumerateObject())
            {
                outputs[output.Name] = output.Value.Clone();
            }
        }

        return outputs;
    }

    /// <summary>The catalog that the engine gets: what is faked keeps its contract and loses its cache and its items.</summary>
    public ActivityCatalog CatalogFor(ActivityCatalog catalog, IReadOnlyList<TaskDefinition> tasks)
    {
        var worked = tasks.Where(task => IsReal(task.Name.Value, task.Uses)).Select(task => task.Uses).ToHashSet(StringComparer.Ordinal);
        var mixed = tasks.FirstOrDefault(task => worked.Contains(task.Uses) && IsFake(task.Name.Value, task.Uses) && catalog.Get(task.Uses).SpreadsItself);
        return mixed is null
            ? new ActivityCatalog(catalog.Activities.Select(activity => worked.Contains(activity.Type) ? activity : activity.ForStandIn()))
            : throw new PipelineTestException($"{mixed.Uses} issues items, so all tasks that use it must be fakes or all real; \"{mixed.Name}\" is a fake and another one is real.");
    }

    private sealed record Trouble(string Name, FailureKind Kind, string Message, IReadOnlyCollection<int> Attempts);
}
