using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Pipelines;
using Orchestrator.Cli.Runs;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Server.Pipelines;
using Orchestrator.Server.Runs;
using Orchestrator.Storage.Runs;
using Api = Orchestrator.Server.Runs;

namespace Orchestrator.Cli.Remote;

/// <summary>Runs that a server works on.</summary>
internal sealed class ServerStarts(Globals globals, ServerClient client, ServerRuns runs) : IRunStarts
{
    public async Task<NamedPipeline> FindPipelineAsync(string name, CancellationToken cancellation)
    {
        var document = await client.GetAsync<PipelineDocument>($"pipelines/{Uri.EscapeDataString(name)}", cancellation);
        return new NamedPipeline(name, DefinitionReader.Load(document.Json?.GetRawText() ?? throw RemoteErrors.NoServer(client.Name, "it shows a pipeline without its definition")));
    }

    public async Task<IFollowedRun> StartAsync(RunOrder order, IRunListener listener)
    {
        // The same request whether it is sent once or, because its answer was lost, again.
        var started = await client.PostAsync<Api.RunDocument>("runs", BodyOf(order), CancellationToken.None, Guid.NewGuid().ToString("N"));
        var run = await ServerRun.FollowNewAsync(client, runs.InfoOf(started), listener, first =>
        {
            if (order.From is not null)
            {
                RunDriver.TellTakenOver(globals, first.Reused.Count - order.Pins.Count(pin => first.Reused.ContainsKey(pin.Task)), started.Parent is { } parent ? new RunId(parent) : null);
            }
        });
        return run;
    }

    public async Task<IFollowedRun> RetryAsync(RetryOrder order, IRunListener listener)
    {
        var started = await client.PostAsync<Api.RunDocument>($"runs/{order.Run.Id}/retry", await BodyOfAsync(order), CancellationToken.None, Guid.NewGuid().ToString("N"));
        return await ServerRun.FollowNewAsync(client, runs.InfoOf(started), listener, _ => { });
    }

    public async Task<IFollowedRun> ResumeAsync(RunInfo run, IRunListener listener) => run.EndedAt is null
        ? await ServerRun.FollowAsync(client, run, listener)
        : throw EngineErrors.HasEnded(run.Id, run.Status);

    public async Task<RunPlan> PlanAsync(RunOrder order)
    {
        var plan = await client.PostAsync<PlanDocument>("runs/plan", BodyOf(order), CancellationToken.None);
        if (order.From is not null)
        {
            RunDriver.TellTakenOver(globals, plan.Tasks.Count(task => task.Step == "kept") - order.Pins.Count, plan.Parent is { } parent ? new RunId(parent) : null);
        }

        return Of(plan);
    }

    public async Task<RunPlan> PlanAsync(RetryOrder order) => Of(await client.PostAsync<PlanDocument>($"runs/{order.Run.Id}/retry/plan", await BodyOfAsync(order), CancellationToken.None));

    private StartRun BodyOf(RunOrder order) => new()
    {
        Pipeline = order.File is null ? order.Pipeline.Name : null,
        Json = order.File is null ? null : DeepJson.Parse(DefinitionWriter.ToJson(order.Pipeline)),
        Scripts = order.File is { Scripts.Count: > 0 } file ? [.. file.Scripts.Select(script => new ScriptText { Name = Path.GetFileName(script.Name), Text = script.Text })] : null,
        // The server of the home sees the files that this command sees; another one may have others in that place, or none.
        BaseDirectory = client.Site.IsOfHome ? order.File?.BaseDirectory : null,
        Params = order.Params.Where(one => order.Given.Contains(one.Key)).ToDictionary(),
        Skip = order.Skip.IsEmpty ? null : [.. order.Skip.Select(task => task.Value)],
        Refresh = order.Refresh.IsEmpty ? null : [.. order.Refresh.Select(task => task.Value)],
        From = order.From?.Value,
        Pin = order.Pins.Count == 0 ? null : order.Pins.ToDictionary(pin => pin.Task, pin => pin.Run.Id.Value),
        LogicalDate = order.LogicalDate?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    };

    private async Task<RetryRun> BodyOfAsync(RetryOrder order)
    {
        if (order.Params.Count == 0)
        {
            return new RetryRun { From = order.Wish.From, Only = order.Wish.Only };
        }

        var pipeline = await ServerRun.DefinitionAsync(client, order.Run.Id, null);
        var earlier = order.Run.Params.EnumerateObject().ToDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal);
        var values = RunParameters.Bind(globals, pipeline, order.Params, earlier);
        return new RetryRun { From = order.Wish.From, Only = order.Wish.Only, Params = values.Where(one => order.Params.ContainsKey(one.Key)).ToDictionary() };
    }

    private static RunPlan Of(PlanDocument plan) => new()
    {
        Pipeline = plan.Pipeline,
        Definition = new DefinitionHash(plan.Definition),
        Params = plan.Params,
        Concurrency = plan.Concurrency,
        Tasks = [.. plan.Tasks.Select(task => new PlannedStepLine { Task = task.Task, Step = task.Step, Why = task.Why, From = task.From })],
    };
}
