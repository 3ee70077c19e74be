using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Testing.Pipelines;

/// <summary>
/// Runs a pipeline in a test with fakes in the place of its activities: the real engine, a clock that jumps over every wait, and a home that is gone
/// afterwards. See README.md of this project for examples.
/// </summary>
public sealed class PipelineTest
{
    private readonly PipelineSource source;
    private readonly FakeBook fakes = new();
    private readonly Dictionary<string, JsonElement> parameters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> references = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, object> ports = [];
    private readonly Dictionary<string, int> pools = new(StringComparer.Ordinal);
    private readonly List<Assembly> own = [];
    private readonly List<TaskName> skipped = [];
    private readonly List<(string Task, RunCommand Command)> after = [];
    private readonly List<RunCommand> whenWaiting = [];
    private DateTimeOffset start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private RunTrigger? trigger;
    private TimeSpan patience = TimeSpan.FromSeconds(60);

    private PipelineTest(PipelineSource source) => this.source = source;

    /// <summary>A pipeline in a file: a C# script (<c>.csx</c>) or JSON.</summary>
    /// <param name="path">Relative to the current directory.</param>
    public static PipelineTest Of(string path) => new(new PipelineSource { Path = path });

    /// <summary>A pipeline that the test made itself.</summary>
    public static PipelineTest Of(PipelineDefinition pipeline) => new(new PipelineSource { Definition = pipeline });

    /// <summary>A pipeline written as JSON in the test.</summary>
    public static PipelineTest OfJson(string json) => new(new PipelineSource { Json = json });

    /// <summary>Activities of the test's own. Those of the assemblies beside the test are known without.</summary>
    public PipelineTest With(params Assembly[] activities) => Do(() => own.AddRange(activities));

    /// <summary>The value of a run parameter. Without: its default.</summary>
    public PipelineTest Param(string name, object? value) => Do(() => parameters[name] = OrcJson.ToElement(value));

    /// <summary>A fake that succeeds, with a sample value for every output.</summary>
    /// <param name="taskOrActivity">A task's name (<c>deploy</c>) or an activity's type (<c>model.deploy</c>); a task's own fake wins.</param>
    public PipelineTest Fake(string taskOrActivity) => Fake(taskOrActivity, object? (_) => null);

    /// <summary>A fake. Its answer's members are the outputs; promised outputs that it leaves out get sample values.</summary>
    /// <param name="taskOrActivity">A task's name (<c>deploy</c>) or an activity's type (<c>model.deploy</c>); a task's own fake wins.</param>
    /// <param name="outputs">Called once per attempt. Throw <see cref="FakeCall.Failed"/> to fail the attempt.</param>
    public PipelineTest Fake(string taskOrActivity, Func<FakeCall, object?> outputs) => Do(() => fakes.Put(taskOrActivity, call => Task.FromResult(outputs(call))));

    /// <summary>A fake that takes its time, by the test's clock: <see cref="FakeCall.WorkAsync"/>, <see cref="FakeCall.HangAsync"/>.</summary>
    public PipelineTest Fake(string taskOrActivity, Func<FakeCall, Task<object?>> outputs) => Do(() => fakes.Put(taskOrActivity, outputs));

    /// <summary>Fakes every task that has no fake of its own: it succeeds with sample values.</summary>
    public PipelineTest FakeOthers() => Do(() => fakes.FakesOthers = true);

    /// <summary>Lets the real activity do its work, in the test's process. What it records for the tables of its family is dropped.</summary>
    public PipelineTest Real(string taskOrActivity) => Do(() => fakes.PutReal(taskOrActivity));

    /// <summary>A service that real activities ask for.</summary>
    public PipelineTest Port<T>(T port) where T : class => Do(() => ports[typeof(T)] = port);

    /// <summary>What a textual reference stands for: <c>models:/churn@champion</c>. Others name nothing.</summary>
    public PipelineTest Reference(string reference, object value) => Do(() => references[reference] = OrcJson.ToElement(value));

    /// <summary>Makes attempts fail before the fake is asked, with code ORC5290, as the work's own doing.</summary>
    /// <param name="taskOrActivity">Whose.</param>
    /// <param name="attempts">Their numbers, from 1. None: all.</param>
    public PipelineTest Fail(string taskOrActivity, params int[] attempts) => Do(() => fakes.Put(taskOrActivity, FailureKind.Work, "the test makes this attempt fail", attempts));

    /// <summary>Makes attempts end as if their worker had died.</summary>
    /// <param name="taskOrActivity">Whose.</param>
    /// <param name="attempts">Their numbers, from 1. None: all.</param>
    public PipelineTest Lose(string taskOrActivity, params int[] attempts) =>
        Do(() => fakes.Put(taskOrActivity, FailureKind.Infrastructure, "the test makes the worker of this attempt die", attempts));

    /// <summary>How many slots a pool of the pipeline has. Default: as many as anybody asks for.</summary>
    public PipelineTest Pool(string name, int slots) => Do(() => pools[name] = slots);

