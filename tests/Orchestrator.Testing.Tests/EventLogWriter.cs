using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Testing.Pipelines;

namespace Orchestrator.Testing.Tests;

/// <summary>
/// Makes the event logs under tests/Orchestrator.Core.Tests/EventLogs by real runs. Run by hand when a new shape or a new kind of event exists:
/// <c>dotnet test tests/Orchestrator.Testing.Tests --filter EventLogWriter</c>. It never writes over a log that is there: what an earlier version stored
/// must be read for ever.
/// </summary>
[Explicit("writes files of the repository")]
public sealed class EventLogWriter
{
    private static IEnumerable<TestCaseData> Shapes() => new (string Name, string Tasks, Func<PipelineTest, PipelineTest> Set)[]
    {
        ("chain", Task("a") + Task("b", "a") + Task("c", "b"), test => test),
        ("fan", Task("top") + Task("l", "top") + Task("m", "top") + Task("r", "top") + Task("join", "l", "m", "r"), test => test),
        ("condition", Task("a") + """ "no": { "uses": "sample.double", "with": { "number": 1 }, "when": "tasks.a.twice > 100" }, "after": { "uses": "sample.double", "with": { "number": 1 }, "needs": ["no"] }, """, test => test),
        ("retry", """ "a": { "uses": "sample.double", "with": { "number": 1 }, "retry": { "attempts": 3, "backoff": "exponential", "delay": "10s", "jitter": "none" } }, """, test => test.Fail("a", 1, 2)),
        ("loss", Task("a") + Task("b", "a"), test => test.Lose("a", 1)),
        ("failure", Task("a") + Task("b", "a") + Rule("any", "all_done", "b") + Rule("bad", "one_failed", "a", "b"), test => test.Fail("a")),
        ("rules", Task("good") + Task("bad") + string.Concat(new[] { "all_done", "all_failed", "one_success", "one_failed", "none_failed", "none_failed_min_one_success", "always" }.Select(rule => Rule(rule.Replace('_', '-'), rule, "good", "bad"))), test => test.Fail("bad")),
        ("map", """ "all": { "uses": "sample.double", "map": { "over": "[3, 5, 7]" }, "with": { "number": "${item}" }, "retry": { "attempts": 2, "delay": "1s", "jitter": "none" } }, """ + Task("b", "all"), test => test.Fail("all", 1)),
        ("map-failed", """ "all": { "uses": "sample.double", "map": { "over": "[3, 5]", "parallel": 1 }, "with": { "number": "${item}" } }, """, test => test.Fake("all", call => call.Item == 1 ? throw call.Failed("no") : new { twice = 6 })),
        ("spread", """ "s": { "uses": "sample.spread", "with": { "count": 5 } }, """ + Task("b", "s"), test => test.Real("s").Fake("sample.double", call => new { twice = 2 * call.Input<int>("number") })),
        ("exit", Task("a") + Task("b", "a") + """ "clean": { "uses": "sample.double", "with": { "number": 1 }, "onExit": true }, """, test => test.Fail("a")),
        ("cancel", Task("a") + Task("b", "a") + Task("c", "b") + """ "clean": { "uses": "sample.double", "with": { "number": 1 }, "onExit": true }, """, test => test.After("a", new CancelRun("ann", "wrong data"))),
        ("pause", Task("a") + Task("b", "a"), test => test.After("a", new PauseRun("ann")).WhenWaiting(new ResumeRun("bob"))),
        ("cancel-task", Task("a") + Task("b", "a") + Task("c", "b") + Task("d", "a"), test => test.After("a", new CancelTask(new TaskName("b"), "ann", "not needed"))),
        ("mark", Task("a") + Task("b", "a") + Task("c", "b"), test => test.After("a", new MarkTask(new TaskName("b"), TaskOutcome.Skipped, "ann", "done by hand"))),
        ("sub-pipeline", Sub(""), test => test),
        ("sub-pipeline-skipped", Sub(""" "when": "false", """), test => test),
        ("sub-pipeline-failed", Sub(""), test => test.Fail("s/x")),
        ("child-run", Sub(""" "as": "run", "retry": { "attempts": 2, "delay": "1s", "jitter": "none" }, """), test => test.Fail("x", 1)),
        ("map-reused", """ "all": { "uses": "sample.square", "map": { "over": { "left": "[3, 5]", "right": "[1, 2]" } }, "with": { "number": "${item.left * item.right}" } }, "again": { "uses": "sample.square", "needs": ["all"], "map": { "over": "[3, 7, 10]" }, "with": { "number": "${item}" } }, """, test => test.Real("sample.square")),
        ("skip-code", Task("a") + """ "all": { "uses": "sample.double", "needs": ["a"], "map": { "over": "[1, 2]" }, "with": { "number": "${item}" } }, "b": { "uses": "sample.double", "with": { "number": 1 } }, """ + Task("c", "b"), test => test.Fake("b", call => throw call.Skipped("nothing new")).Fake("all", call => call.Item == 1 ? throw call.Skipped("no rows") : new { twice = 2 })),
        ("logical-date", """ "a": { "uses": "sample.double", "with": { "number": "${Number(run.logicalDate.slice(0, 4))}" } }, "b": { "uses": "sample.double", "when": "run.interval.start < run.interval.end", "with": { "number": 1 } }, """, test => test.LogicalDate(new DateTimeOffset(2026, 3, 1, 2, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 2, 28, 2, 0, 0, TimeSpan.Zero))),
        ("left-out", Task("a") + Task("b", "a") + Rule("c", "none_failed", "a"), test => test.Skip("a")),
    }.Select(shape => new TestCaseData(shape.Name, shape.Tasks, shape.Set).SetName($"{{m}}({shape.Name})"));

