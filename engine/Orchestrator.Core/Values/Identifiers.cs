using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Orchestrator.Core.Values;

/// <summary>Identifies one run of a pipeline: 26 characters, sortable by start time. <c>default</c> is no run and is refused by every store.</summary>
[JsonConverter(typeof(IdentifierConverter<RunId>))]
public readonly record struct RunId(string Value) : IIdentifier<RunId>
{
    static RunId IIdentifier<RunId>.From(string value) => new(value);

    public override string ToString() => Value ?? "";
}

/// <summary>Identifies one attempt of one task, and fences every write that attempt makes.</summary>
[JsonConverter(typeof(IdentifierConverter<AttemptId>))]
public readonly record struct AttemptId(string Value) : IIdentifier<AttemptId>
{
    static AttemptId IIdentifier<AttemptId>.From(string value) => new(value);

    public override string ToString() => Value ?? "";
}

/// <summary>
/// The name of a task inside its pipeline: a letter, then letters, digits, <c>_</c> or <c>-</c>; at most 64 characters. The engine makes further names that no
/// author can write: <c>features/train</c> is task <c>train</c> of the sub-pipeline <c>features</c>, and a last part that begins with a dot is the engine's own.
/// </summary>
[JsonConverter(typeof(IdentifierConverter<TaskName>))]
public sealed partial record TaskName(string Value) : IIdentifier<TaskName>, IComparable<TaskName>
{
    /// <summary>The rule in words, for messages.</summary>
    public const string Rule = "a letter, then letters, digits, '_' or '-', at most 64 characters";

    static TaskName IIdentifier<TaskName>.From(string value) => new(value);

    public static bool IsValid(string text) => Pattern().IsMatch(text);

    /// <summary>True for a step that the engine put into the graph itself; people are not shown it unless something went wrong there.</summary>
    public bool IsInternal => Value.AsSpan(Value.LastIndexOf('/') + 1) is ['.', ..];

    public int CompareTo(TaskName? other) => string.CompareOrdinal(Value, other?.Value);

    public override string ToString() => Value ?? "";

    public static bool operator <(TaskName left, TaskName right) => left.CompareTo(right) < 0;

    public static bool operator >(TaskName left, TaskName right) => left.CompareTo(right) > 0;

    public static bool operator <=(TaskName left, TaskName right) => left.CompareTo(right) <= 0;

    public static bool operator >=(TaskName left, TaskName right) => left.CompareTo(right) >= 0;

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

/// <summary>The SHA-256 of a definition's canonical JSON, 64 lowercase hexadecimal digits. It is the definition's version.</summary>
[JsonConverter(typeof(IdentifierConverter<DefinitionHash>))]
public readonly record struct DefinitionHash(string Value) : IIdentifier<DefinitionHash>
{
    static DefinitionHash IIdentifier<DefinitionHash>.From(string value) => new(value);

    /// <summary>The first 12 digits, for people.</summary>
    public string Short => Value.Length > 12 ? Value[..12] : Value;

    public override string ToString() => Value ?? "";
}

/// <summary>A value that is written as one JSON string.</summary>
public interface IIdentifier<TSelf> where TSelf : IIdentifier<TSelf>
{
    string Value { get; }

    static abstract TSelf From(string value);
}

/// <summary>Reads and writes an identifier as the string it stands for.</summary>
public sealed class IdentifierConverter<T> : JsonConverter<T> where T : IIdentifier<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { Length: > 0 } text ? T.From(text) : throw new JsonException($"an empty {typeof(T).Name}");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => T.From(reader.GetString()!);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WritePropertyName(value.Value);
}