    /// <summary>Leaves a task out, as <c>orc run --skip</c> does.</summary>
    public PipelineTest Skip(string task) => Do(() => skipped.Add(new TaskName(task)));

    /// <summary>The time at which the run starts. Default 2026-01-01 00:00 UTC.</summary>
    public PipelineTest StartAt(DateTimeOffset time) => Do(() => start = time);

    /// <summary>The time that the run is for, as a schedule or a backfill would say: <c>run.logicalDate</c> and <c>run.interval</c> in expressions.</summary>
    /// <param name="time">The logical date, which ends the data interval.</param>
    /// <param name="intervalStart">The start of the data interval. Null: it has no length.</param>
    public PipelineTest LogicalDate(DateTimeOffset time, DateTimeOffset? intervalStart = null) => Trigger(
        new RunTrigger { Kind = TriggerKind.Schedule, LogicalDate = time, Interval = new DataInterval { Start = intervalStart ?? time, End = time } });

    /// <summary>Why the run starts: <c>run.trigger</c> in expressions.</summary>
    public PipelineTest Trigger(RunTrigger cause) => Do(() => trigger = cause);

    /// <summary>Sends a command as soon as a task has ended, before anything follows from that end: <c>new CancelRun("ann")</c>.</summary>
    public PipelineTest After(string task, RunCommand command) => Do(() => after.Add((task, command)));

    /// <summary>Sends a command when the run can only go on by somebody's doing: an answer, a resumption. Several are sent one after the other.</summary>
    public PipelineTest WhenWaiting(RunCommand command) => Do(() => whenWaiting.Add(command));

    /// <summary>How much real time the run may take. Default one minute: what waits by the test's clock takes none.</summary>
    public PipelineTest Within(TimeSpan realTime) => Do(() => patience = realTime);

    /// <summary>Runs the pipeline until it has ended, or until only somebody outside could go on with it. May be called again: each call is a run of its own.</summary>
    /// <exception cref="PipelineTestException">The pipeline has errors, a task has no fake, a fake has no task, a command was refused, or the run hangs.</exception>
    public async Task<PipelineRun> RunAsync(CancellationToken cancellation = default)
    {
        IReadOnlyList<Assembly> assemblies = [.. ActivityAssemblies.Beside.Concat(own).Distinct()];
        var known = ActivityCatalog.From(assemblies);
        var pipeline = await source.ReadAsync(known, assemblies, cancellation);
        var tasks = TestedTasks.Of(pipeline);
        Check(pipeline, tasks);
        var clock = new TestClock(start);
        var ledger = new LaneLedger(clock);
        await using var home = await TestHome.OpenAsync(fakes.CatalogFor(known, tasks), tasks, fakes, references, ports, clock, ledger);
        foreach (var pool in tasks.Select(task => task.Pool).OfType<string>().Distinct())
        {
            await home.SetPoolAsync(pool, pools.GetValueOrDefault(pool, 1_000_000));
        }

        var driver = new TestDriver(clock, ledger, after, whenWaiting);
        var folder = source.Path is { } path ? Path.GetDirectoryName(Path.GetFullPath(path)) : null;
        var run = await home.StartAsync(pipeline, Values(pipeline), [.. skipped], trigger, folder, driver);
        var state = await driver.DriveAsync(run, patience);
        return new PipelineRun(run.Id, state, driver.Events, start, clock.GetUtcNow());
    }

    private PipelineTest Do(Action change)
    {
        change();
        return this;
    }

    private ImmutableSortedDictionary<string, JsonElement> Values(PipelineDefinition pipeline)
    {
        var bound = ParameterBinder.Bind(pipeline, parameters);
        return bound.Values?.ToImmutableSortedDictionary(StringComparer.Ordinal)
            ?? throw new PipelineTestException($"the parameters are not right:\n{DiagnosticRenderer.Render(bound.Diagnostics)}");
    }

    private void Check(PipelineDefinition pipeline, IReadOnlyList<TaskDefinition> tasks)
    {
        var names = TestedTasks.Names(pipeline).ToHashSet(StringComparer.Ordinal);
        var used = fakes.Names.Where(name => !name.Contains('.', StringComparison.Ordinal)).Concat(skipped.Select(name => name.Value)).Concat(after.Select(one => one.Task));
        if (used.FirstOrDefault(name => !names.Contains(name)) is { } stranger)
        {
            throw new PipelineTestException($"pipeline \"{pipeline.Name}\" has no task \"{stranger}\". Its tasks are {string.Join(", ", names)}.");
        }

        var bare = tasks.Where(task => !fakes.IsFake(task.Name.Value, task.Uses) && !fakes.IsReal(task.Name.Value, task.Uses)).ToArray();
        if (bare.Length > 0)
        {
            throw new PipelineTestException(
                $"nothing stands in for {string.Join(", ", bare.Select(task => $"\"{task.Name}\" ({task.Uses})"))}. Add .Fake(\"{bare[0].Name}\", …), .FakeOthers(), or .Real(\"{bare[0].Name}\").");
        }
    }
}