    [TestCaseSource(nameof(Shapes))]
    public async Task WriteLog(string name, string tasks, Func<PipelineTest, PipelineTest> set)
    {
        var path = Repository.Path("tests", "Orchestrator.Core.Tests", "EventLogs", $"{name}.jsonl");
        if (File.Exists(path))
        {
            Assert.Pass("the log is there already");
        }

        var definition = $$"""{ "name": "{{name}}", "tasks": { {{tasks.TrimEnd().TrimEnd(',')}} } }""";
        var run = await set(PipelineTest.OfJson(definition).With(typeof(EventLogWriter).Assembly).FakeOthers()).RunAsync();
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllLinesAsync(path, run.Events.Select(change => JsonSerializer.Serialize(change, OrcJson.Options)).Prepend(OneLine(DefinitionWriter.ToJson(run.Pipeline))));
        await File.WriteAllLinesAsync(Path.ChangeExtension(path, "expected.txt"), run.Tasks.SelectMany(task => task.Items.Prepend(task)).Select(Describe).Prepend(run.Status.ToString()));
    }

    private static string OneLine(string json) => JsonSerializer.Serialize(JsonElement.Parse(json), OrcJson.Options);

    /// <summary>A line as the replaying test makes it of the folded state.</summary>
    private static string Describe(TaskRun task) =>
        $"{task.Name}{(task.Item is { } item ? $"[{item}]" : "")} {task.Word} attempts={task.Attempts} outputs={JsonSerializer.Serialize(task.Outputs.ToImmutableSortedDictionary(StringComparer.Ordinal))} failure={task.Failure?.Code} reason={task.Reason}";

    private static string Task(string name, params string[] needs) =>
        $$""" "{{name}}": { "uses": "sample.double", "with": { "number": 1 }, "needs": [{{string.Join(", ", needs.Select(need => $"\"{need}\""))}}] }, """;

    private static string Sub(string settings) => Task("a") + $$"""
         "s": { {{settings}} "pipeline": { "params": { "n": { "type": "integer" } }, "outputs": { "out": "${tasks.x.twice + params.n}" }, "tasks": {
            "x": { "uses": "sample.double", "with": { "number": "${params.n}" } }, "tidy": { "uses": "sample.double", "onExit": true, "with": { "number": 1 } } } }, "with": { "n": "${tasks.a.twice}" } },
         "b": { "uses": "sample.double", "with": { "number": "${tasks.s.out}" } },
        """;

    private static string Rule(string name, string rule, params string[] needs) =>
        $$""" "{{name}}": { "uses": "sample.double", "with": { "number": 1 }, "rule": "{{rule}}", "needs": [{{string.Join(", ", needs.Select(need => $"\"{need}\""))}}] }, """;
}
