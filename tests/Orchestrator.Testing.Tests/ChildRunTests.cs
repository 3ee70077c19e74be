using Orchestrator.Core.Runs;
using Orchestrator.Testing.Pipelines;

namespace Orchestrator.Testing.Tests;

/// <summary>Child runs: a pipeline as a task's work, in a run of its own.</summary>
public sealed class ChildRunTests
{
    [Test]
    public async Task AChildRunYieldsTheOutputsOfItsTask()
    {
        var run = await Of("").RunAsync();

        Assert.Multiple(() =>
        {
            Assert.That(run.Status, Is.EqualTo(RunStatus.Succeeded), run.ToString());
            Assert.That(run["child"].Output<int>("doubled"), Is.EqualTo(48));
            Assert.That(run.Outputs?["answer"].GetInt32(), Is.EqualTo(96));
            Assert.That(run.Order, Is.EqualTo(new[] { "first", "child", "last" }), "the child's tasks are its own");
        });
    }

    [Test]
    public async Task EachItemOfAMapIsARunOfItsOwnAndNoMoreThanAllowedAtOnce()
    {
        var (now, most) = (0, 0);
        var run = await Of(""", "map": { "over": "[1, 2, 3, 4, 5]", "parallel": 2 }""", given: "${item}", last: "${tasks.child.doubled[4]}")
            .Fake("one", async call =>
            {
                most = Math.Max(most, Interlocked.Increment(ref now));
                await call.WorkAsync(TimeSpan.FromMinutes(1));
                Interlocked.Decrement(ref now);
                return new { twice = 2 * call.Input<int>("number") };
            }).RunAsync();

        Assert.That(run["child"].Output<int[]>("doubled"), Is.EqualTo(new[] { 4, 8, 12, 16, 20 }), run.ToString());
        Assert.That(most, Is.EqualTo(2));
        Assert.That(run.Elapsed, Is.EqualTo(TimeSpan.FromMinutes(3)));
    }

    [Test]
    public async Task AFailedChildIsAFailedAttemptAndTheNextAttemptIsAnotherRun()
    {
        var times = 0;
        var run = await Of(""", "retry": { "attempts": 3, "delay": "1m", "jitter": "none", "backoff": "fixed" }""")
            .Fake("two", call => ++times < 3 ? throw call.Failed("no luck") : new { twice = 5 }).RunAsync();

        var children = run.Events.OfType<AttemptStarted>().Where(started => started.Task.Value == "child").Select(started => started.Child).ToArray();
        Assert.That(run.Status, Is.EqualTo(RunStatus.Succeeded), run.ToString());
        Assert.That(children, Has.Length.EqualTo(3).And.Unique);
        Assert.That(run["child"].Failures[0].Message, Is.EqualTo($"child run {children[0]} failed: no luck"));
        Assert.That(run["child"].Output<int>("doubled"), Is.EqualTo(5));
    }

    [Test]
    public async Task TheTimeoutOfItsTaskCancelsTheChild()
    {
        var run = await Of(""", "timeout": "10m" """).Fake("two", async call =>
        {
            await call.HangAsync();
            return null;
        }).RunAsync();

        Assert.That(run["child"].Failure?.Code, Is.EqualTo("ORC5273"), run.ToString());
        Assert.That(run.Elapsed, Is.EqualTo(TimeSpan.FromMinutes(10)));
    }

    [Test]
    public async Task CancellingTheParentCancelsTheChild()
    {
        var run = await Of("", others: """, "alarm": { "uses": "sample.double", "with": { "number": 1 } }""")
            .Fake("alarm", async call =>
            {
                await call.WorkAsync(TimeSpan.FromMinutes(5));
                return new { twice = 2 };
            })
            .Fake("two", async call =>
            {
                await call.HangAsync();
                return null;
            })
            .After("alarm", new CancelRun("ann")).RunAsync();

        Assert.That(run.Status, Is.EqualTo(RunStatus.Cancelled), run.ToString());
        Assert.That(run["child"].Outcome, Is.EqualTo(TaskOutcome.Cancelled));
    }

    [Test]
    public async Task ChildRunsStandInsideOneAnotherAndInsideInlineOnes()
    {
        var run = await PipelineTest.OfJson("""
                { "name": "top", "outputs": { "out": "${tasks.a.out}" }, "tasks": { "a": { "pipeline": { "outputs": { "out": "${tasks.b.out}" }, "tasks": {
                    "b": { "as": "run", "pipeline": { "outputs": { "out": "${tasks.c.out}" }, "tasks": {
                        "c": { "as": "run", "pipeline": { "outputs": { "out": "${tasks.d.twice}" }, "tasks": { "d": { "uses": "sample.double", "with": { "number": 21 } } } } } } } } } } } } }
                """)
            .With(typeof(ChildRunTests).Assembly).Real("sample.double").RunAsync();

        Assert.That(run.Outputs?["out"].GetInt32(), Is.EqualTo(42), run.ToString());
    }

    private static PipelineTest Of(string more, string given = "${tasks.first.twice}", string last = "${tasks.child.doubled}", string others = "") => PipelineTest.OfJson($$"""
            { "name": "outer", "outputs": { "answer": "${tasks.last.twice}" },
              "tasks": {
                "first": { "uses": "sample.double", "with": { "number": 6 } },
                "child": {
                  "as": "run",
                  "pipeline": {
                    "params": { "n": { "type": "integer", "maximum": 100 } }, "outputs": { "doubled": "${tasks.two.twice}" },
                    "tasks": {
                      "one": { "uses": "sample.double", "with": { "number": "${params.n}" } },
                      "two": { "uses": "sample.double", "with": { "number": "${tasks.one.twice}" } } } },
                  "with": { "n": "{{given}}" }{{more}} },
                "last": { "uses": "sample.double", "with": { "number": "{{last}}" } }{{others}} } }
            """)
        .With(typeof(ChildRunTests).Assembly)
        .Fake("sample.double", call => new { twice = 2 * call.Input<int>("number") });
}
