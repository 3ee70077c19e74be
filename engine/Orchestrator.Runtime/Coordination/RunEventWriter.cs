using System.Buffers;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Coordination;

/// <summary>
/// The stored form of the four events that every task has, written by hand: the serializer takes several times as long for each, and some tens of milliseconds before the first.
/// A test holds it to what the serializer writes, member by member.
/// </summary>
internal static class RunEventWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = OrcJson.Options.Encoder, SkipValidation = true };
    private static readonly string[] Lanes = WordsOf<Lane>();
    private static readonly string[] Spreads = WordsOf<Spread>();

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Bytes, Utf8JsonWriter Json)? tools;

    /// <summary>Null: this event is left to the serializer.</summary>
    public static string? TryWrite(RunEvent change)
    {
        if (change is not (TaskTurnCame or TaskPrepared or AttemptStarted or AttemptSucceeded))
        {
            return null;
        }

        var (bytes, json) = tools ??= Create();
        json.WriteStartObject();
        switch (change)
        {
            case TaskPrepared prepared:
                json.WriteString("type"u8, "task-prepared"u8);
                Write(json, prepared.Work);
                break;
            case AttemptStarted started:
                json.WriteString("type"u8, "attempt-started"u8);
                json.WriteString("attempt"u8, started.Attempt.Value);
                json.WriteNumber("number"u8, started.Number);
                WriteUnlessNull(json, "child"u8, started.Child?.Value);
                break;
            case AttemptSucceeded done:
                json.WriteString("type"u8, "attempt-succeeded"u8);
                json.WriteString("attempt"u8, done.Attempt.Value);
                Write(json, "outputs"u8, done.Outputs);
                break;
            default:
                json.WriteString("type"u8, "task-turn-came"u8);
                break;
        }

        WriteEnd(json, (TaskEvent)change);
        var text = Encoding.UTF8.GetString(bytes.WrittenSpan);
        json.Reset();
        bytes.ResetWrittenCount();
        return text;
    }

    private static void WriteEnd(Utf8JsonWriter json, TaskEvent change)
    {
        json.WriteString("task"u8, change.Task.Value);
        if (change.Item is { } item)
        {
            json.WriteNumber("item"u8, item);
        }

        json.WriteString("at"u8, change.At);
        json.WriteEndObject();
        json.Flush();
    }

    private static void Write(Utf8JsonWriter json, TaskWork work)
    {
        json.WriteStartObject("work"u8);
        json.WriteString("uses"u8, work.Uses);
        json.WriteString("lane"u8, Lanes[(int)work.Lane]);
        Write(json, "inputs"u8, work.Inputs);
        WriteUnlessNull(json, "cacheKey"u8, work.CacheKey);
        WriteUnlessNull(json, "fingerprint"u8, work.Fingerprint);
        WriteUnlessNull(json, "cacheScope"u8, work.CacheScope);
        if (work.CacheEnvironment is { } variables)
        {
            json.WriteStartObject("cacheEnvironment"u8);
            foreach (var (variable, value) in variables)
            {
                json.WriteString(variable, value);
            }

            json.WriteEndObject();
        }

        if (work.Yields is { } yields)
        {
            json.WriteStartArray("yields"u8);
            foreach (var output in yields)
            {
                json.WriteStringValue(output);
            }

            json.WriteEndArray();
        }

        WriteUnlessNull(json, "label"u8, work.Label);
        json.WriteString("spread"u8, Spreads[(int)work.Spread]);
        json.WriteEndObject();
    }

    private static void Write<TValues>(Utf8JsonWriter json, ReadOnlySpan<byte> name, TValues values) where TValues : IReadOnlyDictionary<string, JsonElement>
    {
        json.WriteStartObject(name);
        if (values.Count > 0)
        {
            foreach (var (key, value) in values)
            {
                json.WritePropertyName(key);
                value.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteUnlessNull(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static (ArrayBufferWriter<byte> Bytes, Utf8JsonWriter Json) Create()
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        return (bytes, new Utf8JsonWriter(bytes, Options));
    }

    /// <summary>By value; the values of both are numbered from 0 without gaps.</summary>
    private static string[] WordsOf<T>() where T : struct, Enum => [.. Enum.GetNames<T>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];
}
