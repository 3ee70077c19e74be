using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Core.Values;

/// <summary>One spelling per JSON value: members in ordinal order, no white space, numbers in their shortest form. What is equal hashes equal.</summary>
public static class CanonicalJson
{
    public static string Write(JsonElement value)
    {
        var text = new StringBuilder();
        Write(text, value);
        return text.ToString();
    }

    public static void Write(StringBuilder to, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteAll(to, '{', '}', value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal), member =>
                {
                    WriteText(to, member.Name);
                    to.Append(':');
                    Write(to, member.Value);
                });
                break;
            case JsonValueKind.Array:
                WriteAll(to, '[', ']', value.EnumerateArray(), item => Write(to, item));
                break;
            case JsonValueKind.String:
                WriteText(to, value.GetString() ?? "");
                break;
            case JsonValueKind.Number:
                to.Append(Number(value));
                break;
            default:
                to.Append(value.GetRawText());
                break;
        }
    }

    // 1.0, 1 and 1e0 are one number. Integers beyond 2^53 keep their digits, since a double would change them.
    private static string Number(JsonElement value) =>
        value.TryGetInt64(out var integer) ? integer.ToString(CultureInfo.InvariantCulture)
        : value.GetDouble() is var number && double.IsInteger(number) && Math.Abs(number) < 1e15 ? ((long)number).ToString(CultureInfo.InvariantCulture)
        : number.ToString("R", CultureInfo.InvariantCulture);

    private static void WriteText(StringBuilder to, string text) => to.Append(JsonSerializer.Serialize(text, OrcJson.Options));

    private static void WriteAll<T>(StringBuilder to, char open, char close, IEnumerable<T> items, Action<T> write)
    {
        to.Append(open);
        var first = true;
        foreach (var item in items)
        {
            if (!first)
            {
                to.Append(',');
            }

            first = false;
            write(item);
        }

        to.Append(close);
    }
}
