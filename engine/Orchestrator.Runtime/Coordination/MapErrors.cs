using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What a map fails with when its lists are known. 5236 and 5237.</summary>
internal static class MapErrors
{
    public static ActivityException NotAList(MapList list, JsonElement value) => new(
        "ORC5236",
        $"list \"{list.Name}\" of the map, {list.Expression}, is {Shown(value)} and not a list",
        why: "every element of each list makes items",
        help: "Put one value in brackets, [params.region], and turn an object into a list: Object.keys(...).");

    public static ActivityException NotEquallyLong(IEnumerable<(string Name, int Length)> lists) => new(
        "ORC5237",
        $"the lists of the map are not equally long: {MapItems.ShapeOf(lists)}",
        why: "with \"zip\" the first elements belong together, the second ones, and so on",
        help: "Make them equally long, or combine every element with every other: leave \"combine\" out.");

    private static string Shown(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 60 ? text : $"{text[..57]}...";
    }
}
