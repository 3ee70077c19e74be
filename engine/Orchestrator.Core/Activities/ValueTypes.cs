using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Core.Activities;

/// <summary>The names of value types in messages, schemas and the designer, and which may stand in for which.</summary>
public static class ValueTypes
{
    /// <summary><c>string</c>, <c>number</c>, <c>integer</c>, <c>boolean</c>, <c>duration</c>, <c>json</c>, <c>activity</c>, <c>list of T</c>, <c>map of T</c>, or the class name: <c>Dataset</c> for <c>DatasetRef</c>.</summary>
    public static string NameOf(Type type) => type switch
    {
        _ when Nullable.GetUnderlyingType(type) is { } inner => NameOf(inner),
        _ when type == typeof(string) => "string",
        _ when type == typeof(bool) => "boolean",
        _ when IsInteger(type) => "integer",
        _ when IsNumber(type) => "number",
        _ when type == typeof(TimeSpan) => "duration",
        _ when IsJson(type) => "json",
        _ when type == typeof(ActivityTemplate) => "activity",
        _ when ItemOf(type) is { } item => $"list of {NameOf(item)}",
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) => $"map of {NameOf(type.GetGenericArguments()[1])}",
        _ when type.Name.EndsWith("Ref", StringComparison.Ordinal) => type.Name[..^3],
        _ => type.Name,
    };

    /// <summary>The item type of a list; null when the type is none.</summary>
    public static Type? ItemOf(Type type) => type switch
    {
        { IsArray: true } => type.GetElementType(),
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) => type.GetGenericArguments()[0],
        _ => null,
    };

    /// <summary>True when an output of type <paramref name="from"/> may feed an input of type <paramref name="to"/>.</summary>
    public static bool IsAssignable(Type from, Type to)
    {
        from = Nullable.GetUnderlyingType(from) ?? from;
        to = Nullable.GetUnderlyingType(to) ?? to;
        return to.IsAssignableFrom(from)
            || IsJson(to)
            || IsJson(from)
            || (IsNumber(to) && IsInteger(from))
            || (IsInteger(to) && IsInteger(from))
            || (IsNumber(to) && IsNumber(from) && !IsInteger(to))
            || (ItemOf(from) is { } fromItem && ItemOf(to) is { } toItem && IsAssignable(fromItem, toItem));
    }

    public static bool IsInteger(Type type) => type == typeof(int) || type == typeof(long);

    /// <summary>True for integers too.</summary>
    public static bool IsNumber(Type type) => IsInteger(type) || type == typeof(double) || type == typeof(float) || type == typeof(decimal);

    public static bool IsJson(Type type) => type == typeof(JsonElement) || type == typeof(object) || typeof(JsonNode).IsAssignableFrom(type);
}
