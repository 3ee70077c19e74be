using System.Text.Json;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Tracking.Models;

/// <summary>Resolves <c>models:/churn@champion</c> and <c>models:/churn/3</c>. An alias or version that does not exist (yet) is no error: the first run has no champion.</summary>
internal sealed class ModelReferenceResolver(IModelRegistry registry) : IReferenceResolver
{
    public string Scheme => ModelRef.Scheme;

    public async Task<JsonElement?> ResolveAsync(string reference, CancellationToken cancellation)
    {
        var (name, aliasOrVersion) = ModelNames.ParseReference(reference);
        return await registry.FindAsync(name, aliasOrVersion, cancellation) is { } model ? OrcJson.ToElement(model) : null;
    }
}
