using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Schedules;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>Runs that this process works on, in a home of this machine.</summary>
internal sealed class HomeStarts(Globals globals, OrcSession session) : IRunStarts, IAsyncDisposable
{
    private Engine? engine;

    private Engine Engine => engine ??= session.CreateEngine();

    public async Task<NamedPipeline> FindPipelineAsync(string name, CancellationToken cancellation) =>
        new(name, (await RegisteredPipeline.FindAsync(session, name, cancellation)).Definition);

    public async Task<IFollowedRun> StartAsync(RunOrder order, IRunListener listener)
    {
        foreach (var script in order.File?.Scripts ?? [])
        {
            await StoreScriptAsync(session, script.Text, script.Name);
        }

        var start = await ToStartAsync(order);
        return await FollowAsync(engine => engine.StartAsync(start, listener, CancellationToken.None));
    }

    public async Task<IFollowedRun> RetryAsync(RetryOrder order, IRunListener listener)
    {
        var start = await ToStartAsync(order);
        return await FollowAsync(engine => engine.StartAsync(start, listener, CancellationToken.None));
    }

    public Task<IFollowedRun> ResumeAsync(RunInfo run, IRunListener listener) => FollowAsync(engine => engine.ResumeAsync(run.Id, listener, CancellationToken.None));

    public async Task<RunPlan> PlanAsync(RunOrder order) => await PlanAsync(await ToStartAsync(order));

    public async Task<RunPlan> PlanAsync(RetryOrder order) => await PlanAsync(await ToStartAsync(order));

    public async ValueTask DisposeAsync()
    {
        if (engine is not null)
        {
            await engine.DisposeAsync();
        }
    }

    /// <summary>Keeps the text of a script, for the steps written in place that attempts come back to.</summary>
    internal static async Task<ArtifactRef> StoreScriptAsync(OrcSession session, string text, string path) =>
        await session.Get<ArtifactStore>().AddTextAsync(text, Path.GetFileName(path), "text/x-csharp");

    private async Task<IFollowedRun> FollowAsync(Func<Engine, Task<RunHandle>> begin) => new HomeRun(session, await begin(Engine));

    private async Task<RunStart> ToStartAsync(RunOrder order)
    {
        var registered = order.File is null ? await RegisteredPipeline.FindAsync(session, order.Pipeline.Name, CancellationToken.None) : null;
        var start = new RunStart
        {
            Pipeline = order.Pipeline,
            Definition = registered?.Stored ?? order.File?.ToStored(order.Pipeline, globals.Time.GetUtcNow()) ?? throw new InvalidOperationException("a run of nothing"),
            Params = order.Params,
            BaseDirectory = registered?.Info.BaseDirectory ?? order.File?.BaseDirectory ?? "/",
            Trigger = TriggerOf(order),
            Skip = order.Skip,
            Refresh = order.Refresh,
        };
        foreach (var (task, run) in order.Pins)
        {
            start = await session.Earlier.PinAsync(start, task, run, CancellationToken.None);
        }

        if (order.From is { } from)
        {
            (start, var count) = await session.Earlier.TakeOverAsync(start, from, CancellationToken.None);
            RunDriver.TellTakenOver(globals, count, start.Parent);
        }

        return start;
    }

    private async Task<RunStart> ToStartAsync(RetryOrder order) => await RunRepeats.StartOfAsync(
        order.Run, order.Wish, session.Desk, session.Stores.Definitions, (pipeline, earlier) => RunParameters.Bind(globals, pipeline, order.Params, earlier), CancellationToken.None);

    /// <summary>A run of a file is for no time and by whoever runs it, unless a time is given; one of a registered pipeline says who asked, as those of its triggers do.</summary>
    private static RunTrigger? TriggerOf(RunOrder order) => order.LogicalDate is { } date ? new RunTrigger { Kind = TriggerKind.Manual, By = Environment.UserName, LogicalDate = date, Interval = LogicalDates.IntervalOf(order.Pipeline, date) }
        : order.File is null ? new RunTrigger { Kind = TriggerKind.Manual, By = Environment.UserName }
        : null;

    private async Task<RunPlan> PlanAsync(RunStart start) => new()
    {
        Pipeline = start.Pipeline.Name,
        Definition = start.Definition.Hash,
        Params = start.Params,
        Concurrency = Engine.PlanKey(start) is { } own ? await KeyPlan.OfAsync(session.Stores.Concurrency, session.Keys, own, Engine.DryRun, CancellationToken.None) : null,
        Tasks = [.. (await Engine.PlanAsync(start, CancellationToken.None)).Select(task => new PlannedStepLine
        {
            Task = task.Task.Value, Step = DryRun.Word(task.Step), Why = task.Why, From = task.From?.Value,
        })],
    };

    /// <summary>A run that this process works on.</summary>
    private sealed class HomeRun(OrcSession session, RunHandle handle) : IFollowedRun
    {
        public RunId Id => handle.Id;

        public Task<RunState> Completion => handle.Completion;

        public (string First, string Second) StopWords => ("stopping: attempts are asked to end; press Ctrl-C again to end them now", "ending the attempts now");

        public string LeftWords => "interrupted; nothing that was finished is lost. Go on with: orc run --resume {0}";

        public async Task SettleAsync()
        {
            while ((await session.Stores.Runs.ListRequestsOfRunAsync(handle.Id, CancellationToken.None)).Count > 0 && !handle.Completion.IsCompleted)
            {
                await Task.WhenAny(handle.Completion, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
            }
        }

        public void Interrupt() => handle.Interrupt();

        public void Kill() => handle.Kill();

        public void Dispose()
        {
        }
    }
}
