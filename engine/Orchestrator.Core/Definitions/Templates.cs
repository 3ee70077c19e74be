using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Core.Definitions;

/// <summary>One piece of a text with expressions in it.</summary>
/// <param name="IsExpression">True: <paramref name="Text"/> is JavaScript. False: plain text, already unescaped.</param>
/// <param name="Offset">Where <paramref name="Text"/> starts in the template, in characters; for an expression without the white space around it.</param>
public readonly record struct TemplatePart(bool IsExpression, string Text, int Offset);

/// <summary>
/// Texts with <c>${ … }</c> in them. A text that is one expression and nothing else keeps the expression's type; mixed text becomes a string.
/// <c>$${</c> stands for a literal <c>${</c>.
/// </summary>
public static class Templates
{
    public static bool HasExpression(string text) => text.Contains("${", StringComparison.Ordinal) && Split(text).Any(part => part.IsExpression);

    public static bool HasExpression(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => HasExpression(value.GetString()!),
        JsonValueKind.Array => value.EnumerateArray().Any(HasExpression),
        JsonValueKind.Object => value.EnumerateObject().Any(member => HasExpression(member.Value)),
        _ => false,
    };

    /// <summary>The template that is just this expression.</summary>
    public static string Whole(string expression) => $"${{{expression}}}";

    /// <summary>The expression of a template that is nothing but one; null otherwise.</summary>
    public static string? AsWhole(string text) => Split(text) is [{ IsExpression: true } only] ? only.Text : null;

    /// <summary>Every expression in a value, however deep.</summary>
    public static IEnumerable<string> ExpressionsIn(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Split(value.GetString()!).Where(part => part.IsExpression).Select(part => part.Text),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(ExpressionsIn),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => ExpressionsIn(member.Value)),
        _ => [],
    };

    /// <summary>Cuts a template into plain and expression parts, in order. An unclosed <c>${</c> is plain text: the reader of definitions reports it.</summary>
    public static IReadOnlyList<TemplatePart> Split(string template)
    {
        var parts = new List<TemplatePart>();
        var plain = new StringBuilder();
        var plainStart = 0;
        for (var i = 0; i < template.Length;)
        {
            if (string.CompareOrdinal(template, i, "$${", 0, 3) == 0)
            {
                plain.Append("${");
                i += 3;
            }
            else if (string.CompareOrdinal(template, i, "${", 0, 2) == 0 && FindEnd(template, i + 2) is var end and >= 0)
            {
                if (plain.Length > 0)
                {
                    parts.Add(new TemplatePart(false, plain.ToString(), plainStart));
                    plain.Clear();
                }

                var inside = template[(i + 2)..end];
                parts.Add(new TemplatePart(true, inside.Trim(), i + 2 + inside.Length - inside.TrimStart().Length));
                i = plainStart = end + 1;
            }
            else
            {
                plain.Append(template[i++]);
            }
        }

        if (plain.Length > 0)
        {
            parts.Add(new TemplatePart(false, plain.ToString(), plainStart));
        }

        return parts;
    }

    /// <summary>Where a <c>${</c> starts that nothing closes; -1 when there is none.</summary>
    public static int FindUnclosed(string template)
    {
        for (var i = 0; i < template.Length;)
        {
            if (string.CompareOrdinal(template, i, "$${", 0, 3) == 0)
            {
                i += 3;
            }
            else if (string.CompareOrdinal(template, i, "${", 0, 2) == 0)
            {
                if (FindEnd(template, i + 2) is not (var end and >= 0))
                {
                    return i;
                }

                i = end + 1;
            }
            else
            {
                i++;
            }
        }

        return -1;
    }

    /// <summary>Makes a literal safe to stand in <c>with</c>: every <c>${</c> in its texts is doubled.</summary>
    public static JsonElement Escape(JsonElement literal) =>
        literal.GetRawText().Contains("${", StringComparison.Ordinal)
            ? JsonSerializer.SerializeToElement(Escape(JsonNode.Parse(literal.GetRawText())), Values.OrcJson.Options)
            : literal;

    private static JsonNode? Escape(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Escape(member.Value))));
            case JsonArray items:
                return new JsonArray([.. items.Select(Escape)]);
            case JsonValue value when value.TryGetValue<string>(out var text):
                return JsonValue.Create(text.Replace("${", "$${", StringComparison.Ordinal));
            default:
                return node?.DeepClone();
        }
    }

    /// <summary>The index of the brace that closes an expression, past nested braces and quoted text; -1 when there is none.</summary>
    private static int FindEnd(string text, int start)
    {
        var depth = 0;
        for (var i = start; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"' or '\'' or '`':
                    var quote = text[i++];
                    while (i < text.Length && text[i] != quote)
                    {
                        i += text[i] == '\\' ? 2 : 1;
                    }

                    break;
                case '{':
                    depth++;
                    break;
                case '}' when depth-- == 0:
                    return i;
                default:
                    break;
            }
        }

        return -1;
    }
}
