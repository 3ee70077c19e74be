using System.Text.Json;
using Orchestrator.Assets.Experiments;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Facts;

namespace Orchestrator.Tracking.Experiments;

/// <summary>Takes the facts of one kind to <see cref="ExperimentWriter"/>.</summary>
internal abstract class ExperimentFactHandler<T> : IFactHandler where T : IFact
{
    private protected ExperimentFactHandler()
    {
    }

    public string Kind => T.Kind;

    public Task ApplyAsync(IWriteSession session, FactContext context, JsonElement fact, CancellationToken cancellation) =>
        ApplyManyAsync(session, context, [fact], cancellation);

    public async Task ApplyManyAsync(IWriteSession session, FactContext context, IReadOnlyList<JsonElement> facts, CancellationToken cancellation) =>
        await StoreAsync(session, context, [.. facts.Select(OrcJson.FromElement<T>)], cancellation);

    protected abstract Task StoreAsync(IWriteSession session, FactContext context, IReadOnlyList<T> facts, CancellationToken cancellation);
}

internal sealed class TrackingRunHandler : ExperimentFactHandler<TrackingRunFact>
{
    protected override async Task StoreAsync(IWriteSession session, FactContext context, IReadOnlyList<TrackingRunFact> facts, CancellationToken cancellation)
    {
        foreach (var fact in facts)
        {
            await ExperimentWriter.DescribeRunAsync(session, context, fact, cancellation);
        }
    }
}

internal sealed class ParamHandler : ExperimentFactHandler<ParamFact>
{
    protected override async Task StoreAsync(IWriteSession session, FactContext context, IReadOnlyList<ParamFact> facts, CancellationToken cancellation)
    {
        await ExperimentWriter.EnsureRunAsync(session, context, experiment: null, cancellation);
        foreach (var fact in facts)
        {
            await ExperimentWriter.AddParamAsync(session, context, fact, cancellation);
        }
    }
}

internal sealed class MetricHandler : ExperimentFactHandler<MetricFact>
{
    protected override async Task StoreAsync(IWriteSession session, FactContext context, IReadOnlyList<MetricFact> facts, CancellationToken cancellation)
    {
        await ExperimentWriter.EnsureRunAsync(session, context, experiment: null, cancellation);
        await ExperimentWriter.AddMetricsAsync(session, context, facts, cancellation);
    }
}

internal sealed class TagHandler : ExperimentFactHandler<TagFact>
{
    protected override async Task StoreAsync(IWriteSession session, FactContext context, IReadOnlyList<TagFact> facts, CancellationToken cancellation)
    {
        await ExperimentWriter.EnsureRunAsync(session, context, experiment: null, cancellation);
        foreach (var fact in facts)
        {
            await ExperimentWriter.SetTagAsync(session, context, fact, cancellation);
        }
    }
}

internal sealed class RunArtifactHandler : ExperimentFactHandler<RunArtifactFact>
{
    protected override async Task StoreAsync(IWriteSession session, FactContext context, IReadOnlyList<RunArtifactFact> facts, CancellationToken cancellation)
    {
        await ExperimentWriter.EnsureRunAsync(session, context, experiment: null, cancellation);
        foreach (var fact in facts)
        {
            await ExperimentWriter.SetArtifactAsync(session, context, fact, cancellation);
        }
    }
}
