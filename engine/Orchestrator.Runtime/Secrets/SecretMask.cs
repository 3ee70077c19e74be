using System.Buffers;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Secrets;

/// <summary>
/// Covers secrets with <c>***</c> in texts that are kept or shown: as they are, line by line when they have several, in base64 wherever it begins, in hexadecimal, and
/// as URLs and JSON would write them.
/// </summary>
public sealed class SecretMask
{
    public const string Cover = "***";

    // Shorter pieces of a secret than this would cover half of every log and tell nobody much.
    private const int ShortestPiece = 4;

    // Longer lines come in pieces, and a secret may be cut in two.
    private const int LongLine = 4096;

    private readonly string[] forms;

    public SecretMask(IEnumerable<string> secrets) =>
        forms = [.. secrets.Where(secret => secret.Length > 0).SelectMany(FormsOf).Distinct(StringComparer.Ordinal).OrderByDescending(form => form.Length)];

    public string Apply(string text)
    {
        foreach (var form in forms)
        {
            if (text.Contains(form, StringComparison.Ordinal))
            {
                text = text.Replace(form, Cover, StringComparison.Ordinal);
            }
        }

        return text.Length < LongLine ? text : CoverEnds(text);
    }

    public string? ApplyTo(string? text) => text is null ? null : Apply(text);

    /// <summary>The same in every text of a value, names included.</summary>
    public JsonElement Apply(JsonElement value)
    {
        var raw = value.ValueKind == JsonValueKind.Undefined ? "" : value.GetRawText();
        if (raw.Length == 0 || !(MayHold(raw) || raw.Contains('\\', StringComparison.Ordinal)))
        {
            return value;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = OrcJson.Options.Encoder }))
        {
            Write(writer, value);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    public Failure Apply(Failure failure) => failure with
    {
        Message = Apply(failure.Message),
        Why = ApplyTo(failure.Why),
        Help = ApplyTo(failure.Help),
        Details = [.. failure.Details.Select(Apply)],
    };

    private bool MayHold(string raw) => forms.Any(form => raw.Contains(form, StringComparison.Ordinal));

    private void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(Apply(member.Name));
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Apply(value.GetString() ?? ""));
                break;
            case JsonValueKind.Number when MayHold(value.GetRawText()):
                writer.WriteStringValue(Cover);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    /// <summary>Covers the beginning of a secret at the end of a long line, and the end of one at its beginning.</summary>
    private string CoverEnds(string text)
    {
        foreach (var form in forms)
        {
            for (var length = form.Length - 1; length >= ShortestPiece; length--)
            {
                if (text.AsSpan().EndsWith(form.AsSpan(0, length), StringComparison.Ordinal))
                {
                    text = text[..^length] + Cover;
                }

                if (text.AsSpan().StartsWith(form.AsSpan(form.Length - length), StringComparison.Ordinal))
                {
                    text = Cover + text[length..];
                }
            }
        }

        return text;
    }

    private static IEnumerable<string> FormsOf(string secret)
    {
        yield return secret;
        foreach (var line in secret.Split('\n', StringSplitOptions.TrimEntries).Where(line => line.Length >= ShortestPiece))
        {
            yield return line;
        }

        yield return Uri.EscapeDataString(secret);
        yield return JsonSerializer.Serialize(secret, OrcJson.Options)[1..^1];
        yield return JsonSerializer.Serialize(secret)[1..^1];
        var bytes = Encoding.UTF8.GetBytes(secret);
        if (bytes.Length < ShortestPiece)
        {
            yield break;
        }

        yield return Convert.ToHexStringLower(bytes);
        yield return Convert.ToHexString(bytes);
        foreach (var encoded in Base64Of(bytes))
        {
            yield return encoded;
            yield return encoded.Replace('+', '-').Replace('/', '_');
        }
    }

    /// <summary>
    /// What base64 makes of the bytes whatever stands before and behind them: a group is three bytes, so there are three ways to fall into groups, and the characters
    /// that also depend on a neighbour are left out. Programs break long base64 into lines of 76 or 64 characters.
    /// </summary>
    private static IEnumerable<string> Base64Of(byte[] bytes)
    {
        for (var before = 0; before < 3; before++)
        {
            var all = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var own = all[(before == 0 ? 0 : before + 1)..((before + bytes.Length) * 8 / 6)];
            if (own.Length >= ShortestPiece)
            {
                yield return own;
            }

            foreach (var line in (int[])[76, 64])
            {
                foreach (var piece in before == 0 && own.Length > line ? own.Chunk(line).Where(piece => piece.Length >= ShortestPiece) : [])
                {
                    yield return new string(piece);
                }
            }
        }
    }
}
