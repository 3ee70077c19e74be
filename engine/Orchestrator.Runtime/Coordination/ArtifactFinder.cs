using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Coordination;

/// <summary>Finds the artifacts that outputs refer to, however deep, so that they are kept as long as the run.</summary>
internal static class ArtifactFinder
{
    /// <summary>Each artifact with the place it stands at: <c>report</c>, <c>best.artifact</c>.</summary>
    public static IEnumerable<(string Place, ArtifactRef Artifact)> Find(string place, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when IsArtifact(value):
                return [(place, OrcJson.FromElement<ArtifactRef>(value))];
            case JsonValueKind.Object:
                return value.EnumerateObject().SelectMany(member => Find($"{place}.{member.Name}", member.Value));
            case JsonValueKind.Array:
                return value.EnumerateArray().SelectMany((item, index) => Find($"{place}[{index}]", item));
            default:
                return [];
        }
    }

    private static bool IsArtifact(JsonElement value) =>
        value.EnumerateObject().Count() == 4
        && value.TryGetProperty("hash", out var hash) && hash.ValueKind == JsonValueKind.String && hash.GetString() is { Length: 64 }
        && value.TryGetProperty("sizeInBytes", out var size) && size.ValueKind == JsonValueKind.Number
        && value.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
        && value.TryGetProperty("mediaType", out var type) && type.ValueKind == JsonValueKind.String;
}
