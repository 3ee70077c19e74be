using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>
/// A shell around the state machine as nasty as a real one: answers come late and in any order, to states that are gone by then; it may die at any moment and go on
/// from the events alone; people interfere. Every state it passes is checked.
/// </summary>
internal sealed class CrashingShell
{
    private readonly Shape shape;
    private readonly Random random;
    private readonly List<RunCommand> answers = [];
    private readonly List<(AttemptId Attempt, TaskKey Key)> underWay = [];
    private readonly HashSet<int> preparing = [];
    private readonly HashSet<int> expanding = [];
    private readonly Dictionary<int, ExpandTask> asked = [];
    private readonly List<(DefinitionHash Hash, PipelineGraph Graph)> graphs = [];
    private readonly PipelineGraph planned;
    private int attempts;

    public CrashingShell(Shape shape, int seed)
    {
        this.shape = shape;
        random = new Random(seed);
        State = RunState.Empty(new PipelineGraph(shape.Definition));
        planned = State.Graph;
        graphs.Add((new DefinitionHash("d"), State.Graph));
    }

    public DateTimeOffset Now { get; private set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public RunState State { get; private set; }

    public List<RunEvent> Events { get; } = [];

    /// <summary>Successes by task and item, so that a second one is seen.</summary>
    public Dictionary<TaskKey, int> Successes { get; } = [];

    /// <summary>How many more times the shell dies.</summary>
    public int Crashes { get; set; }

    /// <summary>How many more times the run is given another definition: the same tasks in another order, with one more that nobody waits for.</summary>
    public int Migrations { get; set; }

    /// <summary>What people ask for, each at a moment of the shell's choice.</summary>
    public Queue<RunCommand> Wishes { get; } = new();

    /// <summary>What the run shares with others; null: nothing.</summary>
    public RunKey? Key { get; init; }

    /// <summary>True: there is no room for it at first.</summary>
    public bool MustWait { get; init; }

    public CrashingShell RunToEnd()
    {
        Send(new AcceptRun(new DefinitionHash("d"), ImmutableSortedDictionary<string, JsonElement>.Empty) { Key = Key, MustWait = MustWait });
        for (var step = 0; step < 100_000 && !State.IsEnded; step++)
        {
            Step();
        }

        Assert.That(State.IsEnded, $"the run hangs:\n{Simulation.Describe(State)}");
        return this;
    }

    private void Step()
    {
        if (Crashes > 0 && random.Next(25) == 0)
        {
            Die();
            return;
        }

        if (Wishes.Count > 0 && random.Next(10) == 0)
        {
            Send(Wishes.Dequeue());
            return;
        }

        if (Migrations > 0 && random.Next(10) == 0)
        {
            Migrate();
            return;
        }

        Ask();
        var starts = RunMachine.Effects(State).OfType<DispatchWork>().ToList();
        var stops = RunMachine.Effects(State).OfType<StopAttempt>().Where(stop => underWay.Any(one => one.Attempt == stop.Attempt)).ToList();
        var choice = random.Next(starts.Count + stops.Count + answers.Count + underWay.Count + 1);
        if (choice < starts.Count)
        {
            Start(starts[choice]);
        }
        else if ((choice -= starts.Count) < stops.Count)
        {
            underWay.RemoveAll(one => one.Attempt == stops[choice].Attempt);
            Send(new AcknowledgeStop(stops[choice].Attempt));
        }
        else if ((choice -= stops.Count) < answers.Count)
        {
            Deliver(choice);
        }
        else if ((choice -= answers.Count) < underWay.Count)
        {
            Finish(choice);
        }
        else if (starts.Count + stops.Count + answers.Count + underWay.Count == 0)
        {
            GoOn();
        }
    }

    /// <summary>Nothing is left to do: there is room for the run, the next time comes, or somebody lets it go on.</summary>
    private void GoOn()
    {
        if (State.Status == RunStatus.Queued)
        {
            Send(new AdmitRun());
        }
        else if (RunMachine.Effects(State).OfType<WakeAt>().FirstOrDefault() is { } wake)
        {
            Now = wake.Time > Now ? wake.Time : Now;
            Send(new AdvanceTime());
        }
        else if (State.Status == RunStatus.Paused)
        {
            Send(new ResumeRun("test"));
        }
        else if (Wishes.TryDequeue(out var wish))
        {
            Send(wish);
        }
    }

    private void Ask()
    {
        foreach (var effect in RunMachine.Effects(State))
        {
            switch (effect)
            {
                case PrepareTask prepare when preparing.Add(prepare.Task):
                    answers.Add(Prepare(prepare.Task));
                    break;
                case ExpandTask expand when asked.GetValueOrDefault(expand.Task) != expand && expanding.Add(expand.Task):
                    asked[expand.Task] = expand;
                    answers.Add(Expand(expand));
                    break;
                default:
                    break;
            }
        }
    }

    private RunCommand Prepare(int task) => State.Graph.Nodes[task].Part == NodePart.End
        ? new CollectOutputs(new TaskKey(task), ImmutableDictionary<string, JsonElement>.Empty)
        : FateOf(task) == Fate.ConditionFalse ? new SkipTask(new TaskKey(task), "its condition is false")
        : State.Graph.Nodes[task].Part == NodePart.Begin ? new CollectOutputs(new TaskKey(task), ImmutableDictionary<string, JsonElement>.Empty)
        : new QueueWork(new TaskKey(task), Work with { Spread = SpreadOf(task).Spread });

    /// <summary>The task's place in the shape, whatever it is in the definition that the run has now; -1 for one that a migration added.</summary>
    private int PlaceOf(int task) => planned.Contains(State.NameOf(new TaskKey(task))) ? planned[State.NameOf(new TaskKey(task))].Index : -1;

    private Fate FateOf(int task) => PlaceOf(task) is >= 0 and var place ? shape.Fates[place] : Fate.Succeed;

    private SpreadPlan SpreadOf(int task) => PlaceOf(task) is >= 0 and var place ? shape.Spreads[place] : new SpreadPlan(Spread.None, 0);

    private void Migrate()
    {
        Migrations--;
        var tasks = State.Graph.Definition.Tasks.ToArray();
        // On exit: a task that comes before none, so that none that has begun would come after it.
        var added = new Core.Definitions.TaskDefinition { Name = new TaskName($"x{graphs.Count}"), Uses = "test.work", OnExit = true };
        random.Shuffle(tasks);
        var graph = new PipelineGraph(State.Graph.Definition with { Tasks = [.. tasks, added] });
        var hash = new DefinitionHash($"d{graphs.Count}");
        graphs.Add((hash, graph));
        if (Send(new MigrateRun(hash, graph, "ann")) is null)
        {
            answers.Clear();
            preparing.Clear();
            expanding.Clear();
            asked.Clear();
        }
    }

    /// <summary>Answers from the state in which it was asked, as a real shell does.</summary>
    private IssueItems Expand(ExpandTask question)
    {
        var plan = SpreadOf(question.Task);
        var prefix = Enumerable.Range(0, question.Issued).TakeWhile(index => State.Items[new TaskKey(question.Task, index)] is Ended).Count();
        var to = Math.Min(plan.Items, (plan.Spread == Spread.List ? question.Ended : prefix) + 2);
        return new IssueItems(question, [.. Enumerable.Repeat(Work, Math.Max(0, to - question.Issued))], Math.Max(to, question.Issued) == plan.Items);
    }

    private void Deliver(int index)
    {
        var answer = answers[index];
        answers.RemoveAt(index);
        switch (answer)
        {
            case IssueItems issue: expanding.Remove(issue.Question.Task); break;
            case QueueWork queue: preparing.Remove(queue.Key.Task); break;
            case CollectOutputs collect: preparing.Remove(collect.Key.Task); break;
            case SkipTask skip: preparing.Remove(skip.Key.Task); break;
            default: break;
        }

        Send(answer);
    }

    private void Start(DispatchWork work)
    {
        var attempt = new AttemptId($"a{++attempts}");
        Assert.That(Send(new StartAttempt(work.Key, attempt)), Is.Null);
        underWay.Add((attempt, work.Key));
    }

    private void Finish(int index)
    {
        var (attempt, was) = underWay[index];
        underWay.RemoveAt(index);
        // Its place may be another by now; of one that is no longer current the end is told all the same.
        var key = State.InFlight.GetValueOrDefault(attempt, was);
        var end = EndOf(attempt, key);
        var refusal = Send(end);
        if (refusal is null && end is CompleteAttempt)
        {
            Successes[key with { Task = PlaceOf(key.Task) }] = Successes.GetValueOrDefault(key with { Task = PlaceOf(key.Task) }) + 1;
        }

        Assert.That(Send(end), Is.Not.Null, "the same end told twice counts once");
    }

    private RunCommand EndOf(AttemptId attempt, TaskKey key)
    {
        var tries = State[key].Tries;
        // Of the items of a task every second one shares its fate; the reduce of a task always succeeds in the end.
        var fate = key.IsItem && key.Item % 2 == 1 ? Fate.Succeed
            : !key.IsItem && SpreadOf(key.Task).Spread == Spread.Activity && FateOf(key.Task) == Fate.Fail ? Fate.Succeed
            : FateOf(key.Task);
        return fate switch
        {
            Fate.Fail => new RejectAttempt(attempt, Simulation.Failed(), 0.5),
            Fate.FailTwice when tries.Failures < 2 => new RejectAttempt(attempt, Simulation.Failed(), 0.5),
            Fate.LostOnce when tries.Losses < 1 => new LoseAttempt(attempt, Simulation.Failed("worker died")),
            _ => new CompleteAttempt(attempt, ImmutableDictionary<string, JsonElement>.Empty.Add("value", OrcJson.ToElement(PlaceOf(key.Task) * 100 + key.Item))),
        };
    }

    /// <summary>The process is killed: what is not an event is gone, and what was under way is given up by the next owner.</summary>
    private void Die()
    {
        Crashes--;
        var before = Simulation.Describe(State);
        State = RunFold.Replay(graphs[0].Graph, Events.Select(change => OrcJson.FromElement<RunEvent>(OrcJson.ToElement(change))), hash => graphs.Single(one => one.Hash == hash).Graph);
        Assert.That(Simulation.Describe(State), Is.EqualTo(before), "a replay loses nothing");
        answers.Clear();
        preparing.Clear();
        expanding.Clear();
        asked.Clear();
        underWay.Clear();
        foreach (var attempt in State.InFlight.Keys.ToArray())
        {
            Send(new LoseAttempt(attempt, Simulation.Failed("the engine was away"), AtOnce: true));
        }
    }

    private string? Send(RunCommand command)
    {
        var decision = RunMachine.Decide(State, command, Now);
        State = decision.State;
        Events.AddRange(decision.Events);
        StateRules.Check(State);
        return decision.Refusal;
    }

    private static TaskWork Work { get; } = new() { Uses = "test.work", Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty };
}
