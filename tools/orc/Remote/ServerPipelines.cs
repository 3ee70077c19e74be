using Orchestrator.Cli.Pipelines;
using Orchestrator.Dsl;
using Orchestrator.Server.Pipelines;
using Orchestrator.Storage.Pipelines;

namespace Orchestrator.Cli.Remote;

/// <summary>The pipelines behind a server.</summary>
internal sealed class ServerPipelines(ServerClient client) : IPipelines
{
    private const int Most = 100_000;

    public Task<IReadOnlyList<PipelineDocument>> ListAsync(CancellationToken cancellation) => client.ListAsync<PipelineDocument>("pipelines", Most, cancellation);

    public Task<PipelineDocument> ShowAsync(string name, CancellationToken cancellation) => client.GetAsync<PipelineDocument>(PathOf(name), cancellation);

    public Task<IReadOnlyList<VersionDocument>> ListVersionsAsync(string name, CancellationToken cancellation) => client.ListAsync<VersionDocument>($"{PathOf(name)}/versions", Most, cancellation);

    public async Task<(PipelineDocument Pipeline, bool Changed)> RegisterAsync(DefinitionFile file, string? project, CancellationToken cancellation)
    {
        var definition = file.Pipeline ?? throw new ArgumentException("a pipeline with errors", nameof(file));
        string[] query = [.. project is null ? [] : new[] { $"project={Uri.EscapeDataString(project)}" }, .. client.Site.IsOfHome ? new[] { $"baseDirectory={Uri.EscapeDataString(file.BaseDirectory)}" } : []];
        var path = $"pipelines{(query.Length == 0 ? "" : $"?{string.Join('&', query)}")}";
        // A script goes as it is: the server evaluates it itself. What was read from JSON goes whole, with the files that it names in it.
        var done = file.Scripts.Count > 0
            ? await client.PostTextAsync<RegistrationDocument>(path, file.Scripts[0].Text, "text/x-csharp", cancellation)
            : await client.PostTextAsync<RegistrationDocument>(path, DefinitionWriter.ToJson(definition), "application/json", cancellation);
        return (done.Pipeline, done.Changed);
    }

    public Task<PipelineDocument> ChangeAsync(string name, PipelineAction action, string? reason, CancellationToken cancellation) => action switch
    {
        PipelineAction.Pause => client.PostAsync<PipelineDocument>($"{PathOf(name)}/pause", new PausePipeline { Reason = reason }, cancellation),
        PipelineAction.Resume => client.PostAsync<PipelineDocument>($"{PathOf(name)}/resume", null, cancellation),
        PipelineAction.Remove => client.DeleteAsync<PipelineDocument>(PathOf(name), cancellation),
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "nothing that becomes of a pipeline"),
    };

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string PathOf(string name) => $"pipelines/{Uri.EscapeDataString(name)}";
}
