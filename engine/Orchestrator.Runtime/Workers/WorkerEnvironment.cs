using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Lanes;

namespace Orchestrator.Runtime.Workers;

/// <summary>What attempts need in a worker. Each part is made when the first attempt asks for it: a light one then runs without families that it does not touch.</summary>
internal sealed class WorkerEnvironment
{
    private readonly Lazy<ActivityCatalog> catalog;
    private readonly LatePorts ports;

    public WorkerEnvironment(WorkerArguments arguments, Func<ActivityCatalog> catalog, Func<IServiceProvider> ports)
    {
        this.catalog = new(catalog);
        this.ports = new LatePorts(ports);
        Services = new LaneServices
        {
            LaneName = "process",
            Ports = this.ports,
            Artifacts = new LateArtifacts(() => this.ports.GetService(typeof(IArtifactStore)) as IArtifactStore ?? new ArtifactStore(OrcHome.OpenExisting(arguments.Home))),
            Time = TimeProvider.System,
        };
    }

    public LaneServices Services { get; }

    /// <exception cref="ActivityException">Nobody knows the activity (ORC5004).</exception>
    public ActivityDescriptor Find(ExecuteMessage execute) =>
        execute.Class is { } name && Type.GetType(name, throwOnError: false) is { } type && ActivityDescriptor.Of(type) is var found && found.Type == execute.Uses
            ? found
            : catalog.Value.Get(execute.Uses);

    /// <summary>Makes everything now, while no attempt waits.</summary>
    public void Prepare()
    {
        _ = catalog.Value;
        ports.Prepare();
    }

    private sealed class LatePorts(Func<IServiceProvider> make) : IServiceProvider
    {
        private readonly Lazy<IServiceProvider> made = new(make);

        public void Prepare() => _ = made.Value;

        public object? GetService(Type serviceType) => made.Value.GetService(serviceType);
    }

    private sealed class LateArtifacts(Func<IArtifactStore> make) : IArtifactStore
    {
        private readonly Lazy<IArtifactStore> made = new(make);

        public Task<ArtifactRef> AddFileAsync(string path, string? name = null, string? mediaType = null, CancellationToken cancellation = default) =>
            made.Value.AddFileAsync(path, name, mediaType, cancellation);

        public Task<ArtifactRef> AddTextAsync(string text, string name, string? mediaType = null, CancellationToken cancellation = default) =>
            made.Value.AddTextAsync(text, name, mediaType, cancellation);

        public string PathOf(ArtifactRef artifact) => made.Value.PathOf(artifact);

        public string PathOf(string hash) => made.Value.PathOf(hash);
    }
}
