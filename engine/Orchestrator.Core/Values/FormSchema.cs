using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.Core.Values;

/// <summary>
/// The part of JSON Schema that a form for people needs: objects, lists, texts, numbers, truth values, choices and bounds. A keyword outside it is a
/// mistake in the schema, since an answer that nobody checked would pass for one that was.
/// </summary>
public static class FormSchema
{
    private const int MaxDepth = 16;

    private static readonly string[] Types = ["object", "array", "string", "number", "integer", "boolean", "null"];

    private static readonly string[] Known =
    [
        "type", "enum", "const", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength", "maxLength", "pattern",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "title", "description", "default", "examples", "format", "$schema", "$comment",
    ];

    /// <param name="Path">Where in the schema or the answer: <c>limit</c>, <c>regions[2]</c>. Empty: all of it.</param>
    public readonly record struct Problem(string Path, string Message)
    {
        public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";
    }

    /// <summary>What is wrong with a schema; empty when it can be checked against.</summary>
    public static IEnumerable<Problem> CheckSchema(JsonElement schema) => CheckSchema(schema, "", 0);

    /// <summary>What is wrong with an answer; empty when it fits.</summary>
    /// <param name="schema">One without problems.</param>
    public static IEnumerable<Problem> Check(JsonElement schema, JsonElement answer) => Check(schema, answer, "");

    private static IEnumerable<Problem> CheckSchema(JsonElement schema, string path, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return [new Problem(path, $"a schema is an object and this is {Words(schema)}")];
        }

