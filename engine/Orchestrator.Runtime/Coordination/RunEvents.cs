using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>The stored form of events.</summary>
public static class RunEvents
{
    private static readonly FrozenDictionary<Type, string> Words = typeof(RunEvent)
        .GetCustomAttributes<JsonDerivedTypeAttribute>()
        .ToFrozenDictionary(one => one.DerivedType, one => (string?)one.TypeDiscriminator ?? "");

    /// <exception cref="JsonException">The event was written by a newer version.</exception>
    public static RunEvent Read(StoredEvent stored) =>
        JsonSerializer.Deserialize<RunEvent>(stored.Payload, OrcJson.Options) ?? throw new JsonException($"event {stored.Sequence} is empty");

    /// <summary>The word for what happened: <c>run-accepted</c>.</summary>
    public static string WordOf(RunEvent change) => Words[change.GetType()];

    internal static NewEvent Write(RunEvent change) =>
        new() { Type = Words[change.GetType()], Payload = RunEventWriter.TryWrite(change) ?? JsonSerializer.Serialize(change, OrcJson.Options), At = change.At };
}
