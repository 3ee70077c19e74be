using System.Runtime.InteropServices;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Lanes;

/// <summary>Whether an attempt's outputs are those its activity promised.</summary>
public static class OutputChecks
{
    /// <summary>The first thing that is wrong; null when nothing is.</summary>
    public static Failure? FindFault(ActivityDescriptor activity, IReadOnlyDictionary<string, JsonElement> outputs, int maxBytes)
    {
        foreach (var (name, value) in outputs)
        {
            if (activity.FindOutput(name) is not { } output)
            {
                return RuntimeErrors.OutputUnknown(activity, name);
            }

            var bytes = JsonMarshal.GetRawUtf8Value(value).Length;
            if (bytes > maxBytes)
            {
                return RuntimeErrors.OutputTooLarge(activity, name, bytes, maxBytes);
            }

            if (value.ValueKind != JsonValueKind.Null && FindMismatch(output, value) is { } why)
            {
                return RuntimeErrors.OutputWrongType(activity, output, Shorten(value.GetRawText()), why);
            }
        }

        return activity.Outputs.FirstOrDefault(output => !output.Nullable && !HasValue(outputs, output.Name)) is { } missing
            ? RuntimeErrors.OutputMissing(activity, missing)
            : null;
    }

    private static bool HasValue(IReadOnlyDictionary<string, JsonElement> outputs, string name) =>
        outputs.TryGetValue(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);

    private static string? FindMismatch(OutputDescriptor output, JsonElement value)
    {
        try
        {
            value.Deserialize(output.ValueType, OrcJson.Options);
            return null;
        }
        catch (Exception wrong) when (wrong is JsonException or NotSupportedException)
        {
            return wrong.Message;
        }
    }

    private static string Shorten(string text) => text.Length <= 120 ? text : text[..117] + "...";
}
