using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Secrets;

/// <summary>
/// A text that may hold secrets, as references: what an input is declared as to take <c>${secrets.NAME}</c>. Definitions, events and cache keys hold it as it is; only
/// <see cref="ActivityContext.Reveal"/>, inside an attempt, puts the values in.
/// </summary>
/// <remarks>
/// As JSON it is a plain text, or <c>{ "secret": "NAME" }</c>, or <c>{ "secretText": [ "Bearer ", { "secret": "NAME" } ] }</c>. A plain text is never searched for
/// references, so what another task puts out cannot name a secret.
/// </remarks>
[JsonConverter(typeof(SecretTextConverter))]
public sealed class SecretText
{
    private readonly IReadOnlyList<(string? Plain, SecretRef Secret)> parts;

    private SecretText(IReadOnlyList<(string? Plain, SecretRef Secret)> parts) => this.parts = parts;

    /// <summary>The secrets in it, in the order of the text.</summary>
    public IEnumerable<SecretRef> Secrets => parts.Where(part => part.Plain is null).Select(part => part.Secret);

    public bool HasSecrets => parts.Any(part => part.Plain is null);

    internal IReadOnlyList<(string? Plain, SecretRef Secret)> Parts => parts;

    public static SecretText OfPlain(string text) => new([(text, default)]);

    public static SecretText OfSecret(SecretRef secret) => new([(null, secret)]);

    /// <summary>The text with its secrets in it.</summary>
    /// <param name="valueOf">Finds a secret's value.</param>
    public string Reveal(Func<SecretRef, string> valueOf) => string.Concat(parts.Select(part => part.Plain ?? valueOf(part.Secret)));

    /// <summary>The text with references, never with values: <c>Bearer ${secrets.NAME}</c>.</summary>
    public override string ToString() => string.Concat(parts.Select(part => part.Plain ?? Templates.Whole($"{SecretRef.Root}.{part.Secret}")));

    public static implicit operator SecretText(string plain) => OfPlain(plain);

    /// <summary>One after the other: <c>"Bearer " + Secret("API_TOKEN")</c>.</summary>
    public static SecretText operator +(SecretText left, SecretText right) => new([.. left.parts, .. right.parts]);
}

/// <summary>Words for scripts.</summary>
[ScriptFunctions]
public static class SecretFunctions
{
    /// <summary>A secret by name, <c>Secret("API_TOKEN")</c>, or by source and name, <c>Secret("env.API_TOKEN")</c>. Its value is known only to the attempt that uses it.</summary>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public static SecretText Secret(string name) => SecretRef.TryParse(name, out var secret)
        ? SecretText.OfSecret(secret)
        : throw new ArgumentException($"\"{name}\" does not name a secret: letters, digits and underscores, after env., file. or store. or nothing", nameof(name));
}

internal sealed class SecretTextConverter : JsonConverter<SecretText>
{
    public override SecretText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return Read(document.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, SecretText value, JsonSerializerOptions options)
    {
        if (!value.HasSecrets)
        {
            writer.WriteStringValue(value.ToString());
        }
        else if (value.Parts is [var only])
        {
            WriteSecret(writer, only.Secret);
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteStartArray("secretText");
            foreach (var (plain, secret) in value.Parts)
            {
                if (plain is null)
                {
                    WriteSecret(writer, secret);
                }
                else
                {
                    writer.WriteStringValue(plain);
                }
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }

    private static void WriteSecret(Utf8JsonWriter writer, SecretRef secret)
    {
        writer.WriteStartObject();
        writer.WriteString("secret", secret.ToString());
        writer.WriteEndObject();
    }

    private static SecretText Read(JsonElement value) => value switch
    {
        { ValueKind: JsonValueKind.String } => SecretText.OfPlain(value.GetString() ?? ""),
        { ValueKind: JsonValueKind.Object } when SecretReferences.IsReference(value, out var name) => SecretRef.TryParse(name, out var secret)
            ? SecretText.OfSecret(secret)
            : throw new JsonException($"\"{name}\" does not name a secret"),
        { ValueKind: JsonValueKind.Object } when value.TryGetProperty("secretText", out var parts) && parts.ValueKind == JsonValueKind.Array =>
            parts.EnumerateArray().Select(Read).Aggregate(SecretText.OfPlain(""), (left, right) => left + right),
        _ => throw new JsonException("a text that may hold secrets is a text, or { \"secret\": NAME }"),
    };
}
