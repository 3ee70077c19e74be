using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Data.Catalog;

/// <summary>Resolves <c>datasets:/customers@latest</c> and <c>datasets:/customers/VERSION</c>, where the first digits of the version will do.</summary>
internal sealed partial class DatasetReferenceResolver(DatasetCatalog catalog) : IReferenceResolver
{
    public string Scheme => DatasetRef.Scheme;

    public async Task<JsonElement?> ResolveAsync(string reference, CancellationToken cancellation)
    {
        var match = Pattern().Match(reference);
        if (!match.Success)
        {
            throw DataErrors.BadReference(reference);
        }

        var version = match.Groups["version"] is { Success: true } given ? given.Value : DatasetCatalog.Latest;
        return await catalog.FindAsync(match.Groups["name"].Value, version, cancellation) is { } found ? OrcJson.ToElement(found.Dataset) : null;
    }

    // Fewer than four digits would mean another version soon after they meant one.
    [GeneratedRegex(@"^datasets:/(?<name>[A-Za-z0-9][A-Za-z0-9_.-]{0,99})(?:@latest|/latest|/(?<version>[0-9a-f]{4,64}))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
