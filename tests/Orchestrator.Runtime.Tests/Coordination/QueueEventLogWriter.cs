using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Coordination;
using static Orchestrator.Runtime.Tests.Coordination.EngineHarness;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>
/// Makes the event logs of runs that wait for others, which one run by itself cannot make. Run by hand, as its sibling in Orchestrator.Testing.Tests; a log that is there is never written over.
/// </summary>
[Explicit("writes files of the repository")]
public sealed class QueueEventLogWriter
{
    [TestCase("queued", Overlap.QueueAll, "")]
    [TestCase("queued-paused", Overlap.QueueAll, "pause")]
    [TestCase("queued-cancelled", Overlap.QueueAll, "cancel")]
    [TestCase("skipped", Overlap.Skip, "")]
    [TestCase("terminated", Overlap.TerminateOther, "hold")]
    public async Task WriteLog(string name, Overlap overlap, string act)
    {
        var path = Path.Combine(Folder(), $"{name}.jsonl");
        if (File.Exists(path))
        {
            Assert.Pass("the log is there already");
        }

        await using var harness = await EngineHarness.CreateAsync(new SumKeeper());
        var pipeline = Pipeline(Task("add", "test.add", ("left", 1)) with { Cache = new CachePolicy { Mode = CacheMode.Never } }, Task("clean", "test.add", ("left", 2)) with { OnExit = true })
            with { Name = name, Concurrency = new ConcurrencyDefinition { Key = "k", Overlap = overlap, Scope = ConcurrencyScope.Home } };
        var holding = Pipeline(Task("wait", "test.wait"), Task("clean", "test.add", ("left", 2)) with { OnExit = true }) with { Name = name, Concurrency = pipeline.Concurrency };
        var ear = new Ear();
        var holder = await harness.StartAsync(holding, ear);
        Assert.That(await ear.WaitForAsync(change => change is AttemptStarted), Is.True);
        var run = await harness.StartAsync(pipeline);
        switch (act)
        {
            case "pause": await run.SendAsync(new PauseRun("ann")); await run.SendAsync(new ResumeRun("ann")); break;
            case "cancel": await run.SendAsync(new CancelRun("ann", "not needed")); break;
            default: break;
        }

        if (overlap == Overlap.QueueAll && act != "cancel")
        {
            await holder.SendAsync(new CancelRun("ann"));
        }

        var (written, definition) = act == "hold" ? (holder, holding) : (run, pipeline);
        var state = await written.Completion;
        var loaded = (await harness.Stores.Runs.LoadAsync(written.Id, CancellationToken.None))!;
        await File.WriteAllLinesAsync(path, loaded.Events.Select(stored => stored.Payload).Prepend(JsonSerializer.Serialize(JsonElement.Parse(DefinitionWriter.ToJson(definition)), OrcJson.Options)));
        await File.WriteAllLinesAsync(Path.ChangeExtension(path, "expected.txt"), state.Graph.Nodes.Select(node => Describe(state, node)).Prepend(state.Status.ToString()));
        await holder.SendAsync(new CancelRun("ann"));
        await holder.Completion;
        await run.Completion;
    }

    private static string Describe(RunState state, TaskNode node)
    {
        var ended = (Ended)state.Tasks[node.Index];
        return $"{node.Definition.Name} {ended.Word} attempts={ended.Tries.Attempts} outputs={JsonSerializer.Serialize(ended.Outputs.OrderBy(output => output.Key, StringComparer.Ordinal).ToDictionary())} failure={ended.Failure?.Code} reason={ended.Reason}";
    }

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return Path.Combine(folder.FullName, "tests", "Orchestrator.Core.Tests", "EventLogs");
    }
}
