using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>The stored form of events.</summary>
public static class RunEvents
{
    /// <exception cref="JsonException">The event was written by a newer version.</exception>
    public static RunEvent Read(StoredEvent stored) =>
        JsonSerializer.Deserialize<RunEvent>(stored.Payload, OrcJson.Options) ?? throw new JsonException($"event {stored.Sequence} is empty");

    internal static NewEvent Write(RunEvent change)
    {
        var json = OrcJson.ToElement(change);
        return new NewEvent { Type = json.GetProperty("type").GetString() ?? "", Payload = json.GetRawText(), At = change.At };
    }
}
