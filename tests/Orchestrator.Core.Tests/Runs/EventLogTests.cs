using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>What earlier versions stored is understood by this one. See EventLogs/README.md.</summary>
public sealed class EventLogTests
{
    private static string Folder => Path.Combine(TestContext.CurrentContext.TestDirectory, "EventLogs");

    private static IEnumerable<string> Logs => Directory.EnumerateFiles(Folder, "*.jsonl").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Logs))]
    public void AStoredLogFoldsToTheStateItsRunWasIn(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, $"{name}.jsonl"));
        var state = RunFold.Replay(new PipelineGraph(DefinitionReader.Load(lines[0])), lines.Skip(1).Select(Read), hash => Later(name, hash));

        Assert.That(state.Sequence, Is.EqualTo(lines.Length - 1));
        Assert.That(Describe(state), Is.EqualTo(File.ReadAllLines(Path.Combine(Folder, $"{name}.expected.txt"))));
    }

    [Test]
    public void EveryKindOfEventThatRunsMakeIsInSomeLog()
    {
        var kinds = Logs.SelectMany(name => File.ReadLines(Path.Combine(Folder, $"{name}.jsonl")).Skip(1)).Select(line => Read(line).GetType()).ToHashSet();

        Assert.That(kinds, Is.SupersetOf(new[]
        {
            typeof(RunAccepted), typeof(RunPaused), typeof(RunResumed), typeof(RunCancelRequested), typeof(RunMigrated), typeof(RunEnded), typeof(TaskTurnCame), typeof(TaskPrepared), typeof(TaskSkipped),
            typeof(TaskUpstreamFailed), typeof(TaskExpanded), typeof(TaskCollected), typeof(TaskReduceReady), typeof(TaskFailed), typeof(TaskCancelled), typeof(TaskMarked),
            typeof(AttemptStarted), typeof(AttemptSucceeded), typeof(AttemptFailed), typeof(AttemptLost), typeof(RetryScheduled), typeof(RetryDue),
            typeof(RunQueued), typeof(RunAdmitted), typeof(RunSkipped),
        }));
    }

    /// <summary>A definition that the run was migrated to, in a file beside its log: NAME.HASH.json.</summary>
    private static PipelineGraph Later(string name, DefinitionHash hash) => new(DefinitionReader.Load(File.ReadAllText(Path.Combine(Folder, $"{name}.{hash.Short}.json"))));

    private static RunEvent Read(string line) => JsonSerializer.Deserialize<RunEvent>(line, OrcJson.Options) ?? throw new JsonException("an empty line");

    // The nodes that begin and end sub-pipelines are the engine's own; what they came to shows in the tasks around them.
    private static IEnumerable<string> Describe(RunState state) => state.Graph.Nodes
        .Where(node => !node.Definition.Name.IsInternal)
        .SelectMany(node => state.Items.Keys.Where(item => item.Task == node.Index).Order().Prepend(new TaskKey(node.Index)))
        .Select(key => Describe(state, key))
        .Prepend(state.Status.ToString());

    private static string Describe(RunState state, TaskKey key)
    {
        var ended = state[key] as Ended;
        var outputs = (ended?.Outputs ?? ImmutableDictionary<string, JsonElement>.Empty).ToImmutableSortedDictionary(StringComparer.Ordinal);
        return $"{state.NameOf(key)}{(key.IsItem ? $"[{key.Item}]" : "")} {state[key].Word} attempts={state[key].Tries.Attempts} outputs={JsonSerializer.Serialize(outputs)} failure={ended?.Failure?.Code} reason={ended?.Reason}";
    }
}
