using System.Text.Json;

namespace Orchestrator.Cli.Pipelines;

/// <summary>Definitions as JSON: sub-pipelines in sub-pipelines nest deeper than other values may.</summary>
internal static class DeepJson
{
    public static JsonElement Parse(string text) => JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 512 }).RootElement;
}
