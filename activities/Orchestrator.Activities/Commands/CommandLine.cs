using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Orchestrator.Core.Activities;

namespace Orchestrator.Activities.Commands;

/// <summary>What <c>exec.command</c> runs: a list is a program with its arguments, passed on exactly; a text is a script for a shell.</summary>
[JsonConverter(typeof(CommandLineConverter))]
public sealed record CommandLine : ICheckedValue, ISchemaValue
{
    /// <inheritdoc/>
    public static JsonObject Schema => new()
    {
        ["description"] = "A list, [\"python\", \"train.py\"], is a program with its arguments; a text, \"python train.py | tee report.txt\", is a script for the shell.",
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "string", ["minLength"] = 1 },
            new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") } }),
    };

    private CommandLine(IReadOnlyList<string> words, string? script)
    {
        Words = words;
        Script = script;
    }

    /// <summary>The program and its arguments; empty when <see cref="Script"/> is set.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>Text for a shell; null when <see cref="Words"/> are set.</summary>
    public string? Script { get; }

    public static CommandLine OfWords(IReadOnlyList<string> words) => new(words, script: null);

    public static CommandLine OfScript(string script) => new([], script);

    /// <inheritdoc/>
    public IEnumerable<ValueProblem> Check()
    {
        if (Script is not null ? string.IsNullOrWhiteSpace(Script) : Words is not [{ Length: > 0 }, ..])
        {
            yield return new ValueProblem("", "the command is empty", "Write a list, [\"python\", \"train.py\"], or a text for the shell, \"python train.py | tee report.txt\".");
        }
    }

    public override string ToString() => Script ?? string.Join(' ', Words);
}

internal sealed class CommandLineConverter : JsonConverter<CommandLine>
{
    public override CommandLine Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => CommandLine.OfScript(reader.GetString() ?? ""),
        JsonTokenType.StartArray => CommandLine.OfWords(ReadWords(ref reader)),
        _ => throw new JsonException("a command is a text for the shell or a list of texts: the program and its arguments"),
    };

    public override void Write(Utf8JsonWriter writer, CommandLine value, JsonSerializerOptions options)
    {
        if (value.Script is { } script)
        {
            writer.WriteStringValue(script);
            return;
        }

        writer.WriteStartArray();
        foreach (var word in value.Words)
        {
            writer.WriteStringValue(word);
        }

        writer.WriteEndArray();
    }

    /// <summary>Numbers and truth values are taken as they are written: <c>["head", "-n", 5]</c> and outputs of other tasks stand in commands.</summary>
    private static List<string> ReadWords(ref Utf8JsonReader reader)
    {
        var words = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            using var word = JsonDocument.ParseValue(ref reader);
            words.Add(word.RootElement.ValueKind switch
            {
                JsonValueKind.String => word.RootElement.GetString() ?? "",
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => word.RootElement.GetRawText(),
                var other => throw new JsonException($"word {words.Count + 1} of the command is {other.ToString().ToLowerInvariant()}, not a text"),
            });
        }

        return words;
    }
}

/// <summary>Words for scripts.</summary>
[ScriptFunctions]
public static class CommandFunctions
{
    /// <summary>A program with its arguments, passed on exactly: <c>Command = Program("python", "train.py")</c>.</summary>
    public static CommandLine Program(string name, params string[] arguments) => CommandLine.OfWords([name, .. arguments]);

    /// <summary>A script for the shell: <c>Command = Shell("python train.py | tee report.txt")</c>.</summary>
    public static CommandLine Shell(string script) => CommandLine.OfScript(script);
}
