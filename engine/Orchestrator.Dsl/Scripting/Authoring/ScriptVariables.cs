using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>Looks at the variables of a script that has run: fields of the script's object, or of the objects that the compiler makes for what lambdas capture.</summary>
internal static class ScriptVariables
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>The value at the end of a way; null when there is none.</summary>
    /// <param name="holder">The script's object, or the target of one of its delegates.</param>
    /// <param name="path">A variable, then members, and indices in brackets.</param>
    public static object? Find(object? holder, IReadOnlyList<string> path)
    {
        var value = Variable(holder, path[0], []);
        for (var i = 1; i < path.Count && value is not null; i++)
        {
            value = path[i] is ['[', .. var key, ']'] ? Element(value, key) : Member(value, path[i]);
        }

        return value;
    }

    private static object? Variable(object? holder, string name, HashSet<object> seen)
    {
        if (holder is null || !seen.Add(holder))
        {
            return null;
        }

        if (Member(holder, name) is { } found)
        {
            return found;
        }

        // The compiler names what leads outwards <>4__this and CS$<>8__locals1; nobody else can write such names.
        return holder.GetType().GetFields(Any)
            .Where(field => field.Name.Contains("<>", StringComparison.Ordinal))
            .Select(field => Variable(field.GetValue(holder), name, seen))
            .FirstOrDefault(value => value is not null);
    }

    private static object? Member(object of, string name)
    {
        var type = of.GetType();
        return type.GetField(name, Any) is { } field ? field.GetValue(of)
            : type.GetProperty(name, Any) is { } property && property.GetIndexParameters().Length == 0 ? property.GetValue(of)
            : null;
    }

    private static object? Element(object of, string key) => of switch
    {
        IDictionary byName when byName.Contains(key) => byName[key],
        IList list when int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Count => list[index],
        _ => null,
    };
}
