using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using static Orchestrator.Runtime.Tests.Coordination.EngineHarness;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>
/// Much of everything: runs at once, tasks of one definition, items of a map. What is compared is how much is allocated for each of them in a small and in a large
/// case, which no busy machine changes: work that grows faster than what is done shows there, while a clock shows who else was running.
/// Short: some hundreds. With ORC_LONG=1: 1,000 runs, 10,000 tasks, 100,000 items.
/// </summary>
[NonParallelizable]
public sealed class LoadTests
{
    /// <summary>Balanced trees get a level deeper for each doubling, so a part of it grows with the logarithm.</summary>
    private const double Allowed = 1.6;

    private static bool IsLong => Environment.GetEnvironmentVariable("ORC_LONG") == "1";

    [Test]
    public async Task ManyRunsAtOnceAllEndAndCostWhatEachCosts()
    {
        var few = await AllocatedByRunsAsync(50) / 50;
        var many = IsLong ? 1_000 : 200;
        Report("run", await AllocatedByRunsAsync(many) / many, few);
    }

    [Test]
    public async Task OneDefinitionOfManyTasksCostsWhatEachCosts()
    {
        var few = await AllocatedAsync(Layers(250)) / 250;
        var many = IsLong ? 10_000 : 1_000;
        Report("task", await AllocatedAsync(Layers(many)) / many, few);
    }

    [Test]
    public async Task AMapOfManyItemsCostsWhatEachCosts()
    {
        var few = await AllocatedAsync(Mapped(1_000)) / 1_000;
        var many = IsLong ? 100_000 : 4_000;
        Report("item", await AllocatedAsync(Mapped(many)) / many, few);
    }

    /// <summary>An engine that works for years must not remember what has ended.</summary>
    [Test]
    public async Task MemoryStaysFlatHoweverManyRunsHaveEnded()
    {
        await using var harness = await CreateAsync();
        var rounds = IsLong ? 40 : 6;
        var first = 0L;
        var last = 0L;
        for (var round = 1; round <= rounds; round++)
        {
            await RunsAsync(harness, 50);
            last = GC.GetTotalMemory(forceFullCollection: true);
            first = round == 2 ? last : first;
        }

        var perRun = (double)(last - first) / (50 * (rounds - 2));
        TestContext.Out.WriteLine($"{first:N0} bytes after 100 runs, {last:N0} after {50 * rounds}: {perRun:N0} a run");
        Assert.That(perRun, Is.LessThan(4_000), "bytes that stay of a run that has ended");
    }

    private static void Report(string what, double large, double small)
    {
        TestContext.Out.WriteLine($"allocated for each {what}: {small:N0} bytes in the small case, {large:N0} in the large one");
        Assert.That(large, Is.LessThan(small * Allowed), $"what is done for one {what} grows with their number");
    }

    private static async Task<double> AllocatedByRunsAsync(int runs)
    {
        await using var harness = await CreateAsync();
        await RunsAsync(harness, 10);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await RunsAsync(harness, runs);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static async Task RunsAsync(EngineHarness harness, int runs)
    {
        var handles = new List<RunHandle>();
        for (var run = 0; run < runs; run++)
        {
            handles.Add(await harness.StartAsync(Layers(5), new Deaf()));
        }

        foreach (var handle in handles)
        {
            Assert.That((await handle.Completion).Status, Is.EqualTo(RunStatus.Succeeded));
        }
    }

    private static async Task<double> AllocatedAsync(PipelineDefinition pipeline)
    {
        await using var harness = await CreateAsync();
        await RunsAsync(harness, 10);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var handle = await harness.StartAsync(pipeline, new Deaf());
        Assert.That((await handle.Completion).Status, Is.EqualTo(RunStatus.Succeeded));
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    /// <summary>Five layers; each task waits for two of the layer before.</summary>
    private static PipelineDefinition Layers(int tasks) => Pipeline([.. Enumerable.Range(0, tasks).Select(index =>
    {
        var width = Math.Max(1, tasks / 5);
        string[] needs = index < width ? [] : [$"t{index - width}", $"t{index - (index % width == 0 ? width : width + 1)}"];
        return EngineHarness.Task($"t{index}", "test.double", ("number", 1)) with { Needs = [.. needs.Distinct().Select(name => new TaskName(name))] };
    })]);

    private static PipelineDefinition Mapped(int items) => Pipeline(
        EngineHarness.Task("each", "test.double", ("number", 1)) with { Map = new MapDefinition { Over = $"Array.from({{ length: {items} }}, (_, i) => i)" } });

    /// <summary>A listener that keeps nothing, so that what is measured is the engine's.</summary>
    private sealed class Deaf : IRunListener
    {
        public void OnEvents(RunState state, IReadOnlyList<RunEvent> events)
        {
        }

        public void OnProgress(TaskKey key, double? fraction, string? message)
        {
        }
    }
}