        return depth == MaxDepth
            ? [new Problem(path, $"it is nested more than {MaxDepth} deep")]
            : schema.EnumerateObject().SelectMany(member => CheckKeyword(member, path, depth));
    }

    private static IEnumerable<Problem> CheckKeyword(JsonProperty member, string path, int depth)
    {
        var at = Join(path, member.Name);
        var value = member.Value;
        return member.Name switch
        {
            _ when !Known.Contains(member.Name) => [new Problem(at, $"forms do not know the keyword \"{member.Name}\"{(NearNames.Question(member.Name, Known) is { } near ? $"; {near}" : "")}")],
            "type" => TypesOf(value) is [_, ..] types && types.All(Types.Contains) ? [] : [new Problem(at, $"a type is one of {string.Join(", ", Types)}")],
            "enum" or "required" or "examples" => value.ValueKind == JsonValueKind.Array ? [] : [new Problem(at, "it should be a list")],
            "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" or "minItems" or "maxItems" or "minLength" or "maxLength" =>
                value.ValueKind == JsonValueKind.Number ? [] : [new Problem(at, "it should be a number")],
            "pattern" => CheckPattern(value, at),
            "items" => CheckSchema(value, at, depth + 1),
            "additionalProperties" => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? [] : CheckSchema(value, at, depth + 1),
            "properties" => value.ValueKind == JsonValueKind.Object
                ? value.EnumerateObject().SelectMany(property => CheckSchema(property.Value, Join(at, property.Name), depth + 1))
                : [new Problem(at, "it should be an object of schemas by name")],
            _ => [],
        };
    }

    private static IEnumerable<Problem> CheckPattern(JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return [new Problem(at, "it should be a text")];
        }

        try
        {
            PatternOf(value);
            return [];
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
        {
            return [new Problem(at, $"it is not a pattern that can be checked in bounded time: {wrong.Message}")];
        }
    }

    // An answer is foreign text: a pattern that backtracks could be made to run for ever.
    private static Regex PatternOf(JsonElement pattern) => new(pattern.GetString() ?? "", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static IEnumerable<Problem> Check(JsonElement schema, JsonElement answer, string path)
    {
        if (schema.TryGetProperty("type", out var type) && !TypesOf(type).Any(one => IsOfType(answer, one)))
        {
            return [new Problem(path, $"should be {string.Join(" or ", TypesOf(type))} and is {Words(answer)}")];
        }

        return CheckChoices(schema, answer, path).Concat(answer.ValueKind switch
        {
            JsonValueKind.Object => CheckMembers(schema, answer, path),
            JsonValueKind.Array => CheckItems(schema, answer, path),
            JsonValueKind.String => CheckText(schema, answer.GetString() ?? "", path),
            JsonValueKind.Number => CheckNumber(schema, answer.GetDouble(), path),
            _ => [],
        });
    }

    private static IEnumerable<Problem> CheckChoices(JsonElement schema, JsonElement answer, string path)
    {
        if (schema.TryGetProperty("enum", out var choices) && !choices.EnumerateArray().Any(choice => JsonElement.DeepEquals(choice, answer)))
        {
            yield return new Problem(path, $"is {Shorten(answer)} and should be one of {Shorten(choices)}");
        }

        if (schema.TryGetProperty("const", out var only) && !JsonElement.DeepEquals(only, answer))
        {
            yield return new Problem(path, $"is {Shorten(answer)} and should be {Shorten(only)}");
        }
    }

    private static IEnumerable<Problem> CheckMembers(JsonElement schema, JsonElement answer, string path)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray().Select(name => name.ToString()).Where(name => !answer.TryGetProperty(name, out _)))
            {
                yield return new Problem(path, $"\"{name}\" is missing");
            }
        }

        var hasProperties = schema.TryGetProperty("properties", out var properties);
        var hasOthers = schema.TryGetProperty("additionalProperties", out var others);
        foreach (var member in answer.EnumerateObject())
        {
            var at = Join(path, member.Name);
            if (hasProperties && properties.TryGetProperty(member.Name, out var own))
            {
                foreach (var problem in Check(own, member.Value, at))
                {
                    yield return problem;
                }
            }
            else if (hasOthers && others.ValueKind == JsonValueKind.False)
            {
                var known = hasProperties ? properties.EnumerateObject().Select(property => property.Name).ToArray() : [];
                yield return new Problem(at, $"the form has no such field{(known.Length == 0 ? "" : $"; it has {string.Join(", ", known)}")}");
            }
            else if (hasOthers && others.ValueKind == JsonValueKind.Object)
            {
                foreach (var problem in Check(others, member.Value, at))
                {
                    yield return problem;
                }
            }
        }
    }

    private static IEnumerable<Problem> CheckItems(JsonElement schema, JsonElement answer, string path)
    {
        var count = answer.GetArrayLength();
        if (NumberOf(schema, "minItems") is { } least && count < least)
        {
            yield return new Problem(path, $"has {count} items and should have at least {least}");
        }

        if (NumberOf(schema, "maxItems") is { } most && count > most)
        {
            yield return new Problem(path, $"has {count} items and should have at most {most}");
        }

        if (!schema.TryGetProperty("items", out var items))
        {
            yield break;
        }

        foreach (var (index, item) in answer.EnumerateArray().Index())
        {
            foreach (var problem in Check(items, item, $"{path}[{index.ToString(CultureInfo.InvariantCulture)}]"))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<Problem> CheckText(JsonElement schema, string answer, string path)
    {
        var length = new StringInfo(answer).LengthInTextElements;
        if (NumberOf(schema, "minLength") is { } least && length < least)
        {
            yield return new Problem(path, length == 0 ? "is empty" : $"has {length} characters and should have at least {least}");
        }

        if (NumberOf(schema, "maxLength") is { } most && length > most)
        {
            yield return new Problem(path, $"has {length} characters and should have at most {most}");
        }

        if (schema.TryGetProperty("pattern", out var pattern) && !PatternOf(pattern).IsMatch(answer))
        {
            yield return new Problem(path, $"does not match {pattern.GetString()}");
        }
    }

    private static IEnumerable<Problem> CheckNumber(JsonElement schema, double answer, string path)
    {
        if (NumberOf(schema, "minimum") is { } least && answer < least)
        {
            yield return new Problem(path, string.Create(CultureInfo.InvariantCulture, $"is {answer} and should be at least {least}"));
        }

        if (NumberOf(schema, "maximum") is { } most && answer > most)
        {
            yield return new Problem(path, string.Create(CultureInfo.InvariantCulture, $"is {answer} and should be at most {most}"));
        }

        if (NumberOf(schema, "exclusiveMinimum") is { } above && answer <= above)
        {
            yield return new Problem(path, string.Create(CultureInfo.InvariantCulture, $"is {answer} and should be above {above}"));
        }

        if (NumberOf(schema, "exclusiveMaximum") is { } below && answer >= below)
        {
            yield return new Problem(path, string.Create(CultureInfo.InvariantCulture, $"is {answer} and should be below {below}"));
        }
    }

    private static double? NumberOf(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var value) ? value.GetDouble() : null;

    private static string[] TypesOf(JsonElement type) => type.ValueKind switch
    {
        JsonValueKind.String => [type.GetString() ?? ""],
        JsonValueKind.Array => [.. type.EnumerateArray().Select(one => one.ToString())],
        _ => [],
    };

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind == JsonValueKind.Null,
    };

    private static string Words(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Undefined => "nothing",
        _ => Shorten(value),
    };

    private static string Shorten(JsonElement value) => value.GetRawText() is { Length: > 80 } longer ? longer[..77] + "..." : value.GetRawText();

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
