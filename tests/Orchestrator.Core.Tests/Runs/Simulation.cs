using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>What the work of a task does, whoever does it and whenever.</summary>
public enum Fate
{
    Succeed,
    Fail,
    FailTwice,
    ConditionFalse,
    LostOnce,
}

/// <summary>A shell for the state machine that lives in memory: a clock that jumps to the next timer, and outcomes by plan, delivered in an order that a test chooses.</summary>
internal sealed class Simulation
{
    private readonly IReadOnlyList<Fate> fates;
    private readonly Random order;
    private readonly List<(AttemptId Attempt, TaskKey Key)> underWay = [];
    private readonly HashSet<ExpandTask> asked = [];
    private int attempts;

    public Simulation(PipelineDefinition definition, IReadOnlyList<Fate> fates, int seed)
    {
        this.fates = fates;
        order = new Random(seed);
        State = RunState.Empty(new PipelineGraph(definition));
    }

    public DateTimeOffset Now { get; private set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public RunState State { get; private set; }

    public List<RunEvent> Events { get; } = [];

    /// <summary>The definition it was accepted with, and those it was migrated to.</summary>
    public List<(DefinitionHash Hash, PipelineGraph Graph)> Graphs { get; } = [];

    /// <summary>Every attempt that was started, by task.</summary>
    public List<TaskKey> Started { get; } = [];

    public static TaskDefinition Task(string name, JoinRule rule = JoinRule.AllSuccess, string[]? needs = null, int attempts = 1) => new()
    {
        Name = new TaskName(name),
        Uses = "test.work",
        Rule = rule,
        Needs = [.. (needs ?? []).Select(need => new TaskName(need))],
        Retry = new RetryPolicy { Attempts = attempts, Delay = TimeSpan.FromSeconds(10) },
    };

    public static Failure Failed(string message = "no", bool retryable = true) =>
        new() { Code = "ORC5999", Kind = FailureKind.Work, Message = message, Retryable = retryable };

    public Decision Send(RunCommand command)
    {
        var decision = RunMachine.Decide(State, command, Now);
        State = decision.State;
        Events.AddRange(decision.Events);
        if (Graphs.Count == 0 || !ReferenceEquals(Graphs[^1].Graph, State.Graph))
        {
            Graphs.Add((State.Definition, State.Graph));
        }

        return decision;
    }

    /// <summary>Lets time pass, and the machine know.</summary>
    public void Wait(TimeSpan time)
    {
        Now += time;
        Send(new AdvanceTime());
    }

    /// <summary>Sets the clock to another time, and the machine does not know.</summary>
    public void Jump(TimeSpan by) => Now += by;

    public void Accept(ImmutableSortedDictionary<string, ReusedTask>? reused = null) => Send(
        new AcceptRun(new DefinitionHash("d"), ImmutableSortedDictionary<string, JsonElement>.Empty) { Reused = reused ?? ImmutableSortedDictionary<string, ReusedTask>.Empty });

    /// <summary>Runs to the end. Steps are bounded, so that a run that hangs is a failed test and not a hung one.</summary>
    public void RunToEnd()
    {
        for (var step = 0; step < 100_000 && !State.IsEnded; step++)
        {
            var choices = RunMachine.Effects(State).Where(effect => effect is not WakeAt && !(effect is ExpandTask ask && asked.Contains(ask))).ToList();
            var choice = order.Next(choices.Count + underWay.Count + 1);
            if (choice < choices.Count)
            {
                Perform(choices[choice]);
            }
            else if (choice < choices.Count + underWay.Count)
            {
                Finish(choice - choices.Count);
            }
            else if (State.Timers is { IsEmpty: false, Min.Until: var until } && choices.Count + underWay.Count == 0)
            {
                Now = until;
                Send(new AdvanceTime());
            }
        }

        Assert.That(State.IsEnded, $"the run hangs:\n{Describe(State)}\n{string.Join("\n", WaitReasons.Of(State).Select(reason => $"{reason.Task}: {reason.Message}"))}");
    }

    /// <summary>Everything about a state that has meaning, as text to compare.</summary>
    public static string Describe(RunState state)
    {
        var text = new StringBuilder($"{state.Status} open {state.Open} failed {state.Failed} cancelled {state.Cancelled}\n");
        foreach (var (task, at) in state.Tasks.OrderBy(pair => pair.Key))
        {
            text.AppendLine($"{task} {Describe(at)}");
        }

        foreach (var (key, at) in state.Items.OrderBy(pair => pair.Key))
        {
            text.AppendLine($"{key.Task}/{key.Item} {Describe(at)}");
        }

        text.AppendLine($"prepare {string.Join(' ', state.ToPrepare)} expand {string.Join(' ', state.ToExpand)} queue {string.Join(' ', state.Queues.SelectMany(queue => queue.Value).Select(entry => entry.Key))}");
        text.AppendLine($"timers {string.Join(' ', state.Timers)} flight {string.Join(' ', state.InFlight.OrderBy(pair => pair.Key.Value, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"))}");
        return text.ToString();
    }

    /// <summary>What a run came to: how each task ended and with what, without times, tries and wording.</summary>
    public static string Outcome(RunState state) => string.Join('\n', state.Tasks.OrderBy(pair => pair.Key)
        .Select(pair => (pair.Key, End: (Ended)pair.Value))
        .Select(task => $"{task.Key} {task.End.Outcome} {JsonSerializer.Serialize(task.End.Outputs)}")) + $"\n{state.Status}";

    private static string Describe(TaskState state) => state switch
    {
        Ended ended => $"{ended.Outcome} {JsonSerializer.Serialize(ended.Outputs)} {ended.Failure?.Message} {ended.Reason}",
        Waiting waiting => $"{waiting.Word} {waiting.Tally}",
        _ => $"{state.Word} {state.Tries}",
    };

    private void Perform(RunEffect effect)
    {
        switch (effect)
        {
            case PrepareTask prepare when fates[prepare.Task] == Fate.ConditionFalse:
                Send(new SkipTask(new TaskKey(prepare.Task), "its condition is false"));
                break;
            case PrepareTask prepare:
                Send(new QueueWork(new TaskKey(prepare.Task), new TaskWork { Uses = "test.work", Inputs = TaskInputs }));
                break;
            case DispatchWork dispatch:
                var attempt = new AttemptId($"a{++attempts}");
                Assert.That(Send(new StartAttempt(dispatch.Key, attempt)).Refusal, Is.Null);
                underWay.Add((attempt, dispatch.Key));
                Started.Add(dispatch.Key);
                break;
            case StopAttempt stop:
                underWay.RemoveAll(one => one.Attempt == stop.Attempt);
                Send(new AcknowledgeStop(stop.Attempt));
                break;
            default:
                throw new InvalidOperationException($"the simulation does not do {effect}");
        }
    }

    private static ImmutableSortedDictionary<string, JsonElement> TaskInputs { get; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    private void Finish(int index)
    {
        var (attempt, key) = underWay[index];
        underWay.RemoveAt(index);
        var tries = State[key].Tries;
        RunCommand end = fates[key.Task] switch
        {
            Fate.Fail => new RejectAttempt(attempt, Failed(), 0.5),
            Fate.FailTwice when tries.Failures < 2 => new RejectAttempt(attempt, Failed(), 0.5),
            Fate.LostOnce when tries.Losses < 1 => new LoseAttempt(attempt, Failed("worker died")),
            _ => new CompleteAttempt(attempt, ImmutableDictionary<string, JsonElement>.Empty.Add("value", OrcJson.ToElement(key.Task))),
        };
        Assert.That(Send(end).Refusal, Is.Null);
        Assert.That(Send(end).Refusal, Is.Not.Null, "the same end told twice counts once");
    }
}
